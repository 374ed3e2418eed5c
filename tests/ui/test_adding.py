"""Drops, dialogs, paste and handed-over paths, on the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QSysInfo, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import Refused
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.upload_queue import AddOptions, AlreadyStored, Attached, Rejected
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from tests.fakes.recorder import a_stored_recording
from tests.fakes.upload_queue import FakeUploadQueue, make_view
from tests.ui.drag_and_drop import COPY, LEFT, NONE, drop, mime_of
from tests.ui.scripted_dialogs import ScriptedDialogs


def added(queue: FakeUploadQueue) -> list[Path]:
    return [path for name, paths in queue.calls if name == "add" for path in paths]


def test_dropped_files_and_folders_are_queued_and_listed(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    drop(window, mime_of("file:///media/CARD/take%201.mp4", "file:///home/mara/%C5%81ucja/%C5%8Cno.wav"))

    assert added(queue) == [Path("/media/CARD/take 1.mp4"), Path("/home/mara/Łucja/Ōno.wav")]
    qtbot.waitUntil(lambda: window.model.rowCount() == 2)
    assert window.queue.isVisible()


def test_a_drop_is_taken_as_a_copy_even_if_a_move_was_offered(window: MainWindow) -> None:
    action = drop(window, mime_of("file:///a.mp4"), COPY | Qt.DropAction.MoveAction)

    assert action is COPY


def test_a_url_that_names_this_computer_is_a_local_file(window: MainWindow, queue: FakeUploadQueue) -> None:
    drop(window, mime_of(f"file://{QSysInfo.machineHostName()}/a.mp4", "file://localhost/b.mp4"))

    assert added(queue) == [Path("/a.mp4"), Path("/b.mp4")]


def test_links_are_declined_in_one_line_and_the_files_beside_them_taken(
    window: MainWindow, queue: FakeUploadQueue
) -> None:
    drop(window, mime_of("https://example.org/a.mp4", "file:///b.mp4"))

    assert added(queue) == [Path("/b.mp4")]
    assert window.banner.isVisible()
    assert window.banner.message == "1 link was not added: save the file on this computer first."


def test_dropped_text_is_declined_in_one_line(window: MainWindow, queue: FakeUploadQueue) -> None:
    mime = QMimeData()
    mime.setText("talk.mp4")
    drop(window, mime)

    assert added(queue) == []
    assert window.banner.message == "That was not a file. Drop files or folders from this computer."


def test_the_zone_invites_while_a_drag_is_over_the_window_and_calms_when_it_leaves(window: MainWindow) -> None:
    mime = mime_of("file:///a.mp4")  # an event does not keep its data alive
    enter = QDragEnterEvent(QPoint(5, 5), COPY, mime, LEFT, NONE)
    QApplication.sendEvent(window, enter)
    assert window.drop_zone.sentence == "Let go to upload"

    QApplication.sendEvent(window, QDragLeaveEvent())
    assert window.drop_zone.sentence == "Drop recordings here"


def test_ctrl_o_adds_the_chosen_files(window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs) -> None:
    dialogs.files = [Path("/a.mp4")]
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)

    assert added(queue) == [Path("/a.mp4")]


def test_the_buttons_add_files_and_folders(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    dialogs.files, dialogs.folders = [Path("/a.mp4")], [Path("/folder")]
    QTest.mouseClick(window.drop_zone.files_button, LEFT)
    QTest.mouseClick(window.drop_zone.folder_button, LEFT)

    assert added(queue) == [Path("/a.mp4"), Path("/folder")]


def test_pasted_files_are_added(window: MainWindow, queue: FakeUploadQueue) -> None:
    QGuiApplication.clipboard().setMimeData(mime_of("file:///a.mp4"))
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    assert added(queue) == [Path("/a.mp4")]


def test_pasting_an_empty_clipboard_is_declined_in_one_line(window: MainWindow, queue: FakeUploadQueue) -> None:
    QGuiApplication.clipboard().clear()
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    assert window.banner.message.startswith("That was not a file.")
    assert added(queue) == []


def test_what_is_dropped_before_the_engine_is_there_is_added_when_it_comes(
    qtbot: QtBot, bare_window: MainWindow, bridge: EngineBridge, queue: FakeUploadQueue
) -> None:
    drop(bare_window, mime_of("file:///a.mp4"))
    assert bare_window.drop_zone.sentence == "Adding recordings…"
    bridge.attach(queue)

    assert added(queue) == [Path("/a.mp4")]
    qtbot.waitUntil(lambda: bare_window.model.rowCount() == 1)
    qtbot.waitUntil(lambda: bare_window.drop_zone.sentence == "Drop more recordings here")


def test_a_refused_file_is_named_in_one_line(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.outcomes.append([Rejected(Path("/x"), "file_missing", "“x” does not exist.")])
    window.add_paths([Path("/x")])

    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.message == "“x” does not exist."


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (2, "2 items were not added: “0”, “1”. The first: “0” does not exist."),
        (3, "3 items were not added: “0”, “1”, “2”. The first: “0” does not exist."),
        (5, "5 items were not added: “0”, “1”, “2”, … The first: “0” does not exist."),
    ],
)
def test_many_refused_files_are_one_line_that_names_three(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, count: int, words: str
) -> None:
    queue.outcomes.append([Rejected(Path(f"/{n}"), "file_missing", f"“{n}” does not exist.") for n in range(count)])
    window.add_paths([Path("/0")])

    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.message == words


def test_a_stored_file_is_uploaded_again_only_if_the_person_says_so(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.outcomes.append([AlreadyStored("/a.mp4", "old")])
    window.add_paths([Path("/a.mp4")])
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.message == "“a.mp4” is already stored and unchanged."

    QTest.mouseClick(window.banner.button, LEFT)

    assert queue.options == [AddOptions(leaves_verified=True), AddOptions(again=True)]
    assert added(queue) == [Path("/a.mp4"), Path("/a.mp4")]
    assert not window.banner.isVisible()


def test_of_a_stored_file_that_could_not_be_asked_about_that_is_said(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.outcomes.append([AlreadyStored("/a.mp4", "old", is_certain=False), AlreadyStored("/b.mp4", "older")])
    window.add_paths([Path("/a.mp4"), Path("/b.mp4")])

    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.message == (
        "2 files are already stored and unchanged. "
        "Whether the stored copy is still there could not be asked now, so keep your file."
    )
    QTest.mouseClick(window.banner.button, LEFT)
    assert queue.options == [AddOptions(leaves_verified=True)] * 2
    assert added(queue) == [Path("/a.mp4"), Path("/b.mp4")] * 2


def test_what_could_not_be_asked_about_is_not_called_safe_to_delete_until_it_could(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(make_view("a.mp4", UploadState.COMPLETED, upload_id="old", recording=a_stored_recording("a.mp4")))
    queue.outcomes += [[AlreadyStored("/a.mp4", "old", is_certain=False)], [AlreadyStored("/a.mp4", "old")]]
    sentence = window.details.sentence
    window.add_paths([Path("/a.mp4")])
    qtbot.waitUntil(lambda: sentence.text().endswith("so keep your file."))
    window.add_paths([Path("/a.mp4")])

    qtbot.waitUntil(lambda: sentence.text().startswith("Verified. "))


def test_closing_the_question_leaves_the_stored_file_alone(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.outcomes.append([AlreadyStored("/a.mp4", "old")])
    window.add_paths([Path("/a.mp4")])
    qtbot.waitUntil(window.banner.isVisible)

    QTest.mouseClick(window.banner.close_button, LEFT)

    assert not window.banner.isVisible()
    assert len(queue.calls) == 1


def test_a_file_that_is_on_its_way_is_selected_instead_of_added(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(make_view("a.mp4"), make_view("b.mp4"))
    queue.outcomes.append([Attached("/recordings/b.mp4", "b.mp4")])
    window.add_paths([Path("/recordings/b.mp4")])

    qtbot.waitUntil(lambda: [view.upload.id for view in window.queue.view.selected_views()] == ["b.mp4"])


def test_a_failed_command_becomes_a_line(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.failure = Refused("The queue is closed. Start Recorder again.")
    window.add_paths([Path("/a.mp4")])

    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.message == "The queue is closed. Start Recorder again."
    assert window.drop_zone.sentence != "Adding recordings…"
