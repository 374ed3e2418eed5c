"""How long a person waits after starting the app: `python -m tests.benchmarks.start_up`. Linux with Xvfb.

Medians over several starts, each with a new home: until the window is mapped, next to a bare window of the same
toolkit in the same minutes, and until the stack of local mode answers. Prints; judges nothing.
"""

from __future__ import annotations

import ctypes
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import TypeVar

from recorder_desktop.system.owner_channel import NoOwner, OwnerGone, call_owner
from recorder_desktop.system.paths import RecorderPaths
from tests.e2e.desktop import ROOT, Desktop
from tests.e2e.display import x_display
from tests.waiting import wait_for

T = TypeVar("T")

STARTS = 5
DEADLINE_S = 30.0

BARE_WINDOW = """
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.setWindowTitle("Bare")
window.show()
application.exec()
"""

_SUBSTRUCTURE_NOTIFY_MASK = 1 << 19
_MAP_NOTIFY = 19


class _MapEvent(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("event", ctypes.c_ulong),
        ("window", ctypes.c_ulong),
        ("override_redirect", ctypes.c_int),
        ("room_for_other_events", ctypes.c_long * 24),
    ]


class WindowWatch:
    """An X11 client that the server tells of every window that appears; no polling, no window manager."""

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL("libX11.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(display.encode()))
        assert self._display, f"no display {display}"
        root = ctypes.c_ulong(self._x.XDefaultRootWindow(self._display))
        self._x.XSelectInput(self._display, root, ctypes.c_long(_SUBSTRUCTURE_NOTIFY_MASK))
        self._x.XSync(self._display, 0)

    def wait_for_window(self, title: str) -> None:
        """Return when a window with a title that begins with `title` has been mapped."""
        deadline = time.monotonic() + DEADLINE_S
        event = _MapEvent()
        while True:
            while not self._x.XPending(self._display):
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"no window “{title}” within {DEADLINE_S} s"
                select.select([self._x.XConnectionNumber(self._display)], [], [], left_s)
            self._x.XNextEvent(self._display, ctypes.byref(event))
            if event.type == _MAP_NOTIFY and self._title(event.window).startswith(title):
                return

    def close(self) -> None:
        """Leave the display."""
        self._x.XCloseDisplay(self._display)

    def _title(self, window: int) -> str:
        name = ctypes.c_char_p()
        self._x.XFetchName(self._display, ctypes.c_ulong(window), ctypes.byref(name))
        return (name.value or b"").decode("utf-8", "replace")


def bare_window_s(display: str, folder: Path) -> float:
    """Seconds from the start of a process until its empty window is mapped."""
    environment = {"PATH": os.defpath, "HOME": str(folder), "DISPLAY": display}
    with closing(WindowWatch(display)) as watch:
        began = time.monotonic()
        with subprocess.Popen([sys.executable, "-c", BARE_WINDOW], cwd=ROOT, env=environment) as process:
            try:
                watch.wait_for_window("Bare")
                return time.monotonic() - began
            finally:
                process.terminate()


def recorder_s(display: str, folder: Path) -> tuple[float, float]:
    """Seconds from the app's start until its window is mapped, and until its local stack answers."""
    desktop = Desktop(folder, {"DISPLAY": display})
    with closing(WindowWatch(display)) as watch:
        began = time.monotonic()
        with desktop.started() as app:
            watch.wait_for_window("Recorder")
            window_s = time.monotonic() - began
            wait_for(lambda: _answers(desktop), "the local stack", DEADLINE_S)
            stack_s = time.monotonic() - began
            app.terminate()
            app.communicate(timeout=DEADLINE_S)
    return window_s, stack_s


def _answers(desktop: Desktop) -> bool:
    """Whether there is an owner; if so, returns only when its backend, store and catalogue have answered."""
    try:
        list(call_owner(RecorderPaths(desktop.home), {"do": "library", "query": ""}))
    except (NoOwner, OwnerGone):
        return False
    return True


def main() -> None:
    """Measure in turn, so that whatever else the computer does meets all alike; the first round does not count."""
    bare: list[float] = []
    windows: list[float] = []
    stacks: list[float] = []
    for _ in range(1 + STARTS):
        bare.append(_in_new_folder(bare_window_s))
        window_s, stack_s = _in_new_folder(recorder_s)
        windows.append(window_s)
        stacks.append(stack_s)
    bare, windows, stacks = bare[1:], windows[1:], stacks[1:]
    print(f"{STARTS} starts, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    _print("bare PySide6 window", bare)
    _print("Recorder's window", windows)
    _print("Recorder's local stack", stacks)
    print(f"window against bare window: {median(windows) / median(bare):.2f}")


def _in_new_folder(measure: Callable[[str, Path], T]) -> T:
    with x_display() as display, tempfile.TemporaryDirectory() as folder:
        return measure(display, Path(folder))


def _print(what: str, seconds: Sequence[float]) -> None:
    each = " ".join(f"{value:.2f}" for value in seconds)
    print(f"{what:<24} {median(seconds):.2f} s   ({each})")


if __name__ == "__main__":
    main()
