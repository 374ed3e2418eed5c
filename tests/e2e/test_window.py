"""The window with everything behind it real: engine, bundled backend and embedded store."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt makes its application

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from recorder_desktop.bootstrap import Recorder, data_path_apart
from recorder_desktop.config import LOCAL, DesktopConfig
from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.library import DownloadedFile
from recorder_desktop.core.lifecycle import was_deleted
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.data_path.apart import DataPathApart
from recorder_desktop.library import Library
from recorder_desktop.system.local_stack import BUCKET
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.library_loader import Shelf
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.settings import ForgetfulSettings
from recorder_desktop.ui.view_switch import LIBRARY
from tests.e2e.desktop import Desktop
from tests.e2e.display import window_titles, x_display
from tests.e2e.recordings import make_noise
from tests.servers import s3_client
from tests.ui.drag_and_drop import drop, mime_of
from tests.ui.scripted_dialogs import ScriptedDialogs
from tests.waiting import wait_for

PART_BYTES = 8 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A person's home; emptied at once, since recordings are large."""
    yield tmp_path
    shutil.rmtree(tmp_path)


# --- the window in the test's own process -----------------------------------------------------------------------


@pytest.fixture
def recorder(folder: Path) -> Iterator[Recorder]:
    made = Recorder(RecorderPaths(folder / "home").create(), DesktopConfig(LOCAL), new_data_path=data_path_apart)
    yield made
    made.close()


@pytest.fixture
def window(qapp: QGuiApplication, qtbot: QtBot, recorder: Recorder) -> Iterator[MainWindow]:
    """On screen, with the engine at work behind it."""
    bridge = EngineBridge()
    made = MainWindow(bridge, ForgetfulSettings(), ScriptedDialogs(), tray_available=lambda: False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    bridge.attach(recorder.queue)
    recorder.start()
    yield made
    bridge.close()


def objects(recorder: Recorder) -> dict[str, bytes]:
    """Everything in the embedded store, by key."""
    store = recorder.destinations._stacks[LOCAL]._store
    assert store is not None
    client: Any = s3_client(store.endpoint_url, store.keys.access_key, store.keys.secret_key, "us-east-1")
    keys = [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    return {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def data_path(recorder: Recorder) -> DataPathApart:
    """Beside a window it is a process of its own."""
    assert isinstance(recorder._data_path, DataPathApart)
    return recorder._data_path


def click_row(table: QTableView, row: int) -> None:
    place = table.visualRect(table.model().index(row, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def rows(window: MainWindow) -> list[Upload]:
    return [window.model.view_at(row).upload for row in range(window.model.rowCount())]


def test_files_dropped_on_the_window_arrive_in_the_store_byte_for_byte(
    qtbot: QtBot, window: MainWindow, recorder: Recorder, folder: Path
) -> None:
    long = make_noise(folder / "Vorlesung über Äpfel.wav", duration_s=40)
    short = make_noise(folder / "coda #2, 100%.wav", duration_s=1)

    drop(window, mime_of(long.as_uri(), short.as_uri()))

    qtbot.waitUntil(lambda: window.model.rowCount() == 2)
    assert window.queue.isVisible()
    qtbot.waitUntil(lambda: {upload.state for upload in rows(window)} == {UploadState.COMPLETED}, timeout=60_000)
    keys = [upload.recording.key for upload in rows(window) if upload.recording is not None]
    assert objects(recorder) == {keys[0]: long.read_bytes(), keys[1]: short.read_bytes()}
    qtbot.waitUntil(lambda: data_path(recorder).pid is None, timeout=20_000)  # nothing is left to send


def test_a_file_arrives_although_the_program_that_sends_it_is_killed(
    qtbot: QtBot, window: MainWindow, recorder: Recorder, folder: Path
) -> None:
    recorder.queue.set_limits(BandwidthPlan(2_000_000))
    recording = make_noise(folder / "long.wav", duration_s=60)
    window.add_paths([recording])
    qtbot.waitUntil(lambda: window.model.totals.batch_bytes_in_flight > 0, timeout=60_000)
    program = data_path(recorder).pid
    assert program is not None

    os.kill(program, signal.SIGKILL)

    qtbot.waitUntil(lambda: data_path(recorder).pid not in (None, program), timeout=60_000)
    recorder.queue.set_limits(BandwidthPlan())
    qtbot.waitUntil(lambda: [each.state for each in rows(window)] == [UploadState.COMPLETED], timeout=60_000)
    assert list(objects(recorder).values()) == [recording.read_bytes()]


def test_what_was_uploaded_is_found_fetched_and_deleted_in_the_library(
    qtbot: QtBot, window: MainWindow, recorder: Recorder, folder: Path
) -> None:
    window.attach_library(Library(recorder.destinations, recorder.queue.note_deleted))
    recording = make_noise(folder / "coda #2, 100%.wav", duration_s=1)
    window.add_paths([recording])
    qtbot.waitUntil(lambda: [each.state for each in rows(window)] == [UploadState.COMPLETED], timeout=60_000)

    window.switch.choose(LIBRARY)
    library = window.library
    qtbot.waitUntil(lambda: library.model.rowCount() == 1, timeout=20_000)
    assert library.model.recording_at(0).file_name == recording.name

    click_row(library.table, 0)
    assert library.commands.download.isEnabled()
    library.downloads._folder = folder
    library.commands.download.trigger()
    (download,) = library.downloads.first(2)
    qtbot.waitUntil(lambda: download.file is not None, timeout=20_000)
    assert download.file == DownloadedFile(folder / "coda #2, 100% (2).wav", checksum_agreed=True)
    assert download.file.path.read_bytes() == recording.read_bytes()
    library.commands._delete_now([library.model.recording_at(0).file_id], library.model.destination)

    qtbot.waitUntil(lambda: library.loader.state is Shelf.EMPTY, timeout=20_000)
    assert objects(recorder) == {}
    qtbot.waitUntil(lambda: was_deleted(rows(window)[0]), timeout=20_000)


def test_the_file_of_a_recording_that_was_deleted_elsewhere_stays_and_is_uploaded_again(
    qtbot: QtBot, window: MainWindow, recorder: Recorder, folder: Path
) -> None:
    recording = make_noise(folder / "coda.wav", duration_s=1)
    window.add_paths([recording])
    qtbot.waitUntil(lambda: [each.state for each in rows(window)] == [UploadState.COMPLETED], timeout=60_000)
    stored = rows(window)[0].recording
    assert stored is not None
    recorder.destinations.connect(LOCAL).delete_recording(stored.file_id)

    window.queue.view.select_upload(rows(window)[0].id)
    window.details.help._trash_if_stored(rows(window)[0])
    qtbot.waitUntil(lambda: "may be the last copy" in window.banner.message, timeout=20_000)
    assert recording.exists()
    qtbot.waitUntil(lambda: was_deleted(rows(window)[0]))
    window.add_paths([recording])

    qtbot.waitUntil(lambda: [each.state for each in rows(window)][1:] == [UploadState.COMPLETED], timeout=60_000)
    assert list(objects(recorder).values()) == [recording.read_bytes()]


# --- the app's own process --------------------------------------------------------------------------------------


@pytest.fixture
def desktop(folder: Path) -> Iterator[Desktop]:
    """The app on a display of its own; no process of it may be left afterwards."""
    with x_display() as display:
        made = Desktop(folder, {"DISPLAY": display})
        yield made
        wait_for(lambda: not made.processes(), "the end of every process of the app", 10.0)


def wait_for_window(desktop: Desktop, app: subprocess.Popen[str]) -> list[str]:
    """The titles of the app's windows, as soon as there is one."""
    wait_for(lambda: app.poll() is not None or window_titles(desktop.settings["DISPLAY"]), "the window", 60.0)
    assert app.poll() is None, app.communicate()
    return window_titles(desktop.settings["DISPLAY"])


def end_in_order(desktop: Desktop, app: subprocess.Popen[str]) -> None:
    """Ask the app to end; it does so without a complaint, and its children before it."""
    app.send_signal(signal.SIGTERM)
    assert (app.communicate(timeout=20), app.returncode) == (("", ""), 0)
    assert not desktop.processes()


def test_f09_a_second_start_hands_its_file_to_the_window_that_runs_and_ends_at_once(desktop: Desktop) -> None:
    recording = make_noise(desktop.folder / "take 1.wav", duration_s=1)
    with desktop.started() as first:
        (title,) = wait_for_window(desktop, first)
        assert title.startswith("Recorder")

        with desktop.started(str(recording)) as second:
            assert second.wait(20) == 0

        wait_for(lambda: desktop.states() == ["completed"], "the upload's end", 60.0)
        (stored,) = json.loads(desktop.run("library", "--json"))
        desktop.run("get", stored["fileId"], "-o", str(desktop.folder / "fetched.wav"))
        assert (desktop.folder / "fetched.wav").read_bytes() == recording.read_bytes()
        assert len(wait_for_window(desktop, first)) == 1
        commands = " ".join(desktop.processes().values())
        assert "backend serve" in commands
        assert "/weed" in commands

        end_in_order(desktop, first)


def test_an_app_that_is_ended_while_it_still_starts_leaves_no_child(desktop: Desktop) -> None:
    with desktop.started() as app:
        wait_for_window(desktop, app)

        end_in_order(desktop, app)


def test_f54_a_killed_or_ended_app_leaves_no_child_and_the_next_start_goes_on_by_itself(desktop: Desktop) -> None:
    recording = make_noise(desktop.folder / "match.wav", duration_s=280)
    with desktop.started(str(recording)) as app:
        wait_for(lambda: desktop.stored_bytes() > PART_BYTES, "parts in the store", 60.0)
        app.kill()
        app.wait(10)
    wait_for(lambda: not desktop.processes(), "the end of all children", 5.0)
    assert [row["state"] for row in desktop.queue()] == ["queued"]

    before = desktop.stored_bytes()
    with desktop.started() as app:
        wait_for(lambda: desktop.stored_bytes() > before, "more parts in the store", 60.0)
        end_in_order(desktop, app)
    assert [row["state"] for row in desktop.queue()] == ["queued"]

    with desktop.started() as app:
        wait_for_window(desktop, app)
        wait_for(lambda: desktop.states() == ["completed"], "the upload's end", 60.0)
        (stored,) = json.loads(desktop.run("library", "--json"))
        end_in_order(desktop, app)
    assert (stored["fileName"], stored["size"]) == ("match.wav", recording.stat().st_size)
