"""Moves uploads to other places in the queue, and has what is at work follow. On the control thread."""

from __future__ import annotations

from collections.abc import Sequence

from recorder_desktop.core.lifecycle import Command, allows
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.transfer.job_runner import JobRunner
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.scheduler import Scheduler


class Reordering:
    """The two commands that move rows; see core.upload_queue.UploadQueue."""

    def __init__(self, queue: LiveQueue, scheduler: Scheduler, jobs: JobRunner) -> None:
        self._queue = queue
        self._scheduler = scheduler
        self._jobs = jobs

    def move_to_front(self, upload_ids: Sequence[str]) -> None:
        """Have these be next, in this order; one at work for the queue's end makes room for each destination."""
        self._queue.move_to_front(upload_ids)
        self._follow()
        seen: set[str] = set()
        for upload in filter(None, map(self._queue.get, upload_ids)):
            is_first = upload.destination not in seen  # the others stand behind it, and one makes room at a time
            if is_first and upload.state is UploadState.QUEUED and self._jobs.may_start(upload):
                seen.add(upload.destination)
                self._make_room(upload)

    def move_before(self, upload_ids: Sequence[str], before: str | None) -> None:
        """Have these stand before another one, or behind all with None."""
        self._queue.move_before(upload_ids, before)
        self._follow()

    def _follow(self) -> None:
        at_work = (self._queue.get(upload_id) for upload_id in self._jobs.running)
        self._scheduler.reorder({upload.id: upload.position for upload in at_work if upload is not None})

    def _make_room(self, upload: Upload) -> None:
        last = self._jobs.slots().in_the_way(upload)
        if last is not None and last.state is UploadState.UPLOADING:
            self._jobs.stop(last.id)
            self._queue.change(last.id, _may_pause, state=UploadState.QUEUED, problem=None)


def _may_pause(upload: Upload) -> bool:
    return allows(upload.state, Command.PAUSE)
