"""The rows of the queue that the person wants to see: one section of it, and names that hold some words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import Enum

from PySide6.QtCore import QModelIndex, QObject

from recorder_desktop.core.events import UploadsMoved, UploadsPlaced
from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui.upload_model import UploadModel

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
        self._hidden.difference_update(upload_ids)
        self._fill()

    # --- as the source changes -----------------------------------------------------------------------------------

    def add(self, views: Sequence[UploadView]) -> None:
        """Append those of the new rows that are wanted."""
        self.change(view for view in views if self.row_of(view.upload.id) is not None)
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
            elif is_wanted:
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

    def remove(self, upload_ids: Iterable[str]) -> None:
        """Take rows out."""
        gone = tuple(upload_ids)
        self._hidden.difference_update(gone)
        super().remove(gone)

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

    def _fill(self) -> None:
        self.beginResetModel()
        views = map(self._source.view_at, range(self._source.rowCount()))
        self._views = list(filter(self._is_wanted, views))
        self._rows = {view.upload.id: row for row, view in enumerate(self._views)}
        self.endResetModel()

    def _account(self, old: UploadView | None, new: UploadView | None) -> None:
        """The source counts."""
