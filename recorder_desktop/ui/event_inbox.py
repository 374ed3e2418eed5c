"""Gathers the engine's events from its threads, so that the window can take them at its own pace. No Qt."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from recorder_desktop.core.events import (
    Event,
    Notice,
    ServiceChanged,
    UploadChanged,
    UploadsAdded,
    UploadsMoved,
    UploadsRemoved,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What happened since the last batch: each upload at most once. `more`: the inbox is not empty yet."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    messages: tuple[ServiceChanged | Notice, ...]
    more: bool


class EventInbox:
    """Keeps the names of the uploads that differ, not their states: a thousand changes of a row count once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._removed: dict[str, None] = {}  # guarded by _lock, as are the next four; dicts keep the order
        self._moved: dict[str, None] = {}
        self._added: dict[str, None] = {}
        self._changed: dict[str, None] = {}
        self._messages: list[ServiceChanged | Notice] = []

    def put(self, event: Event) -> bool:
        """Keep an event, from any thread. True when the inbox was empty before: somebody has to be woken."""
        with self._lock:
            was_empty = self._is_empty()
            self._sort_in(event)
            return was_empty

    def take(self, limit: int) -> Batch:
        """Take out what is there: at most `limit` additions and changes, twice as many removals, all of the rest.

        Rows that moved come together, or one would for a while stand before another that it has always followed.
        """
        with self._lock:
            removed = _take_first(self._removed, 2 * limit)
            messages, moved = tuple(self._messages), tuple(self._moved)
            for taken in (self._messages, self._moved):
                taken.clear()
            _forget(self._changed, moved)
            added = _take_first(self._added, limit)
            if not self._added:
                self._added = {}  # an emptied dictionary keeps the room of all that was in it
            changed = moved + _take_first(self._changed, limit - len(added))
            return Batch(removed, added, changed, messages, more=not self._is_empty())

    def _is_empty(self) -> bool:
        return not (self._removed or self._added or self._moved or self._changed or self._messages)

    def _sort_in(self, event: Event) -> None:
        match event:
            case UploadChanged(upload_id):
                if upload_id not in self._added:
                    self._changed[upload_id] = None
            case UploadsAdded(upload_ids):
                self._added.update(dict.fromkeys(upload_ids))
            case UploadsRemoved(upload_ids):
                _forget(self._added, upload_ids)
                _forget(self._changed, upload_ids)
                _forget(self._moved, upload_ids)
                self._removed.update(dict.fromkeys(upload_ids))
            case UploadsMoved(upload_ids):
                self._moved.update(dict.fromkeys(upload_ids))
            case ServiceChanged() | Notice():
                self._messages.append(event)


def _take_first(names: dict[str, None], count: int) -> tuple[str, ...]:
    first = tuple(islice(names, max(0, count)))
    _forget(names, first)
    return first


def _forget(names: dict[str, None], gone: Iterable[str]) -> None:
    for name in gone:
        names.pop(name, None)
