"""The section of the settings on how recordings are sent: limit, hours, parts, and staying awake."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from recorder_desktop.core.bandwidth import BandwidthPlan, BandwidthPlanRefused
from recorder_desktop.core.concurrency import MAX_CEILING
from recorder_desktop.core.part_size import AUTOMATIC, PartSizeRefused, part_size_text, read_part_size
from recorder_desktop.ui import text
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.preferences.choices import Choices
from recorder_desktop.ui.preferences.parts import Card, Page, Row, Segments, Switch
from recorder_desktop.ui.preferences.schedule import Schedule
from recorder_desktop.ui.sign_in_dialog import make_field
from recorder_desktop.ui.text import tr, translated
from recorder_desktop.ui.theme import Theme

_FIXED = "fixed"
_FIRST_FIXED = "16 MiB"
_FIELD_WIDTH = 128
_SLIDER_WIDTH = 180


class TransfersPage(Page):
    """Attributes: limit, schedule, senders, part_size_kind, part_size, keep_awake: the controls. Their rows:
    limit_row, schedule_row, part_size_row, which say what is wrong."""

    def __init__(self, choices: Choices, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(tr("Transfers"), parent)
        self._choices = choices
        self._make_speed(theme)
        self._make_parts()
        self.keep_awake = Switch(tr("Keep this computer awake"), theme)
        self.keep_awake.setChecked(choices.keeps_awake)
        self.keep_awake.toggled.connect(lambda is_on: choices.set_keeps_awake(is_wanted=is_on))
        awake = Row(
            tr("Keep this computer awake"),
            self.keep_awake,
            tr("While something is being sent. The screen may turn off all the same."),
        )
        self.add(tr("Speed"), Card(self.limit_row, self.schedule_row))
        self.add(tr("Parts"), Card(self._senders_row, self.part_size_row))
        self.add(tr("Power"), Card(awake))
        self._show_plan(choices.limit)
        self._show_part_size(choices.part_size_bytes)
        choices.limit_changed.connect(self._show_plan)

    # --- speed ---------------------------------------------------------------------------------------------------

    def _make_speed(self, theme: Theme) -> None:
        self.limit = make_field(tr("Limit"))
        self.limit.setFixedWidth(_FIELD_WIDTH)
        self.limit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.limit.setPlaceholderText(tr("No limit"))
        self.limit.editingFinished.connect(self._take_plan)
        self.limit_row = Row(
            tr("Send no faster than"), self.limit, tr("For example 3 MB/s or 500 kB/s. Empty for no limit.")
        )
        self.schedule = Schedule(theme, self.limit)
        self.schedule.edited.connect(self._take_plan)
        self.schedule_row = Row(
            tr("Other limits at some hours"), None, tr("Every week. An end before the start lies on the next day.")
        )
        self.schedule_row.column.addWidget(self.schedule)

    def _show_plan(self, plan: BandwidthPlan) -> None:
        first = str(BandwidthPlan(plan.default_bytes_per_s))
        self.limit.setText("" if plan.default_bytes_per_s is None else first)
        self.schedule.show_windows(plan.windows)
        self._complain("", "")

    def _take_plan(self) -> None:
        """Carry out what the fields say, if it can be meant; else say why not."""
        limit = self.limit.text().strip() or str(BandwidthPlan())
        try:
            BandwidthPlan.parse(limit)
        except BandwidthPlanRefused as exc:
            self._complain(translated(exc.message), "")
            return
        if not all(row.has_days() for row in self.schedule.rows):
            self._complain("", tr("Hours without a day never come. Choose at least one day, or remove them."))
            return
        try:
            plan = BandwidthPlan.parse("; ".join([limit, *self.schedule.texts()]))
        except BandwidthPlanRefused as exc:
            self._complain("", translated(exc.message))
            return
        self._complain("", "")
        self.schedule.keep_windows(plan.windows)
        self._choices.set_limit(plan)

    def _complain(self, of_limit: str, of_schedule: str) -> None:
        self.limit_row.complain(of_limit)
        self.schedule_row.complain(of_schedule)

    # --- parts ---------------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.senders = QSlider(Qt.Orientation.Horizontal)
        self.senders.setAccessibleName(tr("Parts at a time, at most"))
        self.senders.setRange(1, MAX_CEILING)
        self.senders.setPageStep(4)
        self.senders.setFixedSize(_SLIDER_WIDTH, 3 * SPACE)
        self._count = QLabel()
        self._count.setProperty("role", "strong")
        self._count.setMinimumWidth(3 * SPACE)
        self._count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.senders.valueChanged.connect(lambda count: self._count.setText(text.number(count)))
        self.senders.setValue(self._choices.senders)
        self._count.setText(text.number(self.senders.value()))
        self.senders.valueChanged.connect(self._choices.set_senders)
        self._senders_row = Row(
            tr("Parts at a time, at most"),
            _side_by_side(self.senders, self._count),
            tr("How many suit the line is found out; this is the most there may be."),
        )
        self.part_size = make_field(tr("Fixed part size"))
        self.part_size.setFixedWidth(88)
        self.part_size.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.part_size.editingFinished.connect(self._take_part_size)
        kinds = ((AUTOMATIC, tr("Automatic")), (_FIXED, tr("Fixed")))
        self.part_size_kind = Segments(tr("Part size"), kinds)
        self.part_size_kind.chosen.connect(self._choose_kind)
        self.part_size_row = Row(
            tr("Part size"),
            _side_by_side(self.part_size, self.part_size_kind),
            tr("From 5 MiB to 5 GiB; counts for what is added from now on."),
        )

    def _show_part_size(self, size_bytes: int | None) -> None:
        is_fixed = size_bytes is not None
        self.part_size_kind.show_choice(_FIXED if is_fixed else AUTOMATIC)
        self.part_size.setVisible(is_fixed)
        self.part_size.setText(part_size_text(size_bytes) if is_fixed else _FIRST_FIXED)
        self.part_size_row.complain("")

    def _choose_kind(self, kind: str) -> None:
        size_bytes = read_part_size(_FIRST_FIXED) if kind == _FIXED else None
        self._choices.set_part_size(size_bytes)
        self._show_part_size(size_bytes)

    def _take_part_size(self) -> None:
        try:
            size_bytes = read_part_size(self.part_size.text())
        except PartSizeRefused as exc:
            self.part_size_row.complain(translated(exc.message))
            return
        if size_bytes != self._choices.part_size_bytes:
            self._choices.set_part_size(size_bytes)
        self._show_part_size(size_bytes)


def _side_by_side(*widgets: QWidget) -> QWidget:
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE)
    for widget in widgets:
        row.addWidget(widget)
    return both
