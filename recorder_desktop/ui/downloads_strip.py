"""The downloads below the library: a line each, with what can be done about it."""

from __future__ import annotations

from itertools import zip_longest

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from recorder_desktop.core.library import DownloadedFile
from recorder_desktop.ui import icons, text
from recorder_desktop.ui.desktop import Desktop
from recorder_desktop.ui.downloads import Download, Downloads, DownloadState
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import count_of, tr
from recorder_desktop.ui.theme import Theme

_LINES = 3
_STEPS = 1000
_BAR_WIDTH = 200
_NAME_WIDTH, _WORDS_WIDTH = 320, 560  # what is longer would widen the window


class DownloadLine(QFrame):
    """Icon, name, bar, words, one button, and a cross that gives the download up or puts it away.

    Signals: wanted(Download): the button was pressed. unwanted(Download): the cross was.
    """

    wanted = Signal(object)
    unwanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._download: Download | None = None
        self._icon = QLabel()
        self.name = QLabel()
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("role", "muted")
        self.words.setMinimumWidth(_BAR_WIDTH // 2)
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(_BAR_WIDTH, 8)
        self.bar.setAccessibleName(tr("Download"))
        self.button = QPushButton()
        self.button.setAccessibleName(tr("Show in folder"))
        self.cross = QToolButton()
        self.cross.setAccessibleName(tr("Put away"))
        self.cross.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.keep_icon(self.cross, "close", "muted", 16)
        self.button.clicked.connect(lambda: self.wanted.emit(self._download))
        self.cross.clicked.connect(lambda: self.unwanted.emit(self._download))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._icon)
        row.addWidget(self.name, 1)
        row.addWidget(self.bar)
        row.addWidget(self.words)
        row.addWidget(self.button)
        row.addWidget(self.cross)

    def show_download(self, download: Download) -> None:
        """Show how this one stands."""
        self._download = download
        name, state = download.recording.file_name, download.state
        running = state in (DownloadState.WAITING, DownloadState.RUNNING)
        size_bytes = download.recording.size_bytes
        shown = self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)
        self.name.setText(shown)
        words = _words(download)
        self.words.setText(self.words.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, _WORDS_WIDTH))
        self.words.setToolTip(words)
        self.words.setAccessibleName(words)
        self.bar.setVisible(running)
        self.bar.setAccessibleName(tr("Download of {name}").format(name=name))
        self.bar.setValue(int(_STEPS * download.received_bytes / size_bytes) if size_bytes else 0)
        self.button.setVisible(not running)
        self.button.setText(tr("Try again") if state is DownloadState.FAILED else tr("Show in folder"))
        self.button.setAccessibleName(self.button.text())
        put_away = tr("Cancel download") if running else tr("Put away")
        self.cross.setAccessibleName(put_away)
        self.cross.setToolTip(put_away)
        icon, role = _PICTURES[state]
        if download.file is not None and not download.file.checksum_agreed:
            role = "muted"
        colour = getattr(self._theme.colours, role)
        self._icon.setPixmap(icons.pixmap(icon, colour, 18, self.devicePixelRatioF()))


_PICTURES = {
    DownloadState.WAITING: ("state-queued", "muted"),
    DownloadState.RUNNING: ("download", "accent"),
    DownloadState.DONE: ("state-completed", "good"),
    DownloadState.FAILED: ("state-attention", "warn"),
}


class DownloadsStrip(QFrame):
    """The few downloads that matter most. Hidden while there is none."""

    def __init__(self, downloads: Downloads, desktop: Desktop, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self.setAccessibleName(tr("Downloads"))
        self._downloads = downloads
        self._desktop = desktop
        self.lines = [DownloadLine(theme) for _ in range(_LINES)]
        self.more = QLabel()
        self.more.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE + 4, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE // 2)
        for line in self.lines:
            line.wanted.connect(self._act)
            line.unwanted.connect(downloads.put_away)
            column.addWidget(line)
        column.addWidget(self.more)
        downloads.changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        total, shown = self._downloads.total, self._downloads.first(_LINES)
        for line, download in zip_longest(self.lines, shown):
            line.setVisible(download is not None)
            if download is not None:
                line.show_download(download)
        hidden = total - len(shown)
        self.more.setVisible(hidden > 0)
        self.more.setText(count_of(hidden, "and 1 more", "and %n more"))
        self.setVisible(total > 0)

    def _act(self, download: Download) -> None:
        if download.state is DownloadState.FAILED:
            self._downloads.again(download)
        elif download.file is not None:
            self._desktop.reveal(download.file.path)


def _words(download: Download) -> str:
    match download.state:
        case DownloadState.WAITING:
            return tr("Waiting for its turn")
        case DownloadState.RUNNING:
            return text.size_of_total(download.received_bytes, download.recording.size_bytes)
        case DownloadState.DONE:
            return _done_words(download.file) if download.file is not None else ""
        case DownloadState.FAILED:
            return download.message


def _done_words(file: DownloadedFile) -> str:
    words = tr("Checked, and whole, in {folder}")
    if not file.checksum_agreed:
        words = tr("Complete by its size, without a checksum, in {folder}")
    return words.format(folder=file.path.parent.name)
