"""Tells backends how far uploads are, for whoever watches there. A courtesy: no upload ever waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.model import RemoteUpload
from recorder_desktop.core.ports import UploadBackend

_log = logging.getLogger(__name__)

FIRST_AFTER_S = 2.0
"""Nobody has to be told how far a file is that is there in a moment."""

INTERVAL_S = 1.0
TROUBLE_PAUSE_S = 30.0
"""How long a backend that did not take a report is left alone with those of the same upload."""


@dataclass(slots=True)
class _Reported:
    """One upload whose parts are being sent. bytes_confirmed: what is to be told, None when nothing is new."""

    backend: UploadBackend
    remote: RemoteUpload
    due_at: float
    bytes_confirmed: int | None


class ProgressReports:
    """Reports of all uploads at work, each at most once a second. Every method returns at once.

    Attributes:
        threads: for whoever waits for their end.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._news = threading.Condition()
        self._reported: dict[str, _Reported] = {}  # by upload; guarded by _news
        self._closed = False  # guarded by _news
        self.threads = [threading.Thread(target=self._run, name="progress-reports", daemon=True)]
        for thread in self.threads:
            thread.start()

    def begin(self, upload_id: str, backend: UploadBackend, remote: RemoteUpload, bytes_confirmed: int) -> None:
        """The parts of an upload are about to be sent; so much is stored already."""
        due_at = self._clock() + FIRST_AFTER_S
        with self._news:
            self._reported[upload_id] = _Reported(backend, remote, due_at, bytes_confirmed or None)
            self._news.notify()

    def confirmed(self, upload_id: str, bytes_confirmed: int) -> None:
        """So much is stored by now."""
        with self._news:
            reported = self._reported.get(upload_id)
            if reported is not None:
                reported.bytes_confirmed = bytes_confirmed
                self._news.notify()

    def end(self, upload_id: str) -> None:
        """No more parts: completed, stopped or failed, which the backend learns otherwise or not at all."""
        with self._news:
            self._reported.pop(upload_id, None)

    def ask_to_close(self) -> None:
        """Let the thread end."""
        with self._news:
            self._closed = True
            self._news.notify()

    def _run(self) -> None:
        while (reported := self._next()) is not None:
            self._tell(reported)

    def _next(self) -> tuple[_Reported, int] | None:
        """Wait for the next report that is due, and take it."""
        with self._news:
            while not self._closed:
                waiting = [each for each in self._reported.values() if each.bytes_confirmed is not None]
                first = min(waiting, key=lambda each: each.due_at, default=None)
                now = self._clock()
                if first is not None and first.due_at <= now and first.bytes_confirmed is not None:
                    bytes_confirmed, first.bytes_confirmed = first.bytes_confirmed, None
                    first.due_at = now + INTERVAL_S
                    return first, bytes_confirmed
                self._news.wait(None if first is None else first.due_at - now)
        return None

    def _tell(self, report: tuple[_Reported, int]) -> None:
        reported, bytes_confirmed = report
        try:
            reported.backend.report_progress(reported.remote, bytes_confirmed)
        except UploadError as exc:
            # Lost, and no harm done: the upload itself finds out what is wrong, and says so.
            _log.debug("progress was not taken: %s", exc.code)
            self._pause(reported)
        except Exception:  # noqa: BLE001 - the thread's top
            _log.exception("progress could not be told")
            self._pause(reported)

    def _pause(self, reported: _Reported) -> None:
        with self._news:
            reported.due_at = self._clock() + TROUBLE_PAUSE_S
