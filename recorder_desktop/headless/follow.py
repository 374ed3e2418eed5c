"""Watches uploads until each has arrived or cannot go on without a person."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.core.events import Event, UploadChanged, UploadsRemoved
from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.headless.answers import Message, completed, failed, progress_row

UNREACHABLE_AFTER_S = 15.0
"""A server that was never reached in this run for so long is taken to be absent."""

_TICK_S = 0.2


class Follow:
    """The outcome of some uploads as it comes: `completed` and `failed` once each, `progress` in between."""

    def __init__(self, recorder: Recorder, upload_ids: Iterable[str]) -> None:
        self._recorder = recorder
        self._open = dict.fromkeys(upload_ids)
        self._changed = threading.Event()
        self._deadline = time.monotonic() + UNREACHABLE_AFTER_S

    def messages(self) -> Iterator[Message]:
        """Yield until every upload is settled; an empty message now and then keeps the caller in touch."""
        unsubscribe = self._recorder.queue.subscribe(self._note)
        try:
            while self._open:
                self._changed.wait(1.0)
                self._changed.clear()
                yield from self._look()
                yield {}
                if self._open:
                    time.sleep(_TICK_S)  # at most five looks a second, however fast bytes move
        finally:
            unsubscribe()

    def _note(self, event: Event) -> None:
        if isinstance(event, UploadChanged | UploadsRemoved):
            self._changed.set()

    def _look(self) -> Iterator[Message]:
        for upload_id in list(self._open):
            view = self._recorder.queue.view(upload_id)
            settled = _gone(upload_id) if view is None else self._settled(view)
            if settled is not None:
                del self._open[upload_id]
                yield settled
            elif view is not None:
                yield progress_row(view)

    def _settled(self, view: UploadView) -> Message | None:
        upload = view.upload
        if upload.state is UploadState.COMPLETED and upload.recording is not None:
            return completed(upload, upload.recording)
        if upload.state is UploadState.CANCELLED:
            return failed(upload.path, "cancelled", "The upload was cancelled. Use “retry” to upload it after all.")
        if upload.state is UploadState.PAUSED:
            return failed(upload.path, "paused", "The upload was paused. Use “resume” to let it go on.")
        if upload.problem is None:
            return None
        needs_sign_in = upload.problem.code == "sign_in_required"
        if upload.state is UploadState.ATTENTION or (upload.state is UploadState.WAITING and needs_sign_in):
            return failed(upload.path, upload.problem.code, upload.problem.message)
        return self._absent(view)

    def _absent(self, view: UploadView) -> Message | None:
        upload = view.upload
        waits = upload.state is UploadState.WAITING and time.monotonic() >= self._deadline
        if not waits or self._recorder.was_reached(upload.destination):
            return None
        reason = upload.problem.message if upload.problem else ""
        return failed(
            upload.path,
            "server_unreachable",
            f"{reason} The upload stays in the queue; use “resume” when the server can be reached.".strip(),
        )


def _gone(upload_id: str) -> Message:
    return failed(upload_id, "removed", "The upload was removed from the queue. Add the file again if it is wanted.")
