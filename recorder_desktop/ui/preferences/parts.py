"""What the settings page is made of: switches, segments, rows with room for a complaint, cards, pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from recorder_desktop.ui import icons
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.theme import Theme

_SWITCH = QSize(42, 26)
_ARROW = 16
_INSET = 3.0
"""Around the switch: room for the ring of the keyboard's focus."""


class Switch(QCheckBox):
    """A check box that looks like a switch: its knob lies to the right when it is on."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setFixedSize(_SWITCH)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As large as its picture."""
        return _SWITCH

    def hitButton(self, _pos: QPoint) -> bool:
        """All of it can be pressed."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw groove, knob and focus."""
        colours = self._theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        is_on = self.isChecked()
        painter.setPen(QPen(QColor(colours.accent if is_on else colours.muted), 1.5))
        painter.setBrush(QColor(colours.accent if is_on else colours.track))
        painter.drawRoundedRect(groove, groove.height() / 2, groove.height() / 2)
        size = groove.height() - 6
        left = groove.right() - size - 3 if is_on else groove.left() + 3
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.on_accent if is_on else colours.muted))
        painter.drawEllipse(QRectF(left, groove.top() + 3, size, size))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent if not is_on else colours.text), 2))
            ring = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.end()


class Segments(QFrame):
    """A few choices of which one holds, side by side.

    Attributes: buttons: by key. Signals: chosen(str): the person chose this key.
    """

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`choices`: key and label of each."""
        super().__init__(parent)
        self.setObjectName("switch")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for key, label in choices:
            button = QToolButton()
            button.setText(label)
            button.setAccessibleName(f"{name}: {label}")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[key] = button
            row.addWidget(button)

    def show_choice(self, key: str) -> None:
        """Have this one hold."""
        self.buttons[key].setChecked(True)


class Choice(QComboBox):
    """One of several, in a list that opens. Signals: chosen(str): the person chose this key."""

    chosen = Signal(str)

    def __init__(
        self, name: str, choices: Iterable[tuple[str, str]], theme: Theme, parent: QWidget | None = None
    ) -> None:
        """`choices`: key and label of each."""
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.view().setAccessibleName(name)
        for key, label in choices:
            self.addItem(label, key)
        self.activated.connect(lambda at: self.chosen.emit(self.itemData(at)))

    def show_choice(self, key: str) -> None:
        """Have this one hold; the first where there is none of this key."""
        self.setCurrentIndex(max(0, self.findData(key)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw an arrow as well: the style sheet has none in our colours."""
        super().paintEvent(event)
        painter = QPainter(self)
        arrow = icons.pixmap("chevron", self._theme.colours.muted, _ARROW, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - _ARROW - SPACE, (self.height() - _ARROW) // 2, arrow)
        painter.end()


class Row(QWidget):
    """A line of a card: what it is about, what it means, its control, and below, when need be, what is wrong with it.

    Attributes: complaint: what is wrong, hidden while nothing is.
    """

    def __init__(
        self, title: str, control: QWidget | None = None, hint: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = _label(title)
        self.hint = _label(hint, "muted")
        self.hint.setVisible(bool(hint))
        self.complaint = _label("", "warn")
        self.complaint.hide()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.hint)
        line = QHBoxLayout()
        line.setSpacing(2 * SPACE)
        line.addLayout(words, 1)
        if control is not None:
            line.addWidget(control, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if hint:
                control.setAccessibleDescription(hint)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(2 * SPACE, SPACE + 4, 2 * SPACE, SPACE + 4)
        self.column.setSpacing(SPACE)
        self.column.addLayout(line)
        self.column.addWidget(self.complaint)

    def complain(self, message: str) -> None:
        """Say what is wrong with what was typed; nothing any more with an empty text."""
        self.complaint.setText(message)
        self.complaint.setVisible(bool(message))
        if message:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.complaint, message))


class Card(QFrame):
    """Rows that belong together, with a fine line between each two."""

    def __init__(self, *rows: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        for row in rows:
            self.add(row)

    def add(self, row: QWidget) -> None:
        """Put a row at the end."""
        if self._column.count():
            rule = QFrame()
            rule.setObjectName("rule")
            rule.setFixedHeight(1)
            self._column.addWidget(rule)
        self._column.addWidget(row)


class Page(QScrollArea):
    """A section of the settings: cards under their headings, scrolled where the window is small."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        body.setObjectName("central")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 3 * SPACE)
        self._column.setSpacing(SPACE)
        self._column.addStretch(1)
        self.setWidget(body)

    def add(self, heading: str, *cards: QWidget) -> None:
        """Put cards at the end, under one heading."""
        at = self._column.count() - 1
        if at:
            self._column.insertSpacing(at, SPACE)
            at += 1
        self._column.insertWidget(at, _label(heading, "heading"))
        for below, card in enumerate(cards, at + 1):
            self._column.insertWidget(below, card)


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)  # paths may look like markup
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
