"""The real app with a hand on it: `python -m tests.benchmarks.fluid_window SCRIPT ROWS [FOLDER]`.

Everything is the app's own, engine and queue included. When its event loop runs, the script acts on the widgets as
a person would, and prints what the probe found, one JSON object a scenario. Told by RECORDER_BENCHMARK_BEGAN when
its process was started (monotonic seconds).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox

from recorder_desktop import app
from recorder_desktop.__main__ import main
from recorder_desktop.core.model import UploadState
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.shown_uploads import Section
from tests.benchmarks.loop_probe import LoopProbe
from tests.benchmarks.measuring import tree_of

BEGAN = "RECORDER_BENCHMARK_BEGAN"
DEADLINE_S = 600.0
CALM_S = 0.5
IDLE_S = 20.0
UPLOADING_S = 20.0
_KEY, _CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


class Script:
    """What is done to the window. A scenario ends when its effect shows and what follows from it has had its time."""

    def __init__(self, window: MainWindow, rows: int) -> None:
        self._window = window
        self._rows = rows
        self._view = window.queue.view
        self._probe = LoopProbe()

    def start(self) -> None:
        """Until the window is there, has rows to act on, and lists all. The probe comes too late for that."""
        began = float(os.environ[BEGAN])
        self._wait(lambda: self._window.windowHandle().isExposed())
        window_s = time.monotonic() - began
        self._wait(lambda: self._window.model.rowCount() > 0)
        usable_s = time.monotonic() - began
        self._wait(lambda: self._window.model.rowCount() >= self._rows)
        QApplication.processEvents()
        listed_s = time.monotonic() - began
        _say("start", window_s=window_s, usable_s=usable_s, listed_s=listed_s, cpu_s=time.process_time())
        with self._scenario("the seconds after the start"):
            self._pass(3.0)

    def act(self) -> None:
        """What a person does with a long queue."""
        bar = self._view.verticalScrollBar()
        field = self._window.queue.filter.search
        with self._scenario("scrolling"):
            for step in range(200):
                bar.setValue(bar.maximum() * step // 200)
                self._pass(0.02)
        with self._scenario("typing in the filter"):
            for word in ("0", "07", "077", "0777"):
                QTest.keyClicks(field, word[-1])
                self._pass(0.3)
            field.clear()
            self._wait(lambda: self._window.queue.shown.rowCount() >= self._rows)
        with self._scenario("changing section"):
            for section in (Section.WAITING, Section.DONE, Section.ACTIVE, Section.ALL):
                self._window.queue.filter.sections[section].click()
                self._pass(0.7)
            self._wait(lambda: self._window.queue.shown.rowCount() >= self._rows)
        self._move()
        with self._scenario("select all, and nothing again"):
            self._view.setFocus()
            QTest.keyClick(self._view, _KEY.Key_A, _CTRL)
            self._pass(1.0)
            self._view.clearSelection()

    def upload(self) -> None:
        """Nothing but what the uploads do."""
        totals = self._window.model.totals
        before, began = totals.batch_bytes_confirmed, time.monotonic()
        with self._scenario("uploading, hands off"):
            self._pass(UPLOADING_S)
        moved = totals.batch_bytes_confirmed - before
        _say("uploaded", bytes_per_s=moved / (time.monotonic() - began), **_program_memory())

    def hold_all(self) -> None:
        """Pause whatever is not stored yet, and let it go on."""
        states, commands = self._window.model.totals.states, self._window.queue.commands
        with self._scenario("pausing all"):
            commands.pause_all.trigger()
            self._wait(lambda: states[UploadState.QUEUED] + states[UploadState.UPLOADING] == 0)
        with self._scenario("resuming all"):
            commands.resume_all.trigger()
            self._wait(lambda: states[UploadState.PAUSED] == 0)

    def clear(self) -> None:
        """Take everything out of the list, for good."""
        with self._scenario("wanting all rows out"):
            self._view.setFocus()
            QTest.keyClick(self._view, _KEY.Key_A, _CTRL)
            self._pass(0.3)
            self._window.queue.commands.remove.trigger()
            self._wait(lambda: bool(self._answers()))
        with self._scenario("all rows leaving for good"):
            self._answers()["Cancel and remove"].click()
            self._wait(lambda: self._window.model.rowCount() == 0)

    def add(self, folder: Path) -> None:
        """Drop a folder."""
        with self._scenario("adding the folder"):
            began = time.monotonic()
            self._window.add_paths([folder])
            self._wait(lambda: self._window.model.rowCount() > 0)
            first_s = time.monotonic() - began
            self._wait(lambda: self._window.model.rowCount() >= self._rows)
            all_s = time.monotonic() - began
        _say("added", first_s=first_s, all_s=all_s)

    def idle(self) -> None:
        """Nothing happens: without the probe, which would be something."""
        self._pass(3.0)
        cpu_s = time.process_time()
        self._pass(IDLE_S)
        _say("idle", share=(time.process_time() - cpu_s) / IDLE_S)

    def _move(self) -> None:
        model, shown = self._window.model, self._window.queue.shown
        last = shown.view_at(shown.rowCount() - 1).upload.id
        self._view.setFocus()
        with self._scenario("going to the last row"):
            QTest.keyClick(self._view, _KEY.Key_End)
            self._pass(0.5)
        with self._scenario("moving it to the front"):
            self._window.queue.commands.upload_next.trigger()
            self._wait(lambda: model.row_of(last) == 0)
        with self._scenario("dropping the first row in the middle"):
            self._view.rows_dropped.emit([last], shown.view_at(self._rows // 2).upload.id)
            self._wait(lambda: model.row_of(last) == self._rows // 2 - 1)

    def remove_and_undo(self) -> None:
        """Take the thousand that are stored out of their section, then out of the whole list, and have them back."""
        shown, commands = self._window.queue.shown, self._window.queue.commands
        self._window.queue.filter.sections[Section.DONE].click()
        self._wait(lambda: shown.rowCount() >= 1000)
        with self._scenario("selecting 1,000 rows"):
            self._view.setFocus()
            QTest.keyClick(self._view, _KEY.Key_A, _CTRL)
        with self._scenario("removing them"):
            commands.remove.trigger()
            self._wait(lambda: shown.rowCount() < 1000)  # others may be done meanwhile
        with self._scenario("having them back"):
            self._window.queue.removals.undo()
            self._wait(lambda: shown.rowCount() >= 1000)
        self._window.queue.filter.sections[Section.ALL].click()
        self._wait(lambda: shown.rowCount() >= self._rows)
        with self._scenario("removing 1,000 of all rows"):
            commands.remove_finished.trigger()
            self._wait(lambda: shown.rowCount() < self._rows)
        with self._scenario("having these back"):
            self._window.queue.removals.undo()
            self._wait(lambda: shown.rowCount() >= self._rows)

    def _answers(self) -> dict[str, QAbstractButton]:
        """What can be answered to the question on show, by its words."""
        boxes = self._window.findChildren(QMessageBox)
        return {button.text(): button for box in boxes for button in box.buttons()}

    @contextmanager
    def _scenario(self, name: str) -> Iterator[None]:
        self._probe.begin()
        yield
        self._pass(CALM_S)
        _say(name, **self._probe.end().as_dict())

    def _wait(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not until():
            if time.monotonic() > deadline:
                raise TimeoutError("what was waited for did not show in the window")
            self._pass(0.01)

    def _pass(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        if loop.exec() == -1:  # it would return at once from now on
            raise RuntimeError("the app ended while it was measured")


def _say(name: str, **figures: float) -> None:
    print(json.dumps({"scenario": name} | figures), flush=True)


def _program_memory() -> dict[str, float]:
    """Of the program that the data path is."""
    is_it = lambda pid: b"data_path" in Path(f"/proc/{pid}/cmdline").read_bytes()  # noqa: E731
    program = next(filter(is_it, tree_of(os.getpid())))
    return {f"program_{name}": size for name, size in _memory(str(program)).items()}


def _memory(process: str = "self") -> dict[str, float]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    sizes = {line.partition(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
    return {"rss_bytes": int(sizes["VmRSS"]) * 1024, "peak_bytes": int(sizes["VmHWM"]) * 1024}


def _run(kind: str, rows: int, folder: Path | None) -> None:
    window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))
    script = Script(window, rows)
    if kind == "adding" and folder is not None:
        script.add(folder)
    else:
        script.start()
    if kind == "resting":
        script.idle()
    if kind not in {"resting", "adding"}:
        script.upload()
    if kind != "adding":
        script.act()
    if kind not in {"small files", "adding"}:  # of the small ones, many more are stored by then
        script.remove_and_undo()
    _say("memory", **_memory())
    if kind in {"uploading", "small files"}:
        script.hold_all()
    if kind == "resting":
        script.clear()
    window.leave()


class _Watched(QApplication):
    """The app's own application, with the script in its event loop."""

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        kind, rows, *folder = sys.argv[1:]
        QTimer.singleShot(0, lambda: _end_on_fault(kind, int(rows), Path(folder[0]) if folder else None))


def _end_on_fault(kind: str, rows: int, folder: Path | None) -> None:
    try:
        _run(kind, rows, folder)
    except BaseException:
        QApplication.exit(1)
        raise


if __name__ == "__main__":
    setattr(app, "QApplication", _Watched)  # noqa: B010 - the app makes its own
    sys.exit(main([]))
