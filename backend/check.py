"""The command ``check``: tries store, rules of the bucket, clock and database, and says what to fix or fixes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from backend.bootstrap import build_bucket_setup, build_store
from backend.bucket_setup import BucketSetup
from backend.databases import build_catalogue
from backend.errors import BackendError, NotVerifiable, StoreRefused
from backend.model import AbortRule
from backend.object_key import DEFAULT_DIRECTORY
from backend.ports import Catalogue, ObjectStore
from backend.settings import AuthSettings, ServiceSettings, StoreSettings, load

# S3 refuses what is signed a quarter of an hour off; tokens are checked to the second.
MOST_CLOCK_DIFFERENCE_S = 60
# The rule counts from an upload's beginning, the reaper from the last that was heard of it.
DAYS_BEYOND_REAPER = 7
# Where uploads are unless a client names another directory.
RECORDINGS = f"{DEFAULT_DIRECTORY}/"

Check = Callable[[], "str | None"]


class _Wrong(Exception):
    """Something is not as it has to be; the message says what to do."""


@dataclass(frozen=True)
class _Checked:
    """What is looked at, with what settings."""

    store: ObjectStore
    setup: BucketSetup
    catalogue: Catalogue
    service: ServiceSettings
    fix: bool


def run_checks(say: Callable[[str], None], *, fix: bool = False) -> bool:
    """Say one line a check, ``ok`` or what is wrong; return whether all passed. Raises BadSettings.

    ``fix`` sets the bucket's CORS and lifecycle rules where they are not as they have to be.
    """
    load(AuthSettings)
    store_settings, service = load(StoreSettings), load(ServiceSettings)
    catalogue = build_catalogue(service)
    checked = _Checked(build_store(store_settings), build_bucket_setup(store_settings), catalogue, service, fix)
    try:
        passed = [_passes(name, check, say) for name, check in _checks(checked)]
        return all(passed)
    finally:
        catalogue.close()


def _checks(checked: _Checked) -> Iterator[tuple[str, Check]]:
    yield "database", checked.catalogue.check
    yield "clock", lambda: _clock(checked)
    yield "bucket", checked.store.check
    yield "permissions", lambda: _permissions(checked)
    yield "checksums", lambda: ", ".join(sorted(checked.store.checksum_support())) or "none"
    yield "cors", lambda: _cors(checked)
    yield "lifecycle", lambda: _lifecycle(checked)


def _passes(name: str, check: Check, say: Callable[[str], None]) -> bool:
    try:
        found = check()
    except NotVerifiable as exc:
        say(f"{name}: not verifiable, {exc.message}")
        return True
    except BackendError as exc:
        say(f"{name}: {exc.message}")
        return False
    except _Wrong as exc:
        say(f"{name}: {exc}")
        return False
    say(f"{name}: ok" + (f" ({found})" if found else ""))
    return True


def _clock(checked: _Checked) -> str:
    ahead_s = round(checked.setup.clock_ahead_s())
    if abs(ahead_s) > MOST_CLOCK_DIFFERENCE_S:
        direction = "ahead of" if ahead_s > 0 else "behind"
        raise _Wrong(f"{abs(ahead_s)} s {direction} the store's. Set this computer's clock, by NTP for example.")
    return f"{abs(ahead_s)} s from the store's"


def _permissions(checked: _Checked) -> str | None:
    checked.setup.require_rights()
    excess = checked.setup.excess_rights()
    if not excess:
        return None
    return f"the key may do more than it needs, {', '.join(excess)} for example: see resources/policies/backend.json"


def _cors(checked: _Checked) -> str:
    origins = checked.service.cors_origins
    if not origins:
        return "CORS_ORIGINS is empty: no page sends parts"
    refused = checked.setup.refused_origins(origins)
    if not refused:
        return ", ".join(origins)
    remedy = ". Run check --fix."
    if checked.fix:
        refusal = _refusal(lambda: checked.setup.allow_origins(origins))
        remedy = "" if refusal is None else f", and {refusal}"
        refused = checked.setup.refused_origins(origins)
    if refused:
        raise _Wrong(f"the bucket does not let pages of {', '.join(refused)} send parts{remedy}")
    return f"set for {', '.join(origins)}"


def _lifecycle(checked: _Checked) -> str:
    hours = checked.service.upload_max_age_hours
    days = -(-hours // 24) + DAYS_BEYOND_REAPER
    rules, refusal = checked.setup.abort_rules(), None
    is_amiss = not any(rule.is_for_all for rule in rules) or any(rule.is_ours and rule.days != days for rule in rules)
    if is_amiss and checked.fix:
        refusal = _refusal(lambda: checked.setup.set_abort_after_days(days))
        rules = checked.setup.abort_rules()
    _require_time(rules, hours, refusal)
    if not any(rule.is_for_all for rule in rules):
        return f"no rule aborts what is open, the reaper alone does; {refusal or 'check --fix sets one'}"
    was_set = is_amiss and checked.fix and refusal is None
    return ("set: " if was_set else "") + f"what is open is aborted after {_told(rules, hours)}"


def _require_time(rules: Sequence[AbortRule], hours: int, refusal: str | None) -> None:
    short = [rule for rule in _too_short(rules, hours) if rule.may_match(RECORDINGS)]
    if not short:
        return
    rule = min(short, key=lambda each: each.days)
    remedy = "Run check --fix." if rule.is_ours else "Lengthen the rule or lower the variable."
    if rule.is_ours and refusal is not None:
        remedy = f"It is not mended: {refusal}."
    raise _Wrong(
        f"a rule aborts uploads {rule.days} days after they began, before UPLOAD_MAX_AGE_HOURS={hours} is over. "
        + remedy
    )


def _told(rules: Sequence[AbortRule], hours: int) -> str:
    """Return the days of the rules for the whole bucket, and of those that are of consequence for some directory."""
    told = f"{min(rule.days for rule in rules if rule.is_for_all)} days"
    elsewhere = [f"{rule.days} under {rule.prefix}" for rule in _too_short(rules, hours)]
    return "; ".join([told, *elsewhere])


def _too_short(rules: Sequence[AbortRule], hours: int) -> list[AbortRule]:
    return [rule for rule in rules if rule.days * 24 <= hours]


def _refusal(change: Callable[[], None]) -> str | None:
    """Make the change; return why it was refused, None when it was not."""
    try:
        change()
    except StoreRefused as exc:
        return exc.message
    return None
