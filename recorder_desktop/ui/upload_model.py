"""The queue as a table model over snapshots. Holds what it was told; asks nobody."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui.queue_totals import QueueTotals
from recorder_desktop.ui.upload_cells import COLUMNS, Column, alignment, cell_text, spoken, title, tooltip

Index = QModelIndex | QPersistentModelIndex

VIEW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The row's UploadView, for delegates."""

_ONE_RANGE_FROM = 64
"""From so many changed rows on, one covering range is cheaper for the view than a signal each."""

_ONE_BY_ONE = 64
"""Up to so many rows come in, move or leave one by one; with more, one change of the whole list is cheaper."""

# Made once: every cell that is painted asks for them.
_FLAGS = (
    Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)

TELL_INTERVAL_S = 0.1

_position = attrgetter("upload.position")


class UploadModel(QAbstractTableModel):
    """One row an upload, in the order of their positions. A change costs the same however long the queue is.

    Attributes:
        totals: sums over the rows, always up to date.

    Signals:
        totals_changed: with changes, or soon after them where there are many: ten times a second at most, since to
            show sums costs more than a row does.
    """

    totals_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views: list[UploadView] = []  # by position; two of the same stand in the order in which they came
        self._by_id: dict[str, UploadView] = {}
        self.totals = QueueTotals()
        self._telling = QTimer(self, singleShot=True)
        self._telling.timeout.connect(self._tell_totals)
        self._told_at_s = 0.0

    # --- reading -------------------------------------------------------------------------------------------------

    def view_at(self, row: int) -> UploadView:
        """The snapshot in a row."""
        return self._views[row]

    def view_of(self, upload_id: str) -> UploadView | None:
        """The snapshot of an upload, None if it is not listed."""
        return self._by_id.get(upload_id)

    def views_after(self, position: float, limit: int) -> list[UploadView]:
        """The next snapshots behind a position, `limit` at most."""
        first = bisect_right(self._views, position, key=_position)
        return self._views[first : first + limit]

    def views_between(self, first: int, last: int) -> list[UploadView]:
        """The snapshots in these rows and all between them."""
        return self._views[first : last + 1]

    def ids_in(self, states: Sequence[UploadState]) -> list[str]:
        """Uploads in one of these states, in queue order; some milliseconds for a hundred thousand rows."""
        return [view.upload.id for view in self._views if view.upload.state in states]

    def row_of(self, upload_id: str) -> int | None:
        """The row of an upload, None if it is not listed."""
        view = self._by_id.get(upload_id)
        return None if view is None else self._row_of(view)

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
        view = self._views[index.row()]
        if role == VIEW_ROLE:
            return view
        column = COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_text(view, column)
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(view, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(view, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return alignment(column)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be dragged to another place in the queue."""
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return title(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(Column(section))
        return None

    def _row_of(self, view: UploadView) -> int:
        row = bisect_left(self._views, _position(view), key=_position)
        while self._views[row] is not view:
            row += 1
        return row

    def _is_at(self, row: int, view: UploadView) -> bool:
        return row < len(self._views) and self._views[row] is view

    # --- changing ------------------------------------------------------------------------------------------------

    def add(self, views: Sequence[UploadView]) -> None:
        """Put rows in at their positions; one that is listed already is only brought up to date."""
        self._change([view for view in views if view.upload.id in self._by_id])
        self._insert([view for view in views if view.upload.id not in self._by_id])
        self._note_totals()

    def change(self, views: Iterable[UploadView]) -> None:
        """Replace the snapshots of listed uploads; others are ignored, they have left meanwhile.

        Where a position differs the row moves; selection and scroll position go with it.
        """
        self._change(views)
        self._note_totals()

    def remove(self, upload_ids: Iterable[str]) -> None:
        """Take rows out; unknown ones are ignored."""
        self._remove(upload_ids)
        self._note_totals()

    def _change(self, views: Iterable[UploadView]) -> None:
        rows: list[int] = []
        moved: list[UploadView] = []
        for view in views:
            old = self._by_id.get(view.upload.id)
            if old is None:
                continue
            self._account(old, view)
            if _position(old) == _position(view):
                # In queue order as they mostly come, each stands right behind the one before.
                row = rows[-1] + 1 if rows and self._is_at(rows[-1] + 1, old) else self._row_of(old)
                self._put(row, view)
                rows.append(row)
            else:
                moved.append(view)
        self._announce(rows)
        self._move(moved)

    def _remove(self, upload_ids: Iterable[str]) -> None:
        gone = {name: self._by_id[name] for name in upload_ids if name in self._by_id}
        ranges = _ranges(sorted(map(self._row_of, gone.values())))
        for name, view in gone.items():
            del self._by_id[name]
            self._account(view, None)
        if len(ranges) > _ONE_BY_ONE:
            self._set_views([view for view in self._views if view.upload.id not in gone])
        else:
            for first, last in reversed(ranges):
                self.beginRemoveRows(QModelIndex(), first, last)
                del self._views[first : last + 1]
                self.endRemoveRows()

    def _insert(self, views: Iterable[UploadView]) -> None:
        """Put new rows in; the last word on one that is named twice counts."""
        views = sorted({view.upload.id: view for view in views}.values(), key=_position)
        for view in views:
            self._by_id[view.upload.id] = view
            self._account(None, view)
        runs = self._runs(views)
        if len(runs) > _ONE_BY_ONE:
            self._set_views(sorted(self._views + views, key=_position))
            return
        for row, run in reversed(runs):
            self.beginInsertRows(QModelIndex(), row, row + len(run) - 1)
            self._views[row:row] = run
            self.endInsertRows()

    def _runs(self, views: list[UploadView]) -> list[tuple[int, list[UploadView]]]:
        """New rows, sorted by position, as those that come to stand before the same row; with the row."""
        if views and (not self._views or _position(self._views[-1]) <= _position(views[0])):
            return [(len(self._views), views)]  # as nearly all do, which saves the search
        row_after = lambda view: bisect_right(self._views, _position(view), key=_position)  # noqa: E731
        return [(row, list(run)) for row, run in groupby(views, key=row_after)]

    def _set_views(self, views: list[UploadView]) -> None:
        self.beginResetModel()
        self._views = views
        self.endResetModel()

    def _put(self, row: int, view: UploadView) -> None:
        self._views[row] = self._by_id[view.upload.id] = view

    def _move(self, views: Sequence[UploadView]) -> None:
        """Have rows stand where their new positions say."""
        if len(views) > _ONE_BY_ONE:
            self._rearrange(views)
            return
        for view in views:
            row = self._row_of(self._by_id[view.upload.id])
            target = bisect_right(self._views, _position(view), key=_position)
            if target in (row, row + 1):
                self._put(row, view)
            else:
                self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), target)
                self._put(row, view)
                del self._views[row]
                row = target if target < row else target - 1
                self._views.insert(row, view)
                self.endMoveRows()
            self._announce([row])

    def _rearrange(self, views: Sequence[UploadView]) -> None:
        """Reorder in one go: cheaper than moving very many rows one by one."""
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        names = [self._views[index.row()].upload.id for index in held]
        self._by_id.update((view.upload.id, view) for view in views)
        self._views = sorted((self._by_id[view.upload.id] for view in self._views), key=_position)
        rows = {name: self._row_of(self._by_id[name]) for name in set(names)}
        new = [self.index(rows[name], index.column()) for name, index in zip(names, held, strict=True)]
        self.changePersistentIndexList(held, new)
        self.layoutChanged.emit()

    def _announce(self, rows: list[int]) -> None:
        ranges = [(min(rows), max(rows))] if len(rows) >= _ONE_RANGE_FROM else _ranges(sorted(set(rows)))
        for first, last in ranges:
            self.dataChanged.emit(self.createIndex(first, 0), self.createIndex(last, len(Column) - 1))

    def _note_totals(self) -> None:
        if self._telling.isActive():
            return
        rest_s = self._told_at_s + TELL_INTERVAL_S - time.monotonic()
        if rest_s > 0:
            self._telling.start(round(rest_s * 1000))
        else:
            self._tell_totals()

    def _tell_totals(self) -> None:
        self._telling.stop()
        self._told_at_s = time.monotonic()
        self.totals_changed.emit()

    def _account(self, old: UploadView | None, new: UploadView | None) -> None:
        self.totals.replace(old, new)


def _ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted rows as runs (first, last)."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
