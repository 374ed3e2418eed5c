"""The queue as a table model over snapshots. Holds what it was told; asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from recorder_desktop.core.events import UploadsMoved, UploadsPlaced
from recorder_desktop.core.model import UploadView
from recorder_desktop.core.order import moved_before
from recorder_desktop.ui.queue_totals import QueueTotals
from recorder_desktop.ui.upload_cells import Column, alignment, cell_text, spoken, title, tooltip

Index = QModelIndex | QPersistentModelIndex

VIEW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The row's UploadView, for delegates."""

_ONE_RANGE_FROM = 64
"""From so many changed rows on, one covering range is cheaper for the view than a signal each."""

_ONE_BY_ONE = 8
"""Up to so many rows move one by one, which costs the rows in between each time; more are rearranged in one go."""

_RESET_FROM = 64
"""From so many separate ranges to remove on, a reset is cheaper than shifting the tail for each."""


class UploadModel(QAbstractTableModel):
    """One row an upload, in queue order. A change costs the same however long the queue is.

    Attributes:
        totals: sums over the rows, always up to date.

    Signals:
        totals_changed: after every batch of changes.
    """

    totals_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views: list[UploadView] = []
        self._rows: dict[str, int] = {}
        self.totals = QueueTotals()

    # --- reading -------------------------------------------------------------------------------------------------

    def view_at(self, row: int) -> UploadView:
        """The snapshot in a row."""
        return self._views[row]

    def row_of(self, upload_id: str) -> int | None:
        """The row of an upload, None if it is not listed."""
        return self._rows.get(upload_id)

    def rowCount(self, parent: Index | None = None) -> int:
        """Rows: one an upload."""
        return 0 if parent is not None and parent.isValid() else len(self._views)

    def columnCount(self, parent: Index | None = None) -> int:
        """Columns, see Column."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell as text, alignment, tooltip, or the whole snapshot (VIEW_ROLE)."""
        if not index.isValid():
            return None
        view, column = self._views[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_text(view, column)
            case _ if role == VIEW_ROLE:
                return view
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(view, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(view, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return alignment(column)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be dragged to another place in the queue."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return flag.ItemIsSelectable | flag.ItemIsEnabled | flag.ItemIsDragEnabled | flag.ItemNeverHasChildren

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return title(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(Column(section))
        return None

    # --- changing ------------------------------------------------------------------------------------------------

    def add(self, views: Sequence[UploadView]) -> None:
        """Append rows; one that is listed already is only brought up to date."""
        self.change(view for view in views if view.upload.id in self._rows)
        new = list({view.upload.id: view for view in views if view.upload.id not in self._rows}.values())
        if not new:
            return
        first = len(self._views)
        self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
        for row, view in enumerate(new, start=first):
            self._views.append(view)
            self._rows[view.upload.id] = row
            self._account(None, view)
        self.endInsertRows()
        self.totals_changed.emit()

    def change(self, views: Iterable[UploadView]) -> None:
        """Replace the snapshots of listed uploads; others are ignored, they have left meanwhile."""
        rows = []
        for view in views:
            row = self._rows.get(view.upload.id)
            if row is not None:
                self._account(self._views[row], view)
                self._views[row] = view
                rows.append(row)
        if rows:
            self._announce(rows)
            self.totals_changed.emit()

    def remove(self, upload_ids: Iterable[str]) -> None:
        """Take rows out; unknown ones are ignored."""
        rows = sorted({self._rows[name] for name in upload_ids if name in self._rows})
        if not rows:
            return
        ranges = _ranges(rows)
        if len(ranges) >= _RESET_FROM:
            self._remove_with_reset(rows)
        else:
            for first, last in reversed(ranges):
                self._remove_range(first, last)
        self.totals_changed.emit()

    def move(self, change: UploadsMoved | UploadsPlaced) -> None:
        """Follow a change of the queue's order."""
        match change:
            case UploadsMoved(upload_ids):
                self.move_to_front(upload_ids)
            case UploadsPlaced(upload_ids, before):
                self._place(upload_ids, before)

    def _place(self, upload_ids: Sequence[str], before: str | None) -> None:
        """Follow a move; selection and scroll position go with their rows."""
        known = [name for name in upload_ids if name in self._rows]
        if (before is not None and before not in self._rows) or before in known:
            return
        if len(known) <= _ONE_BY_ONE:
            for name in sorted(known, key=self._rows.__getitem__):
                self._move_row(self._rows[name], len(self._views) if before is None else self._rows[before])
        else:
            self._rearrange(known, before)

    def _move_row(self, row: int, target: int) -> None:
        """Have a row stand before the one in `target`."""
        if target in (row, row + 1):
            return
        self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), target)
        view = self._views.pop(row)
        self._views.insert(target if target < row else target - 1, view)
        self._renumber(min(row, target), max(row + 1, target))
        self.endMoveRows()

    def _rearrange(self, upload_ids: Sequence[str], before: str | None) -> None:
        """Reorder in one go: cheaper than moving very many rows one by one."""
        order = [(view.upload.id, row) for row, view in enumerate(self._views)]
        places = moved_before(order, upload_ids, before)
        if not places:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        names = [self._views[index.row()].upload.id for index in held]
        views = list(self._views)
        for upload_id, row in places.items():
            views[row] = self._views[self._rows[upload_id]]
        self._views = views
        self._rows |= places
        new = [self.index(self._rows[name], index.column()) for name, index in zip(names, held, strict=True)]
        self.changePersistentIndexList(held, new)
        self.layoutChanged.emit()

    def move_to_front(self, upload_ids: Iterable[str]) -> None:
        """Put listed uploads before all others, in this order; selection and scroll position go with their rows."""
        for target, upload_id in enumerate(name for name in upload_ids if name in self._rows):
            row = self._rows[upload_id]
            if row > target:
                self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), target)
                self._views.insert(target, self._views.pop(row))
                self._renumber(target, row + 1)
                self.endMoveRows()

    def _announce(self, rows: list[int]) -> None:
        ranges = [(min(rows), max(rows))] if len(rows) >= _ONE_RANGE_FROM else _ranges(sorted(set(rows)))
        for first, last in ranges:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))

    def _remove_range(self, first: int, last: int) -> None:
        self.beginRemoveRows(QModelIndex(), first, last)
        for view in self._views[first : last + 1]:
            self._forget(view)
        del self._views[first : last + 1]
        self._renumber(first)
        self.endRemoveRows()

    def _remove_with_reset(self, rows: list[int]) -> None:
        gone = set(rows)
        self.beginResetModel()
        for row in rows:
            self._forget(self._views[row])
        self._views = [view for row, view in enumerate(self._views) if row not in gone]
        self._renumber(0)
        self.endResetModel()

    def _forget(self, view: UploadView) -> None:
        del self._rows[view.upload.id]
        self._account(view, None)

    def _account(self, old: UploadView | None, new: UploadView | None) -> None:
        self.totals.replace(old, new)

    def _renumber(self, first: int, end: int | None = None) -> None:
        for row in range(first, len(self._views) if end is None else end):
            self._rows[self._views[row].upload.id] = row


def _ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted rows as runs (first, last)."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
