"""Stored recordings as a table model, in the order that the person chose. Holds what it was told; asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from recorder_desktop.core.library import RecordingOrder
from recorder_desktop.core.model import StoredRecording
from recorder_desktop.ui import text
from recorder_desktop.ui.text import tr

Index = QModelIndex | QPersistentModelIndex

RECORDING_ROLE = Qt.ItemDataRole.UserRole + 2
"""The row's StoredRecording, for delegates."""


class LibraryColumn(IntEnum):
    """The columns, left to right."""

    NAME = 0
    SIZE = 1
    DURATION = 2
    STORED = 3


ORDERS = {
    LibraryColumn.NAME: (RecordingOrder.NAME, RecordingOrder.NAME_BACKWARDS),
    LibraryColumn.SIZE: (RecordingOrder.LARGEST, RecordingOrder.SMALLEST),
    LibraryColumn.DURATION: (RecordingOrder.LONGEST, RecordingOrder.SHORTEST),
    LibraryColumn.STORED: (RecordingOrder.NEWEST, RecordingOrder.OLDEST),
}
"""The two orders that a column's title stands for; what is asked for more often comes first."""

_KEYS: dict[LibraryColumn, Callable[[StoredRecording], Any]] = {
    LibraryColumn.NAME: lambda recording: recording.file_name.casefold(),
    LibraryColumn.SIZE: lambda recording: recording.size_bytes,
    LibraryColumn.DURATION: lambda recording: -1.0 if recording.duration_s is None else recording.duration_s,
    LibraryColumn.STORED: lambda recording: recording.created_at,
}


class LibraryModel(QAbstractTableModel):
    """One row a recording, in the order in which they arrive: whoever asks for them asks for an order.

    Attributes: destination: the place that they are stored at. order: theirs, which the titles show.
    Signals: about_to_renew, renewed: around a renewal, so that a view can keep its place.
    """

    about_to_renew = Signal()
    renewed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: list[StoredRecording] = []
        self._ids: set[str] = set()
        self.order = RecordingOrder.NEWEST
        self.destination = ""

    def recording_at(self, row: int) -> StoredRecording:
        """The recording in a row."""
        return self._shown[row]

    def rowCount(self, parent: Index | None = None) -> int:
        """Rows: one a recording."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        """Columns, see LibraryColumn."""
        return 0 if parent is not None and parent.isValid() else len(LibraryColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell as text, alignment, tooltip, or the whole recording (RECORDING_ROLE)."""
        if not index.isValid():
            return None
        recording, column = self._shown[index.row()], LibraryColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_text(recording, column)
            case _ if role == RECORDING_ROLE:
                return recording
            case Qt.ItemDataRole.ToolTipRole:
                return recording.file_name if column is LibraryColumn.NAME else None
            case Qt.ItemDataRole.AccessibleTextRole:
                return _spoken(recording, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._title_with_order(LibraryColumn(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(LibraryColumn(section))
        return None

    # --- changing ------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget all rows."""
        self.beginResetModel()
        self._shown, self._ids = [], set()
        self.endResetModel()

    def append(self, recordings: Sequence[StoredRecording]) -> None:
        """Add a page; a recording that is listed already counts once."""
        new = [each for each in recordings if each.file_id not in self._ids]
        if not new:
            return
        first = len(self._shown)
        self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
        self._shown += new
        self._ids.update(each.file_id for each in new)
        self.endInsertRows()

    def renew(self, newest: Sequence[StoredRecording], *, is_all: bool) -> None:
        """Take in the first recordings as they are now: what is new comes in, what is gone from among them leaves.

        `is_all`: there are no others. The rest stays, and so does the selection.
        """
        self.about_to_renew.emit()
        present = {each.file_id for each in newest}
        rows = [row for row, each in enumerate(self._shown) if is_all or each.file_id in present]
        self.remove(
            [each.file_id for each in self._shown[: max(rows, default=-1) + 1] if each.file_id not in present]
        )
        new = [each for each in newest if each.file_id not in self._ids]
        if new:
            self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
            self._shown = [*new, *self._shown]
            self._ids.update(each.file_id for each in new)
            self.endInsertRows()
        self._put([*newest, *(each for each in self._shown if each.file_id not in present)])
        self.renewed.emit()

    def ends_before(self, recordings: Sequence[StoredRecording]) -> bool:
        """Whether the last row on show stands no later than the last of these, which are in the same order."""
        if not self._shown or not recordings:
            return not self._shown
        shown, last = self._rank(self._shown[-1]), self._rank(recordings[-1])
        return bool(shown >= last if self.order.is_descending else shown <= last)

    def holds_any(self, recordings: Iterable[StoredRecording]) -> bool:
        """Whether one of these is listed."""
        return any(each.file_id in self._ids for each in recordings)

    def remove(self, file_ids: Iterable[str]) -> None:
        """Take rows out; unknown ones are ignored."""
        gone = self._ids & set(file_ids)
        if not gone:
            return
        for row in reversed(range(len(self._shown))):
            if self._shown[row].file_id in gone:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._shown[row]
                self.endRemoveRows()
        self._ids -= gone

    def set_order(self, order: RecordingOrder) -> None:
        """Say in the columns' titles that this is the order of the rows."""
        self.order = order
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(LibraryColumn) - 1)

    def arrange(self, order: RecordingOrder) -> None:
        """Put the rows that are here into another order; the selection goes with them."""
        self.set_order(order)
        self._put(sorted(self._shown, key=self._rank, reverse=order.is_descending))

    def _rank(self, recording: StoredRecording) -> tuple[Any, str]:
        return _KEYS[_column_of(self.order)](recording), recording.file_id

    def _put(self, recordings: list[StoredRecording]) -> None:
        """Put the rows into this order; the selection goes with them."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [(self._shown[index.row()].file_id, index.column()) for index in before]
        self._shown = recordings
        if before:
            rows = {recording.file_id: row for row, recording in enumerate(self._shown)}
            self.changePersistentIndexList(before, [self.index(rows[name], column) for name, column in held])
        self.layoutChanged.emit()

    def _title_with_order(self, column: LibraryColumn) -> str:
        if column is not _column_of(self.order):
            return _title(column)
        return f"{_title(column)}{text.NBSP}{'↓' if self.order.is_descending else '↑'}"


def _column_of(order: RecordingOrder) -> LibraryColumn:
    return next(column for column, orders in ORDERS.items() if order in orders)


def cell_text(recording: StoredRecording, column: LibraryColumn) -> str:
    """What a cell says."""
    match column:
        case LibraryColumn.NAME:
            return recording.file_name
        case LibraryColumn.SIZE:
            return text.size(recording.size_bytes)
        case LibraryColumn.DURATION:
            return text.duration(recording.duration_s)
        case LibraryColumn.STORED:
            return stored_at(recording)


def stored_at(recording: StoredRecording) -> str:
    """When it was stored, as people here write it."""
    instant = QDateTime.fromString(recording.created_at, Qt.DateFormat.ISODate).toLocalTime()
    if not instant.isValid():
        return recording.created_at
    day = QLocale().toString(instant.date(), tr("d MMM yyyy"))
    return f"{day}, {QLocale().toString(instant.time(), QLocale.FormatType.ShortFormat)}"


def _spoken(recording: StoredRecording, column: LibraryColumn) -> str:
    return f"{_title(column)}: {cell_text(recording, column) or tr('unknown')}"


def _alignment(column: LibraryColumn) -> Qt.AlignmentFlag:
    is_figure = column in (LibraryColumn.SIZE, LibraryColumn.DURATION)
    side = Qt.AlignmentFlag.AlignRight if is_figure else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _title(column: LibraryColumn) -> str:
    match column:
        case LibraryColumn.NAME:
            return tr("Name")
        case LibraryColumn.SIZE:
            return tr("Size")
        case LibraryColumn.DURATION:
            return tr("Duration")
        case LibraryColumn.STORED:
            return tr("Stored")
