"""The table of stored recordings: looks as the queue does, and says when its end comes into sight."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from recorder_desktop.core.model import StoredRecording
from recorder_desktop.ui.library_cell import LibraryCell
from recorder_desktop.ui.library_model import ORDERS, LibraryColumn, LibraryModel
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.thumbnails import THUMBNAIL, Thumbnails

_WIDTHS = {LibraryColumn.SIZE: 100, LibraryColumn.DURATION: 100, LibraryColumn.STORED: 190}


class LibraryTable(QTableView):
    """Shows a LibraryModel.

    Attributes: menu: what a right click or the menu key opens; filled by the panel.
    Signals: end_in_sight: the last rows came into view, or the rows do not fill it.
        order_wanted(RecordingOrder): a column's title was clicked.
    """

    end_in_sight = Signal()
    order_wanted = Signal(object)

    def __init__(
        self, model: LibraryModel, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._recordings = model
        self.menu = QMenu(self)
        self.setModel(model)
        self.setAccessibleName(tr("Stored recordings"))
        self._cell = LibraryCell(theme, thumbnails, self)
        self.setItemDelegate(self._cell)
        self._set_up_behaviour()
        self._set_up_headers()
        self._top: tuple[QPersistentModelIndex, int] | None = None  # the row that a renewal must not move, and its y
        model.about_to_renew.connect(self._note_place)
        model.renewed.connect(self._keep_place)
        self.verticalScrollBar().valueChanged.connect(self._look_for_end)
        self.verticalScrollBar().rangeChanged.connect(self._look_for_end)
        for changed in (theme.changed, thumbnails.arrived):
            changed.connect(self.viewport().update)

    def selected(self) -> list[StoredRecording]:
        """The selected recordings, in the order of the rows."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._recordings.recording_at(row) for row in rows]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu at the pointer, or at the current row when a key asked for it."""
        place = event.pos()
        if event.reason() is not QContextMenuEvent.Reason.Mouse:
            place = self.visualRect(self.currentIndex()).center()
        if self.indexAt(place).isValid():
            self.menu.popup(self.viewport().mapToGlobal(place))

    def _note_place(self) -> None:
        row = self.rowAt(0)
        is_moved = self.verticalScrollBar().value() > 0  # at the very top, what is new shall be seen
        top = QPersistentModelIndex(self._recordings.index(row, 0))
        self._top = (top, self.rowViewportPosition(row)) if is_moved and top.isValid() else None

    def _keep_place(self) -> None:
        if self._top is not None and self._top[0].isValid():
            self.executeDelayedItemsLayout()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.rowViewportPosition(self._top[0].row()) - self._top[1])
        self._top = None

    def _look_for_end(self) -> None:
        bar = self.verticalScrollBar()
        if self.isVisible() and bar.value() >= bar.maximum() - self.viewport().height():
            self.end_in_sight.emit()

    def _want_order(self, section: int) -> None:
        first, second = ORDERS[LibraryColumn(section)]
        self.order_wanted.emit(second if self._recordings.order is first else first)

    def _set_up_behaviour(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)  # Tab leaves the table; arrows move inside
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setAcceptDrops(False)  # the window takes them, wherever they fall

    def _set_up_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(max(QFontMetrics(self.font()).height(), THUMBNAIL.height()) + 2 * SPACE)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setSectionsClickable(True)
        columns.sectionClicked.connect(self._want_order)
        columns.setAccessibleName(tr("Columns"))
        columns.setSectionResizeMode(LibraryColumn.NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)


def ids_of(recordings: Iterable[StoredRecording]) -> list[str]:
    """Their ids, as the library knows them."""
    return [recording.file_id for recording in recordings]
