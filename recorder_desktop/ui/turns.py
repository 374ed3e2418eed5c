"""How long the window's thread and the engine's threads leave Python's lock to one another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from recorder_desktop.core.precedence import at_work

P = ParamSpec("P")
R = TypeVar("R")

WAKING_S = 0.0005
"""How long another thread may keep Python to itself when the window wakes up and wants it."""
_WORKING_S = 0.004
"""How long the window may, in the midst of what a person is waiting for: to hand the lock over takes until the thread
that asked gets a processor, which is milliseconds where all of them are busy. And no longer, because it holds both
ways: whenever Qt lets the lock go, an engine's thread with 100,000 rows to pause may keep it for as long."""


def let_window_wake_soon() -> None:
    """Once at the start, in the window's process."""
    sys.setswitchinterval(WAKING_S)


def in_one_go(handler: Callable[P, R]) -> Callable[P, R]:
    """Have the window's thread finish `handler` before it hands the lock over, if that takes no longer than 4 ms."""

    @wraps(handler)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        before = sys.getswitchinterval()
        sys.setswitchinterval(_WORKING_S)
        try:
            with at_work():
                return handler(*args, **kwargs)
        finally:
            sys.setswitchinterval(before)

    return kept
