"""Adding recordings, however they come: chosen, pasted, dropped; and saying what became of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from recorder_desktop.core.upload_queue import AddOptions, AddOutcome, AlreadyStored
from recorder_desktop.ui import dropped
from recorder_desktop.ui.add_feedback import feedback_on
from recorder_desktop.ui.banner import Banner, Message
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.text import tr


class Adding(QObject):
    """Hands paths to the engine and its answers to the banner. `select` is told of an upload worth looking at.

    Signals: known_stored(list[AlreadyStored]): whether the stored copies of these files are still there was asked.
    """

    known_stored = Signal(object)

    def __init__(
        self,
        window: QWidget,
        bridge: EngineBridge,
        dialogs: Dialogs,
        banner: Banner,
        select: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._dialogs = dialogs
        self._banner = banner
        self._select = select
        bridge.add_finished.connect(self._show_outcomes)

    def add(self, paths: list[Path]) -> None:
        """Queue files and folders."""
        self._bridge.add(paths)

    def choose_files(self) -> None:
        """Let the person pick files."""
        self._dialogs.choose_files(self._window, self.add)

    def choose_folder(self) -> None:
        """Let the person pick a folder."""
        self._dialogs.choose_folder(self._window, self.add)

    def paste(self) -> None:
        """Take what lies on the clipboard."""
        # An empty clipboard has no data at all on some platforms, whatever PySide's types say.
        self.take(QGuiApplication.clipboard().mimeData() or QMimeData())

    def take(self, mime: QMimeData) -> None:
        """Queue what was dropped or pasted; say in one line what cannot be."""
        found = dropped.read(mime)
        if found.refusal:
            self._banner.show_message(Message(found.refusal, is_warning=True))
        self._bridge.add(found.paths)

    def _show_outcomes(self, outcomes: list[AddOutcome]) -> None:
        feedback = feedback_on(outcomes)
        if feedback.select is not None:
            self._select(feedback.select)
        if feedback.stored:
            self.known_stored.emit([outcome for outcome in outcomes if isinstance(outcome, AlreadyStored)])
            again = partial(self._bridge.add, feedback.stored, AddOptions(again=True))
            action = (tr("Upload again"), again)
            if not feedback.is_certain:
                action = (tr("Ask again"), partial(self._bridge.add, feedback.stored))
            self._banner.show_message(Message(feedback.stored_question, action=action))
        if feedback.rejection:
            self._banner.show_message(Message(feedback.rejection, is_warning=True))
