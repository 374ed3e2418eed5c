"""Takes the words off buttons with pictures where a row is too narrow for them, as in languages with long words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QToolButton, QWidget

_WORDS = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
_PICTURES = Qt.ToolButtonStyle.ToolButtonIconOnly


class FittingLabels(QObject):
    """Watches a row with a layout; its `buttons` have words while all in the row fits. Tooltips and names stay."""

    def __init__(self, row: QWidget, buttons: Sequence[QToolButton]) -> None:
        super().__init__(row)
        self._row = row
        self._buttons = buttons
        row.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look again when the row has another width or other contents."""
        if watched is self._row and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return False

    def _fit(self) -> None:
        layout = self._row.layout()
        if layout is None:
            return
        saved = sum(_width_of_words(button) for button in self._buttons if button.toolButtonStyle() is _PICTURES)
        needed = layout.minimumSize().width() + saved
        style = _WORDS if needed <= self._row.width() else _PICTURES
        for button in self._buttons:
            if button.toolButtonStyle() is not style:
                button.setToolButtonStyle(style)


def _width_of_words(button: QToolButton) -> int:
    """How much wider a button that shows its picture alone would be with its words."""
    before = button.sizeHint().width()
    button.setToolButtonStyle(_WORDS)
    width = button.sizeHint().width() - before
    button.setToolButtonStyle(_PICTURES)
    return width
