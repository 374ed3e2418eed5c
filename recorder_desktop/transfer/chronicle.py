"""Notes what happens to uploads, for their history; what an outage was is told when it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from recorder_desktop.core.history import TOLD_FROM_S, Happened, Happening, waited_for, what_happened
from recorder_desktop.core.lifecycle import belongs_elsewhere
from recorder_desktop.core.model import Problem, Upload, UploadState
from recorder_desktop.core.ports import UploadStore

_AT_WORK = (UploadState.UPLOADING, UploadState.WAITING, UploadState.FINALISING)
_ENDS = (Happened.APP_CLOSED, Happened.APP_KILLED)


@dataclass(frozen=True, slots=True)
class _Wait:
    """Since when an upload waits, and why. is_noted: its beginning stands in the history already."""

    since: float
    problem: Problem | None
    is_noted: bool = False


class Chronicle:
    """Hands happenings to the store, which writes them with whatever it commits next. For every thread."""

    def __init__(self, store: UploadStore, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._waits: dict[str, _Wait] = {}  # guarded by _lock
        self._at_work_on_disk: set[str] = set()  # although they are shown otherwise; guarded by _lock

    def changed(self, before: Upload, after: Upload) -> None:
        """An upload is about to be written as it is now."""
        with self._lock:
            self._at_work_on_disk.discard(after.id)
        self._tell(before, after)

    def _tell(self, before: Upload, after: Upload) -> None:
        if after.state is UploadState.WAITING:
            # Such as for a sign-in: it may last, and is found out anew again and again.
            if not self._wait(after, is_noted=True):
                self._note(after.id, Happened.WAITS, after.problem.message if after.problem is not None else "")
            return
        self._end_wait(after)
        happened = what_happened(before, after)
        if happened is not None:
            self._note(after.id, *happened)

    def shown(self, before: Upload, after: Upload) -> None:
        """An upload looks different, but nothing is written. Of an outage only the whole is worth a line."""
        if belongs_elsewhere(after):
            return  # found out anew at every start
        if after.state is UploadState.WAITING:
            self._wait(after, is_noted=False)
        elif (before.state, after.state) == (UploadState.WAITING, UploadState.UPLOADING):
            self._end_wait(after)
        else:
            self._tell(before, after)
        if before.state in _AT_WORK and after.state not in _AT_WORK:
            with self._lock:
                self._at_work_on_disk.add(after.id)

    def opened(self, uploads: Iterable[Upload]) -> None:
        """These were read from disk. What was at work when the last process ended without a word was cut off."""
        at_work = [upload.id for upload in uploads if upload.state in _AT_WORK]
        for upload_id, last in self._store.last_happenings(at_work).items():
            if last not in _ENDS:
                self._note(upload_id, Happened.APP_KILLED)

    def closing(self, uploads: Iterable[Upload]) -> None:
        """The app ends; these are as they are."""
        with self._lock:
            on_disk = self._at_work_on_disk.copy()
        for upload in uploads:
            if upload.state in _AT_WORK or upload.id in on_disk:
                self._end_wait(upload)
                self._note(upload.id, Happened.APP_CLOSED)

    def read(self, upload_id: str) -> tuple[Happening, ...]:
        """What happened to an upload, oldest first, and what it waits for just now. Reads from disk."""
        kept = self._store.history(upload_id)
        with self._lock:
            wait = self._waits.get(upload_id)
        if wait is None or wait.is_noted:
            return tuple(kept)
        why = wait.problem.message if wait.problem is not None else ""
        return (*kept, Happening(wait.since, Happened.WAITS, why))

    def forget(self, upload_id: str) -> None:
        """An upload left the queue."""
        with self._lock:
            self._waits.pop(upload_id, None)
            self._at_work_on_disk.discard(upload_id)

    def _wait(self, upload: Upload, *, is_noted: bool) -> bool:
        """Begin to wait, if it does not already; whether the beginning was noted before."""
        with self._lock:
            wait = self._waits.get(upload.id) or _Wait(self._now(), upload.problem)
            self._waits[upload.id] = replace(wait, is_noted=wait.is_noted or is_noted)
            return wait.is_noted

    def _end_wait(self, upload: Upload) -> None:
        with self._lock:
            wait = self._waits.pop(upload.id, None)
        if wait is None or wait.is_noted:
            return
        lasted_s = self._now() - wait.since
        if lasted_s >= TOLD_FROM_S:
            self._note(upload.id, waited_for(wait.problem), lasted_s=lasted_s)

    def _note(self, upload_id: str, what: Happened, detail: str = "", lasted_s: float | None = None) -> None:
        self._store.note(upload_id, Happening(self._now(), what, detail, lasted_s))
