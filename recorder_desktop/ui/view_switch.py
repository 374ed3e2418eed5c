"""The calm switch between the window's two views: what is on its way, and what is stored."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton, QWidget

from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

QUEUE, LIBRARY = 0, 1


class ViewSwitch(QFrame):
    """Two halves of one pill, one of them chosen.

    Attributes: buttons: the halves, by view. Signals: chosen(int): QUEUE or LIBRARY.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("switch")
        self.setAccessibleName(tr("View"))
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons: list[QToolButton] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for number, label, icon, keys in (
            (QUEUE, tr("Queue"), "queue", "Ctrl+1"),
            (LIBRARY, tr("Library"), "library", "Ctrl+2"),
        ):
            button = QToolButton()
            button.setText(label)
            button.setAccessibleName(label)
            button.setToolTip(f"{label} ({QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)})")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            theme.keep_icon(button, icon, size=18)
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(button.click)
            self._group.addButton(button, number)
            self.buttons.append(button)
            row.addWidget(button)
        self.buttons[QUEUE].setChecked(True)
        self._group.idClicked.connect(self.chosen)

    @property
    def view(self) -> int:
        """Which half is chosen."""
        return self._group.checkedId()

    def choose(self, view: int) -> None:
        """As if it had been pressed."""
        self.buttons[view].click()
