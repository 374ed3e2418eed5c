"""Many small cases in one test, where each costs less than a test of its own would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

T = TypeVar("T")


def check_each(cases: Iterable[T], check: Callable[[T], None]) -> None:
    """Check every case, whatever became of those before it; fails once, and names each that failed."""
    all_cases = list(cases)
    failed = []
    for case in all_cases:
        try:
            check(case)
        except (Exception, pytest.fail.Exception) as exc:  # noqa: BLE001 - it fails the test when all are through
            failed.append(f"{case!r}: {type(exc).__name__}: {exc}")
    assert all_cases, "there is not one case"
    assert not failed, "\n".join([f"{len(failed)} of {len(all_cases)} failed", *failed])
