"""Waiting for a condition with a deadline: what tests do instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str = "the condition", timeout_s: float = 20.0) -> T:
    """Return the first truthy value of `condition`; fails with `what` after `timeout_s` seconds."""
    began = time.monotonic()
    while not (value := condition()):
        waited_s = time.monotonic() - began
        if waited_s > timeout_s:
            raise AssertionError(f"{what}: not within {timeout_s} s")
        # What takes long is asked less often: the computer is needed for what is waited for.
        time.sleep(min(0.02, max(0.005, waited_s / 50)))
    return value
