"""A file manager under a window manager, and a hand on its mouse: what a person drags from."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import binary
from tests.waiting import wait_for

_SIZE = (500, 500)
_FIRST_ICON = (205, 130)
"""Where PCManFM draws the first icon of a folder in a window of that size, counted from the upper left corner."""
_STEPS = ((5, 2), (18, 8), (80, 30))
"""A hand does not jump: programs take a drag for one from some pixels on, and tell each other of every move."""


@dataclass(frozen=True)
class FileManager:
    """A window that shows a folder, at the upper left corner of the screen. environment: of its display."""

    environment: dict[str, str] = field(repr=False)
    window: str

    def drag_all_to(self, x: int, y: int) -> None:
        """Take hold of every file in the folder and let go at this place on the screen."""
        first_x, first_y = _FIRST_ICON
        way = [(first_x + right, first_y + down) for right, down in _STEPS]
        way += [((first_x + x) // 2, (first_y + y) // 2), (x - 9, y - 5), (x - 3, y - 2), (x, y)]
        moves = [word for step in way for word in ("mousemove", *map(str, step), "sleep", "0.1")]
        _xdotool(self.environment, "windowactivate", "--sync", self.window, "key", "ctrl+a", "sleep", "0.3")
        grip = ("mousemove", *map(str, _FIRST_ICON), "mousedown", "1", "sleep", "0.2")
        _xdotool(self.environment, *grip, *moves, "mouseup", "1")

    def place(self, name: str, x: int, y: int, width: int, height: int) -> None:
        """Put the window whose title begins with `name` there, once it is on the screen."""
        (window,) = wait_for(lambda: _windows(self.environment, name), f"the window {name}", 30.0)
        _place(self.environment, window, x, y, width, height)


@contextmanager
def file_manager(environment: dict[str, str], folder: Path) -> Iterator[FileManager]:
    """Show a folder on the display of this environment, with a window manager about it."""
    with ExitStack() as stack:
        _run(stack, environment, "openbox")
        # Whoever asks for a window before there is a manager to grant it may never get one.
        wait_for(lambda: _is_managed(environment), "the window manager", 30.0)
        _run(stack, environment, "pcmanfm", str(folder))
        (window,) = wait_for(lambda: _windows(environment, folder.name), "the file manager's window", 30.0)
        _place(environment, window, 0, 0, *_SIZE)
        yield FileManager(environment, window)


def _run(stack: ExitStack, environment: dict[str, str], program: str, *arguments: str) -> None:
    path = binary(program, f"the Debian package {program}")
    process = subprocess.Popen(
        [path, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    stack.callback(process.wait, 10)
    stack.callback(process.terminate)


def _is_managed(environment: dict[str, str]) -> bool:
    asked = ["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]
    return "window id" in subprocess.check_output(asked, env=environment, text=True, timeout=20)


def _windows(environment: dict[str, str], name: str) -> list[str]:
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", f"^{name}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,  # there is none yet
    )
    return found.stdout.split()


def _place(environment: dict[str, str], window: str, x: int, y: int, width: int, height: int) -> None:
    _xdotool(environment, "windowsize", "--sync", window, str(width), str(height))
    _xdotool(environment, "windowmove", window, str(x), str(y))


def _xdotool(environment: dict[str, str], *command: str) -> None:
    subprocess.run(["xdotool", *command], env=environment, timeout=20, check=True)
