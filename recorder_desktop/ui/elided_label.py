"""A line of text that ends in an ellipsis where it has no room, and then says the whole of it as a tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel


class ElidedLabel(QLabel):
    """A plain label in all else. Its text is always the whole."""

    def setText(self, text: str) -> None:
        """Show this, or as much of it as fits."""
        super().setText(text)
        self._tell_rest()

    def minimumSizeHint(self) -> QSize:
        """It gives way to whatever stands beside it."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See what fits now."""
        super().resizeEvent(event)
        self._tell_rest()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as much as fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        alignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.contentsRect(), alignment, self._shown())
        painter.end()

    def _shown(self) -> str:
        room = self.contentsRect().width()
        return QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def _tell_rest(self) -> None:
        is_whole = self._shown() == self.text()
        self.setToolTip("" if is_whole else self.text())
