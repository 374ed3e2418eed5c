"""Asks whether what the queue calls stored is still in the store, and has rows whose recording is gone say so."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from enum import Enum, auto

from recorder_desktop.core.errors import Refused, Unavailable, UploadError
from recorder_desktop.core.lifecycle import DELETED
from recorder_desktop.core.model import Problem, Upload, UploadState
from recorder_desktop.core.ports import Destinations, UploadBackend
from recorder_desktop.transfer.live_queue import LiveQueue

_log = logging.getLogger(__name__)

AT_ONCE = 8
"""Recordings asked about at a time: a folder of a thousand that are stored costs a hundred round trips, not ten."""


class Answer(Enum):
    """Whether a recording is still stored. UNKNOWN: nobody could be asked."""

    STORED = auto()
    GONE = auto()
    UNKNOWN = auto()


class StoredChecks:
    """Asks the backend of the place where a recording was stored, as nobody but the person whose it is."""

    def __init__(self, queue: LiveQueue, destinations: Destinations) -> None:
        self._queue = queue
        self._destinations = destinations

    def confirm(self, upload_id: str) -> Future[bool]:
        """Ask about one on a thread of its own; see core.upload_queue.UploadQueue.confirm_stored."""
        done: Future[bool] = Future()

        def run() -> None:
            try:
                done.set_result(self._is_stored(upload_id))
            except Exception as exc:  # noqa: BLE001 - it reaches whoever asked, with its traceback
                done.set_exception(exc)

        # A daemon: one that waits for a silent server ends with the process.
        threading.Thread(target=run, name=f"stored-{upload_id}", daemon=True).start()
        return done

    def ask(self, uploads: Sequence[Upload]) -> dict[str, Answer]:
        """An answer for each of these stored uploads, by id. Rows of what is gone say so from then on.

        After one place could not be asked, nothing more is asked of it: the answer would be as long in coming.
        """
        ahead, answers, silent = deque(uploads), dict.fromkeys((each.id for each in uploads), Answer.UNKNOWN), set()

        def work() -> None:
            while True:
                try:
                    upload = ahead.popleft()
                except IndexError:
                    return
                if upload.destination in silent:
                    continue
                try:
                    answers[upload.id] = Answer.STORED if self._is_stored(upload.id) else Answer.GONE
                except UploadError:
                    silent.add(upload.destination)
                except Exception:  # noqa: BLE001 - the thread's top: the others of its share are asked about all the same
                    _log.exception("upload %s could not be asked about", upload.id)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(uploads)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def note_deleted(self, destination: str, file_ids: Collection[str]) -> None:
        """These recordings were deleted at a place: their rows say so from now on."""
        for upload in self._queue.all():
            is_meant = upload.destination == destination and upload.state is UploadState.COMPLETED
            if is_meant and upload.recording is not None and upload.recording.file_id in file_ids:
                self._mark(upload)

    def _is_stored(self, upload_id: str) -> bool:
        upload = self._queue.get(upload_id)
        if upload is None or upload.recording is None or upload.state is not UploadState.COMPLETED:
            return False
        if not self._destinations.serves(upload.destination):
            raise Unavailable(
                "This recording was stored in another place than the one that Recorder uses now. "
                "Choose that place again, then try again.",
                code="other_destination",
            )
        if is_still_there(self._destinations.connect(upload.destination), upload):
            return True
        self._mark(upload)
        return False

    def _mark(self, upload: Upload) -> None:
        marked = self._queue.change(
            upload.id,
            lambda now: (now.state, now.recording) == (UploadState.COMPLETED, upload.recording),
            state=UploadState.CANCELLED,
            problem=Problem(
                DELETED,
                "Deleted from the store. Your file, if you still have it, is not stored there any more; "
                "upload it again if it is wanted.",
            ),
            remote=None,
            recording=None,
            maybe_open=False,
        )
        if marked is not None:
            self._queue.replace_parts(upload.id, ())


def is_still_there(backend: UploadBackend, upload: Upload) -> bool:
    """Whether the recording of an upload is still stored. Raises core.errors where that cannot be told.

    Asked on behalf of its owner alone: to anybody else the backend says that there is no such recording.
    """
    if upload.recording is None:
        return False
    try:
        backend.on_behalf_of(upload.owner or "").recording(upload.recording.file_id)
    except Refused as exc:
        if exc.code == "recording_not_found":
            return False
        raise
    return True
