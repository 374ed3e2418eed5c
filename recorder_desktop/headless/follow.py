"""Watches uploads until each has arrived or cannot go on without a person."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.core.events import Event, Notice, UploadChanged, UploadsRemoved
from recorder_desktop.core.lifecycle import waits_for_sign_in, was_deleted
from recorder_desktop.core.model import Upload, UploadState, UploadView
from recorder_desktop.headless.answers import Message, completed, failed, progress_row

UNREACHABLE_AFTER_S = 15.0
"""A server that was never reached in this run for so long is taken to be absent."""

DURATION_PATIENCE_S = 15.0
"""How long the news that a recording is stored is held back for its playing time."""

ALL_EVERY_S = 1.0
"""How often uploads are looked at of which nothing was heard: what time alone changes. Of thousands less often."""
_ALL_SHARE = 0.02
"""How much of the time looking at all of them may take."""
_ALL_AT_LEAST_EVERY_S = 10.0

_TICK_S = 0.2


class Follow:
    """What becomes of some uploads as it comes: `completed` or `failed` once each, `progress` and `notice` before."""

    def __init__(self, recorder: Recorder, upload_ids: Iterable[str]) -> None:
        self._recorder = recorder
        self._open = dict.fromkeys(upload_ids)
        self._changed = threading.Event()
        self._changed.set()  # the first look is due at once: some may be stored already
        self._came_to_rest = threading.Event()
        self._lock = threading.Lock()
        self._heard: dict[str, None] = {}  # uploads of which there is news; guarded by _lock
        self._new: list[str] = []  # uploads to be followed too; guarded by _lock
        self._said: list[Message] = []  # guarded by _lock
        self._all_due_at = 0.0  # monotonic
        self._stored_at: dict[str, float] = {}  # of those whose playing time is still unknown
        self._deadline = time.monotonic() + UNREACHABLE_AFTER_S

    def messages(self) -> Iterator[Message]:
        """Yield until every upload is settled; an empty message now and then keeps the caller in touch."""
        with self._listening():
            while self._open:
                yield from self._round()

    def also(self, upload_ids: Iterable[str]) -> None:
        """Follow these too. From any thread."""
        with self._lock:
            self._new.extend(upload_ids)
        self._changed.set()
        self._came_to_rest.set()

    def say(self, message: Message) -> None:
        """Have this told among the others. From any thread."""
        with self._lock:
            self._said.append(message)
        self._changed.set()

    @contextmanager
    def _listening(self) -> Iterator[None]:
        unsubscribe = self._recorder.queue.subscribe(self._note)
        try:
            yield
        finally:
            unsubscribe()

    def _round(self) -> Iterator[Message]:
        self._changed.wait(ALL_EVERY_S)
        self._changed.clear()
        self._came_to_rest.clear()
        yield from self._look()
        yield from self._told()
        yield {}
        if self._open:
            # However fast bytes move, five looks a second will do; an outcome is told at once.
            self._came_to_rest.wait(_TICK_S)

    def _note(self, event: Event) -> None:
        match event:
            case UploadChanged(upload_id, at_rest):
                self._hear((upload_id,), at_rest=at_rest)
            case UploadsRemoved(upload_ids):
                self._hear(upload_ids, at_rest=True)
            case Notice(text):
                self.say({"notice": text})

    def _hear(self, upload_ids: Iterable[str], *, at_rest: bool) -> None:
        with self._lock:
            self._heard.update(dict.fromkeys(upload_ids))
        self._changed.set()
        if at_rest:
            self._came_to_rest.set()

    def _told(self) -> Iterator[Message]:
        with self._lock:
            said, self._said = self._said, []
        yield from said

    def _look(self) -> Iterator[Message]:
        at_all = time.monotonic() >= self._all_due_at
        spent_s = 0.0  # here, not by whoever reads these messages
        for upload_id in self._due(at_all=at_all):
            began = time.monotonic()
            message = self._look_at(upload_id)
            spent_s += time.monotonic() - began
            yield message
        if at_all:
            pause_s = min(max(ALL_EVERY_S, spent_s / _ALL_SHARE), _ALL_AT_LEAST_EVERY_S)
            self._all_due_at = time.monotonic() + pause_s

    def _look_at(self, upload_id: str) -> Message:
        view = self._recorder.queue.view(upload_id)
        settled = None if view is None else self._settled(view)
        if view is not None and settled is None:
            return progress_row(view)
        return self._settle(upload_id, settled or _gone(upload_id))

    def _settle(self, upload_id: str, result: Message) -> Message:
        """Let go of an upload whose result is told now."""
        del self._open[upload_id]
        self._stored_at.pop(upload_id, None)
        return result

    def _due(self, *, at_all: bool) -> list[str]:
        with self._lock:
            heard, self._heard = self._heard, {}
            new, self._new = self._new, []
        self._open.update(dict.fromkeys(new))
        heard.update(dict.fromkeys(new))
        return list(self._open) if at_all else [upload_id for upload_id in heard if upload_id in self._open]

    def _settled(self, view: UploadView) -> Message | None:
        upload = view.upload
        if upload.state is UploadState.COMPLETED and upload.recording is not None:
            return None if self._waits_for_duration(upload) else completed(upload, upload.recording)
        if upload.problem is not None and was_deleted(upload):
            return failed(upload.path, upload.problem.code, upload.problem.message)
        if upload.state is UploadState.CANCELLED:
            return failed(upload.path, "cancelled", "The upload was cancelled. Use “retry” to upload it after all.")
        if upload.state is UploadState.PAUSED:
            return failed(upload.path, "paused", "The upload was paused. Use “resume” to let it go on.")
        problem = upload.problem
        if problem is not None and (upload.state is UploadState.ATTENTION or waits_for_sign_in(upload)):
            return failed(upload.path, problem.code, problem.message)
        return self._absent(upload)

    def _waits_for_duration(self, upload: Upload) -> bool:
        # A small file is often stored before ffprobe has looked at it.
        if upload.duration_s is not None or not self._recorder.queue.awaits_duration(upload.id):
            return False
        now = time.monotonic()
        return now < self._stored_at.setdefault(upload.id, now) + DURATION_PATIENCE_S

    def _absent(self, upload: Upload) -> Message | None:
        # Whatever its state: one that is still queued has its turn after others that wait for the same server.
        reason = self._recorder.why_unreached(upload.destination)
        if reason is None or time.monotonic() < self._deadline:
            return None
        # Its first sentence says what happened; the rest, that the upload goes on by itself, is not true here.
        happened = reason.partition(". ")[0].removesuffix(".")
        return failed(
            upload.path,
            "server_unreachable",
            f"{happened}. The upload stays in the queue; use “resume” when the server can be reached.",
        )


def _gone(upload_id: str) -> Message:
    return failed(upload_id, "removed", "The upload was removed from the queue. Add the file again if it is wanted.")
