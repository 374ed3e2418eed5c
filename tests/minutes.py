"""Tests of what is counted for each minute, which may turn in the middle of one."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

P = ParamSpec("P")
_TRIES = 3


def within_a_minute(test: Callable[P, None]) -> Callable[P, None]:
    """Have a test tried again when it fails and the minute turned meanwhile, by the clock that the backends go by.

    Each try needs names and addresses of its own: those of the one before may have been counted in this minute.
    """

    @wraps(test)
    def tried(*args: P.args, **kwargs: P.kwargs) -> None:
        for _ in range(_TRIES - 1):
            minute = _minute()
            try:
                return test(*args, **kwargs)
            except AssertionError:
                if _minute() == minute:
                    raise
        return test(*args, **kwargs)

    return tried


def _minute() -> int:
    return int(time.time() // 60)
