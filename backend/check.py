"""The command ``check``: tries store, rules of the bucket, clock and database, and says what to fix or fixes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend.bootstrap import build_bucket_setup, build_catalogue, build_store
from backend.errors import BackendError, NotVerifiable
from backend.ports import BucketSetup, Catalogue, ObjectStore
from backend.settings import AuthSettings, ServiceSettings, StoreSettings, load

# S3 refuses what is signed a quarter of an hour off; tokens are checked to the second.
MOST_CLOCK_DIFFERENCE_S = 60
# The rule counts from an upload's beginning, the reaper from the last that was heard of it.
DAYS_BEYOND_REAPER = 7

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
    if refused and checked.fix:
        checked.setup.allow_origins(origins)
        refused = checked.setup.refused_origins(origins)
        if not refused:
            return f"set for {', '.join(origins)}"
    if refused:
        raise _Wrong(f"the bucket does not let pages of {', '.join(refused)} send parts. Run check --fix.")
    return ", ".join(origins)


def _lifecycle(checked: _Checked) -> str:
    hours = checked.service.upload_max_age_hours
    days = checked.setup.abort_after_days()
    if days is None and checked.fix:
        checked.setup.set_abort_after_days(-(-hours // 24) + DAYS_BEYOND_REAPER)
        return f"set: what is open is aborted after {checked.setup.abort_after_days()} days"
    if days is None:
        return "no rule aborts what is open, the reaper alone does; check --fix sets one"
    if days * 24 <= hours:
        raise _Wrong(
            f"a rule aborts uploads {days} days after they began, before UPLOAD_MAX_AGE_HOURS={hours} is over. "
            "Lengthen the rule or lower the variable."
        )
    return f"what is open is aborted after {days} days"
