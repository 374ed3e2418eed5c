"""What of the queue is shown, taking a removal back, and moving rows: on the real window."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage, QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import StoreFull
from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.queue_view import ROWS_TYPE, QueueView
from recorder_desktop.ui.shown_uploads import Section
from recorder_desktop.ui.upload_cells import Column
from recorder_desktop.ui.upload_model import UploadModel
from tests.fakes.upload_queue import FakeUploadQueue, changed, make_view

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def filled(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> MainWindow:
    """One row a state, named after it."""
    queue.append(*(make_view(f"{state.value}.mp4", state, upload_id=state.value) for state in UploadState))
    qtbot.waitUntil(lambda: window.model.rowCount() == len(UploadState))
    return window


def shown(window: MainWindow) -> list[str]:
    rows = window.queue.shown
    return [rows.view_at(row).upload.id for row in range(rows.rowCount())]


def choose(window: MainWindow, section: Section) -> None:
    QTest.mouseClick(window.queue.filter.sections[section], Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("section", "ids"),
    [
        (Section.ACTIVE, ["uploading", "finalising"]),
        (Section.WAITING, ["queued", "waiting", "paused"]),
        (Section.ATTENTION, ["attention"]),
        (Section.DONE, ["completed", "cancelled"]),
    ],
)
def test_a_section_shows_its_uploads_and_says_how_many(filled: MainWindow, section: Section, ids: list[str]) -> None:
    choose(filled, section)

    assert shown(filled) == ids
    assert filled.queue.filter.sections[section].text().endswith(f"  {len(ids)}")


def test_every_state_belongs_to_exactly_one_section() -> None:
    parts = [section.value for section in Section if section is not Section.ALL]

    assert sum(map(len, parts)) == len(UploadState)
    assert frozenset().union(*parts) == Section.ALL.value


def test_rows_come_and_go_as_their_state_changes_and_stand_where_they_stood(
    qtbot: QtBot, filled: MainWindow, queue: FakeUploadQueue
) -> None:
    choose(filled, Section.WAITING)
    queue.change("uploading", state=UploadState.PAUSED)
    qtbot.waitUntil(lambda: shown(filled) == ["queued", "uploading", "waiting", "paused"])
    queue.change("waiting", state=UploadState.UPLOADING)
    qtbot.waitUntil(lambda: shown(filled) == ["queued", "uploading", "paused"])
    choose(filled, Section.ALL)

    assert shown(filled) == [state.value for state in UploadState]


def test_very_many_rows_that_come_in_at_once_are_all_there(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(*(make_view(f"{number:03}.mp4") for number in range(200)))
    qtbot.waitUntil(lambda: window.model.rowCount() == 200)
    choose(window, Section.DONE)
    assert shown(window) == []
    for number in range(200):
        queue.change(f"{number:03}.mp4", state=UploadState.COMPLETED)

    qtbot.waitUntil(lambda: shown(window) == [f"{number:03}.mp4" for number in range(200)])


def test_searching_looks_at_names_and_folders(qtbot: QtBot, filled: MainWindow, queue: FakeUploadQueue) -> None:
    queue.append(make_view("other.wav", folder="/Paused things", upload_id="by folder"))
    QTest.keyClick(filled, Qt.Key.Key_F, CTRL)
    QTest.keyClicks(filled.queue.filter.search, "PAUSED")

    qtbot.waitUntil(lambda: shown(filled) == ["paused", "by folder"])


def test_a_search_that_finds_nothing_says_so_and_offers_everything(qtbot: QtBot, filled: MainWindow) -> None:
    QTest.keyClicks(filled.queue.filter.search, "zebra")
    qtbot.waitUntil(filled.queue.empty.isVisible)
    assert filled.queue.empty.title.text() == "No upload here is called “zebra”"
    QTest.mouseClick(filled.queue.empty.button, Qt.MouseButton.LeftButton)

    assert filled.queue.view.isVisible()
    assert len(shown(filled)) == len(UploadState)


def test_selecting_everything_takes_only_what_is_shown(filled: MainWindow, queue: FakeUploadQueue) -> None:
    choose(filled, Section.WAITING)
    filled.queue.view.selectAll()
    filled.queue.commands.pause.trigger()

    assert queue.calls == [("pause", ["queued", "waiting"])]


def test_what_is_added_again_is_shown_whatever_the_filter_says(filled: MainWindow) -> None:
    choose(filled, Section.ATTENTION)
    filled.queue.reveal_upload("paused")

    assert [view.upload.id for view in filled.queue.view.selected_views()] == ["paused"]


def remove_completed(window: MainWindow) -> None:
    window.queue.view.select_upload("completed")
    window.queue.view.setFocus()
    QTest.keyClick(window.queue.view, Qt.Key.Key_Delete)


@pytest.mark.parametrize("by_key", [True, False])
def test_a_removed_row_can_be_had_back(filled: MainWindow, queue: FakeUploadQueue, by_key: bool) -> None:
    remove_completed(filled)
    assert "completed" not in shown(filled)
    assert filled.banner.message == "1 upload left the list."
    if by_key:
        QTest.keyClick(filled, Qt.Key.Key_Z, CTRL)
    else:
        QTest.mouseClick(filled.banner.button, Qt.MouseButton.LeftButton)

    assert shown(filled) == [state.value for state in UploadState]
    assert filled.banner.message == ""
    assert queue.calls == []


def test_after_some_seconds_it_is_removed_for_good(qtbot: QtBot, filled: MainWindow, queue: FakeUploadQueue) -> None:
    filled.queue.removals._timer.setInterval(1)
    remove_completed(filled)

    qtbot.waitUntil(lambda: queue.calls == [("remove", ["completed"])])
    qtbot.waitUntil(lambda: filled.model.row_of("completed") is None)
    assert filled.banner.message == ""


def test_a_list_that_was_emptied_is_the_drop_zone_at_once(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(*(make_view(f"{number}.mp4", state=UploadState.COMPLETED) for number in range(3)))
    qtbot.waitUntil(lambda: window.model.rowCount() == 3)
    choose(window, Section.DONE)
    window.queue.view.selectAll()
    window.queue.commands.remove.trigger()
    assert window.drop_zone.sentence == "Drop recordings here"
    assert not window.queue.isVisible()
    QTest.mouseClick(window.banner.button, Qt.MouseButton.LeftButton)
    assert window.drop_zone.sentence == "Drop more recordings here"
    assert shown(window) == ["0.mp4", "1.mp4", "2.mp4"]
    window.queue.commands.remove_finished.trigger()
    queue.append(make_view("next.mp4"))

    qtbot.waitUntil(window.queue.isVisible)
    assert shown(window) == ["next.mp4"]


def test_rows_that_are_out_already_do_not_count_again(
    qtbot: QtBot, filled: MainWindow, queue: FakeUploadQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_completed(filled)
    # The engine takes a moment to remove: the queue has the row for so long.
    monkeypatch.setattr(queue, "remove", lambda _ids: Future())
    filled.queue.commands.remove_finished.trigger()
    assert filled.banner.message == "1 upload left the list."
    assert "cancelled" not in shown(filled)
    QTest.keyClick(filled, Qt.Key.Key_Z, CTRL)

    assert "cancelled" in shown(filled)
    assert "completed" not in shown(filled)
    filled.queue.commands.remove_finished.trigger()
    assert filled.banner.message == "1 upload left the list."
    assert "cancelled" not in shown(filled)


def test_what_cannot_be_removed_is_listed_again(
    qtbot: QtBot, filled: MainWindow, queue: FakeUploadQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: Future[None] = Future()
    refused.set_exception(StoreFull("The disk is full. Make room, then try again."))
    monkeypatch.setattr(queue, "remove", lambda _ids: refused)
    remove_completed(filled)
    filled.queue.removals.settle()

    qtbot.waitUntil(lambda: "completed" in shown(filled))
    assert filled.banner.message == "The disk is full. Make room, then try again."
    remove_completed(filled)
    assert filled.banner.message == "1 upload left the list."


def test_what_was_tried_again_meanwhile_is_not_removed(
    qtbot: QtBot, filled: MainWindow, queue: FakeUploadQueue
) -> None:
    filled.queue.commands.remove_finished.trigger()
    assert not {"completed", "cancelled"} & set(shown(filled))
    assert not filled.queue.commands.remove_finished.isEnabled()
    queue.change("cancelled", state=UploadState.QUEUED)  # by a command
    qtbot.waitUntil(lambda: filled.model.totals.states[UploadState.CANCELLED] == 0)
    filled.queue.removals.settle()

    assert queue.calls == [("remove", ["completed"])]
    assert "cancelled" in shown(filled)


def test_a_name_that_looks_like_markup_is_shown_as_it_is() -> None:
    model = UploadModel()
    model.add([make_view("a<b>c.mp4"), make_view("plain & simple.mp4")])
    tips = [model.index(row, Column.NAME).data(Qt.ItemDataRole.ToolTipRole) for row in range(2)]

    assert "a&lt;b&gt;c.mp4" in tips[0]
    assert tips[1] == "/recordings/plain & simple.mp4"


def test_leaving_settles_what_was_removed(filled: MainWindow, queue: FakeUploadQueue) -> None:
    remove_completed(filled)
    filled.leave()

    assert queue.calls == [("remove", ["completed"])]


def drag_to(window: MainWindow, row: int, *, below: bool) -> None:
    """Drop the selected rows at the upper or lower half of a row."""
    view = window.queue.view
    mime = QMimeData()
    mime.setData(ROWS_TYPE, b"")
    cell = view.visualRect(window.queue.shown.index(row, Column.NAME))
    place = QPoint(cell.center().x(), cell.bottom() - 2 if below else cell.top() + 2)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(place, Qt.DropAction.MoveAction, mime, buttons, keys)
    QApplication.sendEvent(view.viewport(), entering)
    moving = QDragMoveEvent(place, Qt.DropAction.MoveAction, mime, buttons, keys)
    QApplication.sendEvent(view.viewport(), moving)
    assert moving.isAccepted()
    drop = QDropEvent(QPointF(place), Qt.DropAction.MoveAction, mime, buttons, keys)
    QApplication.sendEvent(view.viewport(), drop)


@pytest.fixture
def five(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> MainWindow:
    queue.append(*(make_view(name, upload_id=name) for name in "abcde"))
    qtbot.waitUntil(lambda: window.model.rowCount() == 5)
    window.queue.view.setFocus()
    return window


@pytest.mark.parametrize(
    ("chosen", "row", "below", "order"),
    [
        ("d", 1, False, "adbce"),
        ("a", 3, True, "bcdae"),
        ("a", 4, True, "bcdea"),
        ("d", 3, True, "abcde"),
    ],
)
def test_a_dragged_row_stands_where_it_was_dropped_and_stays_selected(
    qtbot: QtBot, five: MainWindow, chosen: str, row: int, below: bool, order: str
) -> None:
    five.queue.view.select_upload(chosen)
    drag_to(five, row, below=below)

    qtbot.waitUntil(lambda: shown(five) == list(order))
    assert [five.model.view_at(place).upload.id for place in range(5)] == list(order)
    assert [five.model.row_of(name) for name in order] == list(range(5))
    assert [view.upload.id for view in five.queue.view.selected_views()] == [chosen]


def test_alt_and_arrows_move_rows(qtbot: QtBot, five: MainWindow) -> None:
    five.queue.view.select_upload("c")
    QTest.keyClick(five.queue.view, Qt.Key.Key_Up, ALT)
    qtbot.waitUntil(lambda: shown(five) == list("acbde"))
    QTest.keyClick(five.queue.view, Qt.Key.Key_Down, ALT)
    qtbot.waitUntil(lambda: shown(five) == list("abcde"))
    five.queue.view.select_upload("d")
    QTest.keyClick(five.queue.view, Qt.Key.Key_Down, ALT)
    qtbot.waitUntil(lambda: shown(five) == list("abced"))
    QTest.keyClick(five.queue.view, Qt.Key.Key_Down, ALT)

    assert shown(five) == list("abced")


def test_a_row_that_goes_beside_one_that_is_not_shown_is_where_it_belongs(
    qtbot: QtBot, five: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.change("b", state=UploadState.COMPLETED)
    choose(five, Section.WAITING)
    qtbot.waitUntil(lambda: shown(five) == list("acde"))
    queue.move_before(["e"], "b")

    qtbot.waitUntil(lambda: shown(five) == list("aecd"))


def test_files_that_fall_on_the_table_are_the_windows_business(five: MainWindow) -> None:
    mime = QMimeData()
    mime.setData("application/x-other", b"")
    view = five.queue.view
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    event = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(view.viewport(), event)

    assert not event.isAccepted()


# --- painting ----------------------------------------------------------------------------------------------------


class Painted(QObject):
    """What of a table was painted since, by row: the left edge, where the mark of the current row is."""

    def __init__(self, view: QueueView) -> None:
        super().__init__(view)
        self._view = view
        self._region = QRegion()
        view.viewport().installEventFilter(self)

    def eventFilter(self, _painted: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self._region = self._region.united(event.region())
        return False

    def wait_until_still(self, qtbot: QtBot) -> None:
        """Let all that was on its way be painted, and forget it."""
        is_still = False
        while not is_still:
            self._region = QRegion()
            qtbot.wait(100)
            is_still = self._region.isEmpty()

    def rows(self) -> list[int]:
        tops = {row: self._view.rowViewportPosition(row) for row in range(self._view.row_count())}
        return [
            row for row, top in tops.items() if self._region.contains(QPoint(1, top + self._view.rowHeight(row) // 2))
        ]


def test_the_mark_of_the_current_row_moves_whichever_cell_was_clicked_on(qtbot: QtBot, five: MainWindow) -> None:
    view = five.queue.view
    place = QPoint(view.columnViewportPosition(Column.STATE) + 30, view.rowHeight(0) // 2)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QApplication.processEvents()
    painted = Painted(view)
    QTest.keyClick(view, Qt.Key.Key_Down, CTRL)

    assert view.currentIndex().row() == 1
    qtbot.waitUntil(lambda: painted.rows() == [0, 1])


def test_only_the_row_that_the_pointer_enters_is_painted(qtbot: QtBot, five: MainWindow) -> None:
    view = five.queue.view
    QTest.mouseMove(view.viewport(), QPoint(200, view.viewport().height() - 1))
    QApplication.processEvents()
    painted = Painted(view)
    QTest.mouseMove(view.viewport(), QPoint(200, view.rowViewportPosition(3) + 5))

    qtbot.waitUntil(lambda: bool(painted.rows()))
    assert painted.rows() == [3]


def test_rows_that_changed_out_of_sight_are_no_reason_to_paint(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    view, shown = window.queue.view, window.queue.shown
    queue.append(*(make_view(f"{number}.mp4") for number in range(200)))
    qtbot.waitUntil(lambda: shown.rowCount() == 200)
    qtbot.waitUntil(view.viewport().updatesEnabled)
    painted = Painted(view)
    painted.wait_until_still(qtbot)

    shown.change([_paused(shown.view_at(row)) for row in range(100, 200)])
    QApplication.processEvents()
    assert painted.rows() == []
    shown.change([_paused(shown.view_at(row)) for row in (1, 2, 150)])
    qtbot.waitUntil(lambda: painted.rows() == [1, 2])


def _paused(view: UploadView) -> UploadView:
    return changed(view, {"state": UploadState.PAUSED})


def test_rows_make_room_for_a_larger_font(five: MainWindow) -> None:
    view = five.queue.view
    before, font = view.rowHeight(0), view.font()
    font.setPointSizeF(2 * font.pointSizeF())
    view.setFont(font)

    assert view.rowHeight(0) > 1.5 * before


def picture_of_names(window: MainWindow, row: int) -> tuple[QImage, QImage]:
    """A row's name and its folder, as they are painted."""
    view = window.queue.view
    cell = view.visualRect(view.model().index(row, Column.NAME))
    middle = view.rowHeight(row) // 2 + 2
    whole = view.viewport().grab(cell.adjusted(80, 0, 0, -2)).toImage()
    width, height = whole.width(), whole.height()
    return whole.copy(QRect(0, 0, width, middle)), whole.copy(QRect(0, middle, width, height - middle))


@pytest.mark.parametrize("odd", ["a\nb.mp4", "a\u2028b.mp4", "a\x9cb.mp4"], ids=ascii)
def test_a_name_is_one_line_whatever_is_in_it(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, odd: str
) -> None:
    queue.append(make_view(odd), make_view("a"))
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == 2)
    (name, folder), (plain_name, plain_folder) = picture_of_names(window, 0), picture_of_names(window, 1)

    assert folder == plain_folder
    assert name != plain_name


def test_two_names_that_are_no_text_are_told_apart(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.append(make_view("take \udcfe.mp4"), make_view("take \udcff.mp4"))
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == 2)
    names = [window.queue.shown.index(row, Column.NAME) for row in (0, 1)]
    window.queue.view.selectRow(1)

    assert [name.data() for name in names] == ["take \\xfe.mp4", "take \\xff.mp4"]
    assert window.details.title.text() == "take \\xff.mp4"
    assert picture_of_names(window, 0)[0] != picture_of_names(window, 1)[0]


_flags = UploadModel.flags
_asked_for_flags: list[int] = []


def _note_flags(model: UploadModel, index: QModelIndex) -> Qt.ItemFlag:
    """Here, not in the test: Qt's side may call what it has found once for as long as the model lives, which is until
    after the test."""
    _asked_for_flags.append(index.row())
    return _flags(model, index)


def test_a_selection_of_everything_is_not_walked_through(
    qtbot: QtBot, queue: FakeUploadQueue, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(UploadModel, "flags", _note_flags)  # before there is a model: Qt asks for it once
    window: MainWindow = request.getfixturevalue("window")
    queue.append(*(make_view(f"{number}.mp4") for number in range(2000)))
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == 2000)
    qtbot.waitUntil(window.queue.view.viewport().updatesEnabled)
    _asked_for_flags.clear()
    window.queue.view.selectAll()
    window.grab()

    assert window.queue.view.selected_count() == 2000
    assert 0 < len(_asked_for_flags) < 2000


def test_rows_that_come_in_below_what_is_seen_are_no_reason_to_paint_each_time(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    view = window.queue.view
    queue.append(*(make_view(f"{number}.mp4") for number in range(100)))
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == 100)
    qtbot.waitUntil(view.viewport().updatesEnabled)

    window.queue.shown.add([changed(make_view("one more.mp4"), {"position": 1 << 60})])
    assert not view.viewport().updatesEnabled()
    window.queue.shown.add([changed(make_view("and one.mp4"), {"position": 1 << 61})])
    qtbot.waitUntil(view.viewport().updatesEnabled)

    view.scrollToBottom()
    window.queue.shown.add([changed(make_view("the first.mp4"), {"position": -1})])
    assert view.viewport().updatesEnabled()


def test_a_view_with_room_left_paints_at_once(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.append(make_view("one.mp4"))
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == 1)
    window.queue.shown.add([changed(make_view("two.mp4"), {"position": 1 << 60})])
    assert window.queue.view.viewport().updatesEnabled()
