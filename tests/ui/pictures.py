"""Pictures of the window's states: `python -m tests.ui.pictures` makes those anew that are kept to compare with,
`python -m tests.ui.pictures FOLDER` puts them there at full size, to be looked at, with `--tour` those of the tour.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QFont, QFontInfo, QImage
from PySide6.QtWidgets import QApplication

from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.translation import install
from tests.ui import demo

FOLDER = Path(__file__).with_name("pictures")
THEMES = ("light", "dark")
SCALES = (1, 2)
FONT = "DejaVu Sans"
"""Of Debian's fonts-dejavu-core: with another one nothing could be compared."""

_GRAPHS, _MATCH, _TOWN_HALL = (
    "Lecture 03 - Graphs.mp4", "Match against Norrköping, camera A (uncut, 4K).mkv", "Town hall.mov",
)  # fmt: skip
STATES: dict[str, tuple[str, ...]] = {
    "first-run": ("--empty",),
    "running": (),
    "details": ("--select", _GRAPHS),
    "needs-attention": ("--select", _TOWN_HALL),
    "attention-only": ("--section", "attention"),
    "narrow": ("--size", "720x560", "--select", _MATCH),
    "german": ("--language", "de", "--select", _GRAPHS),
    "many": ("--count", "3000"),
    "done": ("--done", "--select", _GRAPHS),
    "offline": ("--service", "unreachable"),
    "signed-out": ("--service", "sign-in"),
    "stored-already": ("--banner",),
    "library": ("--library", "shown"),
    "library-downloads": ("--library", "downloads"),
    "library-loading": ("--library", "loading"),
    "library-empty": ("--library", "empty"),
    "library-offline": ("--library", "offline"),
    "library-signed-out": ("--library", "sign-in"),
    "settings-account": ("--settings", "0"),
    "settings-transfers": ("--settings", "1"),
    "settings-folders": ("--settings", "2"),
    "settings-general": ("--settings", "3"),
    "sign-in": ("--dialog", "sign-in"),
    "bucket": ("--dialog", "bucket"),
}
"""What the demo is told for each."""

TOUR: dict[str, tuple[str, ...]] = {
    "first-run": STATES["first-run"],
    "empty": STATES["library-empty"],
    "running-light": STATES["running"],
    "running-dark": (*STATES["running"], "--dark"),
    "narrow": STATES["narrow"],
    "details": STATES["details"],
    "needs-attention": STATES["needs-attention"],
    "done": STATES["done"],
    "library": STATES["library-downloads"],
    "library-offline": STATES["library-offline"],
    "settings": STATES["settings-transfers"],
    "settings-folders-dark": (*STATES["settings-folders"], "--dark"),
    "hundred-thousand": ("--count", "100000"),
    "german": STATES["german"],
}
"""The same for the pictures of docs/tour.md."""

_KEPT_WIDTH = 280
_KEPT_STEP = 8
"""Kept pictures have so much coarser colours: a fifth of the bytes."""

_SCREEN = {"name": "screen", "x": 0, "y": 0, "width": 4000, "height": 3000, "logicalDpi": 96, "logicalBaseDpi": 96}
"""So large that it restricts no window at any scale."""

_SOON_MS = 400
_DEADLINE_MS = 20_000
_CHILD_S = 300.0


def take(folder: Path, scale: int) -> dict[str, Path]:
    """Have a process of its own grab every state in both themes at this scale; the reduced pictures' files, by name.

    Raises CalledProcessError with what it said, if a state does not come to rest or the font is not there.
    """
    screen = folder.with_suffix(".screen.json")
    screen.write_text(json.dumps({"screens": [_SCREEN]}))
    env = os.environ | {
        "QT_QPA_PLATFORM": f"offscreen:configfile={screen}",
        "QT_SCALE_FACTOR": str(scale),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }
    command = [sys.executable, "-m", "tests.ui.pictures", "--reduced", str(folder)]
    subprocess.run(command, env=env, cwd=Path(__file__).parents[2], check=True, timeout=_CHILD_S)
    return {path.stem: path for path in sorted(folder.glob("*.png"))}


def reduced(picture: QImage) -> QImage:
    """A picture at the size in which it is kept and compared, whatever scale it was taken at."""
    small = picture.scaledToWidth(_KEPT_WIDTH, Qt.TransformationMode.SmoothTransformation)
    return small.convertToFormat(QImage.Format.Format_RGB888)


def keep(picture: QImage, path: Path) -> None:
    """Write a reduced picture in few bytes: its colours are a little coarser afterwards."""
    steps = bytes(value // _KEPT_STEP * _KEPT_STEP + _KEPT_STEP // 2 for value in range(256))
    pixels = bytes(picture.constBits()).translate(steps)
    coarse = QImage(pixels, picture.width(), picture.height(), picture.bytesPerLine(), picture.format())
    _save(coarse, path, quality=0)


def _save(picture: QImage, path: Path, quality: int) -> None:
    """Write a PNG; the lower the quality, which it does not lose, the longer Qt looks for a shorter file."""
    if not picture.save(str(path), "PNG", quality):  # type: ignore[call-overload]
        raise OSError(f"{path} could not be written")


# --- in the process that grabs -----------------------------------------------------------------------------------


def every_state() -> dict[str, tuple[str, ...]]:
    """What the demo is told for every state in both themes, by the picture's name."""
    dark = {"light": (), "dark": ("--dark",)}
    return {f"{state}-{theme}": (*told, *dark[theme]) for state, told in STATES.items() for theme in THEMES}


def grab(pictures: Mapping[str, Sequence[str]], folder: Path, finish: Callable[[QImage], QImage]) -> None:
    """Grab these into `folder`, each as `finish` makes it of what was grabbed."""
    folder.mkdir(exist_ok=True)
    app = QApplication(sys.argv[:1])
    app.setFont(QFont(FONT, 9))
    found = QFontInfo(app.font()).family()
    if found != FONT:
        raise RuntimeError(f"The font {FONT} is not installed ({found} would be used). See tools/system_packages.sh.")
    for name, told in pictures.items():
        options = demo.read_options(["--still", *told])
        install(app, options.language or "en")
        _save(finish(_grab(options, name)), folder / f"{name}.png", quality=90)


def _grab(options: object, name: str) -> QImage:
    window, queue = demo.open_window(options)  # type: ignore[arg-type]
    rows = len(queue.views())
    _settle(window, rows, name)
    focused = QApplication.focusWidget()
    if focused is not None:  # where it is hangs on when the window became the active one
        focused.clearFocus()
        _settle(window, rows, name)
    picture = demo.shown_part(window).grab().toImage()
    window.leave()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return picture


def _settle(window: MainWindow, rows: int, name: str) -> None:
    """Wait until the rows are there and nothing is due any more, but what is looked at again and again."""
    elapsed = QElapsedTimer()
    elapsed.start()
    calm = 0
    while calm < 3:
        if elapsed.elapsed() > _DEADLINE_MS:
            due = [f"{timer.parent()} {timer.interval()} ms" for timer in _due(window)]
            raise RuntimeError(f"{name} does not come to rest: {window.model.rowCount()} of {rows} rows, due: {due}")
        loop = QEventLoop()
        QTimer.singleShot(5, loop.quit)
        loop.exec()
        is_whole = QApplication.activeWindow() is not None and window.model.rowCount() == rows
        calm = calm + 1 if is_whole and not any(_due(window)) else 0


def _due(window: MainWindow) -> Iterator[QTimer]:
    timers = window.findChildren(QTimer)
    return (each for each in timers if each.isActive() and each.isSingleShot() and each.interval() <= _SOON_MS)


def main() -> int:
    """Make the kept pictures anew, or with a folder grab all into it."""
    parser = argparse.ArgumentParser(description="Makes the kept pictures of the window anew.")
    parser.add_argument("folder", nargs="?", type=Path, help="put pictures of full size here instead")
    parser.add_argument("--reduced", action="store_true", help="as small as those that are kept")
    parser.add_argument("--tour", action="store_true", help="those of docs/tour.md")
    options = parser.parse_args()
    if options.folder is not None:
        grab(TOUR if options.tour else every_state(), options.folder, reduced if options.reduced else QImage)
        return 0
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with TemporaryDirectory() as folder:
        for name, path in take(Path(folder, "taken"), 1).items():
            keep(QImage(str(path)), FOLDER / f"{name}.png")
    print(f"{len(STATES) * len(THEMES)} pictures in {FOLDER}. Look at what is different before you commit it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
