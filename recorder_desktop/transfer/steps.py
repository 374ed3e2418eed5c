"""Control-path calls of one upload, waiting out what passes by itself and showing that it waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from recorder_desktop.core.errors import ErrorKind, UploadError
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.live_queue import problem_of
from recorder_desktop.transfer.services import Services

T = TypeVar("T")


class Steps:
    """Runs control-path calls of one upload, waiting out what passes by itself."""

    def __init__(self, upload_id: str, services: Services, stop: StopToken) -> None:
        self._id = upload_id
        self._services = services
        self._stop = stop

    def steadily(self, destination: str, action: Callable[[], T]) -> T:
        """Return what `action` returns, trying again as long as it fails for reasons that pass.

        Raises Interrupted soon after the stop, and every other error at once.
        """
        result = self.connected(destination, action)
        self.recovered(destination)
        return result

    def connected(self, destination: str, connect: Callable[[], T]) -> T:
        """Like steadily, for making a connection: that alone does not mean that anybody answers."""
        failures = 0
        while True:
            self._stop.check()
            try:
                return connect()
            except UploadError as exc:
                if exc.kind not in (ErrorKind.RETRY, ErrorKind.WAIT):
                    raise
                failures += 1
                self.in_trouble(destination, exc)
                pause_s = self._services.backoff.delay_s(failures)
                self._stop.wait(max(pause_s, getattr(exc, "retry_after_s", None) or 0.0))

    def in_trouble(self, destination: str, error: UploadError) -> None:
        """Show that the upload waits, and why."""
        self._services.queue.show(self._id, self._running, state=UploadState.WAITING, problem=problem_of(error))
        self._services.status.lost(destination, error)

    def recovered(self, destination: str) -> None:
        """Show that it goes on."""
        self._services.status.reached(destination)
        self._services.queue.show(
            self._id,
            lambda upload: upload.state is UploadState.WAITING and self._running(upload),
            state=UploadState.UPLOADING,
            problem=None,
        )

    def _running(self, upload: Upload) -> bool:
        return upload.state.is_running and not self._stop.is_set()
