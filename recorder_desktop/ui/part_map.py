"""The parts of one upload as a picture: a cell a part; where parts outnumber the room, cells share them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from recorder_desktop.core.model import PartMap
from recorder_desktop.ui import text
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

_SMALLEST, _LARGEST = 6, 18
_HEIGHT = 44


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell stands for: the share of its parts that is stored, and whether one of them is being sent."""

    stored: float
    is_moving: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """How cells are laid out: their edge in pixels and how many stand in a row."""

    edge: int
    columns: int
    cells: int


def lay_out(parts: int, width: int, height: int) -> Grid:
    """The largest cells with which all parts have room; from the smallest on, as many cells as fit."""
    for edge in range(_LARGEST, _SMALLEST - 1, -1):
        columns, rows = max(1, width // edge), max(1, height // edge)
        if columns * rows >= parts:
            return Grid(edge, columns, parts)
    return Grid(_SMALLEST, columns, columns * rows)


def cells_of(parts: PartMap, count: int) -> list[Cell]:
    """The parts dealt out to `count` cells, in order, each to at least one."""
    total = len(parts.sizes)
    cells = []
    for number in range(count):
        first, last = number * total // count + 1, max(number * total // count + 1, (number + 1) * total // count)
        numbers = range(first, last + 1)
        stored = sum(each in parts.confirmed for each in numbers)
        is_moving = any(each in parts.in_flight for each in numbers)
        cells.append(Cell(stored / len(numbers), is_moving))
    return cells


class PartMapPicture(QWidget):
    """Stored cells are full, moving ones hatched, remaining ones empty, so that no colour is needed to tell.

    Attributes: cells: what is painted, in order.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: PartMap | None = None
        self._grid = Grid(_LARGEST, 1, 0)
        self.cells: list[Cell] = []
        self.setAccessibleName(tr("Part map"))
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_parts(self, parts: PartMap | None) -> None:
        """Show these; nothing with None."""
        self._parts = parts
        self._arrange()
        self.setAccessibleDescription(self.words)
        self.setToolTip(self.words)

    @property
    def words(self) -> str:
        """What the picture shows, in words."""
        if self._parts is None:
            return tr("Its parts are not known yet.")
        stored, total = len(self._parts.confirmed), len(self._parts.sizes)
        words = tr("{stored} of {total} parts stored").format(stored=text.number(stored), total=text.number(total))
        moving = len(self._parts.in_flight)
        return words + (" · " + tr("{count} on their way").format(count=text.number(moving)) if moving else "")

    def sizeHint(self) -> QSize:
        """Wide enough for a good many parts."""
        return QSize(320, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Deal the parts out anew."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the cells row by row."""
        colours = self._theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        edge, radius = self._grid.edge, 2 if self._grid.edge > 8 else 1
        for number, cell in enumerate(self.cells):
            row, column = divmod(number, self._grid.columns)
            box = QRectF(column * edge, row * edge, edge - 1.5, edge - 1.5)
            fill = _blend(colours.track, colours.accent, cell.stored)
            painter.setBrush(QColor(colours.in_flight) if cell.is_moving and cell.stored < 1 else fill)
            painter.drawRoundedRect(box, radius, radius)
            if cell.is_moving and cell.stored < 1:
                painter.setBrush(QBrush(QColor(colours.track), Qt.BrushStyle.BDiagPattern))
                painter.drawRoundedRect(box, radius, radius)
        painter.end()

    def _arrange(self) -> None:
        total = 0 if self._parts is None else len(self._parts.sizes)
        self._grid = lay_out(total, self.width(), self.height())
        self.cells = [] if self._parts is None else cells_of(self._parts, self._grid.cells)
        self.update()


def _blend(first: str, second: str, share: float) -> QColor:
    start, end = QColor(first), QColor(second)
    # A cell that is nearly full must not look full.
    share = min(share, 0.8) if share < 1 else 1.0
    return QColor.fromRgbF(
        start.redF() + (end.redF() - start.redF()) * share,
        start.greenF() + (end.greenF() - start.greenF()) * share,
        start.blueF() + (end.blueF() - start.blueF()) * share,
    )
