"""The details of a selected upload: its parts as a picture, its history, and the button that helps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import FileChanged, FileMissing, Offline
from recorder_desktop.core.history import Happened, Happening
from recorder_desktop.core.lifecycle import DELETED
from recorder_desktop.core.model import FileIdentity, PartMap, Problem, UploadState
from recorder_desktop.ui.desktop import QtDesktop
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.part_map import Cell, cells_of, lay_out
from recorder_desktop.ui.text import link_copied
from recorder_desktop.ui.upload_history import lines_of, words_of
from tests.fakes.desktop import FakeDesktop
from tests.fakes.library_desk import FakeLibraryDesk
from tests.fakes.recorder import a_stored_recording
from tests.fakes.upload_queue import FakeUploadQueue, make_view
from tests.ui.scripted_dialogs import ScriptedDialogs, answer_to_enter
from tests.unit.transfer.conftest import Rig, make_parts_small


def click(button: QPushButton) -> None:
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def show(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, state: UploadState, **changes: Any) -> None:
    queue.append(make_view("talk.mp4", state, **changes))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    window.queue.view.select_upload("talk.mp4")


def parts(total: int, stored: int, *moving: int) -> PartMap:
    return PartMap((1,) * total, frozenset(range(1, stored + 1)), dict.fromkeys(moving, 1))


def test_the_part_map_is_shown_and_follows_the_upload(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.part_maps["talk.mp4"] = parts(4, 1, 2)
    show(qtbot, window, queue, UploadState.UPLOADING)
    side = window.details.side
    qtbot.waitUntil(lambda: side.caption.text() == "1 of 4 parts stored · 1 on their way")
    assert side.picture.cells == [Cell(1, False), Cell(0, True), Cell(0, False), Cell(0, False)]
    queue.part_maps["talk.mp4"] = parts(4, 3)
    queue.change("talk.mp4", bytes_confirmed=3)

    qtbot.waitUntil(lambda: side.caption.text() == "3 of 4 parts stored")


def test_the_map_is_asked_for_once_while_nothing_changes(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    show(qtbot, window, queue, UploadState.PAUSED)
    for number in range(20):
        queue.append(make_view(f"{number}.mp4"))
    qtbot.waitUntil(lambda: window.model.rowCount() == 21)

    assert queue.maps_asked == ["talk.mp4"]


@pytest.mark.parametrize("total", [1, 7, 290, 1000, 10_000])
def test_all_parts_have_room_whatever_their_number(total: int) -> None:
    grid = lay_out(total, 420, 44)
    cells = cells_of(parts(total, total), grid.cells)

    assert grid.columns * grid.edge <= 420
    assert -(-len(cells) // grid.columns) * grid.edge <= 44
    assert all(cell == Cell(1, False) for cell in cells)


def test_a_shared_cell_is_full_only_when_all_its_parts_are() -> None:
    cells = cells_of(parts(10_000, 9_999), 400)

    assert cells[-1].stored < 1
    assert {cell.stored for cell in cells[:-1]} == {1.0}


def test_what_happened_is_told_newest_first(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    show(qtbot, window, queue, UploadState.QUEUED)
    lines = window.details.side.lines

    def happened() -> list[str]:
        return [line.partition("  ")[2] for line in lines.toPlainText().splitlines()]

    queue.change("talk.mp4", state=UploadState.UPLOADING)
    qtbot.waitUntil(lambda: len(happened()) == 2)
    queue.change("talk.mp4", state=UploadState.ATTENTION, problem=Problem("file_missing", "<b>It is gone."))
    qtbot.waitUntil(lambda: len(happened()) == 3)

    assert happened() == ["<b>It is gone.", "Sending began.", "Added to the queue."]


def test_what_happened_in_earlier_runs_is_told_too(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.histories["talk.mp4"] = [
        Happening(1.8e9, Happened.BEGAN),
        Happening(1.8e9 + 60, Happened.WAITED_FOR_NETWORK, lasted_s=720.0),
        Happening(1.8e9 + 120, Happened.APP_KILLED),
        Happening(1.8e9 + 180, Happened.WENT_ON),
        Happening(1.8e9 + 240, Happened.STUCK, "The file is gone. Put it back."),
    ]
    show(qtbot, window, queue, UploadState.ATTENTION)
    lines = window.details.side.lines

    qtbot.waitUntil(lambda: len(lines.toPlainText().splitlines()) == 6)

    assert [line.partition("  ")[2] for line in lines.toPlainText().splitlines()] == [
        "The file is gone. Put it back.",
        "Sending went on.",
        "Recorder had ended without warning. What was sent is kept.",
        "Waited 12 min for the network.",
        "Sending began.",
        "Added to the queue.",
    ]


def test_the_window_tells_what_happened_before_a_restart(
    qtbot: QtBot, bare_window: MainWindow, bridge: EngineBridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_parts_small(monkeypatch)
    rig = Rig(tmp_path)
    rig.remote.fault = lambda step, _number: (
        (_ for _ in ()).throw(Offline("No connection.")) if step == "put" else None
    )
    [upload_id] = rig.add(rig.file())
    rig.wait_state(upload_id, UploadState.WAITING)
    rig.engine.pause([upload_id]).result(10)
    rig.engine.resume([upload_id]).result(10)
    rig.wait_state(upload_id, UploadState.UPLOADING, UploadState.WAITING)
    rig.engine.close()
    rig.remote.fault = lambda _step, _number: None

    bridge.attach(rig.open())
    rig.stored(upload_id)
    qtbot.waitUntil(lambda: bare_window.model.view_at(0).upload.state is UploadState.COMPLETED)
    bare_window.queue.view.select_upload(upload_id)
    lines = bare_window.details.side.lines
    qtbot.waitUntil(lambda: len(lines.toPlainText().splitlines()) == 8)

    assert [line.partition("  ")[2] for line in lines.toPlainText().splitlines()] == [
        "Stored and verified.",
        "Sending went on.",
        "Recorder was closed. What was sent is kept.",
        "Sending went on.",
        "Waits for its turn.",
        "Paused.",
        "Sending began.",
        "Added to the queue.",
    ]
    bridge.close()
    rig.engine.close()


def test_bytes_that_move_are_no_reason_to_read_the_history_again(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    told = queue.history

    def tell(upload_id: str) -> object:
        asked.append(upload_id)
        return told(upload_id)

    monkeypatch.setattr(queue, "history", tell)
    show(qtbot, window, queue, UploadState.UPLOADING, bytes_confirmed=1)
    qtbot.waitUntil(lambda: asked == ["talk.mp4"])

    queue.change("talk.mp4", bytes_confirmed=2)
    qtbot.waitUntil(lambda: window.model.view_at(0).upload.bytes_confirmed == 2)
    assert asked == ["talk.mp4"]
    queue.change("talk.mp4", state=UploadState.PAUSED)

    qtbot.waitUntil(lambda: asked == ["talk.mp4"] * 2)


@pytest.mark.parametrize("what", Happened)
def test_everything_that_can_happen_has_words_of_its_own(what: Happened) -> None:
    words = words_of(Happening(0.0, what, lasted_s=61.0))

    assert words.endswith(".")
    assert [each for each in Happened if words_of(Happening(0.0, each, lasted_s=61.0)) == words] == [what]


def test_what_was_stored_before_there_was_a_history_is_told_by_its_record() -> None:
    upload = make_view(state=UploadState.COMPLETED, recording=a_stored_recording()).upload

    assert next(line.words for line in lines_of(upload, ())) == "Stored and verified."
    assert len(lines_of(upload, [Happening(1.0, Happened.VERIFIED)])) == 2


@pytest.mark.parametrize(
    ("state", "code", "label"),
    [
        (UploadState.ATTENTION, "file_unreadable", "Try again"),
        (UploadState.ATTENTION, "file_changed", "Upload the new version"),
        (UploadState.WAITING, "offline", "Try now"),
        (UploadState.CANCELLED, "", "Upload after all"),
    ],
)
def test_one_button_does_the_right_thing(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, state: UploadState, code: str, label: str
) -> None:
    show(qtbot, window, queue, state, problem=Problem(code, "It is so.") if code else None)
    assert window.details.help.remedy.text() == label
    click(window.details.help.remedy)

    assert ("retry", ["talk.mp4"]) in queue.calls
    qtbot.waitUntil(lambda: not window.details.help.remedy.isVisible())


def test_where_a_sign_in_is_missing_the_button_asks_for_it(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    show(qtbot, window, queue, UploadState.WAITING, problem=Problem("sign_in_required", "Sign in."))
    click(window.details.help.remedy)

    assert window.sign_in_dialog is not None
    assert window.sign_in_dialog.isVisible()


@pytest.fixture
def stored(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> MainWindow:
    show(qtbot, window, queue, UploadState.COMPLETED, recording=a_stored_recording())
    return window


@pytest.fixture
def desk(window: MainWindow) -> FakeLibraryDesk:
    made = FakeLibraryDesk()
    window.attach_library(made)
    return made


def test_a_stored_file_is_revealed_opened_and_linked(
    qtbot: QtBot, stored: MainWindow, desk: FakeLibraryDesk, desktop: FakeDesktop
) -> None:
    desk.place = "https://somewhere.else"  # the upload stays with the place that it was queued for
    file = Path("/recordings/talk.mp4")
    assert stored.details.checksum.text() == "Checksum CRC64-NVME AAAAAAAAAAA="
    click(stored.details.help.reveal)
    click(stored.details.help.open)
    click(stored.details.help.copy)

    assert (desktop.revealed, desktop.opened) == ([file], [file])
    qtbot.waitUntil(lambda: desktop.copied == ["https://store.example.org/id-talk.mp4?signed"])
    assert desk.acted_at == ["local"]


def test_a_recording_of_this_computers_own_store_is_a_second_copy_and_not_safe_to_delete(
    qtbot: QtBot, stored: MainWindow, desktop: FakeDesktop, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    assert stored.details.sentence.text() == "Verified. Stored a second time on this computer."
    stored.set_store_folder(Path("/home/mara/stored"))
    queue.change("talk.mp4", duration_s=60.0)
    words = "Verified. Stored a second time on this computer, in /home/mara/stored."
    qtbot.waitUntil(lambda: stored.details.sentence.text() == words)
    click(stored.details.help.folder)
    click(stored.details.help.trash)

    assert desktop.opened == [Path("/home/mara/stored")]
    assert "on this computer too" in dialogs.asked[0].detail
    queue.change("talk.mp4", destination="https://recorder.example.org")
    qtbot.waitUntil(lambda: stored.details.sentence.text() == "Verified. Safe to delete your copy.")
    assert not stored.details.help.folder.isVisible()


def test_a_name_that_is_no_text_is_written_out_where_its_file_is_to_go(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    queue.append(make_view("take \udcfe.mp4", UploadState.COMPLETED, upload_id="it", recording=a_stored_recording()))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    window.queue.view.select_upload("it")
    click(window.details.help.trash)

    assert dialogs.asked[0].text == "Move “take \\xfe.mp4” to the trash?"


def test_an_empty_file_is_called_empty(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    show(qtbot, window, queue, UploadState.COMPLETED, size_bytes=0, recording=a_stored_recording())

    assert window.details.sentence.text() == "Stored, but the file is empty: it has 0 bytes."


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "http://127.0.0.1:8333/recordings/k?X-Amz-Expires=3600&X-Amz-S=s",
            "one hour, on this computer only.",
        ),
        ("https://s3.example.org/k?X-Amz-Expires=3600", "one hour, for everybody who has it."),
        ("https://s3.example.org/k?X-Amz-Expires=600", "10 min, for everybody who has it."),
        ("https://cdn.example.org/k", "a while, for everybody who has it."),
    ],
)
def test_of_a_link_it_is_said_for_how_long_it_works_and_for_whom(address: str, words: str) -> None:
    assert link_copied(address) == f"Link copied. It works for {words}"


def test_the_original_goes_to_the_trash_only_after_a_question(
    qtbot: QtBot, stored: MainWindow, desktop: FakeDesktop, dialogs: ScriptedDialogs
) -> None:
    click(stored.details.help.trash)
    assert desktop.trashed == []
    assert answer_to_enter(stored, dialogs.asked[0]) == "no"
    dialogs.answer = "yes"
    click(stored.details.help.trash)

    qtbot.waitUntil(lambda: not stored.details.help.trash.isVisible())
    assert desktop.trashed == [Path("/recordings/talk.mp4")]
    assert not stored.details.help.open.isVisible()


def test_an_original_that_cannot_go_to_the_trash_is_told(
    qtbot: QtBot, stored: MainWindow, desktop: FakeDesktop, dialogs: ScriptedDialogs
) -> None:
    dialogs.answer, desktop.works = "yes", False
    click(stored.details.help.trash)

    qtbot.waitUntil(lambda: stored.banner.message == "It was changed.")
    assert stored.details.help.trash.isVisible()


CHANGED = "Verified, but your file was changed since. Keep it, and add it again to store it as it is now."


def test_a_file_that_was_changed_after_it_was_stored_is_not_called_safe_to_delete(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, desktop: FakeDesktop
) -> None:
    desktop.changed.add(Path("/recordings/talk.mp4"))
    show(qtbot, window, queue, UploadState.COMPLETED, recording=a_stored_recording())

    qtbot.waitUntil(lambda: window.details.sentence.text() == CHANGED)
    assert not window.details.help.trash.isVisible()
    assert window.details.help.reveal.isVisible()
    queue.append(make_view("same.mp4", UploadState.COMPLETED))
    qtbot.waitUntil(lambda: window.model.rowCount() == 2)
    window.queue.view.select_upload("same.mp4")
    assert window.details.sentence.text() == "Verified. Safe to delete your copy."


def test_a_file_that_turns_out_to_be_changed_on_its_way_to_the_trash_is_called_so(
    qtbot: QtBot, stored: MainWindow, desktop: FakeDesktop, dialogs: ScriptedDialogs
) -> None:
    dialogs.answer, desktop.works = "yes", False
    desktop.changed.add(Path("/recordings/talk.mp4"))
    click(stored.details.help.trash)

    qtbot.waitUntil(lambda: stored.details.sentence.text() == CHANGED)


def test_a_file_is_looked_at_again_when_the_person_comes_back_to_the_window(
    qtbot: QtBot, stored: MainWindow, desktop: FakeDesktop
) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    desktop.changed.add(Path("/recordings/talk.mp4"))
    stored.activateWindow()

    qtbot.waitUntil(lambda: stored.details.sentence.text() == CHANGED)


def test_a_change_is_seen_by_size_and_time_and_what_is_gone_has_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "talk.mp4"
    file.write_bytes(b"old")
    stored = identity_of(file)
    assert not QtDesktop().has_changed(file, stored).result(10)
    os.utime(file, ns=(0, 0))
    assert QtDesktop().has_changed(file, stored).result(10)
    file.unlink()

    assert not QtDesktop().has_changed(file, stored).result(10)


def test_an_original_stays_whose_recording_is_not_stored_any_more(
    qtbot: QtBot, stored: MainWindow, queue: FakeUploadQueue, desktop: FakeDesktop, dialogs: ScriptedDialogs
) -> None:
    dialogs.answer, queue.still_stored = "yes", False
    click(stored.details.help.trash)

    qtbot.waitUntil(lambda: "your file may be the last copy" in stored.banner.message)
    assert desktop.trashed == []


def test_an_original_stays_while_nobody_can_be_asked_whether_it_is_stored(
    qtbot: QtBot, stored: MainWindow, queue: FakeUploadQueue, desktop: FakeDesktop, dialogs: ScriptedDialogs
) -> None:
    dialogs.answer, queue.failure = "yes", Offline("The server does not answer.")
    click(stored.details.help.trash)

    qtbot.waitUntil(lambda: "could not be asked. The server does not answer." in stored.banner.message)
    assert desktop.trashed == []


def test_a_deleted_recording_offers_to_be_uploaded_again_and_nothing_of_a_stored_one(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    problem = Problem(DELETED, "Deleted from the store. Upload it again if it is wanted.")
    show(qtbot, window, queue, UploadState.CANCELLED, problem=problem)
    help_ = window.details.help

    assert window.details.sentence.text() == problem.message
    assert "Deleted" in window.details.place.text()
    assert (help_.remedy.isVisible(), help_.remedy.text()) == (True, "Upload again")
    assert (help_.trash.isVisible(), help_.copy.isVisible()) == (False, False)


def test_what_is_not_stored_cannot_be_thrown_away(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    show(qtbot, window, queue, UploadState.UPLOADING)

    assert not window.details.help.trash.isVisible()
    assert not window.details.help.copy.isVisible()


def test_of_more_than_are_looked_at_nothing_wrong_is_said(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(*(make_view(f"{number}.mp4", UploadState.COMPLETED) for number in range(3000)))
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == 3000)
    window.queue.view.selectAll()
    said = ("3000 uploads selected", "", "")
    details = window.details
    assert (details.title.text(), details.place.text(), details.sentence.text()) == said
    window.theme.changed.emit()

    assert (details.title.text(), details.place.text(), details.sentence.text()) == said


def test_of_a_few_their_sum_is_said(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.append(make_view("a.mp4", UploadState.COMPLETED), make_view("b.mp4"))
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == 2)
    window.queue.view.selectAll()

    assert window.details.place.text() == "2.00\u00a0MB"
    assert window.details.sentence.text() == "1 of them is verified."


def identity_of(path: Path) -> FileIdentity:
    stat = path.stat()
    return FileIdentity(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_dev, stat.st_ino)


def test_only_the_file_that_was_uploaded_goes_to_the_real_trash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: MainWindow
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    file = tmp_path / "talk.mp4"
    file.write_bytes(b"old")
    uploaded = identity_of(file)
    file.write_bytes(b"newer")
    with pytest.raises(FileChanged):
        QtDesktop().move_to_trash(file, uploaded).result(10)
    assert file.read_bytes() == b"newer"
    QtDesktop().move_to_trash(file, identity_of(file)).result(10)

    assert not file.exists()
    with pytest.raises(FileMissing):
        QtDesktop().move_to_trash(file, uploaded).result(10)


def test_a_symlink_that_was_uploaded_goes_to_the_trash_unless_what_it_leads_to_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: MainWindow
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    file, link = tmp_path / "disk.mp4", tmp_path / "talk.mp4"
    file.write_bytes(b"old")
    link.symlink_to(file)
    uploaded = identity_of(link)
    file.write_bytes(b"newer")
    with pytest.raises(FileChanged):
        QtDesktop().move_to_trash(link, uploaded).result(10)
    QtDesktop().move_to_trash(link, identity_of(link)).result(10)

    assert not link.is_symlink()
    assert file.read_bytes() == b"newer"
