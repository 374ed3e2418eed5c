"""What closing the window and quitting mean while uploads are under way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from recorder_desktop.ui.dialogs import Choice, Dialogs, Question
from recorder_desktop.ui.settings import CLOSE_ACTION, UiSettings
from recorder_desktop.ui.text import count_of, tr


class CloseGuard(QObject):
    """Asks where a choice is the person's, and remembers it.

    Signals:
        hide_wanted: go on in the tray.
        minimise_wanted: go on as a minimised window, for lack of a tray.
        quit_agreed: end the app.
    """

    hide_wanted = Signal()
    minimise_wanted = Signal()
    quit_agreed = Signal()

    def __init__(
        self,
        window: QWidget,
        dialogs: Dialogs,
        settings: UiSettings,
        running: Callable[[], int],
        has_tray: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._dialogs = dialogs
        self._settings = settings
        self._running = running
        self._has_tray = has_tray
        self._is_asking = False

    def window_closed(self) -> None:
        """The person closed the window: ask once whether uploads go on behind it."""
        if self._running() == 0:
            self.quit_agreed.emit()
        elif not self._has_tray():
            self._ask_without_tray()
        elif (remembered := self._settings.get(CLOSE_ACTION)) is not None:
            self._carry_out(remembered)
        else:
            self._ask_with_tray()

    def quit_wanted(self) -> None:
        """The person wants to quit: while uploads run, say first what becomes of them."""
        running = self._running()
        if running == 0:
            self.quit_agreed.emit()
            return
        question = Question(
            count_of(running, "1 upload is still under way.", "%n uploads are still under way."),
            tr("Nothing is lost: uploads go on where they stopped when you next start Recorder."),
            (Choice("quit", tr("Quit")), Choice("stay", tr("Keep uploading"))),
            is_destructive=True,
        )
        self._ask(question, self._carry_out)

    def _ask_with_tray(self) -> None:
        def on_answer(key: str) -> None:
            if key != "stay":
                self._settings.set(CLOSE_ACTION, key)
            self._carry_out(key)

        question = Question(
            tr("Keep uploading in the background?"),
            tr(
                "Recorder can go on behind its tray icon while the window is closed. If you quit, uploads go on "
                "where they stopped at the next start. Your choice is remembered."
            ),
            (
                Choice("background", tr("Keep uploading")),
                Choice("quit", tr("Quit")),
                Choice("stay", tr("Back")),
            ),
        )
        self._ask(question, on_answer)

    def _ask_without_tray(self) -> None:
        question = Question(
            tr("Keep uploading in the background?"),
            tr(
                "Recorder can go on with its window minimised. If you quit, uploads go on where they stopped at "
                "the next start."
            ),
            (
                Choice("minimise", tr("Keep uploading")),
                Choice("quit", tr("Quit")),
                Choice("stay", tr("Back")),
            ),
        )
        self._ask(question, self._carry_out)

    def _ask(self, question: Question, on_answer: Callable[[str], None]) -> None:
        """Ask, unless a question is open already: tray and window can both want to close."""
        if self._is_asking:
            return

        def on_closed(key: str) -> None:
            self._is_asking = False
            on_answer(key)

        self._is_asking = True
        self._dialogs.ask(self._window, question, on_closed)

    def _carry_out(self, key: str) -> None:
        match key:
            case "background":
                self.hide_wanted.emit()
            case "minimise":
                self.minimise_wanted.emit()
            case "quit":
                self.quit_agreed.emit()
