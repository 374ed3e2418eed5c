"""The smallest window, in German, whose words are long: nothing that can be pressed is cut off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from recorder_desktop.ui.main_window import MainWindow
from tests.fakes.upload_queue import FakeUploadQueue
from tests.ui.demo import ten_uploads


@pytest.mark.parametrize("selected", ["Lecture 01 - Introduction.mp4", "Lecture 03 - Graphs.mp4", "Town hall.mov"])
def test_no_word_on_a_button_is_cut_off_in_the_smallest_window(
    qtbot: QtBot, german_window: MainWindow, queue: FakeUploadQueue, selected: str
) -> None:
    window = german_window
    queue.append(*ten_uploads())
    qtbot.waitUntil(lambda: window.model.rowCount() == 10)
    window.resize(window.minimumSize())
    window.queue.view.select_upload(selected)
    qtbot.waitUntil(window.details.isVisible)

    def cut_off() -> list[str]:
        buttons = [*window.findChildren(QToolButton), *window.findChildren(QPushButton)]
        named = [button for button in buttons if button.isVisible() and button.text()]
        return [button.text() for button in named if button.width() < button.sizeHint().width()]

    qtbot.waitUntil(lambda: cut_off() == [])


def test_buttons_have_their_words_back_when_there_is_room(
    qtbot: QtBot, german_window: MainWindow, queue: FakeUploadQueue
) -> None:
    window = german_window
    queue.append(*ten_uploads())
    qtbot.waitUntil(lambda: window.model.rowCount() == 10)
    pause = next(button for button in window.findChildren(QToolButton) if button.text() == "Anhalten")

    window.resize(window.minimumSize())
    qtbot.waitUntil(lambda: pause.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly)
    assert (pause.accessibleName(), pause.toolTip()) == ("Anhalten", window.queue.commands.pause.toolTip())

    window.resize(1400, 700)
    qtbot.waitUntil(lambda: pause.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
