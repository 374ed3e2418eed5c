"""Where uploads stand in the queue, and which of them wait for a job. Holds names; knows no lock."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator

from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.core.order import moved_before

_Entry = tuple[int, str]


class QueueOrder:
    """Positions and ids in order. A change of one upload costs no more in a queue of a hundred thousand."""

    def __init__(self) -> None:
        self._all: list[_Entry] = []
        self._startable: dict[str, list[_Entry]] = {}  # by destination

    @property
    def last(self) -> int:
        """The last position that is taken; 0 in an empty queue."""
        return self._all[-1][0] if self._all else 0

    def replace(self, old: Upload | None, new: Upload | None) -> None:
        """Follow an upload that appeared (no old), changed, or left (no new)."""
        if old is not None:
            self._leave(old, is_staying=new is not None and new.position == old.position)
        if new is not None:
            self._enter(new, has_stayed=old is not None and new.position == old.position)

    def _leave(self, upload: Upload, *, is_staying: bool) -> None:
        if not is_staying:
            _take_out(self._all, _entry(upload))
        if _can_be_started(upload):
            listed = self._startable[upload.destination]
            _take_out(listed, _entry(upload))
            if not listed:
                del self._startable[upload.destination]

    def _enter(self, upload: Upload, *, has_stayed: bool) -> None:
        entry = _entry(upload)  # one for both lists
        if not has_stayed:
            _put_in(self._all, entry)
        if _can_be_started(upload):
            _put_in(self._startable.setdefault(upload.destination, []), entry)

    def ids(self) -> Iterator[str]:
        """All, in queue order."""
        return (upload_id for _, upload_id in self._all)

    def awaited_destinations(self) -> list[str]:
        """Where the uploads go that wait for a job."""
        return list(self._startable)

    def startable(self, destinations: Collection[str]) -> Iterator[str]:
        """Those to these destinations that wait for a job, in queue order."""
        return (name for _, name in heapq.merge(*(self._startable.get(each, ()) for each in destinations)))

    def moved_to_front(self, upload_ids: Iterable[str]) -> dict[str, int]:
        """The new positions when these come to stand before all others, in this order."""
        return moved_before(self._all[:1], 0, list(dict.fromkeys(upload_ids)))

    def moved_before(self, upload_ids: Iterable[str], before: Upload | None) -> dict[str, int]:
        """The new positions when these come to stand before another one, or behind all, in the order that they have.

        None change if that one is among them.
        """
        chosen = set(upload_ids)
        if before is not None and before.id in chosen:
            return {}
        staying = [entry for entry in self._all if entry[1] not in chosen]
        going = [upload_id for _, upload_id in self._all if upload_id in chosen]
        at = len(staying) if before is None else bisect_left(staying, _entry(before))
        return moved_before(staying, at, going)


def _entry(upload: Upload) -> _Entry:
    return upload.position, upload.id


def _put_in(entries: list[_Entry], entry: _Entry) -> None:
    if not entries or entries[-1] < entry:  # as nearly all do, which saves the search
        entries.append(entry)
    else:
        insort(entries, entry)


def _take_out(entries: list[_Entry], entry: _Entry) -> None:
    del entries[bisect_left(entries, entry)]


def _can_be_started(upload: Upload) -> bool:
    if upload.state is UploadState.CANCELLED:
        return upload.maybe_open  # an abort is owed
    return upload.state in (UploadState.QUEUED, UploadState.WAITING)
