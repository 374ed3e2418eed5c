"""The window goes first: threads with many uploads to see to let it pass, for all of them share Python's one lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

T = TypeVar("T")

_PATIENCE_S = 0.02
"""Nobody waits longer than this at a time: uploads go on, whatever the window has to do."""

_way = Lock()
"""Held by the window's thread while it is at work. Whoever waits for it waits in the system, not in Python."""


@contextmanager
def at_work() -> Iterator[None]:
    """The window's thread does what a person waits for."""
    is_mine = _way.acquire(blocking=False)  # within another one it is not; nor while somebody is just passing
    try:
        yield
    finally:
        if is_mine:
            _way.release()


def let_pass() -> None:
    """Wait while the window is at work, a little while at most. Never under a lock that it may want."""
    if _way.locked() and _way.acquire(timeout=_PATIENCE_S):
        _way.release()


def unhurried(items: Iterable[T]) -> Iterator[T]:
    """These, with time between them for the window to pass."""
    for item in items:
        let_pass()
        yield item
