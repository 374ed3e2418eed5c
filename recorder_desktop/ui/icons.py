"""Icons from the SVG files of `resources`, drawn in any colour, sharp at any scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

_SCALES = (1.0, 2.0, 3.0)


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int, scale: float = 1.0) -> QPixmap:
    """The icon `name` as a square of `size` logical pixels for a screen of this scale.

    Raises FileNotFoundError for an unknown name.
    """
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    _renderer(name, colour).render(painter)
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def icon(name: str, colour: str, disabled_colour: str, size: int = 20) -> QIcon:
    """A QIcon for buttons and menus with a picture for each usual screen scale."""
    result = QIcon()
    for scale in _SCALES:
        result.addPixmap(pixmap(name, colour, size, scale))
        result.addPixmap(pixmap(name, disabled_colour, size, scale), QIcon.Mode.Disabled)
    return result


def app_icon() -> QIcon:
    """The app's own icon, in colour."""
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(pixmap("recorder", "#3a55c9", size))
    return result


@lru_cache(maxsize=128)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawing = (resources.FOLDER / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
