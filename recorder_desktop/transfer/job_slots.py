"""Which upload gets to work next: in queue order, with a place kept for the smallest. Knows no threads.

Each destination has places of its own, since uploads to one that cannot be reached wait at work.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from recorder_desktop.core.model import Upload
from recorder_desktop.transfer.live_queue import LiveQueue

MAX_ACTIVE_UPLOADS = 4
"""Uploads at work at once for one destination: enough that one file's opening and completing overlap another's
parts. One more place is for the smallest that waits, so that it need not wait for giants."""
MAX_SMALL_UPLOADS = 16
ENOUGH_BYTES = 128 * 1024 * 1024
"""Small files get more places, until there are so many bytes to send: their cost is in round trips."""
LOOK_AHEAD = 1000
"""How many waiting uploads are compared to find the smallest."""


@dataclass(frozen=True, slots=True)
class JobSlots:
    """The places at work. at_work: the uploads that have one now. serves: whether uploads to a destination go out at
    all. may_start: whether an upload is free to begin."""

    queue: LiveQueue
    at_work: Collection[Upload]
    serves: Callable[[str], bool]
    may_start: Callable[[Upload], bool]

    def next_upload(self) -> Upload | None:
        """The upload to start now, None when all places are taken or nothing waits."""
        awaited = list(filter(self.serves, self.queue.awaited_destinations()))
        for upload in self.queue.startable(list(filter(self._has_place, awaited)), self.may_start, 1):
            return upload
        waiting = self.queue.startable(list(filter(self._has_small_place, awaited)), self.may_start, LOOK_AHEAD)
        return min(waiting, key=bytes_left, default=None)

    def in_the_way(self, upload: Upload) -> Upload | None:
        """The upload at work that has to make room for this one, which was moved before it; None if there is room."""
        rivals = self._rivals(upload.destination)
        if len(rivals) < MAX_ACTIVE_UPLOADS:
            return None
        last = max(rivals, key=lambda rival: rival.position)
        return last if last.position > upload.position else None

    def _has_place(self, destination: str) -> bool:
        rivals = self._rivals(destination)
        small = len(rivals) < MAX_SMALL_UPLOADS and sum(map(bytes_left, rivals)) < ENOUGH_BYTES
        return len(rivals) < MAX_ACTIVE_UPLOADS or small

    def _has_small_place(self, destination: str) -> bool:
        return len(self._rivals(destination)) <= MAX_ACTIVE_UPLOADS

    def _rivals(self, destination: str) -> list[Upload]:
        return [rival for rival in self.at_work if rival.destination == destination]


def bytes_left(upload: Upload) -> int:
    """What remains to be sent of an upload."""
    return upload.size_bytes - upload.bytes_confirmed
