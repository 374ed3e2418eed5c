"""A picture, a sentence, an explanation and at most one button, where a list has nothing to show."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from recorder_desktop.ui import icons
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

_ICON = 56
_HINT_WIDTH = 440


@dataclass(frozen=True, slots=True)
class Emptiness:
    """What is said. icon and role (a colour of the palette) go with it. button: its label, empty for none.
    is_waiting: something is on its way, which a moving bar shows."""

    icon: str
    title: str
    hint: str = ""
    button: str = ""
    role: str = "muted"
    is_waiting: bool = False


class EmptyState(QFrame):
    """Signals: pressed: the button was."""

    pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("empty")
        self._theme = theme
        self._shown: Emptiness | None = None
        self._icon = QLabel()
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.hint = QLabel()
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        self.hint.setFixedWidth(_HINT_WIDTH)
        self.waiting = QProgressBar()
        self.waiting.setRange(0, 0)
        self.waiting.setFixedSize(160, 6)
        self.waiting.setTextVisible(False)
        self.waiting.setAccessibleName(tr("Working"))
        self.button = QPushButton()
        self.button.setAccessibleName(tr("Help"))
        self.button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.setSpacing(SPACE + 4)
        column.addStretch(1)
        for widget in (self._icon, self.title, self.hint, self.waiting, self.button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self._icon, self.title, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setTextFormat(Qt.TextFormat.PlainText)  # a server's words may look like markup
        column.addStretch(1)
        theme.changed.connect(self._paint_icon)

    def show_emptiness(self, emptiness: Emptiness) -> None:
        """Say this."""
        if emptiness == self._shown:
            return
        self._shown = emptiness
        self.setAccessibleName(emptiness.title)
        self.title.setText(emptiness.title)
        self.hint.setText(emptiness.hint)
        # The layout would give it one line only.
        self.hint.setFixedHeight(max(0, self.hint.heightForWidth(_HINT_WIDTH)))
        self.hint.setVisible(bool(emptiness.hint))
        self.waiting.setVisible(emptiness.is_waiting)
        self.waiting.setAccessibleName(emptiness.title)
        self.button.setVisible(bool(emptiness.button))
        self.button.setText(emptiness.button)
        self.button.setAccessibleName(emptiness.button or tr("Help"))
        self._paint_icon()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, emptiness.title))

    def _paint_icon(self) -> None:
        if self._shown is not None:
            colour = getattr(self._theme.colours, self._shown.role)
            self._icon.setPixmap(icons.pixmap(self._shown.icon, colour, _ICON, self.devicePixelRatioF()))
