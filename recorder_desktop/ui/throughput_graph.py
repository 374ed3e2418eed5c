"""The speed of the last minutes as small filled steps. Painted; fed with what the totals say anyway."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import islice

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from recorder_desktop.ui import text
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

SPAN_S = 180.0
_STEP_S = 1.0
AGEING_MS = 5000
"""How often the picture moves on by itself, once nothing is told any more."""
HOLDS_S = AGEING_MS / 1000
"""How long a speed that was told counts while nothing else is told; afterwards nobody knows, and nothing is drawn."""
_SIZE = QSize(240, 34)


class ThroughputGraph(QWidget):
    """One sample a second, while anything is told. Hidden while the last minutes have none.

    Attributes: samples: (when, bytes/s), the oldest first. clock: tells the time in seconds, never backwards.
    """

    def __init__(
        self, theme: Theme, clock: Callable[[], float] = time.monotonic, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.clock = clock
        self.samples: deque[tuple[float, float]] = deque()
        self.setAccessibleName(tr("Speed of the last minutes"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._ageing = QTimer(self, singleShot=True, interval=AGEING_MS)
        self._ageing.timeout.connect(self._age)
        theme.changed.connect(self.update)
        self.hide()

    def note(self, rate_bytes_per_s: float) -> None:
        """Take in the present speed; within a second of the last sample it takes that one's place."""
        now = self._forget_old()
        if not self.samples and rate_bytes_per_s < 1:
            self.hide()
            return
        self._ageing.start()
        if self.samples and now - self.samples[-1][0] < _STEP_S:
            self.samples[-1] = (self.samples[-1][0], rate_bytes_per_s)  # shown with the next sample, or by ageing
            return
        self.samples.append((now, rate_bytes_per_s))
        self._show_samples()
        self.show()

    def _age(self) -> None:
        """Nothing was told for some seconds: what is shown must not stay for the last minutes."""
        self._forget_old()
        if self.samples:
            self._ageing.start()
            self._show_samples()
        else:
            self.hide()

    def _forget_old(self) -> float:
        """Drop what is older than the picture is wide; returns the time."""
        now = self.clock()
        while self.samples and self.samples[0][0] < now - SPAN_S:
            self.samples.popleft()
        return now

    def _show_samples(self) -> None:
        self.setToolTip(self.words)
        self.setAccessibleDescription(self.words)
        self.update()

    @property
    def words(self) -> str:
        """What the picture shows, in words."""
        if not self.samples:
            return ""
        highest = max(rate for _, rate in self.samples)
        return tr("Speed of the last 3 minutes, at most {speed}").format(speed=text.speed(highest) or text.size(0))

    def sizeHint(self) -> QSize:
        """A strip as high as two lines."""
        return _SIZE

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the steps and what is below them; the right edge is now. Nothing where words need the room."""
        if not self.samples or self.width() < _SIZE.width() // 4:
            return
        line, area = self._paths()
        colours = self._theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(colours.line))
        painter.fillPath(area, QColor(colours.accent_soft))
        painter.setPen(QPen(QColor(colours.accent), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawPath(line)
        painter.end()

    def _paths(self) -> tuple[QPainterPath, QPainterPath]:
        """The outline and the area. Each speed holds until the next was told: a slope would say that it grew."""
        now, highest = self.clock(), max(1.0, *(rate for _, rate in self.samples))
        width, height = self.width(), self.height() - 3
        line, area = QPainterPath(), QPainterPath()
        ends = [at for at, _ in islice(self.samples, 1, None)] + [now]
        last: float | None = None  # when the step before ended
        for (at, rate), next_at in zip(self.samples, ends, strict=True):
            end = min(next_at, at + HOLDS_S)
            if end <= at:
                continue  # told this very instant: it has held for no time yet
            left, right = (width * (1 - (now - each) / SPAN_S) for each in (at, end))
            top = 2 + height * (1 - rate / highest)
            if at != last:
                line.moveTo(left, self.height())
            line.lineTo(left, top)
            line.lineTo(right, top)
            area.addRect(QRectF(QPointF(left, top), QPointF(right, self.height())))
            last = end
        return line, area
