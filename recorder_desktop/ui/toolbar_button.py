"""A button of a toolbar, for an action: it leaves the keyboard where it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton, QWidget


class ToolbarButton(QToolButton):
    """Reached by Tab. A click takes the keyboard from nobody. Pressed by key it keeps it, also when it is off from
    then on, as “Pause all” is once all is paused."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDefaultAction(action)
        self.setAccessibleName(action.text())
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Qt passes the keyboard on when a button is switched off; Tab itself then reaches whoever is around it."""
        return True if not self.isEnabled() else super().focusNextPrevChild(is_next)
