"""A desk for thumbnails that answers when the test says so, or at once, with pictures that are drawn."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from recorder_desktop.core.thumbnails import HEIGHT, WIDTH, MediaKind, ThumbnailSource


class FakeThumbnailDesk:
    """Implements core.thumbnails.ThumbnailDesk. With `at_once` everything that is wanted has a picture.

    wanted: what was wanted, wish by wish.
    """

    def __init__(self, *, at_once: bool = False) -> None:
        self.wanted: list[list[ThumbnailSource]] = []
        self._at_once = at_once
        self._listeners: list[Callable[[str, bytes | None], None]] = []

    def want(self, sources: Sequence[ThumbnailSource]) -> None:
        self.wanted.append(list(sources))
        for source in sources if self._at_once else ():
            drawn = a_waveform(source.key) if source.kind is MediaKind.AUDIO else a_frame(source.key)
            self.answer(source.key, drawn)

    def subscribe(self, listener: Callable[[str, bytes | None], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def answer(self, key: str, picture: bytes | None) -> None:
        """Tell a picture, or that there is none."""
        for listener in list(self._listeners):
            listener(key, picture)


def a_frame(name: str) -> bytes:
    """A JPEG of a made-up landscape, another one for each name."""
    dice = random.Random(name)
    hue = dice.randrange(360)
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sky = QLinearGradient(0, 0, 0, HEIGHT)
    sky.setColorAt(0, QColor.fromHsv(hue, 110, 210))
    sky.setColorAt(1, QColor.fromHsv((hue + 40) % 360, 60, 240))
    painter.fillRect(image.rect(), sky)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromHsv((hue + 30) % 360, 40, 255))
    painter.drawEllipse(QPointF(dice.uniform(20, 170), dice.uniform(15, 45)), 12, 12)
    for layer in range(3):
        painter.setBrush(QColor.fromHsv(hue, 130, 150 - 40 * layer))
        for _ in range(4):
            wide = dice.uniform(60, 120)
            painter.drawEllipse(QPointF(dice.uniform(0, WIDTH), HEIGHT + 10 * (2 - layer) - 5), wide, 45 - 10 * layer)
    painter.end()
    return encoded(image, "JPEG")


def a_waveform(name: str) -> bytes:
    """A PNG that is opaque where it is loud, as ffmpeg draws it."""
    dice = random.Random(name)
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    loud = 0.4
    for x in range(WIDTH):
        loud = min(0.95, max(0.05, loud + dice.uniform(-0.18, 0.18)))
        high = HEIGHT * loud
        painter.fillRect(QRectF(x, (HEIGHT - high) / 2, 1, high), Qt.GlobalColor.white)
    painter.end()
    return encoded(image, "PNG")


def one_colour(colour: str) -> bytes:
    """A frame of one colour."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return encoded(image, "JPEG")


def encoded(image: QImage, kind: str) -> bytes:
    """An image as the bytes of a JPEG or PNG."""
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, kind)  # type: ignore[call-overload]
    return bytes(encoded.data())
