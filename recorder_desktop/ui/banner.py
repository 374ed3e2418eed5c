"""One line above the queue for what the person should know now, with at most one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from recorder_desktop.ui import icons
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

_KEPT = 5


@dataclass(frozen=True, slots=True)
class Message:
    """A line of the banner. `action`: what the button says and does, None for no button."""

    text: str
    is_warning: bool = False
    action: tuple[str, Callable[[], None]] | None = None


class Banner(QFrame):
    """Shows the newest message; closing it brings back the one before. Hidden while there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAccessibleName(tr("Message"))
        self._theme = theme
        self._messages: list[Message] = []
        self._icon = QLabel()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton()
        self.button.setAccessibleName(tr("Answer"))
        self.button.clicked.connect(self._act)
        self.close_button = QToolButton()
        self.close_button.setAccessibleName(tr("Close message"))
        self.close_button.setToolTip(tr("Close message"))
        self.close_button.clicked.connect(self.dismiss)
        theme.keep_icon(self.close_button, "close", "muted", 16)
        theme.changed.connect(self._show_newest)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE + 4, SPACE // 2, SPACE // 2, SPACE // 2)
        row.setSpacing(SPACE)
        for widget in (self._icon, self.label, self.button, self.close_button):
            row.addWidget(widget)
        self.hide()

    @property
    def message(self) -> str:
        """The line on show, empty if none."""
        return self._messages[-1].text if self._messages else ""

    def show_message(self, message: Message) -> None:
        """Show a line on top of earlier ones; the same text twice counts once."""
        self._messages = [kept for kept in self._messages if kept.text != message.text]
        self._messages = [*self._messages[1 - _KEPT :], message]
        self._show_newest()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, message.text))

    def withdraw(self, text: str) -> None:
        """Take a line back, on show or not: it is no longer true."""
        self._messages = [kept for kept in self._messages if kept.text != text]
        self._show_newest()

    def dismiss(self) -> None:
        """Close the line on show."""
        if self._messages:
            self._messages.pop()
        self._show_newest()

    def _act(self) -> None:
        action = self._messages[-1].action if self._messages else None
        self.dismiss()
        if action is not None:
            action[1]()

    def _show_newest(self) -> None:
        self.setVisible(bool(self._messages))
        if not self._messages:
            return
        message = self._messages[-1]
        colours = self._theme.colours
        name, colour = ("state-attention", colours.warn) if message.is_warning else ("info", colours.accent)
        self._icon.setPixmap(icons.pixmap(name, colour, 20, self.devicePixelRatioF()))
        self.label.setText(message.text)
        self.button.setVisible(message.action is not None)
        if message.action is not None:
            self.button.setText(message.action[0])
            self.button.setAccessibleName(message.action[0])
        self.setProperty("kind", "warning" if message.is_warning else "info")
        self.style().unpolish(self)
        self.style().polish(self)
