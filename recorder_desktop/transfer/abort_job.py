"""Gives up an upload for good: aborts its multipart upload in the store, whatever became of earlier tries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from recorder_desktop.core.errors import AlreadyCompleted, Interrupted, UploadError, UploadGone
from recorder_desktop.core.model import RemoteUpload, Upload, UploadState
from recorder_desktop.core.ports import InitRequest, UploadBackend
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.attempt import is_same_attempt, stored_before
from recorder_desktop.transfer.services import Services
from recorder_desktop.transfer.steps import Steps

_log = logging.getLogger(__name__)
T = TypeVar("T")


class AbortJob:
    """Pays the abort that a cancelled row owes. What cannot be paid now is owed at the next start."""

    def __init__(self, upload_id: str, services: Services, stop: StopToken) -> None:
        self._id = upload_id
        self._services = services
        self._queue = services.queue
        self._steps = Steps(upload_id, services, stop)

    def waits_for_drive_s(self, now: float) -> float:
        """Never at all: it touches no file."""
        del now
        return 0.0

    def run(self) -> None:
        """Work until the abort is done, or cannot be."""
        try:
            self._abort()
        except Interrupted:
            _log.info("abort of %s: let go", self._id)
        except UploadError as exc:
            _log.warning("abort of %s is still owed: %s", self._id, exc.code)
        except Exception:  # noqa: BLE001 - the thread's top; logged with its traceback
            _log.exception("abort of %s: unexpected", self._id)

    def _abort(self) -> None:
        upload = self._queue.get(self._id)
        if upload is None:
            return
        try:
            connection = self._patiently(upload, lambda: self._services.destinations.connect(upload.destination))
            backend = connection.on_behalf_of(upload.owner or "")
            remote = upload.remote or self._find(upload, backend)
            self._patiently(upload, lambda: backend.abort_upload(remote))
        except UploadGone:
            _log.info("abort of %s: it was gone already", self._id)
        except AlreadyCompleted:
            self._too_late(upload, backend)
            return
        self._paid(upload)

    def _find(self, upload: Upload, backend: UploadBackend) -> RemoteUpload:
        # The answer to init may have been lost: asking again under the same name finds what it opened.
        return self._patiently(upload, lambda: backend.init_upload(InitRequest.of(upload)).remote)

    def _too_late(self, upload: Upload, backend: UploadBackend) -> None:
        """It was stored before the person gave up: say so instead of leaving a recording that nobody knows of."""
        self._services.emit(stored_before(upload))
        if upload.forgotten or upload.remote is None:
            self._paid(upload)
            return
        remote, parts = upload.remote, self._queue.parts(self._id)
        recording = self._patiently(upload, lambda: backend.complete_upload(remote, upload, parts, None))
        self._queue.change(
            self._id,
            is_same_attempt(upload),
            state=UploadState.COMPLETED,
            problem=None,
            recording=recording,
            maybe_open=False,
        )

    def _paid(self, upload: Upload) -> None:
        if upload.forgotten:
            self._queue.delete([self._id])
            return
        if self._queue.change(self._id, is_same_attempt(upload), maybe_open=False, remote=None) is not None:
            self._queue.replace_parts(self._id, [])

    def _patiently(self, upload: Upload, action: Callable[[], T]) -> T:
        return self._steps.steadily(upload.destination, action)
