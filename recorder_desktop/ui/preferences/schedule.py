"""The hours of the week with a limit of their own, as rows of days, times and a speed."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from recorder_desktop.core.bandwidth import LimitWindow
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.sign_in_dialog import make_field
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # as core.bandwidth reads them
_WORKDAYS = frozenset(range(5))
_TIME_WIDTH = 62
_LIMIT_WIDTH = 100
_ONE_LINE = 600
"""As wide as days and hours are side by side; with less room the hours stand below."""


class HoursRow(QWidget):
    """Attributes: days: a button each, Monday first. start, end, limit: the fields. remove_button.

    Signals: edited: it says something else. removed: the person wants it gone.
    """

    edited = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, window: LimitWindow | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _, times, limit = str(window).split(maxsplit=2) if window else ("", "08:00-18:00", "2 MB/s")
        start, end = times.split("-")
        chosen = window.days if window else _WORKDAYS
        self.days = [self._day(number, is_chosen=number in chosen) for number in range(7)]
        self.start = self._field(tr("From"), start, _TIME_WIDTH)
        self.end = self._field(tr("To"), end, _TIME_WIDTH)
        self.limit = self._field(tr("Limit in these hours"), limit, _LIMIT_WIDTH)
        self.remove_button = QToolButton()
        self.remove_button.setAccessibleName(tr("Remove these hours"))
        self.remove_button.setToolTip(tr("Remove these hours"))
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove_button.clicked.connect(self.removed)
        theme.keep_icon(self.remove_button, "close", "muted", 16)
        week = QHBoxLayout()
        week.setSpacing(2)
        for button in self.days:
            week.addWidget(button)
        self._hours = hours = QHBoxLayout()
        hours.setSpacing(SPACE - 2)
        dash = QLabel("–")  # noqa: RUF001 - the sign for a range
        dash.setProperty("role", "muted")
        for widget in (self.start, dash, self.end):
            hours.addWidget(widget)
        hours.addSpacing(SPACE)
        hours.addWidget(self.limit)
        hours.addStretch(1)
        hours.addWidget(self.remove_button)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * SPACE)
        self._grid.setColumnStretch(1, 1)
        self._grid.setSizeConstraint(QGridLayout.SizeConstraint.SetNoConstraint)  # it may become narrow, see below
        self._grid.addLayout(week, 0, 0)
        self._grid.addLayout(hours, 0, 1)
        self._is_narrow = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the hours where there is room for them."""
        super().resizeEvent(event)
        is_narrow = self.width() < _ONE_LINE
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self._grid.removeItem(self._hours)
            self._grid.addLayout(self._hours, *((1, 0, 1, 2) if is_narrow else (0, 1)))

    def minimumSizeHint(self) -> QSize:
        """As narrow as the hours alone."""
        return QSize(_ONE_LINE // 2, super().minimumSizeHint().height())

    def has_days(self) -> bool:
        """Whether any day is chosen; without one it cannot be meant."""
        return any(button.isChecked() for button in self.days)

    def text(self) -> str:
        """What it says, as core.bandwidth reads it."""
        days = ",".join(day for day, button in zip(_DAYS, self.days, strict=True) if button.isChecked())
        times = f"{self.start.text().strip()}-{self.end.text().strip()}".replace(" ", "")
        return f"{days} {times} {self.limit.text().strip()}"

    def _day(self, number: int, *, is_chosen: bool) -> QToolButton:
        button = QToolButton()
        button.setText(QLocale().dayName(number + 1, QLocale.FormatType.ShortFormat).rstrip("."))
        button.setAccessibleName(QLocale().dayName(number + 1, QLocale.FormatType.LongFormat))
        button.setProperty("day", "true")
        button.setCheckable(True)
        button.setChecked(is_chosen)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(self.edited)
        return button

    def _field(self, name: str, text: str, width: int) -> QLineEdit:
        field = make_field(name, text)
        field.setFixedWidth(width)
        field.editingFinished.connect(self.edited)
        return field


class Schedule(QWidget):
    """Rows of hours, and a button for another one.

    Attributes: rows. add_button. Signals: edited: it says something else now.
    """

    edited = Signal()

    def __init__(self, theme: Theme, after: QWidget, parent: QWidget | None = None) -> None:
        """`after`: the control before, where Tab comes from."""
        super().__init__(parent)
        self._theme = theme
        self._after = after
        self._windows: tuple[LimitWindow, ...] = ()
        self.rows: list[HoursRow] = []
        self.add_button = QPushButton(tr("Add hours"))
        self.add_button.setProperty("small", "true")
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self._add_another)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE)
        self._column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_windows(self, windows: tuple[LimitWindow, ...]) -> None:
        """Show these; what is being typed stays where they are the same as before."""
        if windows == self._windows and len(self.rows) == len(windows):
            return
        self._windows = windows
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for window in windows:
            self._add(window)

    def keep_windows(self, windows: tuple[LimitWindow, ...]) -> None:
        """These are what the rows say, as understood."""
        self._windows = windows

    def texts(self) -> list[str]:
        """What each row says, as core.bandwidth reads it."""
        return [row.text() for row in self.rows]

    def _add_another(self) -> None:
        self._add(None).start.setFocus()
        self.edited.emit()

    def _add(self, window: LimitWindow | None) -> HoursRow:
        row = HoursRow(self._theme, window)
        row.edited.connect(self.edited)
        row.removed.connect(lambda: self._remove(row))
        self._column.insertWidget(len(self.rows), row)
        previous = self.rows[-1].remove_button if self.rows else self._after
        self.rows.append(row)
        _order(row, previous)
        QWidget.setTabOrder(row.remove_button, self.add_button)
        return row

    def _remove(self, row: HoursRow) -> None:
        self.rows.remove(row)
        row.hide()
        row.deleteLater()
        self.add_button.setFocus()
        self.edited.emit()


def _order(row: HoursRow, previous: QWidget) -> None:
    """Tab goes through a row from left to right, after the row above."""
    for stop in (*row.days, row.start, row.end, row.limit, row.remove_button):
        QWidget.setTabOrder(previous, stop)
        previous = stop
