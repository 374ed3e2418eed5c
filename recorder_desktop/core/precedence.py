"""The window goes first: threads with many uploads to see to let it pass, for all of them share Python's one lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.0005
_PATIENCE_S = 0.02
"""Nobody waits longer than this at a time: uploads go on, whatever the window has to do."""

_is_at_work = False  # set by the window's thread alone, and looked at by all


@contextmanager
def at_work() -> Iterator[None]:
    """The window's thread does what a person waits for."""
    global _is_at_work  # noqa: PLW0603 - like Python's lock, this is the whole process's
    before, _is_at_work = _is_at_work, True
    try:
        yield
    finally:
        _is_at_work = before


def let_pass() -> None:
    """Wait while the window is at work, a little while at most. Never under a lock that it may want."""
    if not _is_at_work:
        return
    until = monotonic() + _PATIENCE_S
    while _is_at_work and monotonic() < until:
        sleep(_LOOK_S)


def unhurried(items: Iterable[T]) -> Iterator[T]:
    """These, with time between them for the window to pass."""
    for item in items:
        let_pass()
        yield item
