"""“Export diagnostics”: a button and a key that pack a file for whoever helps."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QToolButton, QWidget

from recorder_desktop.core.diagnostics import DiagnosticsDesk
from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.banner import Banner, Message
from recorder_desktop.ui.desktop import Desktop
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

_KEYS = "Ctrl+Shift+D"


class DiagnosticsButton(QToolButton):
    """Asks where the file goes, has it written, says in the banner when it is there, and shows it."""

    def __init__(
        self, dialogs: Dialogs, desktop: Desktop, banner: Banner, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._dialogs = dialogs
        self._desktop = desktop
        self._banner = banner
        self._desk: DiagnosticsDesk | None = None
        self._answers = Answers(self)
        label = tr("Export diagnostics…")
        keys = QKeySequence(_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
        self.setAccessibleName(label)
        self.setToolTip(f"{label} ({keys})\n" + tr("What somebody who helps you needs to know, without secrets."))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.keep_icon(self, "info", size=18)
        QShortcut(QKeySequence(_KEYS), self).activated.connect(self.click)
        self.clicked.connect(self._ask)
        self.hide()

    def attach(self, desk: DiagnosticsDesk) -> None:
        """Have the file made by this desk."""
        self._desk = desk
        self.show()

    def close_down(self) -> None:
        """Hear nothing any more."""
        self._answers.close()

    def _ask(self) -> None:
        place = Path(
            QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or Path.home()
        )
        name = f"recorder-diagnostics-{datetime.now():%Y%m%d-%H%M}.zip"  # noqa: DTZ005 - the person's own clock
        self._dialogs.name_file(self.window(), tr("Export diagnostics"), place / name, self._export)

    def _export(self, target: Path) -> None:
        if self._desk is None:
            return
        self.setEnabled(False)
        self._answers.hand_over(self._desk.export(target), self._tell, self._warn)

    def _tell(self, target: Path) -> None:
        self.setEnabled(True)
        words = tr("The diagnostics are in {file}, without secrets. Look through them before you pass them on.")
        show = (tr("Show"), lambda: self._show(target))
        self._banner.show_message(Message(words.format(file=target), action=show))

    def _show(self, target: Path) -> None:
        if not self._desktop.reveal(target):
            words = tr("The file manager could not be opened. The file is in {folder}.")
            self._banner.show_message(Message(words.format(folder=target.parent), is_warning=True))

    def _warn(self, trouble: Trouble) -> None:
        self.setEnabled(True)
        if trouble.message:
            self._banner.show_message(Message(trouble.message, is_warning=True))
