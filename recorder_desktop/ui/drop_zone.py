"""The place to drop recordings on: large and inviting while the queue is empty, a strip above it afterwards.

Only the look and the buttons. The whole window takes drops: see MainWindow.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from recorder_desktop.ui import icons
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

_LARGE_ICON = 72
_SMALL_ICON = 24
_CENTRE = Qt.AlignmentFlag.AlignCenter
_START = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class DropZone(QWidget):
    """A dashed card with an icon, a sentence and two buttons.

    Signals:
        files_wanted: the person wants to pick files.
        folder_wanted: the person wants to pick a folder.
        server_wanted, bucket_wanted: recordings shall go somewhere else.
    """

    files_wanted = Signal()
    folder_wanted = Signal()
    server_wanted = Signal()
    bucket_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Drop recordings here"))
        self._theme = theme
        self._is_strip = False
        self._is_target = False
        self._is_busy = False
        self._icon = QLabel()
        self._title = QLabel()
        self._title_font = self._title.font()
        self._hint = QLabel()
        self._hint.setProperty("role", "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.files_button = QPushButton(tr("Choose files…"))
        self.files_button.setAccessibleName(tr("Choose files"))
        self.files_button.setToolTip(tr("Choose files to upload (Ctrl+O)"))
        self.files_button.clicked.connect(self.files_wanted)
        self.folder_button = QPushButton(tr("Choose folder…"))
        self.folder_button.setAccessibleName(tr("Choose folder"))
        self.folder_button.setToolTip(tr("Add every recording in a folder (Ctrl+Shift+O)"))
        self.folder_button.clicked.connect(self.folder_wanted)
        self.server_button = _link(tr("Sign in to a team server…"))
        self.server_button.clicked.connect(self.server_wanted)
        self.bucket_button = _link(tr("Use your own bucket…"))
        self.bucket_button.clicked.connect(self.bucket_wanted)
        self.set_opening(is_opening=False)
        self._build()
        theme.changed.connect(self._restyle)
        self.set_strip(is_strip=False)

    @property
    def sentence(self) -> str:
        """What the zone says."""
        if self._is_target:
            return tr("Let go to upload")
        if self._is_busy:
            return tr("Adding recordings…")
        return tr("Drop more recordings here") if self._is_strip else tr("Drop recordings here")

    def set_strip(self, *, is_strip: bool) -> None:
        """Be a strip (True) or fill the window (False)."""
        self._is_strip = is_strip
        direction = QBoxLayout.Direction.LeftToRight if is_strip else QBoxLayout.Direction.TopToBottom
        self._layout.setDirection(direction)
        side, end = (2 * SPACE, SPACE) if is_strip else (4 * SPACE, 4 * SPACE)
        self._layout.setContentsMargins(side, SPACE, end, SPACE)
        self._layout.setSpacing(SPACE if is_strip else 2 * SPACE)
        self._hint.setVisible(not is_strip)
        self._elsewhere.setVisible(not is_strip)
        self._edges[0].setVisible(not is_strip)
        self._layout.setStretchFactor(self._title, 1 if is_strip else 0)
        self._layout.setAlignment(self._title, _START if is_strip else _CENTRE)
        self._edges[1].setVisible(not is_strip)
        vertical = QSizePolicy.Policy.Fixed if is_strip else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        self.files_button.setProperty("primary", not is_strip)
        self.files_button.style().unpolish(self.files_button)
        self.files_button.style().polish(self.files_button)
        self._restyle()

    def set_target(self, *, is_target: bool) -> None:
        """Show that a drop would be taken now."""
        self._is_target = is_target
        self._restyle()

    def set_opening(self, *, is_opening: bool) -> None:
        """Show that the list of earlier uploads is not here yet; what is dropped is taken all the same."""
        self._hint.setText(
            tr("The list of your recordings is being opened…\nWhat you drop meanwhile is added to it.")
            if is_opening
            else tr(
                "Video and audio of any size. Uploads go on by themselves\n"
                "after a lost connection, a closed lid or a restart."
            )
        )

    def set_busy(self, *, is_busy: bool) -> None:
        """Show that what was dropped is being looked at."""
        self._is_busy = is_busy
        self._restyle()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the card and its dashed edge."""
        colours = self._theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(colours.accent_soft if self._is_target else colours.surface))
        pen = QPen(QColor(colours.accent if self._is_target else colours.in_flight), 1.5)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        radius = SPACE if self._is_strip else 2 * SPACE
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)

    def _build(self) -> None:
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._edges = (QWidget(), QWidget())
        buttons = QWidget()
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.files_button)
        row.addWidget(self.folder_button)
        self._elsewhere = QWidget()
        choice = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._elsewhere)
        choice.setContentsMargins(0, 0, 0, 0)
        words = QLabel(tr("Or store elsewhere:"))
        words.setProperty("role", "muted")
        for widget in (words, self.server_button, self.bucket_button):
            choice.addWidget(widget)
        self._layout.addWidget(self._edges[0], 1)
        self._layout.addWidget(self._icon, 0, _CENTRE)
        self._layout.addWidget(self._title, 0, _CENTRE)
        self._layout.addWidget(self._hint, 0, _CENTRE)
        self._layout.addWidget(buttons, 0, _CENTRE)
        self._layout.addWidget(self._edges[1], 1)
        self._layout.addWidget(self._elsewhere, 0, _CENTRE)

    def _restyle(self) -> None:
        size = _SMALL_ICON if self._is_strip else _LARGE_ICON
        picture = icons.pixmap("drop", self._theme.colours.accent, size, self.devicePixelRatioF())
        self._icon.setPixmap(picture)
        self._title.setText(self.sentence)
        font = self._title.font()
        font.setPointSizeF(self._title_font.pointSizeF() * (1.0 if self._is_strip else 1.8))
        font.setBold(not self._is_strip)
        self._title.setFont(font)
        self.update()


def _link(label: str) -> QPushButton:
    button = QPushButton(label)
    button.setAccessibleName(label)
    button.setProperty("link", "true")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button
