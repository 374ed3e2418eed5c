"""The section of the settings on watched folders: which they are, and how each is doing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from recorder_desktop.core.watched_folder import FolderReport, FolderState
from recorder_desktop.ui import icons
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.preferences.choices import Choices
from recorder_desktop.ui.preferences.parts import Card, Page, Row
from recorder_desktop.ui.text import tr, translated
from recorder_desktop.ui.theme import Theme

_ICON = 22


class FolderLine(QWidget):
    """A watched folder. Attributes: folder. state: how it is doing, in words. remove_button."""

    def __init__(
        self, folder: Path, report: FolderReport | None, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        is_well = report is None or report.state is FolderState.WATCHED
        picture = QLabel()
        colour = theme.colours.muted if is_well else theme.colours.warn
        picture.setPixmap(
            icons.pixmap("folder" if is_well else "state-attention", colour, _ICON, self.devicePixelRatioF())
        )
        name = _words(str(folder), "")
        self.state = _words(_state(report), "muted" if is_well else "warn")
        self.remove_button = QToolButton()
        label = tr("Watch {folder} no longer").format(folder=folder.name)
        self.remove_button.setAccessibleName(label)
        self.remove_button.setToolTip(label)
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.keep_icon(self.remove_button, "close", "muted", 16)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(name)
        words.addWidget(self.state)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE + 4, 2 * SPACE, SPACE + 4)
        row.setSpacing(SPACE + 4)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop)


class FoldersPage(Page):
    """Attributes: lines: one for each watched folder. add_button. add_row: says what is wrong."""

    def __init__(self, choices: Choices, dialogs: Dialogs, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(tr("Folders"), parent)
        self._choices = choices
        self._dialogs = dialogs
        self._theme = theme
        self.lines: list[FolderLine] = []
        self.add_button = QPushButton(tr("Watch a folder…"))
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self._choose)
        self.add_row = Row(
            tr("Upload what appears in a folder"),
            self.add_button,
            tr("And below it, each recording once it has stopped growing. What lies there already is uploaded too."),
        )
        self._holder = QWidget()
        self._list = QVBoxLayout(self._holder)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._card: Card | None = None
        self.add(tr("Watched folders"), Card(self.add_row), self._holder)
        self._show()
        choices.folders_changed.connect(self._show)
        theme.changed.connect(self._show)

    def _show(self) -> None:
        if self._card is not None:
            self._list.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()
        self.lines = [self._line(folder) for folder in self._choices.folders]
        self._card = Card(*self.lines) if self.lines else None
        self._holder.setVisible(self._card is not None)
        if self._card is not None:
            self._list.addWidget(self._card)

    def _line(self, folder: Path) -> FolderLine:
        line = FolderLine(folder, self._choices.report_on(folder), self._theme)
        line.remove_button.clicked.connect(lambda: self._remove(folder))
        return line

    def _choose(self) -> None:
        self._dialogs.choose_folder(self.window(), self._add)

    def _add(self, folders: list[Path]) -> None:
        watched = list(self._choices.folders)
        for folder in folders:
            trouble = _why_not(folder, watched)
            if trouble:
                self.add_row.complain(trouble)
                return
            watched = [*(known for known in watched if not known.is_relative_to(folder)), folder]
        self.add_row.complain("")
        self._choices.set_folders(watched)

    def _remove(self, folder: Path) -> None:
        self.add_button.setFocus()
        self.add_row.complain("")
        self._choices.set_folders([known for known in self._choices.folders if known != folder])


def _why_not(folder: Path, watched: list[Path]) -> str:
    """Why a folder cannot be watched as well; empty if it can."""
    try:
        str(folder).encode()
    except UnicodeEncodeError:
        return tr("The name of this folder is not text, so the settings cannot keep it. Rename it, then add it.")
    around = next((known for known in watched if folder.is_relative_to(known)), None)
    if around is None:
        return ""
    if around == folder:
        return tr("{folder} is watched already.").format(folder=folder)
    return tr("{folder} is watched already, as a part of {around}.").format(folder=folder, around=around)


def _state(report: FolderReport | None) -> str:
    if report is None:
        return tr("Looking…")
    match report.state:
        case FolderState.WATCHED:
            return tr("Watched")
        case FolderState.AWAY:
            return tr("Not there now. Plug in its drive; it is waited for.")
        case FolderState.REFUSED | FolderState.INCOMPLETE:
            return translated(report.message)


def _words(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)  # paths may look like markup
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
