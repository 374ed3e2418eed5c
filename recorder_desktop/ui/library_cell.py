"""Paints the library's cells: one line in the middle of its row, in the first column after a thumbnail."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from recorder_desktop.core.model import StoredRecording
from recorder_desktop.core.thumbnails import source_of_recording
from recorder_desktop.ui.library_model import RECORDING_ROLE, LibraryColumn
from recorder_desktop.ui.painted_bar import colour
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import one_line
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.thumbnails import THUMBNAIL, Thumbnails


class LibraryCell(QStyledItemDelegate):
    """The delegate of every column."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbnails = thumbnails

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint background, then the cell's own content, then the row's lower edge."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(rect)
        self._paint_background(painter, option)
        self._paint_content(painter, rect.adjusted(SPACE, 0, -SPACE, 0), index)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Wide enough for the text; all rows are equally high."""
        font: QFont = option.font
        metrics = QFontMetrics(font)
        return QSize(metrics.horizontalAdvance(str(index.data() or "")) + 2 * SPACE, metrics.height() + 2 * SPACE)

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        colours = self._theme.colours
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        fill = colours.selected if state & QStyle.StateFlag.State_Selected else colours.surface
        painter.fillRect(rect, colour(fill))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colour(colours.line))

    def _paint_content(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        colours = self._theme.colours
        if index.column() != LibraryColumn.NAME:
            alignment: Qt.AlignmentFlag = index.data(Qt.ItemDataRole.TextAlignmentRole)
            painter.setPen(colour(colours.muted))
            painter.drawText(rect, alignment, str(index.data()))
            return
        recording: StoredRecording = index.data(RECORDING_ROLE)
        scale = painter.device().devicePixelRatioF()
        self._thumbnails.paint(painter, rect, source_of_recording(recording), colours, scale)
        painter.setPen(colour(colours.text))
        words = rect.adjusted(THUMBNAIL.width() + SPACE + SPACE // 2, 0, 0, 0)
        shown = QFontMetrics(painter.font()).elidedText(
            one_line(recording.file_name), Qt.TextElideMode.ElideMiddle, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
