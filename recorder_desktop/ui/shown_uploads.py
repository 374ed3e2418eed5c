"""The rows of the queue that the person wants to see: one section of it, and names that hold some words."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum

from PySide6.QtCore import QObject, QTimer

from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui.turns import in_one_go
from recorder_desktop.ui.upload_model import UploadModel

_SLICE = 1000
_TURN_S = 0.003
"""How many rows are looked at and put in at one go while filling, and how long one turn of it lasts."""

_MANY = 5000
"""From so many on, rows that leave or come back at once are left to filling, which takes turns."""

_BEGIN, _END = -math.inf, math.inf


class Section(Enum):
    """A part of the queue; the values are the states that belong to it."""

    ALL = frozenset(UploadState)
    ACTIVE = frozenset({UploadState.UPLOADING, UploadState.FINALISING})
    WAITING = frozenset({UploadState.QUEUED, UploadState.WAITING, UploadState.PAUSED})
    ATTENTION = frozenset({UploadState.ATTENTION})
    DONE = frozenset({UploadState.COMPLETED, UploadState.CANCELLED})


class ShownUploads(UploadModel):
    """A part of `source`, in its order. To be told of each change after the source.

    While it fills, what the source has behind the place that filling has come to is left for later.
    """

    def __init__(self, source: UploadModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._section = Section.ALL
        self._states = Section.ALL.value
        self._words: tuple[str, ...] = ()
        self._hidden: dict[str, UploadState] = {}
        self.hidden_states: Counter[UploadState] = Counter()
        self._passed = _END  # the position in the source that filling has come to
        self._filling = QTimer(self, singleShot=True, interval=0)
        self._filling.timeout.connect(self._fill_on)
        self.totals = source.totals

    @property
    def is_filtered(self) -> bool:
        """Whether anything but hidden rows is left out."""
        return self._section is not Section.ALL or bool(self._words)

    @in_one_go
    def show_only(self, section: Section, words: str) -> None:
        """Show this section, and of it what has all of these words in its name or folder, in any order."""
        wanted = tuple(words.casefold().split())
        if (section, wanted) != (self._section, self._words):
            self._section, self._words = section, wanted
            self._states = section.value
            self._fill()

    @in_one_go
    def hide(self, upload_ids: Iterable[str]) -> None:
        """Leave these out whatever the filter says."""
        gone = tuple(upload_ids)
        views = map(self._source.view_of, gone)
        found = {view.upload.id: view.upload.state for view in views if view is not None}
        if self._hidden:
            self._forget_hidden(found)  # once each, should one be hidden already
        self._hidden.update(found)
        self.hidden_states.update(found.values())
        if len(gone) > _MANY:
            self._fill()
        else:
            super().remove(gone)
        self._tell_totals()  # a person did this: what can be done now shows at once, also below

    @in_one_go
    def unhide(self, upload_ids: Iterable[str]) -> None:
        """Show these again, where they stood."""
        back = tuple(upload_ids)
        self._forget_hidden(back)
        if len(back) > _MANY:
            self._fill()
        else:
            views = map(self._source.view_of, back)
            self.change([view for view in views if view is not None])
        self._tell_totals()

    def hidden_state(self, upload_id: str) -> UploadState | None:
        """The present state of a row that is left out whatever the filter says; None for any other."""
        return self._hidden.get(upload_id)

    # --- as the source changes -----------------------------------------------------------------------------------

    def add(self, views: Sequence[UploadView]) -> None:
        """Put those of the new rows in that are wanted."""
        self.change(views)

    def change(self, views: Iterable[UploadView]) -> None:
        """Bring rows up to date; some come in and some leave by it."""
        listed, gone, new = [], [], []
        views = tuple(views)
        wanted = {view.upload.id for view in self._wanted(views)}
        for view in views:
            if (before := self._hidden.get(view.upload.id)) is not None:
                self._hidden[view.upload.id] = view.upload.state
                self.hidden_states[before] -= 1
                self.hidden_states[view.upload.state] += 1
            is_listed, is_wanted = view.upload.id in self._by_id, view.upload.id in wanted
            if is_listed and is_wanted:
                listed.append(view)
            elif is_listed:
                gone.append(view.upload.id)
            elif is_wanted and self._is_passed(view):
                new.append(view)
        self._change(listed)
        self._remove(gone)
        self._insert(new)
        self._note_totals()

    def remove(self, upload_ids: Iterable[str]) -> None:
        """Take rows out."""
        gone = tuple(upload_ids)
        self._forget_hidden(gone)
        super().remove(gone)

    def _forget_hidden(self, upload_ids: Iterable[str]) -> None:
        self.hidden_states.subtract([self._hidden.pop(each) for each in upload_ids if each in self._hidden])

    def _wanted(self, views: Iterable[UploadView]) -> list[UploadView]:
        """Those that the filter lets through."""
        states, hidden, words = self._states, self._hidden, self._words
        found = [view for view in views if view.upload.state in states and view.upload.id not in hidden]
        for word in words:
            found = [view for view in found if word in view.upload.path_text.casefold()]
        return found

    # --- filling, in turns short enough for the event loop -------------------------------------------------------

    def _fill(self) -> None:
        """Begin with no rows; few are there at once, many within some turns."""
        self._by_id, self._passed = {}, _BEGIN
        self._set_views([])
        self._fill_on()

    @in_one_go
    def _fill_on(self) -> None:
        end = time.monotonic() + _TURN_S
        is_done = False
        while not is_done:
            views = self._source.views_after(self._passed, _SLICE)
            is_done = len(views) < _SLICE
            self._passed = _END if is_done else views[-1].upload.position
            self._insert([view for view in self._wanted(views) if view.upload.id not in self._by_id])
            if time.monotonic() > end:
                break
        self._note_totals()
        if is_done:
            self._filling.stop()
        else:
            self._filling.start()

    def _is_passed(self, view: UploadView) -> bool:
        return view.upload.position <= self._passed

    def _account(self, old: UploadView | None, new: UploadView | None) -> None:
        """The source counts."""
