"""The window goes first: threads with many uploads to see to let it pass, for all of them share Python's one lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

T = TypeVar("T")

_PATIENCE_S = 0.02
"""Nobody waits longer than this at a time: uploads go on, whatever the window has to do."""

_way: Lock | None = None
"""Of the turn that the window's thread is in, held by it. Whoever waits for it waits in the system, not in Python.
A new one for each turn: those who pass after it hold it one after the other, each until it has Python's own."""


@contextmanager
def at_work() -> Iterator[None]:
    """The window's thread does what a person waits for. For that thread alone."""
    global _way  # noqa: PLW0603 - like Python's lock, this is the whole process's
    if _way is not None:  # within another one
        yield
        return
    with (way := Lock()):
        _way = way
        try:
            yield
        finally:
            _way = None


def let_pass() -> None:
    """Wait while the window is at work, a little while at most. Never under a lock that it may want."""
    way = _way
    if way is not None and way.acquire(timeout=_PATIENCE_S):
        way.release()


def unhurried(items: Iterable[T]) -> Iterator[T]:
    """These, with time between them for the window to pass."""
    for item in items:
        let_pass()
        yield item
