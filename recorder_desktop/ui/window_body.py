"""What fills the window: its rooms, laid out, and which of the two views is on show. Connects nothing else."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from recorder_desktop.ui.banner import Banner
from recorder_desktop.ui.desktop import Desktop
from recorder_desktop.ui.details_strip import DetailsStrip
from recorder_desktop.ui.diagnostics_button import DiagnosticsButton
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.drop_zone import DropZone
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.fitting_labels import FittingLabels
from recorder_desktop.ui.library_panel import LibraryPanel
from recorder_desktop.ui.overview_bar import OverviewBar
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.queue_panel import QueuePanel
from recorder_desktop.ui.settings import UiSettings
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.thumbnails import Thumbnails
from recorder_desktop.ui.upload_model import UploadModel
from recorder_desktop.ui.view_switch import ViewSwitch


class WindowBody(QWidget):
    """Banner, switch, the view that is on show, and the overview.

    Attributes: banner, switch, settings_button, diagnostics, drop_zone, queue, details, library, overview.
    """

    def __init__(
        self,
        bridge: EngineBridge,
        model: UploadModel,
        *,
        settings: UiSettings,
        dialogs: Dialogs,
        desktop: Desktop,
        theme: Theme,
        thumbnails: Thumbnails,
    ) -> None:
        super().__init__()
        self.setObjectName("central")
        self.banner = Banner(theme)
        self.switch = ViewSwitch(theme)
        self.settings_button = _icon_button(tr("Settings"), "settings", theme)
        self.diagnostics = DiagnosticsButton(dialogs, desktop, self.banner, theme)
        self.drop_zone = DropZone(theme)
        self.queue = QueuePanel(bridge, model, dialogs=dialogs, theme=theme, thumbnails=thumbnails)
        self.details = DetailsStrip(bridge, dialogs=dialogs, desktop=desktop, theme=theme)
        self.library = LibraryPanel(dialogs, desktop, theme, thumbnails)
        self.overview = OverviewBar(settings, dialogs, theme)
        self._tools = _stack(self.queue.filter, self.library.tools)
        self._views = _stack(self._make_queue_view(), self.library)
        self._build()
        self._order_tabs()
        self.switch.chosen.connect(self._show_view)

    @property
    def view(self) -> int:
        """Which view is on show: QUEUE or LIBRARY."""
        return self._views.currentIndex()

    def _show_view(self, view: int) -> None:
        self._views.setCurrentIndex(view)
        self._tools.setCurrentIndex(view)

    def _make_queue_view(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE + 2)
        column.addWidget(self.drop_zone, 0)
        column.addWidget(self.queue, 1)
        column.addWidget(self.details)
        return page

    def _build(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.switch)
        row.addWidget(self._tools, 1)
        row.addWidget(self.settings_button)
        row.addWidget(self.diagnostics)
        FittingLabels(head, self.switch.buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, SPACE + 4)
        column.setSpacing(SPACE + 2)
        column.addWidget(self.banner)
        column.addWidget(head)
        column.addWidget(self._views, 1)
        column.addWidget(self.overview)

    def _order_tabs(self) -> None:
        """Tab goes as the eye does, room after room; inside a room the order stays."""
        rooms = (
            self.banner,
            self.switch,
            self.queue.filter,
            self.library.tools,
            self.settings_button,
            self.diagnostics,
            self.drop_zone,
            self.queue,
            self.details,
            self.library,
            self.overview,
        )
        chain: list[QWidget] = []
        widget = self.nextInFocusChain()
        while widget is not None and widget is not self and widget not in chain:
            chain.append(widget)
            widget = widget.nextInFocusChain()
        stops = [
            stop
            for room in rooms
            for stop in chain
            if (room is stop or room.isAncestorOf(stop)) and stop.focusPolicy() is not Qt.FocusPolicy.NoFocus
        ]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)


def _icon_button(label: str, icon: str, theme: Theme) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName(label)
    button.setToolTip(label)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    theme.keep_icon(button, icon, size=18)
    return button


def _stack(*pages: QWidget) -> QStackedWidget:
    stack = QStackedWidget()
    for page in pages:
        stack.addWidget(page)
    return stack
