"""The queue on screen: a table whose rows are read as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from recorder_desktop.core.model import UploadView
from recorder_desktop.ui.painted_bar import colour
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.row_painter import Place, Row, RowPainter
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.thumbnails import Thumbnails
from recorder_desktop.ui.turns import in_one_go
from recorder_desktop.ui.upload_cells import COLUMNS, Column
from recorder_desktop.ui.upload_model import UploadModel

_WIDTHS = {
    Column.SIZE: 90,
    Column.DURATION: 86,
    Column.PROGRESS: 200,
    Column.SPEED: 90,
    Column.TIME_LEFT: 96,
    Column.STATE: 160,
}


ROWS_TYPE = "application/x-recorder-rows"
"""What a drag of rows is known by."""

_NAME_AT_LEAST = 260

_LOT = 1000

_HELD_MS = 60
"""While rows pour in below what is seen, it is painted so seldom: Qt would paint all of it for each lot of them."""

_DISPENSABLE = (Column.DURATION, Column.SPEED, Column.SIZE, Column.TIME_LEFT)
"""What a narrow window leaves out, first to last: the details below the queue have it all."""


class QueueView(QTableView):
    """Shows an UploadModel.

    Attributes:
        menu: what a right click or the menu key opens; filled by the window.

    Signals: rows_dropped(list[str], str | None): these uploads shall stand before that one, or behind all.
    """

    rows_dropped = Signal(object, object)

    def __init__(
        self, model: UploadModel, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._uploads = model
        self._theme = theme
        self._rows = RowPainter(theme, thumbnails, self.font())
        self._hovered_row = -1  # the row under the pointer, -1 for none
        self._drop_row = -1  # before which row dragged ones would land, -1 for none
        self._held = QTimer(self, singleShot=True, interval=_HELD_MS)
        self._held.timeout.connect(lambda: self.viewport().setUpdatesEnabled(True))
        self.menu = QMenu(self)
        self.setAccessibleName(tr("Uploads"))
        self.setModel(model)
        self._set_up_behaviour()
        self._set_up_headers()
        for changed in (theme.changed, thumbnails.arrived):
            changed.connect(self.viewport().update)

    def selected_rows(self) -> Iterator[int]:
        """The selected rows; lazily, since all of 100,000 may be."""
        for first, last in self._selected_ranges():
            yield from range(first, last + 1)

    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(last - first + 1 for first, last in self._selected_ranges())

    def selected_views(self) -> Iterator[UploadView]:
        """The snapshots of the selected rows; lazily and in lots, since all of 100,000 may be wanted, or a few."""
        for first, last in self._selected_ranges():
            for begin in range(first, last + 1, _LOT):
                yield from self._uploads.views_between(begin, min(begin + _LOT - 1, last))

    def row_count(self) -> int:
        """How many rows are shown."""
        return self._uploads.rowCount()

    def id_at(self, row: int) -> str:
        """The upload in a row."""
        return self._uploads.view_at(row).upload.id

    def select_upload(self, upload_id: str) -> None:
        """Select one upload and bring it into sight; nothing if it is not listed."""
        row = self._uploads.row_of(upload_id)
        if row is not None:
            # Not selectRow: it looks at the keyboard, and Ctrl may still be down from Ctrl+V.
            flag = QItemSelectionModel.SelectionFlag
            index = self._uploads.index(row, Column.NAME)
            self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
            self.scrollTo(index)

    # --- Qt's own calls ------------------------------------------------------------------------------------------

    @in_one_go
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that have changed, each as a whole."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dirty = event.rect()
        width, scale, places = self.viewport().width(), self.devicePixelRatioF(), self._places()
        focused = self.currentIndex().row() if self.hasFocus() else -1
        rows = self._rows_between(dirty.top(), dirty.bottom())
        selected = self._selected_among(rows)
        for number in rows:
            look = Row(
                view=self._uploads.view_at(number),
                top=self.rowViewportPosition(number),
                width=width,
                is_selected=number in selected,
                is_hovered=number == self._hovered_row,
                has_focus=number == focused,
            )
            self._rows.paint(painter, look, places, scale)
        if self._drop_row >= 0:
            self._paint_drop_line(painter)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._rows.use_font(self.font())
            self.verticalHeader().setDefaultSectionSize(self._rows.height)

    def dataChanged(
        self,
        top_left: QModelIndex | QPersistentModelIndex,
        bottom_right: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Paint what has changed of the rows in sight. Qt would paint them all, wherever the changed ones are."""
        in_sight = self._rows_between(0, self.viewport().height() - 1)
        changed = range(max(top_left.row(), in_sight.start), min(bottom_right.row() + 1, in_sight.stop))
        self._update_rows(*changed)
        if QAccessible.isActive():
            super().dataChanged(top_left, bottom_right, roles)

    def rowsInserted(self, parent: QModelIndex | QPersistentModelIndex, first: int, last: int) -> None:
        """Make room for rows; those that nobody sees are no reason to paint at once."""
        super().rowsInserted(parent, first, last)
        last_seen = self.rowAt(self.viewport().height() - 1)
        if 0 <= last_seen < first and not self._held.isActive():
            self.viewport().setUpdatesEnabled(False)
            self._held.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out columns until names have room, rather than squeeze them or scroll sideways."""
        super().resizeEvent(event)
        room = self.viewport().width() - _NAME_AT_LEAST - sum(_WIDTHS.values())
        for column in _DISPENSABLE:
            self.setColumnHidden(column, room < 0)
            room += _WIDTHS[column] if room < 0 else 0

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End go to the first and last row: rows are what is chosen here, not cells."""
        if action is QAbstractItemView.CursorAction.MoveHome:
            return self._uploads.index(0, Column.NAME)
        if action is QAbstractItemView.CursorAction.MoveEnd:
            return self._uploads.index(self._uploads.rowCount() - 1, Column.NAME)
        return super().moveCursor(action, modifiers)

    @in_one_go
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Act on a key, with all that follows from what it selects: with Ctrl+A that is much."""
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the whole row under the pointer, not only a cell of it."""
        super().mouseMoveEvent(event)
        self._set_hovered(self.rowAt(event.position().toPoint().y()))

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Move the mark of the row that keys act from, whichever of its cells was clicked on."""
        super().currentChanged(current, previous)
        self._update_rows(previous.row(), current.row())

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the pointer any more."""
        super().leaveEvent(event)
        self._set_hovered(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu at the pointer, or at the current row when a key asked for it."""
        place = event.pos()
        if event.reason() is not QContextMenuEvent.Reason.Mouse:
            place = self.visualRect(self.currentIndex()).center()
        if self.indexAt(place).isValid() or self.selectionModel().hasSelection():
            self.menu.popup(self.viewport().mapToGlobal(QPoint(place)))

    # --- dragging rows -------------------------------------------------------------------------------------------

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Take the selected rows along; on this table alone they mean something."""
        drag = QDrag(self)
        mime = QMimeData()
        mime.setData(ROWS_TYPE, b"")
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.MoveAction)
        self._show_drop_row(-1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take in rows of this table."""
        self._judge(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the rows would land."""
        if self._judge(event):
            self._show_drop_row(self._landing_row(event.position().toPoint()))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        event.accept()
        self._show_drop_row(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the rows to be moved; they move when the queue has done it."""
        if not self._judge(event):
            return
        row = self._landing_row(event.position().toPoint())
        self._show_drop_row(-1)
        moved = [view.upload.id for view in self.selected_views()]
        rows = range(row, self._uploads.rowCount())
        staying = (self._uploads.view_at(each).upload.id for each in rows)
        chosen = set(moved)
        before = next((name for name in staying if name not in chosen), None)
        if moved:
            self.rows_dropped.emit(moved, before)

    def _judge(self, event: QDropEvent) -> bool:
        is_own = event.mimeData().hasFormat(ROWS_TYPE)
        if is_own:
            event.setDropAction(Qt.DropAction.MoveAction)
        event.setAccepted(is_own)
        return is_own

    def _landing_row(self, place: QPoint) -> int:
        row = self.rowAt(place.y())
        if row < 0:
            return self._uploads.rowCount()
        return row + (place.y() > self.visualRect(self._uploads.index(row, Column.NAME)).center().y())

    def _show_drop_row(self, row: int) -> None:
        if row != self._drop_row:
            self._drop_row = row
            self.viewport().update()

    def _paint_drop_line(self, painter: QPainter) -> None:
        last = self._uploads.rowCount() - 1
        cell = self.visualRect(self._uploads.index(min(self._drop_row, last), Column.NAME))
        top = cell.top() if self._drop_row <= last else cell.bottom()
        painter.fillRect(0, max(0, top - 1), self.viewport().width(), 2, colour(self._theme.colours.accent))

    # --- set-up --------------------------------------------------------------------------------------------------

    def _set_up_behaviour(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # see resizeEvent
        self.setTabKeyNavigation(False)  # Tab leaves the table; arrows move inside
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)  # its own rows; whatever else falls here is left to the window

    def _set_up_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self._rows.height)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        # With the table's selection it would ask each selected row whether it can be chosen, to mark what it does not
        # mark. A model that is set anew brings a selection of its own, which stays empty.
        columns.setModel(None)
        columns.setModel(self._uploads)
        columns.setSectionsClickable(False)
        columns.setMinimumSectionSize(64)
        columns.setAccessibleName(tr("Columns"))
        columns.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)

    # --- painting ------------------------------------------------------------------------------------------------

    def _selected_ranges(self) -> list[tuple[int, int]]:
        """The selection as runs of rows (first, last)."""
        selection = self.selectionModel().selection()
        ranges = [selection.at(number) for number in range(selection.size())]
        return [(chosen.top(), chosen.bottom()) for chosen in ranges]

    def _set_hovered(self, row: int) -> None:
        if row != self._hovered_row:
            before, self._hovered_row = self._hovered_row, row
            self._update_rows(before, row)

    def _update_rows(self, *rows: int) -> None:
        """Have these painted anew, each as a whole; -1 for none."""
        for row in rows:
            if row >= 0:
                self.viewport().update(0, self.rowViewportPosition(row), self.viewport().width(), self._rows.height)

    def _places(self) -> list[Place]:
        """Where the columns that are shown have their content."""
        left, width, is_hidden = self.columnViewportPosition, self.columnWidth, self.isColumnHidden
        return [
            Place(column, left(column) + SPACE, width(column) - 2 * SPACE)
            for column in COLUMNS
            if not is_hidden(column)
        ]

    def _rows_between(self, top: int, bottom: int) -> range:
        """The rows that have a pixel between these two, in pixels of the view."""
        first, last = self.rowAt(max(0, top)), self.rowAt(bottom)
        if first < 0:
            return range(0)
        return range(first, (last if last >= 0 else self._uploads.rowCount() - 1) + 1)

    def _selected_among(self, rows: range) -> set[int]:
        ranges = self._selected_ranges() if self.selectionModel().hasSelection() else []
        return {row for first, last in ranges for row in range(max(first, rows.start), min(last + 1, rows.stop))}
