"""Carries what futures bring over to the UI thread, and turns failures into sentences."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from recorder_desktop.core.errors import ErrorKind, Interrupted, UploadError
from recorder_desktop.ui.text import tr, translated

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something did not work: a sentence or two for the person, and what kind of help there is."""

    message: str
    needs_sign_in: bool = False
    is_away: bool = False  # server, store or network; another try may do
    was_stopped: bool = False  # by the person: nothing to say
    code: str = ""  # the error's own


class Answers(QObject):
    """Lives on the UI thread; what it is asked to wait for ends anywhere."""

    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self._answered.connect(self._handle)

    def close(self) -> None:
        """Hand nothing over any more."""
        self._closed = True

    def hand_over(
        self, future: Future[T], on_result: Callable[[T], None], on_trouble: Callable[[Trouble], None]
    ) -> None:
        """Have one of the two called on the UI thread when the future is done."""

        def settle() -> None:
            trouble = trouble_of(future)
            if trouble is None:
                on_result(future.result())
            else:
                on_trouble(trouble)

        def on_done(_future: Future[T]) -> None:
            if not self._closed:
                self._answered.emit(settle)

        future.add_done_callback(on_done)

    @Slot(object)
    def _handle(self, settle: Callable[[], None]) -> None:
        if not self._closed:
            settle()


def trouble_of(future: Future[Any]) -> Trouble | None:
    """Why a finished future brings nothing, None if it does."""
    if future.cancelled():
        return Trouble("", was_stopped=True)
    error = future.exception()
    match error:
        case None:
            return None
        case Interrupted():
            return Trouble("", was_stopped=True)
        case UploadError():
            is_away = error.kind in (ErrorKind.RETRY, ErrorKind.WAIT)
            needs_sign_in = error.kind is ErrorKind.SIGN_IN
            message = translated(error.message)
            return Trouble(message, needs_sign_in=needs_sign_in, is_away=is_away, code=error.code)
    logger.error("a command of the window failed", exc_info=error)
    return Trouble(tr("That did not work because of a fault in Recorder. Try again; the log has the details."))
