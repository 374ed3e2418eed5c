"""What waits to be done where the newest wish counts most and old ones may be dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class NewestFirst(Generic[T]):
    """Items by name, at most `limit` of them. Safe to use from every thread."""

    def __init__(self, name_of: Callable[[T], Hashable], limit: int) -> None:
        self._name_of = name_of
        self._limit = limit
        self._changed = threading.Condition()
        self._items: dict[Hashable, T] = {}  # the next one last; guarded by _changed
        self._is_closed = False  # guarded by _changed

    def put(self, items: Sequence[T]) -> None:
        """Have these come next, in their order. What waits already is moved; the oldest goes when it is too much."""
        with self._changed:
            for item in reversed(items):
                name = self._name_of(item)
                self._items.pop(name, None)
                self._items[name] = item
            for name in list(self._items)[: -self._limit]:
                del self._items[name]
            self._changed.notify()

    def take(self) -> T | None:
        """The newest item, waited for; None once it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._is_closed)
            return None if self._is_closed else self._items.popitem()[1]

    def __contains__(self, name: Hashable) -> bool:
        """Whether an item of this name waits."""
        with self._changed:
            return name in self._items

    def close(self) -> None:
        """Let whoever waits go."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
