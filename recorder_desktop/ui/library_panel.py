"""The library: what is stored at the present place, found, played, fetched and deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from recorder_desktop.core.library import LibraryDesk, RecordingOrder
from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui.desktop import Desktop
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.downloads import Downloads
from recorder_desktop.ui.downloads_strip import DownloadsStrip
from recorder_desktop.ui.empty_state import Emptiness, EmptyState
from recorder_desktop.ui.library_actions import LibraryActions
from recorder_desktop.ui.library_loader import LibraryLoader, Shelf
from recorder_desktop.ui.library_model import LibraryModel
from recorder_desktop.ui.library_table import LibraryTable
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.search_field import SearchField
from recorder_desktop.ui.text import count_of, tr
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.thumbnails import Thumbnails
from recorder_desktop.ui.toolbar_button import ToolbarButton

TYPING_PAUSE_MS = 250
"""How long a search waits for the next key."""

RENEWAL_PAUSE_MS = 2000
"""How long a library on show waits for more uploads to be stored before it looks anew."""


class LibraryPanel(QWidget):
    """Asks for the first page when it is first shown, and again when the place is another one or more is stored.

    Attributes:
        tools: search and order; the window puts them beside its switch.
        model, table, commands, downloads, empty: what it is made of.

    Signals: told: a line for the banner. warned: one about trouble. sign_in_wanted. queue_wanted.
    """

    told = Signal(str)
    warned = Signal(str)
    sign_in_wanted = Signal()
    queue_wanted = Signal()

    def __init__(
        self,
        dialogs: Dialogs,
        desktop: Desktop,
        theme: Theme,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = LibraryModel(self)
        self.loader = LibraryLoader(self.model, self)
        self.downloads = Downloads(desktop.downloads(), self)
        self.table = LibraryTable(self.model, theme, thumbnails)
        self.commands = LibraryActions(
            self.table, self.model, self.downloads, dialogs=dialogs, desktop=desktop, theme=theme
        )
        self.empty = EmptyState(theme)
        self._is_stale = False  # another place: what is here does not count
        self._is_outdated = False  # what is here counts, but is not all
        self._make_tools(theme)
        self._build(DownloadsStrip(self.downloads, desktop, theme), theme)
        self._connect()
        self._show()

    def attach(self, desk: LibraryDesk) -> None:
        """Show what this desk has."""
        self.loader.attach(desk)
        self.downloads.attach(desk)
        self.commands.attach(desk)
        self.refresh()

    def refresh(self) -> None:
        """Look anew: the place is another one, or there is more in it. Waits until it is on show."""
        self._is_stale = True
        if self.isVisible():
            self._look()

    def note_uploads(self, views: Iterable[UploadView]) -> None:
        """Hear of uploads that came or changed: what is stored of them is listed, or listed differently, now."""
        if any(view.upload.state is UploadState.COMPLETED for view in views):
            self._is_outdated = True
            if self.isVisible() and not self._pause.isActive():
                self._pause.start()

    def close_down(self) -> None:
        """Hear nothing any more and give up downloads."""
        self._pause.stop()
        self.loader.close()
        self.downloads.close()
        self.commands.close()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask now, if nobody has yet, or not since more was stored."""
        super().showEvent(event)
        if self._is_stale or self._is_outdated:
            QTimer.singleShot(0, self._look)  # the view first, then its content

    # --- building ------------------------------------------------------------------------------------------------

    def _make_tools(self, theme: Theme) -> None:
        self.tools = QWidget()
        self.search = SearchField(tr("Search the library"), theme)
        self.order = QComboBox()
        self.order.setAccessibleName(tr("Order"))
        self.order.view().setAccessibleName(tr("Order"))
        for order, label in (
            (RecordingOrder.NEWEST, tr("Newest first")),
            (RecordingOrder.OLDEST, tr("Oldest first")),
            (RecordingOrder.NAME, tr("Name, A to Z")),
            (RecordingOrder.NAME_BACKWARDS, tr("Name, Z to A")),
            (RecordingOrder.LARGEST, tr("Largest first")),
            (RecordingOrder.SMALLEST, tr("Smallest first")),
            (RecordingOrder.LONGEST, tr("Longest first")),
            (RecordingOrder.SHORTEST, tr("Shortest first")),
        ):
            self.order.addItem(label, order)
        row = QHBoxLayout(self.tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addStretch(1)
        row.addWidget(self.search, 2)
        row.addWidget(self.order)

    def _build(self, strip: DownloadsStrip, theme: Theme) -> None:
        self.strip = strip
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.empty)
        bar = QHBoxLayout()
        bar.setSpacing(2)
        for action in (self.commands.play, self.commands.copy, self.commands.download, self.commands.delete):
            bar.addWidget(ToolbarButton(action))
        bar.addStretch(1)
        bar.addWidget(self.count)
        self.reload = QAction(tr("Reload"), self)
        self.reload.setShortcut(QKeySequence("F5"))
        self.reload.setToolTip(tr("Look anew (F5)"))
        self.reload.triggered.connect(lambda _checked=False: self.loader.reload())
        theme.keep_icon(self.reload, "retry")
        self.addAction(self.reload)
        bar.addWidget(ToolbarButton(self.reload))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(bar)
        column.addWidget(self._pages, 1)
        column.addSpacing(SPACE // 2)
        column.addWidget(strip)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self._typing = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._search)
        self._pause = QTimer(self, singleShot=True, interval=RENEWAL_PAUSE_MS)
        self._pause.timeout.connect(self._renew)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self._search)
        self.order.currentIndexChanged.connect(lambda _index: self.loader.set_order(self.order.currentData()))
        self.table.order_wanted.connect(lambda order: self.order.setCurrentIndex(self.order.findData(order)))
        self.table.end_in_sight.connect(self.loader.load_more)
        self.loader.changed.connect(self._show)
        self.empty.pressed.connect(self._help)
        self.downloads.failed.connect(self.warned)
        self.commands.told.connect(self.told)
        self.commands.warned.connect(self.warned)
        self.commands.removed.connect(self.loader.note_removed)
        self.commands.removed.connect(self._show)
        self.commands.in_doubt.connect(self.loader.reload)

    # --- showing -------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._is_stale:
            self._is_stale = self._is_outdated = False
            self.loader.reload()
        else:
            self._renew()

    def _renew(self) -> None:
        if not self._is_outdated or not self.isVisible():
            return
        if self.loader.is_renewing:
            self._pause.start()
        else:
            self._is_outdated = False
            self.loader.renew()

    def _search(self) -> None:
        self._typing.stop()
        if self.search.text().strip() != self.loader.query:
            self.loader.search(self.search.text())

    def _show(self) -> None:
        loader = self.loader
        is_filled = loader.state is Shelf.FILLED
        self._pages.setCurrentWidget(self.table if is_filled else self.empty)
        if not is_filled:
            self.empty.show_emptiness(_EMPTINESS[loader.state](loader))
        self.count.setText(self._count_words() if is_filled else "")
        self.commands.refresh()

    def _count_words(self) -> str:
        count, loader = self.model.rowCount(), self.loader
        if loader.message:
            return loader.message
        if loader.is_complete:
            return count_of(count, "1 recording", "%n recordings")
        more = tr("loading more…") if loader.is_loading else tr("more below")
        return f"{count_of(count, '1 recording', '%n recordings')} · {more}"

    def _help(self) -> None:
        """What the button of the present state is for."""
        match self.loader.state:
            case Shelf.SIGN_IN:
                self.sign_in_wanted.emit()
            case Shelf.EMPTY:
                self.queue_wanted.emit()
            case Shelf.NOTHING_FOUND:
                self.search.clear()
            case _:
                self.loader.reload()


_EMPTINESS: dict[Shelf, Callable[[LibraryLoader], Emptiness]] = {
    Shelf.STARTING: lambda _loader: Emptiness("library", tr("Getting ready…"), is_waiting=True),
    Shelf.LOADING: lambda _loader: Emptiness("library", tr("Looking at what is stored…"), is_waiting=True),
    Shelf.EMPTY: lambda _loader: Emptiness(
        "library",
        tr("Nothing is stored yet"),
        tr("Recordings appear here as soon as they are uploaded and verified."),
        tr("Go to the queue"),
    ),
    Shelf.NOTHING_FOUND: lambda loader: Emptiness(
        "search",
        tr("Nothing is called “{query}”").format(query=loader.query),
        tr("The search looks at the names of stored recordings."),
        tr("Clear the search"),
    ),
    Shelf.AWAY: lambda loader: Emptiness(
        "place-off", tr("The library cannot be reached"), loader.message, tr("Try again"), role="warn"
    ),
    Shelf.SIGN_IN: lambda loader: Emptiness(
        "place", tr("Sign in to see the library"), loader.message, tr("Sign in…"), role="accent"
    ),
    Shelf.FAILED: lambda loader: Emptiness(
        "state-attention", tr("The library could not be read"), loader.message, tr("Try again"), role="warn"
    ),
}
