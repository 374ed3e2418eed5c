"""The limit in one click: a button that says how fast may be sent, with a menu to change it at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from recorder_desktop.core.bandwidth import BandwidthPlan, BandwidthPlanRefused
from recorder_desktop.ui import text
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.settings import LIMIT, UiSettings
from recorder_desktop.ui.text import tr, translated
from recorder_desktop.ui.theme import Theme

_RATES_BYTES_PER_S = (500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 25_000_000)


class LimitButton(QToolButton):
    """Attributes: plan: what holds now.

    Signals: changed(BandwidthPlan): the person chose another one. refused(str): what they wrote cannot be meant.
    """

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, settings: UiSettings, dialogs: Dialogs, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._dialogs = dialogs
        self.plan = _kept(settings)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.keep_icon(self, "limit", size=18)
        menu = QMenu(self)
        self._choices = QActionGroup(menu)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.setMenu(menu)
        self._fill(menu)
        self._show_plan()

    def _fill(self, menu: QMenu) -> None:
        menu.clear()  # deletes its actions, which then are in the group no more
        plans = [BandwidthPlan(), *map(BandwidthPlan, _RATES_BYTES_PER_S)]
        for plan in plans if self.plan in plans else [*plans, self.plan]:
            action = QAction(_label(plan), menu)
            self._choices.addAction(action)
            action.setCheckable(True)
            action.setChecked(plan == self.plan)
            action.triggered.connect(lambda _checked=False, chosen=plan: self.choose(chosen))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(tr("Another value…"), self._ask)

    def choose(self, plan: BandwidthPlan) -> None:
        """Keep to this plan from now on, and at the next start."""
        self.plan = plan
        self._settings.set(LIMIT, str(plan))
        self._show_plan()
        self.changed.emit(plan)

    def _ask(self) -> None:
        self._dialogs.ask_text(
            self.window(),
            tr("Limit"),
            tr("How fast may be sent? For example 3 MB/s, or unlimited; Mon-Fri 08:00-18:00 2 MB/s"),
            str(self.plan),
            self._take,
        )

    def _take(self, written: str) -> None:
        try:
            plan = BandwidthPlan.parse(written.strip())
        except BandwidthPlanRefused as exc:
            self.refused.emit(translated(exc.message))
        else:
            self.choose(plan)

    def _show_plan(self) -> None:
        label = _label(self.plan)
        self.setText(label)
        self.setAccessibleName(tr("Limit: {limit}").format(limit=label))
        self.setToolTip(tr("How fast may be sent: {limit}").format(limit=str(self.plan)))


def _label(plan: BandwidthPlan) -> str:
    if plan.windows:
        return tr("By the hour")
    return tr("No limit") if plan.default_bytes_per_s is None else text.speed(plan.default_bytes_per_s)


def _kept(settings: UiSettings) -> BandwidthPlan:
    """What the settings say; the app has refused to start with what they cannot mean."""
    try:
        return BandwidthPlan.parse(settings.get(LIMIT) or str(BandwidthPlan()))
    except BandwidthPlanRefused:
        return BandwidthPlan()
