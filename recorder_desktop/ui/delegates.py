"""Paints the queue's cells. First line: the figures; second line, small: what explains them."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPainterPath
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.core.thumbnails import source_of_upload
from recorder_desktop.ui import icons
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.thumbnails import THUMBNAIL, Thumbnails
from recorder_desktop.ui.upload_cells import COLUMNS, alignment, cell_text
from recorder_desktop.ui.upload_model import VIEW_ROLE

ROW_PADDING = SPACE + 3
BAR_HEIGHT = 8
ICON_SIZE = 20

STATE_ROLES = {
    UploadState.QUEUED: "muted",
    UploadState.UPLOADING: "accent",
    UploadState.WAITING: "warn",
    UploadState.PAUSED: "muted",
    UploadState.FINALISING: "accent",
    UploadState.COMPLETED: "good",
    UploadState.ATTENTION: "warn",
    UploadState.CANCELLED: "muted",
}
"""The colour that goes with a state's icon and words, by its role in the palette."""


_colour = cache(QColor)  # made once: every cell has two of them


def small_font(font: QFont) -> QFont:
    """The font of second lines."""
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.9)
    return small


def row_height(font: QFont) -> int:
    """Two lines and air."""
    lines = QFontMetrics(font).height() + QFontMetrics(small_font(font)).height()
    return lines + 2 * ROW_PADDING + 2


def second_line(cell: QRect, font: QFont) -> QRect:
    """Where the second line of a cell lies."""
    top = cell.top() + ROW_PADDING + QFontMetrics(font).height() + 2
    return QRect(cell.left(), top, cell.width(), QFontMetrics(small_font(font)).height())


def first_line(cell: QRect, font: QFont) -> QRect:
    """Where the first line of a cell lies."""
    return QRect(cell.left(), cell.top() + ROW_PADDING, cell.width(), QFontMetrics(font).height())


class CellDelegate(QStyledItemDelegate):
    """A cell with a plain figure in its first line; the others build on its background and margins.

    Attributes:
        hovered_row: the row under the pointer, -1 for none; set by the view.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.hovered_row = -1

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint background, then the cell's own content, then the row's lower edge."""
        view: UploadView = index.data(VIEW_ROLE)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(rect)
        self._paint_background(painter, option, index.row())
        self._paint_cell(painter, rect.adjusted(SPACE, 0, -SPACE, 0), view, index)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Wide enough for the text; all rows are equally high."""
        words = str(index.data() or "")
        font: QFont = option.font
        return QSize(QFontMetrics(font).horizontalAdvance(words) + 2 * SPACE, row_height(font))

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem, row: int) -> None:
        colours = self._theme.colours
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        fill = colours.surface
        if state & QStyle.StateFlag.State_Selected:
            fill = colours.selected
        elif row == self.hovered_row:
            fill = colours.hover
        painter.fillRect(rect, _colour(fill))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), _colour(colours.line))

    def _paint_cell(
        self,
        painter: QPainter,
        rect: QRect,
        view: UploadView,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        column = COLUMNS[index.column()]
        painter.setPen(_colour(self._theme.colours.muted))
        # Not index.data: the way through Qt and back takes longer than the words.
        painter.drawText(first_line(rect, painter.font()), alignment(column), cell_text(view, column))


class NameDelegate(CellDelegate):
    """A thumbnail, the name, and its folder. A problem takes the folder's place: see QueueView."""

    TEXT_LEFT = THUMBNAIL.width() + SPACE + SPACE // 2

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._thumbnails = thumbnails

    def _paint_cell(
        self,
        painter: QPainter,
        rect: QRect,
        view: UploadView,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        colours = self._theme.colours
        path = view.upload.path
        self._thumbnails.paint(painter, rect, source_of_upload(view.upload), colours)
        words = rect.adjusted(self.TEXT_LEFT, 0, 0, 0)
        painter.setPen(QColor(colours.text))
        draw_elided(painter, first_line(words, painter.font()), str(index.data()))
        if view.upload.problem is None:
            below = second_line(words, painter.font())
            painter.setFont(small_font(painter.font()))
            painter.setPen(QColor(colours.muted))
            draw_elided(painter, below, str(path.parent))


class ProgressDelegate(CellDelegate):
    """A bar of three parts: confirmed (full), in flight (hatched), remaining (track); below it the figures."""

    def _paint_cell(
        self,
        painter: QPainter,
        rect: QRect,
        view: UploadView,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        line = first_line(rect, painter.font())
        bar = QRectF(line.left(), line.center().y() - BAR_HEIGHT / 2 + 1, line.width(), BAR_HEIGHT)
        self._paint_bar(painter, bar, view)
        below = second_line(rect, painter.font())
        painter.setFont(small_font(painter.font()))
        painter.setPen(QColor(self._theme.colours.muted))
        draw_elided(painter, below, str(index.data()))

    def _paint_bar(self, painter: QPainter, bar: QRectF, view: UploadView) -> None:
        colours = self._theme.colours
        state = view.upload.state
        confirmed, in_flight = bar_shares(view)
        done_role = STATE_ROLES[state] if state is not UploadState.QUEUED else "accent"
        paint_bar(painter, bar, (colours.track, getattr(colours, done_role), colours.in_flight), confirmed, in_flight)


class StateDelegate(CellDelegate):
    """The state as an icon and in words."""

    def _paint_cell(
        self,
        painter: QPainter,
        rect: QRect,
        view: UploadView,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        state = view.upload.state
        colour = getattr(self._theme.colours, STATE_ROLES[state])
        scale = painter.device().devicePixelRatioF()
        line = first_line(rect, painter.font())
        top = line.center().y() - ICON_SIZE // 2 + 1
        painter.drawPixmap(rect.left(), top, icons.pixmap(f"state-{state.value}", colour, ICON_SIZE, scale))
        painter.setPen(QColor(colour))
        draw_elided(painter, line.adjusted(ICON_SIZE + SPACE, 0, 0, 0), str(index.data()))


def bar_shares(view: UploadView) -> tuple[float, float]:
    """The confirmed and the in-flight share of a file, each 0 to 1."""
    upload = view.upload
    if upload.state is UploadState.COMPLETED:
        return 1.0, 0.0
    if upload.state is UploadState.CANCELLED or not upload.size_bytes:
        return 0.0, 0.0
    confirmed = min(1.0, upload.bytes_confirmed / upload.size_bytes)
    return confirmed, min(1.0 - confirmed, view.bytes_in_flight / upload.size_bytes)


def paint_bar(
    painter: QPainter, bar: QRectF, fills: tuple[str, str, str], confirmed: float, in_flight: float
) -> None:
    """Draw a rounded bar; `fills` are the colours of track, confirmed and in flight."""
    track, done, moving = fills
    shape = QPainterPath()
    shape.addRoundedRect(bar, bar.height() / 2, bar.height() / 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(shape, QColor(track))
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    split = bar.left() + bar.width() * confirmed
    end = split + bar.width() * in_flight
    painter.fillRect(QRectF(split, bar.top(), end - split, bar.height()), QColor(moving))
    # The hatching tells in-flight from confirmed where colours do not.
    painter.fillRect(
        QRectF(split, bar.top(), end - split, bar.height()), QBrush(QColor(track), Qt.BrushStyle.BDiagPattern)
    )
    painter.fillRect(QRectF(bar.left(), bar.top(), split - bar.left(), bar.height()), QColor(done))
    painter.restore()


def draw_elided(painter: QPainter, rect: QRect, words: str) -> None:
    """Draw one line, shortened in its middle where it does not fit: the ends of names tell them apart."""
    shown = QFontMetrics(painter.font()).elidedText(
        words.replace("\n", "⏎"), Qt.TextElideMode.ElideMiddle, rect.width()
    )
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
