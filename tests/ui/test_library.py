"""The library on the real window: what is shown in each state, and what keys, buttons and scrolling do."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import Interrupted, Offline, Refused, SignInRequired, UploadError
from recorder_desktop.core.library import DownloadedFile, RecordingOrder
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.sign_in import SignedIn
from recorder_desktop.ui.library_loader import Shelf
from recorder_desktop.ui.library_model import LibraryColumn
from recorder_desktop.ui.main_window import MainWindow
from tests.fakes.desktop import FakeDesktop
from tests.fakes.library_desk import FakeLibraryDesk, recordings
from tests.fakes.recorder import a_stored_recording
from tests.fakes.upload_queue import FakeUploadQueue, make_view
from tests.ui.scripted_dialogs import ScriptedDialogs, answer_to_enter

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk() -> FakeLibraryDesk:
    return FakeLibraryDesk(recordings(120))


@pytest.fixture
def library(qtbot: QtBot, window: MainWindow, desk: FakeLibraryDesk) -> MainWindow:
    """The window with its second view on show and the first page in it."""
    window.attach_library(desk)
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_2, CTRL)
    qtbot.waitUntil(lambda: window.library.loader.state is Shelf.FILLED)
    return window


def names(window: MainWindow) -> list[str]:
    model = window.library.model
    return [model.recording_at(row).file_name for row in range(model.rowCount())]


def select(window: MainWindow, *rows: int) -> None:
    table = window.library.table
    table.setFocus()
    table.clearSelection()
    for row in rows:
        cell = table.visualRect(window.library.model.index(row, LibraryColumn.NAME)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, CTRL, cell)


def test_nobody_is_asked_before_the_library_is_looked_at(
    qtbot: QtBot, window: MainWindow, desk: FakeLibraryDesk
) -> None:
    window.attach_library(desk)
    assert desk.asked == []

    QTest.mouseClick(window.switch.buttons[1], Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: desk.asked == [("", None)])
    assert window.library.table.isVisible()


def test_what_is_typed_is_searched_for_once_and_not_letter_by_letter(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    QTest.keyClick(library, Qt.Key.Key_F, CTRL)
    assert library.library.search.hasFocus()
    QTest.keyClicks(library.library.search, "0042")

    qtbot.waitUntil(lambda: names(library) == ["talk 0042.mp4"])
    assert desk.asked == [("", None), ("0042", None)]


def test_an_answer_that_a_newer_search_has_overtaken_is_dropped(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    desk.holds = True
    library.library.loader.search("0001")
    library.library.loader.search("0002")
    desk.release(1)
    qtbot.waitUntil(lambda: names(library) == ["talk 0002.mp4"])
    desk.release(0)

    assert names(library) == ["talk 0002.mp4"]
    assert library.library.loader.is_complete


def test_more_pages_come_as_one_scrolls(qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk) -> None:
    assert library.library.model.rowCount() == 50
    library.library.table.setFocus()

    QTest.keyClick(library.library.table, Qt.Key.Key_End, CTRL)
    qtbot.waitUntil(lambda: library.library.model.rowCount() == 100)
    library.library.table.scrollToBottom()
    qtbot.waitUntil(lambda: library.library.model.rowCount() == 120)
    library.library.table.scrollToBottom()

    assert [cursor for _query, cursor in desk.asked] == [None, "50", "100"]
    assert library.library.count.text() == "120 recordings"


def click_title(window: MainWindow, column: LibraryColumn) -> None:
    columns = window.library.table.horizontalHeader()
    place = QPoint(columns.sectionViewportPosition(column) + 12, columns.height() // 2)
    QTest.mouseClick(columns.viewport(), Qt.MouseButton.LeftButton, pos=place)


def titles(window: MainWindow) -> list[str]:
    horizontal = Qt.Orientation.Horizontal
    return [window.library.model.headerData(column, horizontal) for column in LibraryColumn]


def test_a_click_on_a_title_sorts_over_all_pages_and_a_second_one_the_other_way_round(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    assert titles(library) == ["Name", "Size", "Duration", "Stored\u00a0↓"]
    click_title(library, LibraryColumn.SIZE)
    qtbot.waitUntil(lambda: names(library)[:2] == ["talk 0119.mp4", "talk 0118.mp4"])
    assert titles(library) == ["Name", "Size\u00a0↓", "Duration", "Stored"]
    assert library.library.order.currentData() is RecordingOrder.LARGEST

    click_title(library, LibraryColumn.SIZE)
    qtbot.waitUntil(lambda: names(library)[:2] == ["talk 0000.mp4", "talk 0001.mp4"])
    library.library.table.scrollToBottom()
    qtbot.waitUntil(lambda: library.library.model.rowCount() == 100)

    assert titles(library)[LibraryColumn.SIZE] == "Size\u00a0↑"
    assert desk.asked[-1] == ("", "50")
    assert desk.orders == [
        RecordingOrder.NEWEST,
        RecordingOrder.LARGEST,
        RecordingOrder.SMALLEST,
        RecordingOrder.SMALLEST,
    ]


def test_what_is_all_here_is_sorted_at_once_and_keeps_the_selection(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    library.library.loader.search("000")
    qtbot.waitUntil(lambda: library.library.loader.is_complete)
    select(library, 3)
    asked = len(desk.asked)
    library.library.order.setFocus()

    QTest.keyClick(library.library.order, Qt.Key.Key_End)

    assert library.library.order.currentData() is RecordingOrder.SHORTEST
    click_title(library, LibraryColumn.DURATION)
    assert names(library)[:2] == ["talk 0009.mp4", "talk 0008.mp4"]
    assert [each.file_name for each in library.library.table.selected()] == ["talk 0003.mp4"]
    assert len(desk.asked) == asked


@pytest.mark.parametrize("order", RecordingOrder)
def test_an_order_that_is_made_here_is_the_one_that_is_asked_for(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk, order: RecordingOrder
) -> None:
    library.library.loader.search("talk 00")
    qtbot.waitUntil(lambda: library.library.model.rowCount() == 50)
    library.library.loader.load_more()
    qtbot.waitUntil(lambda: library.library.loader.is_complete)
    library.library.order.setCurrentIndex(library.library.order.findData(order))
    here = names(library)

    library.library.loader.reload()
    qtbot.waitUntil(lambda: library.library.model.rowCount() == 50)
    library.library.loader.load_more()
    qtbot.waitUntil(lambda: library.library.loader.is_complete)

    assert names(library) == here


@pytest.mark.parametrize(
    ("error", "state", "button"),
    [
        (Offline("No way there. Check the network."), Shelf.AWAY, "Try again"),
        (SignInRequired("You are not signed in."), Shelf.SIGN_IN, "Sign in…"),
        (Refused("It says no."), Shelf.FAILED, "Try again"),
    ],
)
def test_trouble_has_a_picture_a_sentence_and_one_button(
    qtbot: QtBot, window: MainWindow, desk: FakeLibraryDesk, error: UploadError, state: Shelf, button: str
) -> None:
    desk.failure = error
    window.attach_library(desk)
    window.switch.choose(1)

    qtbot.waitUntil(lambda: window.library.loader.state is state)
    empty = window.library.empty
    assert empty.isVisible()
    assert (empty.hint.text(), empty.button.text()) == (error.message, button)
    desk.failure = None
    QTest.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    if state is Shelf.SIGN_IN:
        assert window.sign_in_dialog is not None
    else:
        qtbot.waitUntil(lambda: window.library.loader.state is Shelf.FILLED)


def test_signing_in_looks_anew(qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk) -> None:
    desk.stored, desk.place = recordings(2), "https://recorder.example.org"
    library.places._show_signed_in(SignedIn("https://recorder.example.org"))

    qtbot.waitUntil(lambda: len(names(library)) == 2)
    assert library.library.model.destination == "https://recorder.example.org"


# --- looking anew ------------------------------------------------------------------------------------------------


def store(queue: FakeUploadQueue, desk: FakeLibraryDesk, count: int = 1, name: str = "") -> None:
    """Have an upload become stored, the one of that name or a new one, and so many new recordings in the library."""
    desk.stored = [a_stored_recording(f"new {number:04}.mp4") for number in range(count)] + desk.stored
    if not name:
        name = f"{len(desk.stored)}.mp4"
        queue.append(make_view(name, UploadState.FINALISING))
    queue.change(name, state=UploadState.COMPLETED)


def at_the_top(window: MainWindow) -> tuple[str, int]:
    """The recording whose row is the topmost to be seen, and where it begins."""
    table = window.library.table
    row = table.rowAt(0)
    return window.library.model.recording_at(row).file_name, table.rowViewportPosition(row)


def test_coming_back_shows_what_was_stored_meanwhile(
    qtbot: QtBot, library: MainWindow, queue: FakeUploadQueue, desk: FakeLibraryDesk
) -> None:
    select(library, 3)
    QTest.keyClick(library, Qt.Key.Key_1, CTRL)
    store(queue, desk)
    qtbot.waitUntil(lambda: library.model.totals.states[UploadState.COMPLETED] == 1)
    assert desk.asked == [("", None)]
    QTest.keyClick(library, Qt.Key.Key_2, CTRL)

    qtbot.waitUntil(lambda: names(library)[:2] == ["new 0000.mp4", "talk 0000.mp4"])
    assert desk.asked == [("", None)] * 2
    assert [each.file_name for each in library.library.table.selected()] == ["talk 0003.mp4"]


def test_coming_back_asks_nobody_when_nothing_was_stored(
    qtbot: QtBot, library: MainWindow, queue: FakeUploadQueue, desk: FakeLibraryDesk
) -> None:
    QTest.keyClick(library, Qt.Key.Key_1, CTRL)
    queue.append(make_view("a.mp4", UploadState.UPLOADING))
    queue.change("a.mp4", bytes_confirmed=5)
    qtbot.waitUntil(lambda: library.model.rowCount() == 1)
    QTest.keyClick(library, Qt.Key.Key_2, CTRL)
    qtbot.waitUntil(library.library.table.isVisible)

    assert desk.asked == [("", None)]


@pytest.mark.parametrize("order", [RecordingOrder.NEWEST, RecordingOrder.NAME])
def test_a_library_on_show_takes_in_what_is_stored_and_nothing_moves(
    qtbot: QtBot, library: MainWindow, queue: FakeUploadQueue, desk: FakeLibraryDesk, order: RecordingOrder
) -> None:
    queue.append(make_view("a.mp4", UploadState.FINALISING))
    qtbot.waitUntil(lambda: library.model.rowCount() == 1)
    library.library.order.setCurrentIndex(library.library.order.findData(order))
    qtbot.waitUntil(lambda: library.library.model.rowCount() >= 50)
    library.library._pause.setInterval(1)
    library.library.table.verticalScrollBar().setValue(333)
    select(library, library.library.table.rowAt(0) + 2)
    chosen, top = library.library.table.selected(), at_the_top(library)
    del desk.stored[1]  # somebody else's doing
    store(queue, desk, count=70, name="a.mp4")  # more than a page

    qtbot.waitUntil(lambda: "new 0069.mp4" in names(library))
    assert at_the_top(library) == top
    assert library.library.table.selected() == chosen
    assert "talk 0001.mp4" not in names(library)
    stored = [each.file_name for each in desk.stored]
    expected = stored if order is RecordingOrder.NEWEST else sorted(stored)
    assert names(library) == expected[: library.library.model.rowCount()]


def test_after_looking_anew_scrolling_goes_on_to_the_end(
    qtbot: QtBot, library: MainWindow, queue: FakeUploadQueue, desk: FakeLibraryDesk
) -> None:
    library.library._pause.setInterval(1)
    store(queue, desk)
    qtbot.waitUntil(lambda: names(library)[0] == "new 0000.mp4")
    library.library.table.setFocus()

    def is_at_the_end() -> bool:
        library.library.table.scrollToBottom()
        return library.library.count.text() == "121 recordings"

    qtbot.waitUntil(is_at_the_end)
    assert names(library) == [each.file_name for each in desk.stored]


def test_looking_anew_notices_that_the_rest_is_gone(
    qtbot: QtBot, library: MainWindow, queue: FakeUploadQueue, desk: FakeLibraryDesk
) -> None:
    assert library.library.count.text() == "50 recordings · more below"
    library.library._pause.setInterval(1)
    del desk.stored[20:]
    store(queue, desk)

    qtbot.waitUntil(lambda: library.library.count.text() == "21 recordings")
    assert names(library) == [each.file_name for each in desk.stored]
    assert desk.asked == [("", None)] * 2


def test_a_library_of_which_nothing_is_left_says_so(
    qtbot: QtBot, library: MainWindow, queue: FakeUploadQueue, desk: FakeLibraryDesk
) -> None:
    library.library._pause.setInterval(1)
    store(queue, desk)
    desk.stored = []

    qtbot.waitUntil(lambda: library.library.loader.state is Shelf.EMPTY)


def test_looking_anew_that_fails_is_said_and_what_is_shown_stays(
    qtbot: QtBot, library: MainWindow, queue: FakeUploadQueue, desk: FakeLibraryDesk
) -> None:
    library.library._pause.setInterval(1)
    desk.failure = Offline("No way there.")
    store(queue, desk)

    qtbot.waitUntil(lambda: library.library.count.text() == "No way there.")
    assert len(names(library)) == 50


def test_many_uploads_that_are_stored_are_one_question(
    qtbot: QtBot, library: MainWindow, queue: FakeUploadQueue, desk: FakeLibraryDesk
) -> None:
    desk.holds = True
    library.library._pause.setInterval(1)
    store(queue, desk)
    qtbot.waitUntil(lambda: len(desk.held) == 1)
    for _ in range(20):
        store(queue, desk)
    qtbot.waitUntil(lambda: library.model.totals.states[UploadState.COMPLETED] == 21)
    assert len(desk.asked) == 2
    desk.holds = False
    desk.release()

    qtbot.waitUntil(lambda: len(desk.asked) == 3)


def test_an_empty_library_and_an_empty_search_say_different_things(
    qtbot: QtBot, window: MainWindow, desk: FakeLibraryDesk
) -> None:
    desk.stored = []
    window.attach_library(desk)
    window.switch.choose(1)
    empty = window.library.empty
    qtbot.waitUntil(lambda: empty.title.text() == "Nothing is stored yet")
    QTest.keyClicks(window.library.search, "<b>gone")
    qtbot.waitUntil(lambda: empty.title.text() == "Nothing is called “<b>gone”")
    QTest.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: empty.title.text() == "Nothing is stored yet")
    QTest.mouseClick(empty.button, Qt.MouseButton.LeftButton)

    assert window.switch.buttons[0].isChecked()
    assert window.drop_zone.isVisible()


def test_enter_plays_and_ctrl_c_copies_a_link(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk, desktop: FakeDesktop
) -> None:
    select(library, 1)
    QTest.keyClick(library.library.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desktop.addresses == ["https://store.example.org/id-talk 0001.mp4?signed"])
    QTest.keyClick(library.library.table, Qt.Key.Key_C, CTRL)
    qtbot.waitUntil(lambda: desktop.copied == desktop.addresses)

    assert desk.links == [("id-talk 0001.mp4", True)] * 2
    assert library.banner.message.startswith("Link copied")


def test_a_link_that_no_program_takes_is_told(qtbot: QtBot, library: MainWindow, desktop: FakeDesktop) -> None:
    desktop.works = False
    cell = library.library.table.visualRect(library.library.model.index(0, 0)).center()
    QTest.mouseClick(library.library.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    QTest.mouseDClick(library.library.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)

    qtbot.waitUntil(lambda: library.banner.message.startswith("No program here"))


def test_deleting_asks_first_and_takes_the_rows_out(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk, dialogs: ScriptedDialogs
) -> None:
    select(library, 0, 2)
    QTest.keyClick(library.library.table, Qt.Key.Key_Delete)
    assert desk.deleted == []
    dialogs.answer = "yes"
    QTest.keyClick(library.library.table, Qt.Key.Key_Delete)

    qtbot.waitUntil(lambda: "talk 0000.mp4" not in names(library))
    assert desk.deleted == ["id-talk 0000.mp4", "id-talk 0002.mp4"]
    assert {answer_to_enter(library, question) for question in dialogs.asked} == {"no"}
    assert names(library)[0] == "talk 0001.mp4"


def test_a_delete_that_fails_is_told_and_what_is_shown_is_what_is_there(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk, dialogs: ScriptedDialogs
) -> None:
    dialogs.answer = "yes"
    select(library, 0)
    desk.failure = Offline("No way there.")
    QTest.keyClick(library.library.table, Qt.Key.Key_Delete)

    qtbot.waitUntil(lambda: library.banner.message == "No way there.")
    qtbot.waitUntil(lambda: library.library.loader.state is Shelf.AWAY)


# --- downloads ---------------------------------------------------------------------------------------------------


def download(window: MainWindow, *rows: int) -> None:
    select(window, *rows)
    QTest.keyClick(window.library.table, Qt.Key.Key_D, CTRL)


def lines(window: MainWindow) -> list[tuple[str, str]]:
    """The lines of the strip that are on show: a recording's name, and what is said of it."""
    shown = [line for line in window.library.strip.lines if line.isVisible()]
    return [(line.name.text(), line.words.text()) for line in shown]


def arrived(name: str, *, checksum_agreed: bool = True) -> DownloadedFile:
    return DownloadedFile(Path("/home/mara/Downloads") / name, checksum_agreed)


def test_downloads_run_two_at_a_time_with_progress_and_end_where_they_are_found(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk, desktop: FakeDesktop
) -> None:
    download(library, 0, 1, 2)
    assert [(each[0].file_name, each[1]) for each in desk.downloads] == [
        ("talk 0000.mp4", desktop.downloads()),
        ("talk 0001.mp4", desktop.downloads()),
    ]
    strip = library.library.strip
    desk.downloads[0][2](500_000)
    qtbot.waitUntil(lambda: strip.lines[0].bar.value() == 500)
    file = arrived("talk 0000.mp4")
    desk.downloads[0][3].set_result(file)

    qtbot.waitUntil(lambda: ("talk 0000.mp4", "Checked, and whole, in Downloads") in lines(library))
    assert len(desk.downloads) == 3
    QTest.mouseClick(strip.lines[2].button, Qt.MouseButton.LeftButton)
    assert desktop.revealed == [file.path]


def test_what_has_no_checksum_is_not_said_to_be_checked(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    download(library, 0)
    desk.downloads[0][3].set_result(arrived("talk 0000.mp4", checksum_agreed=False))

    words = "Complete by its size, without a checksum, in Downloads"
    qtbot.waitUntil(lambda: lines(library) == [("talk 0000.mp4", words)])


def test_a_download_that_fails_behind_many_is_told_and_can_be_tried_again(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    download(library, *range(6))
    for number in range(4):
        qtbot.waitUntil(lambda: len(desk.downloads) > number)  # noqa: B023 - asked within the round
        desk.downloads[number][3].set_result(arrived(f"talk {number:04}.mp4"))
    qtbot.waitUntil(lambda: len(desk.downloads) == 6)
    desk.downloads[5][3].set_exception(Refused("“talk 0005.mp4” arrived damaged."))

    qtbot.waitUntil(lambda: library.banner.message == "“talk 0005.mp4” arrived damaged.")
    assert [name for name, _words in lines(library)] == ["talk 0005.mp4", "talk 0004.mp4", "talk 0000.mp4"]
    assert library.library.strip.more.text() == "and 3 more"
    button = library.library.strip.lines[0].button
    assert button.text() == "Try again"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [each[0].file_name for each in desk.downloads[6:]] == ["talk 0005.mp4"]


def test_what_waits_stands_before_what_is_done_and_can_be_cancelled(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    download(library, 0, 1, 2, 3)
    desk.downloads[0][3].set_result(arrived("talk 0000.mp4"))
    qtbot.waitUntil(lambda: len(desk.downloads) == 3)

    assert lines(library)[2] == ("talk 0003.mp4", "Waiting for its turn")
    QTest.mouseClick(library.library.strip.lines[2].cross, Qt.MouseButton.LeftButton)
    for number in (1, 2):
        desk.downloads[number][3].set_result(arrived(f"talk {number:04}.mp4"))
    qtbot.waitUntil(lambda: not library.library.downloads.is_ticking)
    assert len(desk.downloads) == 3


def test_however_many_are_selected_the_strip_is_painted_once(library: MainWindow, desk: FakeLibraryDesk) -> None:
    downloads = library.library.downloads
    told: list[int] = []
    downloads.changed.connect(lambda: told.append(downloads.total))
    downloads.fetch_all(recordings(3000), desk.place)

    assert told == [3000]
    assert len(desk.downloads) == 2


def test_what_is_done_with_a_recording_is_done_where_it_is_stored(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk, dialogs: ScriptedDialogs, desktop: FakeDesktop
) -> None:
    download(library, 0, 1, 2)
    desk.place = "https://another.example.org"  # somebody signed in there; its recordings are not here yet
    QTest.keyClick(library.library.table, Qt.Key.Key_End, CTRL)
    qtbot.waitUntil(lambda: library.library.model.rowCount() == 100)
    select(library, 4)
    QTest.keyClick(library.library.table, Qt.Key.Key_C, CTRL)
    qtbot.waitUntil(lambda: len(desktop.copied) == 1)
    dialogs.answer = "yes"
    QTest.keyClick(library.library.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(desk.deleted) == 1)
    desk.downloads[0][3].set_result(arrived("talk 0000.mp4"))
    qtbot.waitUntil(lambda: len(desk.downloads) == 3)

    assert desk.acted_at == ["local"] * 5
    assert library.library.model.destination == "local"


def test_a_download_that_is_cancelled_ends_at_its_next_bytes_and_nothing_ticks(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    select(library, 0)
    QTest.keyClick(library.library.table, Qt.Key.Key_D, CTRL)
    QTest.mouseClick(library.library.strip.lines[0].cross, Qt.MouseButton.LeftButton)

    assert not library.library.strip.isVisible()
    with pytest.raises(Interrupted):
        desk.downloads[0][2](1)
    desk.downloads[0][3].set_exception(Interrupted())
    qtbot.waitUntil(lambda: not library.library.downloads.is_ticking)


def test_a_download_that_fails_says_why_and_can_be_tried_again(
    qtbot: QtBot, library: MainWindow, desk: FakeLibraryDesk
) -> None:
    select(library, 0)
    QTest.keyClick(library.library.table, Qt.Key.Key_D, CTRL)
    line = library.library.strip.lines[0]
    desk.downloads[0][3].set_exception(Refused("It arrived damaged."))
    qtbot.waitUntil(lambda: line.words.text() == "It arrived damaged.")
    QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)

    assert len(desk.downloads) == 2
    desk.downloads[1][3].set_result(arrived("talk.mp4"))
    qtbot.waitUntil(lambda: line.button.text() == "Show in folder")


def test_leaving_gives_downloads_up(library: MainWindow, desk: FakeLibraryDesk) -> None:
    select(library, 0)
    QTest.keyClick(library.library.table, Qt.Key.Key_D, CTRL)
    library.leave()

    with pytest.raises(Interrupted):
        desk.downloads[0][2](1)
