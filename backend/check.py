"""The command ``check``: tries store and database once and says what to fix."""

from __future__ import annotations

from collections.abc import Callable

from backend.bootstrap import build_catalogue, build_store
from backend.errors import BackendError
from backend.settings import AuthSettings, ServiceSettings, StoreSettings, load


def run_checks(say: Callable[[str], None]) -> bool:
    """Say one line a check, ``ok`` or what is wrong; return whether all passed. Raises BadSettings."""
    load(AuthSettings)
    store, catalogue = build_store(load(StoreSettings)), build_catalogue(load(ServiceSettings))
    checks: list[tuple[str, Callable[[], object]]] = [
        ("bucket", store.check),
        ("checksums", lambda: ", ".join(sorted(store.checksum_support())) or "none"),
        ("database", catalogue.check),
    ]
    try:
        return sum(_passes(name, check, say) for name, check in checks) == len(checks)
    finally:
        catalogue.close()


def _passes(name: str, check: Callable[[], object], say: Callable[[str], None]) -> bool:
    try:
        found = check()
    except BackendError as exc:
        say(f"{name}: {exc.message}")
        return False
    say(f"{name}: ok" + (f" ({found})" if found else ""))
    return True
