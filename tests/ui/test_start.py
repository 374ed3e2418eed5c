"""What the window's process says when it cannot begin, and how it ends before it has begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recorder_desktop import app


def test_a_folder_of_its_own_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_bytes(b"")
    monkeypatch.setenv("RECORDER_HOME", str(in_the_way / "home"))
    said: list[str] = []
    monkeypatch.setattr(app, "_say", said.append)

    assert app.main([]) == 1
    assert len(said) == 1
    assert str(in_the_way) in said[0]
    assert "make its folder writable" in said[0]


ENDED_BEFORE_ITS_WINDOW = """
import signal, sys, types
import recorder_desktop
from recorder_desktop import __main__

starting = recorder_desktop.app = sys.modules["recorder_desktop.app"] = types.ModuleType("recorder_desktop.app")
starting.main = lambda _arguments: signal.raise_signal(int(sys.argv[1]))
sys.exit(__main__.main(sys.argv[2:]) or "it went on")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_there_is_a_window_ends_the_app_in_order(number: signal.Signals) -> None:
    command = [sys.executable, "-c", ENDED_BEFORE_ITS_WINDOW, str(int(number))]

    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_signal_before_files_were_handed_over_is_no_success() -> None:
    command = [sys.executable, "-c", ENDED_BEFORE_ITS_WINDOW, str(int(signal.SIGTERM)), "talk.mp4"]

    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (ended.returncode, ended.stderr) == (128 + signal.SIGTERM, "")


ENDS_ONCE_SETTLED = """
import gc, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from recorder_desktop import app

class Watched(QApplication):
    def __init__(self, arguments):
        super().__init__(arguments)
        self._timer = QTimer(self, interval=20)
        self._timer.timeout.connect(lambda: gc.get_freeze_count() and self.quit())
        self._timer.start()

app.QApplication = Watched
sys.exit(app.main([]))
"""


def test_what_is_there_when_the_queue_is_shown_is_kept_from_the_garbage_collector(tmp_path: Path) -> None:
    env = os.environ | {"RECORDER_HOME": str(tmp_path / "home"), "QT_QPA_PLATFORM": "offscreen"}

    ended = subprocess.run([sys.executable, "-c", ENDS_ONCE_SETTLED], env=env, check=False, timeout=60)

    assert ended.returncode == 0
