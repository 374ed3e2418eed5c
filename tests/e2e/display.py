"""An X server without a screen, and what can be seen on it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def x_display() -> Iterator[str]:
    """Run an X server of its own and yield its name, as DISPLAY takes it."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as answer:
        # -noreset: else it starts afresh whenever its last client leaves, and refuses whoever comes meanwhile.
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-noreset", "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
            pass_fds=(writing,),
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        number = answer.readline().strip()
    try:
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


def window_titles(display: str) -> list[str]:
    """Titles of the visible windows that begin with the app's name."""
    command = ["xdotool", "search", "--onlyvisible", "--name", "^Recorder"]
    environment = {"PATH": os.defpath, "DISPLAY": display}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=10, check=False)
    numbers = found.stdout.split()
    names = (["xdotool", "getwindowname", number] for number in numbers)
    return [subprocess.check_output(name, env=environment, text=True, timeout=10).strip() for name in names]
