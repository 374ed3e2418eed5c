"""Buttons, keys and menus on the real window."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.ui.main_window import MainWindow
from tests.fakes.upload_queue import FakeUploadQueue, make_view
from tests.ui.scripted_dialogs import ScriptedDialogs, answer_to_enter

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def fill(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    """One row a state, named after it."""
    queue.append(*(make_view(f"{state.value}.mp4", state, upload_id=state.value) for state in UploadState))
    qtbot.waitUntil(lambda: window.model.rowCount() == len(UploadState))


def select(window: MainWindow, upload_id: str) -> None:
    window.queue.view.select_upload(upload_id)
    window.queue.view.setFocus()


def button_of(window: MainWindow, action: QAction) -> QToolButton:
    return next(button for button in window.findChildren(QToolButton) if button.defaultAction() is action)


@pytest.mark.parametrize(
    ("upload_id", "enabled"),
    [
        ("queued", {"pause", "cancel", "remove"}),
        ("uploading", {"pause", "cancel", "remove"}),
        ("waiting", {"pause", "retry", "cancel", "remove"}),
        ("paused", {"resume", "cancel", "remove"}),
        ("finalising", {"cancel", "remove"}),
        ("completed", {"remove"}),
        ("attention", {"retry", "cancel", "remove"}),
        ("cancelled", {"retry", "remove"}),
    ],
)
def test_only_what_has_an_effect_on_the_row_is_enabled(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, upload_id: str, enabled: set[str]
) -> None:
    fill(qtbot, window, queue)
    select(window, upload_id)
    commands = window.queue.commands
    of_row = ("pause", "resume", "retry", "cancel", "remove")

    assert {name for name in of_row if getattr(commands, name).isEnabled()} == enabled


@pytest.mark.parametrize(
    ("name", "upload_id"), [("pause", "uploading"), ("resume", "paused"), ("retry", "attention")]
)
def test_a_button_acts_on_the_selected_row(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, name: str, upload_id: str
) -> None:
    fill(qtbot, window, queue)
    select(window, upload_id)

    QTest.mouseClick(button_of(window, getattr(window.queue.commands, name)), Qt.MouseButton.LeftButton)

    assert queue.calls == [(name, [upload_id])]


def test_space_pauses_and_resumes(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    fill(qtbot, window, queue)
    select(window, "uploading")
    QTest.keyClick(window.queue.view, Qt.Key.Key_Space)
    row = window.model.row_of("uploading")
    assert row is not None
    qtbot.waitUntil(lambda: window.model.view_at(row).upload.state is UploadState.PAUSED)
    QTest.keyClick(window.queue.view, Qt.Key.Key_Space)

    assert queue.calls == [("pause", ["uploading"]), ("resume", ["uploading"])]


@pytest.mark.parametrize("upload_id", ["completed", "cancelled"])
def test_del_removes_a_finished_row_without_asking(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs, upload_id: str
) -> None:
    fill(qtbot, window, queue)
    select(window, upload_id)
    QTest.keyClick(window.queue.view, Qt.Key.Key_Delete)

    assert dialogs.asked == []
    assert queue.calls == []
    assert window.queue.shown.row_of(upload_id) is None
    window.queue.removals.settle()
    assert queue.calls == [("remove", [upload_id])]
    qtbot.waitUntil(lambda: window.model.row_of(upload_id) is None)


@pytest.mark.parametrize(("answer", "calls"), [("yes", [("remove", ["uploading"])]), ("no", [])])
def test_removing_an_unfinished_row_is_confirmed(
    qtbot: QtBot,
    window: MainWindow,
    queue: FakeUploadQueue,
    dialogs: ScriptedDialogs,
    answer: str,
    calls: list[Any],
) -> None:
    fill(qtbot, window, queue)
    dialogs.answer = answer
    select(window, "uploading")
    QTest.keyClick(window.queue.view, Qt.Key.Key_Delete)

    assert [question.text for question in dialogs.asked] == ["“uploading.mp4” is not stored yet. Remove it?"]
    assert answer_to_enter(window, dialogs.asked[0]) == "no"
    assert queue.calls == calls


@pytest.mark.parametrize(("answer", "calls"), [("yes", [("cancel", ["paused"])]), ("no", [])])
def test_cancelling_is_confirmed(
    qtbot: QtBot,
    window: MainWindow,
    queue: FakeUploadQueue,
    dialogs: ScriptedDialogs,
    answer: str,
    calls: list[Any],
) -> None:
    fill(qtbot, window, queue)
    dialogs.answer = answer
    select(window, "paused")
    QTest.keyClick(window.queue.view, Qt.Key.Key_Period, CTRL)

    assert len(dialogs.asked) == 1
    assert queue.calls == calls


def test_actions_on_many_rows_take_only_those_they_fit(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    fill(qtbot, window, queue)
    window.queue.view.selectAll()
    window.queue.commands.pause.trigger()

    assert queue.calls == [("pause", ["queued", "uploading", "waiting"])]


def test_keys_pause_and_resume_everything(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    fill(qtbot, window, queue)
    QTest.keyClick(window, Qt.Key.Key_P, CTRL | SHIFT)
    QTest.keyClick(window, Qt.Key.Key_R, CTRL | SHIFT)

    assert queue.calls == [("pause", None), ("resume", None)]


def test_the_menu_for_all_retries_cancels_and_clears(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    fill(qtbot, window, queue)
    dialogs.answer = "yes"
    window.queue.commands.remove_finished.trigger()
    window.queue.removals.settle()
    window.queue.commands.cancel_all.trigger()
    window.queue.commands.retry_all.trigger()

    unfinished = ["queued", "uploading", "waiting", "paused", "finalising", "attention"]
    assert queue.calls[0] == ("remove", ["completed", "cancelled"])
    assert queue.calls[1] == ("cancel", unfinished)
    assert [question.text for question in dialogs.asked] == ["Cancel 6 uploads?"]
    assert answer_to_enter(window, dialogs.asked[0]) == "no"


@pytest.mark.parametrize("reason", [QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard])
def test_the_context_menu_opens_by_mouse_and_key_and_acts(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, reason: QContextMenuEvent.Reason
) -> None:
    fill(qtbot, window, queue)
    select(window, "uploading")
    view = window.queue.view
    place = view.visualRect(view.currentIndex()).center()
    event = QContextMenuEvent(reason, place, view.viewport().mapToGlobal(place))
    QApplication.sendEvent(view.viewport(), event)

    assert view.menu.isVisible()
    labels = [action.text() for action in view.menu.actions() if not action.isSeparator()]
    assert labels == ["Pause", "Resume", "Retry", "Upload next", "Move up", "Move down", "Cancel", "Remove"]
    if reason is QContextMenuEvent.Reason.Mouse:
        pause = view.menu.actionGeometry(view.menu.actions()[0])
        QTest.mouseClick(view.menu, Qt.MouseButton.LeftButton, pos=pause.center())
    else:
        view.menu.setActiveAction(view.menu.actions()[0])
        QTest.keyClick(view.menu, Qt.Key.Key_Return)
    assert queue.calls == [("pause", ["uploading"])]


def test_an_upload_is_selected_alone_even_while_a_key_is_held(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    fill(qtbot, window, queue)
    select(window, "queued")
    QTest.keyPress(window, Qt.Key.Key_V, CTRL)
    select(window, "paused")
    QTest.keyRelease(window, Qt.Key.Key_V)

    assert [view.upload.id for view in window.queue.view.selected_views()] == ["paused"]


def test_home_and_end_go_to_the_first_and_last_row(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    fill(qtbot, window, queue)
    select(window, "paused")
    QTest.keyClick(window.queue.view, Qt.Key.Key_End)
    assert [view.upload.id for view in window.queue.view.selected_views()] == ["cancelled"]
    QTest.keyClick(window.queue.view, Qt.Key.Key_Home)
    assert [view.upload.id for view in window.queue.view.selected_views()] == ["queued"]


def test_the_details_say_when_a_copy_may_be_deleted(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    fill(qtbot, window, queue)
    assert not window.details.isVisible()
    select(window, "completed")

    assert window.details.isVisible()
    assert window.details.sentence.text() == "Verified. Safe to delete your copy."


def test_the_details_show_a_problem_in_full(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    words = "The file is gone. " * 20
    queue.append(make_view("a.mp4", UploadState.ATTENTION, problem=Problem("file_missing", words)))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    select(window, "a.mp4")

    assert window.details.sentence.text() == words


def test_the_details_follow_the_selected_upload(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    fill(qtbot, window, queue)
    select(window, "uploading")
    queue.change("uploading", state=UploadState.COMPLETED)

    qtbot.waitUntil(lambda: window.details.sentence.text() == "Verified. Safe to delete your copy.")


def test_several_selected_rows_are_summed_up(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    fill(qtbot, window, queue)
    window.queue.view.selectAll()

    assert window.details.title.text() == "8 uploads selected"
    assert window.details.sentence.text() == "1 of them is verified."


def test_upload_next_moves_rows_to_the_front_and_keeps_them_selected(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(*(make_view(f"{number}.mp4") for number in range(4)))
    qtbot.waitUntil(lambda: window.model.rowCount() == 4)
    select(window, "2.mp4")
    QTest.keyClick(window.queue.view, Qt.Key.Key_Down, SHIFT)

    QTest.keyClick(window.queue.view, Qt.Key.Key_Home, CTRL)

    qtbot.waitUntil(lambda: window.model.view_at(0).upload.id == "2.mp4")
    assert [window.model.view_at(row).upload.id for row in range(4)] == ["2.mp4", "3.mp4", "0.mp4", "1.mp4"]
    assert [window.model.row_of(name) for name in ("0.mp4", "2.mp4")] == [2, 0]
    assert sorted(view.upload.id for view in window.queue.view.selected_views()) == ["2.mp4", "3.mp4"]
    assert ("move_to_front", ["2.mp4", "3.mp4"]) in queue.calls


@pytest.mark.parametrize("is_clicked", [True, False])
def test_pausing_and_resuming_all_leaves_the_keyboard_where_it_is(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, is_clicked: bool
) -> None:
    queue.append(make_view("talk.mp4", UploadState.UPLOADING))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    qtbot.waitUntil(window.isActiveWindow)
    for action in (window.queue.commands.pause_all, window.queue.commands.resume_all):
        button = button_of(window, action)
        held = window.queue.view if is_clicked else button
        held.setFocus()
        if is_clicked:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        else:
            QTest.keyClick(button, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: not action.isEnabled())  # noqa: B023 - ends before the loop goes on

        assert window.focusWidget() is held


def test_tab_goes_on_from_a_button_that_is_off(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.append(make_view("talk.mp4", UploadState.UPLOADING))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    qtbot.waitUntil(window.isActiveWindow)
    commands = window.queue.commands
    pause_all, resume_all = button_of(window, commands.pause_all), button_of(window, commands.resume_all)
    pause_all.setFocus()
    QTest.keyClick(pause_all, Qt.Key.Key_Space)
    qtbot.waitUntil(resume_all.isEnabled)

    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)

    assert window.focusWidget() is resume_all


def test_escape_takes_the_search_back(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    fill(qtbot, window, queue)
    for search in (window.queue.filter.search, window.library.search):
        QTest.keyClicks(search, "talk")
        QTest.keyClick(search, Qt.Key.Key_Escape)

        assert search.text() == ""
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == len(UploadState))
