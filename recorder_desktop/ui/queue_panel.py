"""The queue with its toolbar: actions on the selection to the left, on everything to the right."""

from __future__ import annotations

from itertools import islice, pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from recorder_desktop.core.model import UploadView
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.empty_state import Emptiness, EmptyState
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.fitting_labels import FittingLabels
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.queue_actions import QueueActions
from recorder_desktop.ui.queue_filter import QueueFilter
from recorder_desktop.ui.queue_view import QueueView
from recorder_desktop.ui.removals import Removals
from recorder_desktop.ui.shown_uploads import Section, ShownUploads
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.thumbnails import Thumbnails
from recorder_desktop.ui.toolbar_button import ToolbarButton
from recorder_desktop.ui.upload_model import UploadModel

_SAMPLE = 1000
"""Selected rows that the details look at; ten times a second, all of 100,000 would be too many."""


class QueuePanel(QWidget):
    """Toolbar and table.

    Attributes:
        view: the table. shown: its rows. filter: what chooses them; the window puts it beside its switch.
        commands: the actions, with their keys.
        removals: what was taken out and can still be had back.
    """

    def __init__(
        self,
        bridge: EngineBridge,
        model: UploadModel,
        *,
        dialogs: Dialogs,
        theme: Theme,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.shown = ShownUploads(model, self)
        self.view = QueueView(self.shown, theme, thumbnails)
        self.filter = QueueFilter(self.shown, theme)
        self.removals = Removals(self.shown, bridge.remove, self)
        self.commands = QueueActions(bridge, model, self.view, removals=self.removals, dialogs=dialogs, theme=theme)
        self.shown.totals_changed.connect(self.commands.refresh)
        self.empty = EmptyState(theme)
        self.empty.pressed.connect(self.filter.clear)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.empty)
        self.shown.totals_changed.connect(self._show_page)
        self.shown.modelReset.connect(self._show_page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._make_toolbar())
        column.addWidget(self._pages, 1)
        self.setFocusProxy(self.view)
        self._order_tabs()

    def reveal_upload(self, upload_id: str) -> None:
        """Select one upload, also if the filter leaves it out at present."""
        if self.shown.row_of(upload_id) is None:
            self.filter.clear()
        self.view.select_upload(upload_id)

    def _show_page(self) -> None:
        is_bare = self.shown.is_filtered and self.shown.rowCount() == 0
        if is_bare:
            self.empty.show_emptiness(_nothing(self.filter))
        self._pages.setCurrentWidget(self.empty if is_bare else self.view)

    def selection_sample(self) -> tuple[list[UploadView], int]:
        """Up to 1,000 of the selected snapshots, and how many are selected in truth."""
        return list(islice(self.view.selected_views(), _SAMPLE)), self.view.selected_count()

    def _make_toolbar(self) -> QWidget:
        commands = self.commands
        own = (commands.pause, commands.resume, commands.retry, commands.cancel, commands.remove)
        buttons = [ToolbarButton(action) for action in (*own, commands.pause_all, commands.resume_all)]
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in buttons:
            row.addWidget(button)
        row.insertStretch(len(own), 1)
        row.addWidget(self._make_more_button())
        FittingLabels(bar, buttons[: len(own)])
        return bar

    def _order_tabs(self) -> None:
        """Tab goes as the eye does: along the toolbar, then into the table."""
        stops = [*self.findChildren(QToolButton), self.view]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    def _make_more_button(self) -> QToolButton:
        button = QToolButton()
        button.setText(tr("More"))
        button.setAccessibleName(tr("More actions on all uploads"))
        button.setToolTip(tr("More actions on all uploads"))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.addActions([self.commands.retry_all, self.commands.cancel_all])
        menu.addSeparator()
        menu.addAction(self.commands.remove_finished)
        button.setMenu(menu)
        return button


def _nothing(chosen: QueueFilter) -> Emptiness:
    words = chosen.search.text().strip()
    if words:
        hint = tr("The search looks at names and folders.")
        return Emptiness("search", tr("No upload here is called “{words}”").format(words=words), hint, tr("Show all"))
    match chosen.section:  # never the shield of what is verified: nothing was
        case Section.ACTIVE:
            icon, title = "state-uploading", tr("Nothing here at the moment")
        case Section.WAITING:
            icon, title = "state-waiting", tr("Nothing here at the moment")
        case Section.ATTENTION:
            icon, title = "state-attention", tr("Nothing needs you")
        case Section.DONE:
            icon, title = "state-queued", tr("Nothing is done yet")
        case Section.ALL:
            icon, title = "queue", tr("Nothing here at the moment")
    return Emptiness(icon, title, "", tr("Show all"))
