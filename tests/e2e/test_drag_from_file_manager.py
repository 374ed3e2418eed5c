"""A real drag: from a file manager's window to the app's, by the mouse, through the X server."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tests.e2e.desktop import Desktop
from tests.e2e.display import window_titles, x_display
from tests.e2e.file_manager import file_manager
from tests.e2e.recordings import make_noise
from tests.waiting import wait_for

DRAGS = 3
"""On a busy computer the two programs may not have agreed yet when the hand lets go. A person would try again; what
is there already is not added twice."""


def test_files_dragged_from_a_file_manager_are_uploaded(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    names = ["take 1.wav", "Äpfel & Birnen #2, 100%.wav"]
    for name in names:
        make_noise(shelf / name, duration_s=1)
    with x_display() as display:
        desktop = Desktop(tmp_path, {"DISPLAY": display})
        with file_manager(desktop.environment, shelf) as files, desktop.started() as app:
            wait_for(lambda: window_titles(display) or app.poll() is not None, "the window", 60.0)
            files.place("Recorder", 540, 20, 700, 600)
            for _ in range(DRAGS):
                if len(desktop.rows()) < len(names):
                    files.drag_all_to(890, 320)
                    with suppress(AssertionError):  # whether it did is seen below
                        wait_for(lambda: len(desktop.rows()) == len(names), "rows", 10.0)
            wait_for(lambda: desktop.states() == ["completed"] * len(names), "the uploads' end", 60.0)
            assert sorted(Path(row["path"]).name for row in desktop.rows()) == sorted(names)
            app.terminate()
            assert app.wait(20) == 0
