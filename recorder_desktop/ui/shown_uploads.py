"""The rows of the queue that the person wants to see: one section of it, and names that hold some words."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import Enum

from PySide6.QtCore import QModelIndex, QObject, QTimer

from recorder_desktop.core.events import UploadsMoved, UploadsPlaced
from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui.upload_model import UploadModel

_SLICE = 1000
_TURN_S = 0.008
"""How many rows are looked at in one go while filling, and how long one turn of it lasts."""

_INSERTED_AT_MOST = 64
"""With more rows that come in at once, filling anew is cheaper than making room for each."""


class Section(Enum):
    """A part of the queue; the values are the states that belong to it."""

    ALL = frozenset(UploadState)
    ACTIVE = frozenset({UploadState.UPLOADING, UploadState.FINALISING})
    WAITING = frozenset({UploadState.QUEUED, UploadState.WAITING, UploadState.PAUSED})
    ATTENTION = frozenset({UploadState.ATTENTION})
    DONE = frozenset({UploadState.COMPLETED, UploadState.CANCELLED})


class ShownUploads(UploadModel):
    """A part of `source`, in its order. To be told of each change after the source."""

    def __init__(self, source: UploadModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._section = Section.ALL
        self._words = ""
        self._hidden: set[str] = set()
        self._next = 0  # the row of the source that filling has come to
        self._filling = QTimer(self, singleShot=True, interval=0)
        self._filling.timeout.connect(self._fill_on)
        self.totals = source.totals
        source.totals_changed.connect(self.totals_changed)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but hidden rows is left out."""
        return self._section is not Section.ALL or bool(self._words)

    def show_only(self, section: Section, words: str) -> None:
        """Show this section, and of it what has these words in its name or folder."""
        words = words.strip().casefold()
        if (section, words) != (self._section, self._words):
            self._section, self._words = section, words
            self._fill()

    def hide(self, upload_ids: Iterable[str]) -> None:
        """Leave these out whatever the filter says."""
        gone = tuple(upload_ids)
        self._hidden.update(gone)
        super().remove(gone)

    def unhide(self, upload_ids: Iterable[str]) -> None:
        """Show these again, where they stood."""
        back = tuple(upload_ids)
        self._hidden.difference_update(back)
        rows = (self._source.row_of(upload_id) for upload_id in back)
        self.change([self._source.view_at(row) for row in rows if row is not None])

    # --- as the source changes -----------------------------------------------------------------------------------

    def add(self, views: Sequence[UploadView]) -> None:
        """Append those of the new rows that are wanted."""
        self.change(view for view in views if self.row_of(view.upload.id) is not None)
        if not self._filling.isActive():  # else it comes to them
            super().add([view for view in views if self._is_wanted(view) and self.row_of(view.upload.id) is None])

    def change(self, views: Iterable[UploadView]) -> None:
        """Bring rows up to date; some come in and some leave by it."""
        listed, gone, new = [], [], []
        for view in views:
            is_listed, is_wanted = self.row_of(view.upload.id) is not None, self._is_wanted(view)
            if is_listed and is_wanted:
                listed.append(view)
            elif is_listed:
                gone.append(view.upload.id)
            elif is_wanted and self._is_passed(view):
                new.append(view)
        if len(new) > _INSERTED_AT_MOST:
            self._fill()
            return
        for view in new:
            self._insert(view)
        super().change(listed)
        super().remove(gone)

    def move(self, change: UploadsMoved | UploadsPlaced) -> None:
        """Follow a change of the queue's order."""
        if isinstance(change, UploadsPlaced) and change.before is not None and self.row_of(change.before) is None:
            self._fill()  # it went beside a row that is not shown
        else:
            super().move(change)
            self._fill_anew()

    def remove(self, upload_ids: Iterable[str]) -> None:
        """Take rows out."""
        gone = tuple(upload_ids)
        self._hidden.difference_update(gone)
        super().remove(gone)
        self._fill_anew()

    def _is_wanted(self, view: UploadView) -> bool:
        upload = view.upload
        if upload.state not in self._section.value or upload.id in self._hidden:
            return False
        return not self._words or self._words in str(upload.path).casefold()

    def _insert(self, view: UploadView) -> None:
        place = self._source.row_of(view.upload.id)
        if place is None:
            return
        row = bisect_left(self._views, place, key=self._source_row)
        self.beginInsertRows(QModelIndex(), row, row)
        self._views.insert(row, view)
        self._renumber(row)
        self.endInsertRows()

    def _source_row(self, view: UploadView) -> int:
        row = self._source.row_of(view.upload.id)
        return -1 if row is None else row

    # --- filling, in turns short enough for the event loop -------------------------------------------------------

    def _fill(self) -> None:
        """Begin with no rows; few are there at once, many within some turns."""
        self.beginResetModel()
        self._views, self._rows, self._next = [], {}, 0
        self.endResetModel()
        self._fill_on()

    def _fill_on(self) -> None:
        end = time.monotonic() + _TURN_S
        total = self._source.rowCount()
        found: list[UploadView] = []
        while self._next < total:
            slice_end = min(total, self._next + _SLICE)
            views = map(self._source.view_at, range(self._next, slice_end))
            found += filter(self._is_wanted, views)
            self._next = slice_end
            if time.monotonic() > end:
                break
        super().add(found)
        if self._next < total:
            self._filling.start()
        else:
            self._filling.stop()
            self.totals_changed.emit()

    def _fill_anew(self) -> None:
        """Rows of the source stand elsewhere: what was passed while filling is no longer known."""
        if self._filling.isActive():
            self._fill()

    def _is_passed(self, view: UploadView) -> bool:
        row = self._source.row_of(view.upload.id)
        return row is not None and (not self._filling.isActive() or row < self._next)

    def _account(self, old: UploadView | None, new: UploadView | None) -> None:
        """The source counts."""
