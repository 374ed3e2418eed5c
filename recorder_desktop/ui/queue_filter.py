"""Chooses what of the queue is shown: its sections with their counts, and a field to search in."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from recorder_desktop.core.model import UploadState
from recorder_desktop.ui import text
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.queue_totals import QueueTotals
from recorder_desktop.ui.search_field import SearchField
from recorder_desktop.ui.shown_uploads import Section, ShownUploads
from recorder_desktop.ui.text import count_of, tr
from recorder_desktop.ui.theme import Theme

_TYPING_PAUSE_MS = 150


class QueueFilter(QWidget):
    """Attributes: sections: a button each. search: the field."""

    def __init__(self, shown: ShownUploads, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Filter of the queue"))
        self._shown = shown
        self._group = QButtonGroup(self)
        self.sections: dict[Section, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        for section in Section:
            self.sections[section] = button = _chip()
            self._group.addButton(button)
            row.addWidget(button)
        self.sections[Section.ALL].setChecked(True)
        self.search = SearchField(tr("Search the queue"), theme)
        row.addStretch(1)
        row.addWidget(self.search, 2)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._apply)
        self._group.buttonClicked.connect(self._apply)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        shown.totals_changed.connect(lambda: self.show_totals(shown.totals))
        self.show_totals(shown.totals)

    @property
    def section(self) -> Section:
        """The one that is chosen."""
        return next(section for section, button in self.sections.items() if button.isChecked())

    def clear(self) -> None:
        """Show everything."""
        self.search.clear()
        self.sections[Section.ALL].setChecked(True)
        self._apply()

    def show_totals(self, totals: QueueTotals) -> None:
        """Say how many there are of each."""
        for section, button in self.sections.items():
            count = sum(totals.states[state] - self._shown.hidden_states[state] for state in section.value)
            if section is Section.DONE:
                words = self._what_is_finished(totals)
                button.setToolTip(words)
                button.setAccessibleDescription(words)
            label = f"{_label(section)}  {text.number(count)}" if count else _label(section)
            if button.text() != label:
                button.setText(label)
                button.setAccessibleName(label)
            is_urgent = "true" if section is Section.ATTENTION and count else "false"
            if button.property("urgent") != is_urgent:
                button.setProperty("urgent", is_urgent)
                button.style().unpolish(button)
                button.style().polish(button)

    def _what_is_finished(self, totals: QueueTotals) -> str:
        """How many were stored and how many given up; the foot of the window counts those of the present batch."""
        stored, cancelled = (
            totals.states[state] - self._shown.hidden_states[state]
            for state in (UploadState.COMPLETED, UploadState.CANCELLED)
        )
        words = count_of(stored, "1 stored", "%n stored"), count_of(cancelled, "1 cancelled", "%n cancelled")
        return tr("In the whole list: {stored}, {cancelled}").format(stored=words[0], cancelled=words[1])

    def _apply(self) -> None:
        self._typing.stop()
        self._shown.show_only(self.section, self.search.text())


def _chip() -> QToolButton:
    button = QToolButton()
    button.setCheckable(True)
    button.setProperty("chip", "true")
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _label(section: Section) -> str:
    match section:
        case Section.ALL:
            return tr("All")
        case Section.ACTIVE:
            return tr("Active")
        case Section.WAITING:
            return tr("Waiting")
        case Section.ATTENTION:
            return tr("Attention")
        case Section.DONE:
            return tr("Finished")
