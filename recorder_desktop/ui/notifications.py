"""Tells the person of what they wait for while they look elsewhere: all is done, or something needs them."""

from __future__ import annotations

from collections.abc import Callable

from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.model import UploadState
from recorder_desktop.ui.overview_bar import summary
from recorder_desktop.ui.queue_totals import QueueTotals
from recorder_desktop.ui.settings import ALL_DONE, NEEDS_ME, UiSettings, is_on
from recorder_desktop.ui.text import count_of, tr, translated


class Notifications:
    """Compares what it is told with what it was told before; says each thing once."""

    def __init__(
        self, settings: UiSettings, is_looking: Callable[[], bool], show: Callable[[str, str], None]
    ) -> None:
        """is_looking: whether the person has the window before them. show: shows title and text."""
        self._settings = settings
        self._is_looking = is_looking
        self._show = show
        self._unfinished = 0
        self._in_need = 0
        self._asks_to_sign_in = False

    def note_totals(self, totals: QueueTotals) -> None:
        """Take in how the queue stands."""
        in_need = totals.states[UploadState.ATTENTION]
        ended = self._unfinished and not totals.unfinished
        more_in_need = in_need > self._in_need
        self._unfinished, self._in_need = totals.unfinished, in_need
        if more_in_need:
            words = count_of(in_need, "1 recording needs you.", "%n recordings need you.")
            self._tell(NEEDS_ME, words, tr("Open Recorder to see what happened and what helps."))
        elif ended and not in_need and totals.batch_files_stored:
            self._tell(ALL_DONE, tr("Everything is stored"), summary(totals))

    def note_service(self, event: ServiceChanged) -> None:
        """Take in how a place is doing."""
        if event.state is ServiceState.BUCKET:
            self._tell(NEEDS_ME, tr("Your bucket needs you"), translated(event.message))
        asks = event.state is ServiceState.SIGN_IN
        if asks and not self._asks_to_sign_in:
            self._tell(NEEDS_ME, tr("Sign in to go on"), tr("Recordings wait for a sign-in; nothing is lost."))
        self._asks_to_sign_in = asks

    def _tell(self, key: str, title: str, words: str) -> None:
        if is_on(self._settings, key) and not self._is_looking():
            self._show(title, words)
