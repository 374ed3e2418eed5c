"""Brings the library's pages into its model: one search at a time, page after page as they are wanted."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from recorder_desktop.core.library import LibraryDesk, RecordingOrder, RecordingPage
from recorder_desktop.core.model import StoredRecording
from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.library_model import LibraryModel
from recorder_desktop.ui.text import tr

RENEWED_AT_MOST = 5000
"""Recordings that are asked for once more to keep the place on show; beyond them the list begins anew."""


class Shelf(Enum):
    """What there is to see."""

    STARTING = auto()  # the engine is not there yet
    LOADING = auto()
    FILLED = auto()
    EMPTY = auto()  # nothing is stored at all
    NOTHING_FOUND = auto()
    AWAY = auto()  # server or network
    SIGN_IN = auto()
    FAILED = auto()


class LibraryLoader(QObject):
    """Answers that a newer search has overtaken are dropped.

    Attributes:
        state: what there is to see. message: the sentence that goes with trouble. query: what was searched for.
        is_complete: whether every page is here. is_loading: whether one is on its way. is_renewing: whether what is
        here is being compared with what is stored now.

    Signals: changed: any of these differ.
    """

    changed = Signal()

    def __init__(self, model: LibraryModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._answers = Answers(self)
        self._desk: LibraryDesk | None = None
        self._cursor: str | None = None
        self._search = 0  # the number of the present one
        self.state = Shelf.STARTING
        self.message = ""
        self.query = ""
        self.is_complete = False
        self.is_loading = False
        self.is_renewing = False

    def attach(self, desk: LibraryDesk) -> None:
        """Ask this desk from now on."""
        self._desk = desk

    def close(self) -> None:
        """Hear nothing any more."""
        self._answers.close()

    def search(self, query: str) -> None:
        """Show what has `query` in its name, from the first page on."""
        self.query = query.strip()
        self._search += 1
        self._cursor = None
        self.is_complete = self.is_loading = self.is_renewing = False
        self.message = ""
        self.state = Shelf.STARTING if self._desk is None else Shelf.LOADING
        self._model.clear()
        if self._desk is None:
            self.changed.emit()
        else:
            self._ask()

    def reload(self) -> None:
        """The same search afresh."""
        self.search(self.query)

    def renew(self) -> None:
        """The same search once more; what is on show stays there meanwhile, and after it what is still stored."""
        if self.state is Shelf.FILLED:
            self._ask_anew((), None)
        else:
            self.reload()

    def load_more(self) -> None:
        """Fetch the next page, if there is one and none is on its way."""
        if self.state is Shelf.FILLED and not self.is_complete and not self.is_loading:
            self._ask()

    def set_order(self, order: RecordingOrder) -> None:
        """Show in this order: what is all here is rearranged, of more the first page is asked for anew."""
        if order is self._model.order:
            return
        if self.is_complete and not self.is_renewing:
            self._model.arrange(order)
        else:
            self._model.set_order(order)
            self.reload()

    def _ask(self) -> None:
        if self._desk is None:
            return
        number = self._search
        self.is_loading = True
        self._answers.hand_over(
            self._desk.page(
                self.query, self._cursor, self._model.destination if self._cursor else None, self._model.order
            ),
            lambda page: self._take(page, number),
            lambda trouble: self._give_up(trouble, number),
        )
        self.changed.emit()

    def _take(self, page: RecordingPage, number: int) -> None:
        if number != self._search:
            return
        self.is_loading = False
        self.message = ""
        self._cursor = page.next_cursor
        self.is_complete = page.next_cursor is None
        self._model.destination = page.destination
        self._model.append(page.items)
        if self._model.rowCount() or not self.is_complete:
            self.state = Shelf.FILLED
        else:
            self.state = Shelf.NOTHING_FOUND if self.query else Shelf.EMPTY
        self.changed.emit()

    def _give_up(self, trouble: Trouble, number: int) -> None:
        if number != self._search:
            return
        self.is_loading = self.is_renewing = False
        self.message = trouble.message or tr("The library could not be read. Try again.")
        if not self._model.rowCount():
            self.state = Shelf.SIGN_IN if trouble.needs_sign_in else Shelf.AWAY if trouble.is_away else Shelf.FAILED
        self.changed.emit()

    def _ask_anew(self, newest: tuple[StoredRecording, ...], cursor: str | None) -> None:
        if self._desk is None:
            return
        number = self._search
        self.is_renewing = True
        self._answers.hand_over(
            self._desk.page(self.query, cursor, self._model.destination, self._model.order),
            lambda page: self._take_anew(newest, page, number),
            lambda trouble: self._give_up(trouble, number),
        )

    def _take_anew(self, before: tuple[StoredRecording, ...], page: RecordingPage, number: int) -> None:
        if number != self._search:
            return
        newest, is_all = before + page.items, page.next_cursor is None
        # What is new stands before what is on show only where the newest comes first; else anywhere among it.
        is_newest_first = self._model.order is RecordingOrder.NEWEST
        reaches = self._model.holds_any(page.items) if is_newest_first else self._model.ends_before(newest)
        if not is_all and not reaches:
            if len(newest) < RENEWED_AT_MOST:
                self._ask_anew(newest, page.next_cursor)
            else:
                self.reload()
            return
        self.is_renewing = False
        self.message = ""
        self._model.renew(newest, is_all=is_all or not is_newest_first)
        if self._model.rowCount() == len(newest):
            self._cursor, self.is_complete = page.next_cursor, is_all
        self.note_removed()
        self.changed.emit()

    def note_removed(self) -> None:
        """Rows were taken out of the model: perhaps nothing is left."""
        if self.state is Shelf.FILLED and not self._model.rowCount():
            self.reload()
