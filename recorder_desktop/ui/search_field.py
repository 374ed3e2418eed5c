"""A field to search in, with a picture that says so where its words have no room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from recorder_desktop.ui.theme import Theme

_AROUND = 72
"""Pixels beside the words: margins, the picture, and the button that clears."""


class SearchField(QLineEdit):
    """`words` stand in it while it is empty, and are its accessible name. Escape clears it."""

    def __init__(self, words: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.setAccessibleName(words)
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(60)
        picture = QAction(self)
        theme.keep_icon(picture, "search", "muted", 18)
        self.addAction(picture, QLineEdit.ActionPosition.LeadingPosition)
        self.setPlaceholderText(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes the search back; in an empty field it means whatever it means around it."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            event.accept()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say nothing rather than half a word."""
        super().resizeEvent(event)
        fits = QFontMetrics(self.font()).horizontalAdvance(self._words) + _AROUND <= self.width()
        self.setPlaceholderText(self._words if fits else "")
