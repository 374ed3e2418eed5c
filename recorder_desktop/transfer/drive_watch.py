"""Notices a drive that does not answer: a read that does not come back can only be left where it is."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from recorder_desktop.core.errors import DriveStalled

T = TypeVar("T")

_Questions = queue.SimpleQueue[Callable[[], None] | None]

DRIVE_STALL_S = 60.0
"""A drive that has not answered for so long has been pulled out, or hangs. One that was asleep takes ten seconds."""


def drive_stalled(path: Path) -> DriveStalled:
    """The error of an upload whose file is on a drive that hangs."""
    return DriveStalled(
        f"The drive with “{path.name}” does not answer. Plug it in again, or see whether its network is there, "
        "then retry."
    )


class PatientDrive:
    """Asks a drive on a thread of its own, which is left behind when the drive does not answer."""

    def __init__(self, stall_s: float = DRIVE_STALL_S) -> None:
        self._stall_s = stall_s
        self._lock = threading.Lock()
        self._asking: _Questions | None = None  # guarded by _lock

    def ask(self, path: Path, question: Callable[[], T]) -> T:
        """Return the answer to a question about `path`. Raises what it raises, and DriveStalled without an answer."""
        answer: Future[T] = Future()
        asking = self._worker()
        asking.put(lambda: _answer(answer, question))
        try:
            return answer.result(self._stall_s)
        except TimeoutError:
            if answer.done():  # the question's own
                raise
            with self._lock:
                if self._asking is asking:
                    self._asking = None
            asking.put(None)  # should the drive ever answer
            raise drive_stalled(path) from None

    def close(self) -> None:
        """Let the thread end. A question after that gets another one."""
        with self._lock:
            asking, self._asking = self._asking, None
        if asking is not None:
            asking.put(None)

    def _worker(self) -> _Questions:
        with self._lock:
            if self._asking is None:
                self._asking = queue.SimpleQueue()
                threading.Thread(target=_serve, args=(self._asking,), name="drive", daemon=True).start()
            return self._asking


def _serve(asking: _Questions) -> None:
    while (question := asking.get()) is not None:
        question()
        del question


def _answer(answer: Future[T], question: Callable[[], T]) -> None:
    try:
        answer.set_result(question())
    except Exception as exc:  # noqa: BLE001 - it reaches whoever asked, with its traceback
        answer.set_exception(exc)
