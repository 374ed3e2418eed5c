"""A progress bar of three parts: confirmed (full), in flight (hatched), remaining (track); and its edge."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

colour = cache(QColor)
"""A colour by its name, made once: what is painted asks for several of them each time."""


@cache
def _hatching(name: str) -> QBrush:
    return QBrush(QColor(name), Qt.BrushStyle.BDiagPattern)


def paint_bar(
    painter: QPainter, bar: QRectF, fills: tuple[str, str, str], confirmed: float, in_flight: float
) -> None:
    """Draw a rounded bar; `fills` are the colours of track, confirmed and in flight, the shares are 0 to 1."""
    track, done, moving = fills
    left, top, width, height = bar.left(), bar.top(), bar.width(), bar.height()
    shape = QPainterPath()
    shape.addRoundedRect(left, top, width, height, height / 2, height / 2)
    split, moving_width = left + width * confirmed, width * in_flight
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(shape, colour(track))
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    if moving_width > 0:
        moved = QRectF(split, top, moving_width, height)
        painter.fillRect(moved, colour(moving))
        painter.fillRect(moved, _hatching(track))  # tells in-flight from confirmed where colours do not
    if confirmed > 0:
        painter.fillRect(QRectF(left, top, split - left, height), colour(done))
    painter.restore()


def paint_edge(painter: QPainter, bar: QRectF, name: str) -> None:
    """Draw a line of this colour, a pixel wide, along the inside of a rounded bar."""
    radius = bar.height() / 2 - 0.5
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_edge(name))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.restore()


@cache
def _edge(name: str) -> QPen:
    return QPen(colour(name), 1)
