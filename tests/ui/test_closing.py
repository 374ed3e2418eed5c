"""Closing, the tray, quitting, coming back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from recorder_desktop.core.model import UploadState
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.settings import CLOSE_ACTION, GEOMETRY, ForgetfulSettings
from recorder_desktop.ui.tray import Tray, progress_ring
from tests.fakes.upload_queue import FakeUploadQueue, make_view
from tests.ui.scripted_dialogs import ScriptedDialogs, answer_to_enter


@pytest.fixture
def tray_window(
    qtbot: QtBot,
    bridge: EngineBridge,
    queue: FakeUploadQueue,
    settings: ForgetfulSettings,
    dialogs: ScriptedDialogs,
) -> Iterator[MainWindow]:
    """A window on a desktop with a tray, one upload running."""
    made = MainWindow(bridge, settings, dialogs, tray_available=lambda: True)
    qtbot.addWidget(made)
    made.show()
    queue.append(make_view("a.mp4", UploadState.UPLOADING, 100, bytes_confirmed=50))
    bridge.attach(queue)
    qtbot.waitUntil(lambda: made.tray is not None)
    yield made
    if made.tray is not None:
        made.tray.hide()


def tray_of(window: MainWindow) -> Tray:
    assert window.tray is not None
    return window.tray


def test_closing_an_idle_window_quits(qtbot: QtBot, window: MainWindow, dialogs: ScriptedDialogs) -> None:
    with qtbot.waitSignal(window.quit_requested):
        window.close()

    assert dialogs.asked == []
    assert not window.isVisible()


def test_closing_while_uploading_asks_once_and_then_goes_to_the_tray(
    tray_window: MainWindow, dialogs: ScriptedDialogs, settings: ForgetfulSettings
) -> None:
    dialogs.answer = "background"
    tray_window.close()
    assert not tray_window.isVisible()
    tray_of(tray_window).show_action.trigger()
    assert tray_window.isVisible()
    tray_window.close()

    assert not tray_window.isVisible()
    assert len(dialogs.asked) == 1
    assert settings.get(CLOSE_ACTION) == "background"


def test_going_back_is_not_remembered(
    tray_window: MainWindow, dialogs: ScriptedDialogs, settings: ForgetfulSettings
) -> None:
    dialogs.answer = "stay"
    tray_window.close()

    assert tray_window.isVisible()
    assert settings.get(CLOSE_ACTION) is None


def test_a_remembered_quit_needs_no_second_question(
    qtbot: QtBot, tray_window: MainWindow, dialogs: ScriptedDialogs, settings: ForgetfulSettings
) -> None:
    settings.set(CLOSE_ACTION, "quit")
    with qtbot.waitSignal(tray_window.quit_requested):
        tray_window.close()

    assert dialogs.asked == []


def test_without_a_tray_closing_asks_each_time_and_minimises(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    queue.append(make_view("a.mp4", UploadState.UPLOADING))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    dialogs.answer = "minimise"
    window.close()
    assert window.isMinimized()
    window.raise_and_focus()
    assert not window.isMinimized()
    window.close()

    assert len(dialogs.asked) == 2


@pytest.mark.parametrize(("answer", "quits"), [("quit", True), ("stay", False)])
def test_quitting_while_uploading_says_that_it_goes_on_next_time(
    tray_window: MainWindow, dialogs: ScriptedDialogs, answer: str, quits: bool
) -> None:
    asked_to_quit = []
    tray_window.quit_requested.connect(lambda: asked_to_quit.append(True))
    dialogs.answer = answer
    QTest.keyClick(tray_window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)

    assert bool(asked_to_quit) is quits
    assert "next start" in dialogs.asked[0].detail
    assert answer_to_enter(tray_window, dialogs.asked[0]) == "stay"


def test_enter_does_not_quit_where_closing_asks_what_it_means(
    tray_window: MainWindow, dialogs: ScriptedDialogs
) -> None:
    dialogs.answer = "stay"
    tray_window.close()
    assert answer_to_enter(tray_window, dialogs.asked[0]) == "background"


def test_the_tray_menu_pauses_resumes_and_quits(
    qtbot: QtBot, tray_window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    tray = tray_of(tray_window)
    labels = [action.text() for action in tray.menu.actions() if not action.isSeparator()]
    assert labels == ["Show Recorder", "Pause all", "Resume all", "Settings…", "Quit Recorder"]
    tray.menu.actions()[2].trigger()
    assert queue.calls == [("pause", None)]

    dialogs.answer = "quit"
    with qtbot.waitSignal(tray_window.quit_requested):
        qtbot.waitUntil(lambda: tray_window.model.totals.running == 0)
        tray.quit_action.trigger()


def test_the_tray_shows_progress(tray_window: MainWindow) -> None:
    assert "50\u00a0%" in tray_of(tray_window).icon.toolTip()


def test_the_ring_fills_with_progress(tray_window: MainWindow) -> None:
    def white(fraction: float) -> int:
        image = progress_ring(fraction).pixmap(64, 64).toImage()
        pixels = (image.pixelColor(x, y) for x in range(64) for y in range(64))
        return sum(pixel.lightness() > 250 for pixel in pixels)

    assert white(0.0) < white(0.5) < white(1.0)


def test_the_place_of_the_window_is_remembered(window: MainWindow, settings: ForgetfulSettings) -> None:
    window.close()

    assert settings.get(GEOMETRY)
