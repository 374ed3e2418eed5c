"""The jobs at work: begun where there are places, left behind when a drive holds them, tried again after a pause."""

from __future__ import annotations

import logging
import operator
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from recorder_desktop.core.errors import FileGrowing
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.abort_job import AbortJob
from recorder_desktop.transfer.batch_job import BatchJob
from recorder_desktop.transfer.drive_watch import drive_stalled
from recorder_desktop.transfer.job_slots import JobSlots
from recorder_desktop.transfer.live_queue import problem_of
from recorder_desktop.transfer.services import Services
from recorder_desktop.transfer.upload_job import UploadJob

_log = logging.getLogger(__name__)

SIGN_IN_RETRY_S = 15.0
"""How often an upload that waits for a sign-in looks whether there is one now."""
SETTLE_S = 10.0
"""A file that became longer is left alone until it has kept its size for so long."""


class Job(Protocol):
    """A piece of work with a thread of its own, on one upload or on several."""

    def run(self) -> None:
        """Work to the end. Never raises."""

    def waits_for_drive_s(self, now: float) -> float:
        """How long its thread has been waiting for a drive."""


@dataclass(frozen=True, slots=True)
class Running:
    """An upload at work. Those of one batch have the job in common, and each a stop of its own."""

    job: Job
    stop: StopToken


class JobRunner:
    """Starts jobs and notes their ends. For the control thread alone; jobs reach it through `post`.

    post: has a function called on the control thread. at_job_start: called on each job's own thread.
    drive_stall_s: a drive that has not answered for so long is not waited for any longer.

    Attributes:
        running: by upload.
    """

    def __init__(
        self,
        services: Services,
        post: Callable[[Callable[[], None]], None],
        at_job_start: Callable[[], None],
        drive_stall_s: float,
    ) -> None:
        self.running: dict[str, Running] = {}
        self._services = services
        self._queue = services.queue
        self._post = post
        self._at_job_start = at_job_start
        self._drive_stall_s = drive_stall_s
        self._look_at_drives_at = 0.0  # monotonic
        self._not_before: dict[str, float] = {}  # monotonic
        self._singly: set[str] = set()  # uploads that a batch could not finish
        self._one_by_one: set[str] = set()  # destinations that open no uploads together
        self._rest_until: dict[str, float] = {}  # monotonic; destinations that asked to be left alone
        self._only_aborts = False

    @property
    def is_uploading(self) -> bool:
        """Whether anything but aborts is at work."""
        return any(not isinstance(each.job, AbortJob) for each in self.running.values())

    def next_look_at(self) -> float | None:
        """When there may be something to do without a message (monotonic)."""
        drives = [self._look_at_drives_at] if self.running else []
        return min((*self._not_before.values(), *self._rest_until.values(), *drives), default=None)

    def start_jobs(self) -> None:
        """Give places to what waits for one."""
        now = time.monotonic()
        self._not_before = {upload_id: due for upload_id, due in self._not_before.items() if due > now}
        self._rest_until = {destination: due for destination, due in self._rest_until.items() if due > now}
        while uploads := self.slots().next_uploads():
            self._start(uploads)

    def slots(self) -> JobSlots:
        """The places as they are taken now."""
        at_work: dict[int, list[Upload]] = {}
        for upload_id, each in self.running.items():
            upload = self._queue.get(upload_id)
            if upload is not None:
                at_work.setdefault(id(each.job), []).append(upload)
        return JobSlots(self._queue, list(at_work.values()), self._serves, self.may_start, self._may_be_together)

    def may_start(self, upload: Upload) -> bool:
        """Whether an upload is free to begin."""
        is_free = upload.id not in self.running and upload.id not in self._not_before
        is_wanted = upload.state is UploadState.CANCELLED or not self._only_aborts
        return is_free and is_wanted and self._serves(upload.destination)

    def _serves(self, destination: str) -> bool:
        return destination not in self._rest_until and self._services.destinations.serves(destination)

    def _may_be_together(self, upload: Upload) -> bool:
        return upload.id not in self._singly and upload.destination not in self._one_by_one

    def stop(self, upload_id: str) -> None:
        """Have an upload let go, if it is at work."""
        running = self.running.get(upload_id)
        if running is not None:
            running.stop.set()

    def forget(self, upload_id: str) -> None:
        """Have an upload that leaves the queue let go."""
        self.stop(upload_id)
        self._singly.discard(upload_id)

    def stop_uploads(self) -> None:
        """Have all let go but aborts, and begin nothing but those any more."""
        self._only_aborts = True
        for running in self.running.values():
            if not isinstance(running.job, AbortJob):
                running.stop.set()

    def stop_all(self) -> None:
        """Have everything let go."""
        for running in self.running.values():
            running.stop.set()

    def do_not_wait(self, upload_id: str) -> None:
        """Let an upload begin although its pause is not over."""
        self._not_before.pop(upload_id, None)

    def leave_stuck(self) -> None:
        """Go on without the threads that a drive holds. What they hold up ends with a sentence."""
        now = time.monotonic()
        if now < self._look_at_drives_at:
            return
        self._look_at_drives_at = now + self._drive_stall_s / 10
        for upload_id, running in list(self.running.items()):
            if running.job.waits_for_drive_s(now) > self._drive_stall_s:
                self._leave_behind(upload_id, running)
        self._services.scheduler.leave_stuck(self._drive_stall_s)

    def _start(self, uploads: Sequence[Upload]) -> None:
        stops = {upload.id: StopToken() for upload in uploads}
        [first, *others] = uploads
        job: Job
        if others:
            job = BatchJob(uploads, self._services, stops, self._post_end)
        elif first.state is UploadState.CANCELLED:
            job = AbortJob(first.id, self._services, stops[first.id])
        else:
            job = UploadJob(first.id, self._services, stops[first.id])
        self.running |= {upload_id: Running(job, stop) for upload_id, stop in stops.items()}

        def body() -> None:
            try:
                self._at_job_start()
                job.run()
            finally:
                self._post_end(job, stops)

        threading.Thread(target=body, name=f"upload-{first.id}", daemon=True).start()

    def _post_end(self, job: Job, upload_ids: Iterable[str]) -> None:
        self._post(lambda: self._ended(upload_ids, job))

    def _leave_behind(self, upload_id: str, running: Running) -> None:
        _log.warning("the thread of upload %s is left behind: it waits for its drive", upload_id)
        running.stop.set()
        del self.running[upload_id]
        upload = self._queue.get(upload_id)
        if upload is None:
            return
        if isinstance(running.job, BatchJob):
            self._singly.add(upload_id)
            if running.job.reads != upload_id:
                self._see_on(upload, running.job)
                return
        problem = problem_of(drive_stalled(upload.path))
        is_running = operator.attrgetter("state.is_running")
        self._queue.change(upload_id, is_running, state=UploadState.ATTENTION, problem=problem)

    def _ended(self, upload_ids: Iterable[str], job: Job) -> None:
        for upload_id in upload_ids:
            running = self.running.get(upload_id)
            if running is not None and running.job is job:  # else it was left behind
                del self.running[upload_id]
                self._singly.discard(upload_id)
                upload = self._queue.get(upload_id)
                if upload is not None:
                    self._see_on(upload, job)

    def _see_on(self, upload: Upload, job: Job) -> None:
        """Decide when, and how, an upload that is not at work any more has its next turn."""
        if isinstance(job, BatchJob) and upload.state in (UploadState.QUEUED, UploadState.UPLOADING):
            self._singly.add(upload.id)
            if job.is_futile:
                self._one_by_one.add(upload.destination)
            if job.retry_after_s:
                # On their own the files of a batch would be a hundred requests.
                self._rest_until[upload.destination] = time.monotonic() + job.retry_after_s
            self._queue.show(upload.id, lambda now: now.state is UploadState.UPLOADING, state=UploadState.QUEUED)
        still_owed = isinstance(job, AbortJob) and upload.maybe_open
        if upload.state is UploadState.WAITING or still_owed:
            is_written = upload.problem is not None and upload.problem.code == FileGrowing.code
            self._not_before[upload.id] = time.monotonic() + (SETTLE_S if is_written else SIGN_IN_RETRY_S)
