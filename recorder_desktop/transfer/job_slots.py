"""Which uploads get to work next: in queue order, small ones together, with a place kept for the smallest.
Knows no threads.

Each destination has places of its own, since uploads to one that cannot be reached wait at work.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.transfer.live_queue import LiveQueue

MAX_ACTIVE_UPLOADS = 4
"""Uploads at work at once for one destination: enough that one file's opening and completing overlap another's
parts. One more place is for the smallest that waits, so that it need not wait for giants."""
MAX_SMALL_UPLOADS = 16
ENOUGH_BYTES = 128 * 1024 * 1024
"""Small files get more places, until there are so many bytes to send: their cost is in round trips."""
LOOK_AHEAD = 1000
"""How many waiting uploads are compared to find the smallest."""


SMALL_BYTES = 4 * 1024 * 1024
"""New files up to this size that stand next to each other in the queue are sent in batches: below S3's least part
size, so that each is one part whatever the backend decides."""
BATCH_FILES = 64
BATCH_BYTES = 32 * 1024 * 1024
"""A batch ends with its last file, which on a thin line should be a matter of minutes."""
WORTH_A_BATCH = 4
MAX_BATCHES = 3
"""One is being sent while another is prepared and a third one completed."""


@dataclass(frozen=True, slots=True)
class JobSlots:
    """The places at work. at_work: the uploads of each job. serves: whether uploads to a destination go out at all.
    may_start: whether an upload is free to begin. may_be_together: whether it may be in a batch."""

    queue: LiveQueue
    at_work: Collection[Sequence[Upload]]
    serves: Callable[[str], bool]
    may_start: Callable[[Upload], bool]
    may_be_together: Callable[[Upload], bool] = lambda _upload: True

    def next_uploads(self) -> Sequence[Upload]:
        """The uploads to start in one job now, none when all places are taken or nothing waits."""
        awaited = list(filter(self.serves, self.queue.awaited_destinations()))
        for destination in filter(self._has_place, awaited):
            if uploads := self._next_at(destination):
                return uploads
        waiting = self.queue.startable(list(filter(self._has_small_place, awaited)), self.may_start, LOOK_AHEAD)
        smallest = min(waiting, key=bytes_left, default=None)
        return [] if smallest is None else [smallest]

    def in_the_way(self, upload: Upload) -> Upload | None:
        """The upload at work that has to make room for this one, which was moved before it; None if there is room."""
        rivals = self._rivals(upload.destination)
        if len(rivals) < MAX_ACTIVE_UPLOADS:
            return None
        # Not one of a batch, which is over soon.
        last = max((job[0] for job in rivals if len(job) == 1), key=lambda rival: rival.position, default=None)
        return last if last is not None and last.position > upload.position else None

    def _next_at(self, destination: str) -> Sequence[Upload]:
        """The first that waits, with the small ones that stand behind it if it is small itself."""
        first = self.queue.startable([destination], self.may_start, 1)
        if not (first and self._is_small(first[0])):
            return first
        if self._batches(destination) >= MAX_BATCHES:
            return []
        batch = self._batch(destination)
        return batch if len(batch) >= WORTH_A_BATCH else first

    def _batch(self, destination: str) -> list[Upload]:
        """The next in the queue, as long as they are small and on one drive."""
        batch: list[Upload] = []
        size_bytes = 0
        for upload in self.queue.startable([destination], self.may_start, BATCH_FILES):
            size_bytes += upload.size_bytes
            is_beside = not batch or upload.identity.device == batch[0].identity.device
            if not (is_beside and self._is_small(upload)) or size_bytes > BATCH_BYTES:
                break
            batch.append(upload)
        return batch

    def _is_small(self, upload: Upload) -> bool:
        is_new = upload.state is UploadState.QUEUED and upload.owner is None and not upload.maybe_open
        is_new &= upload.recording is None  # else it was stored once
        return is_new and upload.size_bytes <= SMALL_BYTES and self.may_be_together(upload)

    def _batches(self, destination: str) -> int:
        return sum(len(job) > 1 for job in self._rivals(destination))

    def _has_place(self, destination: str) -> bool:
        rivals = self._rivals(destination)
        left_bytes = sum(bytes_left(upload) for job in rivals for upload in job)
        small = len(rivals) < MAX_SMALL_UPLOADS and left_bytes < ENOUGH_BYTES
        return len(rivals) < MAX_ACTIVE_UPLOADS or small

    def _has_small_place(self, destination: str) -> bool:
        return len(self._rivals(destination)) <= MAX_ACTIVE_UPLOADS and self._batches(destination) < MAX_BATCHES

    def _rivals(self, destination: str) -> list[Sequence[Upload]]:
        return [job for job in self.at_work if job[0].destination == destination]


def bytes_left(upload: Upload) -> int:
    """What remains to be sent of an upload."""
    return upload.size_bytes - upload.bytes_confirmed
