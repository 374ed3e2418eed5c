"""Each state of the window looks as it was last looked at: light and dark, at 100 % and 200 %.

What is compared are means over blocks, so that a font that is smoothed a little differently passes, and a button
that moved or a colour that changed does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter

from tests.ui import pictures

BLOCK = 4
"""Pixels of a kept picture in each direction: about 16 of a window."""
TOLERANCE = {1: 8, 2: 18}
"""Levels, of 255, that the mean of a block may be off in any of the three colours, by scale: letters lie on whole
pixels, so at 200 % they stand a little elsewhere. Where nothing had changed, 4 and 13 were found."""


def differences(found: QImage, kept: QImage, tolerance: int = TOLERANCE[1]) -> Iterator[tuple[int, int, int]]:
    """Blocks (column, row) that are off by more than the tolerance, and by how much."""
    wide, high = -(-kept.width() // BLOCK), -(-kept.height() // BLOCK)
    one, other = _means(found, wide, high), _means(kept, wide, high)
    for place, (mine, its) in enumerate(zip(one, other, strict=True)):
        off = max(abs(a - b) for a, b in zip(mine, its, strict=True))
        if off > tolerance:
            yield place % wide, place // wide, off


def _means(picture: QImage, wide: int, high: int) -> list[tuple[int, ...]]:
    """Red, green and blue of each block, row by row."""
    grid = picture.scaled(
        wide, high, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    grid = grid.convertToFormat(QImage.Format.Format_RGBX8888)  # whose lines have no padding
    pixels = bytes(grid.constBits())
    return [tuple(pixels[first : first + 3]) for first in range(0, len(pixels), 4)]


def what_differs(name: str, path: Path, folder: Path, tolerance: int) -> str:
    """A line on how a picture differs from the kept one, and a picture of that in `folder`; empty if it does not."""
    found, kept = QImage(str(path)), QImage(str(pictures.FOLDER / f"{name}.png"))
    if kept.isNull():
        return f"{name}: no picture of it is kept"
    if found.size() != kept.size():
        return f"{name}: {found.width()} x {found.height()} instead of {kept.width()} x {kept.height()}, see {path}"
    off = list(differences(found, kept, tolerance))
    if not off:
        return ""
    shown = folder / f"{name}-difference.png"
    draw_difference(found, kept, off).save(str(shown))
    worst = max(off, key=lambda block: block[2])
    return f"{name}: {len(off)} blocks differ, by up to {worst[2]} levels, see {shown} (as kept, as it is, where)"


def draw_difference(found: QImage, kept: QImage, off: list[tuple[int, int, int]]) -> QImage:
    """The kept picture, the found one, and the found one with what differs marked, side by side at double size."""
    wide, high, gap = found.width(), found.height(), 8
    drawn = QImage(3 * wide + 2 * gap, high, QImage.Format.Format_RGB888)
    drawn.fill(QColor("gray"))
    painter = QPainter(drawn)
    for place, picture in enumerate((kept, found, found)):
        painter.drawImage(place * (wide + gap), 0, picture)
    painter.translate(2 * (wide + gap), 0)
    painter.setPen(QColor("red"))
    for column, row, _ in off:
        painter.drawRect(column * BLOCK, row * BLOCK, BLOCK - 1, BLOCK - 1)
    painter.end()
    return drawn.scaledToWidth(2 * drawn.width())


@pytest.mark.parametrize("scale", pictures.SCALES)
def test_every_state_looks_as_it_did(qapp: object, tmp_path: Path, scale: int) -> None:
    taken = pictures.take(tmp_path / "taken", scale)
    assert set(taken) == {f"{state}-{theme}" for state in pictures.STATES for theme in pictures.THEMES}
    lines = [what_differs(name, path, tmp_path, TOLERANCE[scale]) for name, path in taken.items()]
    differ = [line for line in lines if line]
    assert not differ, "\n".join(
        [*differ, "If that is meant: python -m tests.ui.pictures, and look at what it made."]
    )


def test_no_picture_is_kept_of_a_state_that_is_gone() -> None:
    kept = {path.stem for path in pictures.FOLDER.iterdir()}
    assert kept == {f"{state}-{theme}" for state in pictures.STATES for theme in pictures.THEMES}


@pytest.fixture
def kept(qapp: object) -> QImage:
    return QImage(str(pictures.FOLDER / "details-light.png"))


def test_a_button_that_moved_is_seen(kept: QImage) -> None:
    """By 12 pixels of the window, at the place of “Choose files…”."""
    moved = kept.copy()
    painter = QPainter(moved)
    painter.drawImage(209, 16, kept.copy(212, 16, 29, 10))
    painter.end()
    assert list(differences(moved, kept))


def test_another_colour_is_seen(kept: QImage) -> None:
    """Of the bar at the foot: a little lighter than it was."""
    changed = kept.copy()
    for column in range(changed.width()):
        for row in range(changed.height()):
            colour = changed.pixelColor(column, row)
            if colour.blue() > colour.red() + 100:
                changed.setPixelColor(column, row, colour.lighter(125))
    assert list(differences(changed, kept))


def test_the_same_is_the_same(kept: QImage) -> None:
    assert not list(differences(kept, kept))
