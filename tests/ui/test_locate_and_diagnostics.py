"""Locating a file that is gone, and exporting diagnostics, through the window."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import FileMissing, Refused
from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.ui.diagnostics_button import DiagnosticsButton
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.settings import ForgetfulSettings
from tests.fakes.desktop import FakeDesktop
from tests.fakes.upload_queue import FakeUploadQueue
from tests.ui.scripted_dialogs import ScriptedDialogs
from tests.ui.test_details import click, show

GONE = Problem(FileMissing.code, "“talk.mp4” is no longer at /recordings. Put it back.")


class FakeDiagnostics:
    """Has the file at once, or fails. asked: every target."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.asked: list[Path] = []
        self.failure = failure

    def export(self, target: Path) -> Future[Path]:
        self.asked.append(target)
        done: Future[Path] = Future()
        if self.failure is None:
            done.set_result(target)
        else:
            done.set_exception(self.failure)
        return done


def test_f13_a_missing_file_can_be_located(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    show(qtbot, window, queue, UploadState.ATTENTION, problem=GONE)
    dialogs.files = [Path("/elsewhere/talk.mp4")]
    assert window.details.help.remedy.text() == "Locate file…"
    assert not window.details.help.reveal.isVisible()

    click(window.details.help.remedy)

    assert dialogs.titles == ["Where is “talk.mp4” now?"]
    assert queue.calls == [("locate", ("talk.mp4", Path("/elsewhere/talk.mp4")))]
    qtbot.waitUntil(lambda: not window.details.help.remedy.isVisible())


def test_a_missing_file_that_is_back_can_be_tried_again(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    show(qtbot, window, queue, UploadState.ATTENTION, problem=GONE)

    click(window.details.help.again)

    assert queue.calls == [("retry", ["talk.mp4"])]
    assert dialogs.titles == []


def test_f13_another_file_is_refused_in_the_banner_and_the_upload_stays(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    show(qtbot, window, queue, UploadState.ATTENTION, problem=GONE)
    dialogs.files = [Path("/elsewhere/other.mp4")]
    queue.failure = Refused("“other.mp4” is not the file. Choose another one.")

    click(window.details.help.remedy)

    qtbot.waitUntil(lambda: "is not the file" in window.banner.message)
    assert window.details.help.remedy.text() == "Locate file…"


@pytest.mark.parametrize("state", [UploadState.UPLOADING, UploadState.COMPLETED, UploadState.ATTENTION])
def test_only_a_missing_file_is_to_be_located(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, state: UploadState
) -> None:
    show(qtbot, window, queue, state)
    assert window.details.help.remedy.text() != "Locate file…"
    assert not window.details.help.again.isVisible()


def button(window: MainWindow) -> DiagnosticsButton:
    (found,) = window.findChildren(DiagnosticsButton)
    return found


def test_diagnostics_go_to_where_the_person_says_even_without_an_engine(
    qtbot: QtBot, bare_window: MainWindow, dialogs: ScriptedDialogs, desktop: FakeDesktop
) -> None:
    assert not button(bare_window).isVisible()
    desk = FakeDiagnostics()
    bare_window.attach_diagnostics(desk)
    dialogs.folders = [Path("/somewhere")]

    QTest.mouseClick(button(bare_window), Qt.MouseButton.LeftButton)

    (target,) = desk.asked
    assert (target.parent, target.suffix) == (Path("/somewhere"), ".zip")
    qtbot.waitUntil(lambda: f"The diagnostics are in {target}" in bare_window.banner.message)
    assert button(bare_window).isEnabled()
    assert (bare_window.banner.button.text(), desktop.revealed) == ("Show", [])
    click(bare_window.banner.button)
    assert desktop.revealed == [target]


def test_where_the_diagnostics_are_is_said_also_without_a_file_manager(
    qtbot: QtBot, bare_window: MainWindow, dialogs: ScriptedDialogs, desktop: FakeDesktop
) -> None:
    bare_window.attach_diagnostics(FakeDiagnostics())
    dialogs.folders, desktop.works = [Path("/somewhere")], False
    QTest.mouseClick(button(bare_window), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(bare_window.banner.button.isVisible)

    click(bare_window.banner.button)

    assert bare_window.banner.message == "The file manager could not be opened. The file is in /somewhere."


def test_a_click_exports_nothing_before_the_real_dialog_has_asked_for_a_place(
    qtbot: QtBot, bridge: EngineBridge, settings: ForgetfulSettings, desktop: FakeDesktop
) -> None:
    window = MainWindow(bridge, settings, tray_available=lambda: False, desktop=desktop)
    qtbot.addWidget(window)
    window.show()
    desk = FakeDiagnostics()
    window.attach_diagnostics(desk)

    QTest.mouseClick(button(window), Qt.MouseButton.LeftButton)

    (dialog,) = window.findChildren(QFileDialog)
    assert (dialog.isVisible(), dialog.acceptMode()) == (True, QFileDialog.AcceptMode.AcceptSave)
    dialog.reject()
    assert desk.asked == []


def test_diagnostics_are_called_off_with_the_dialog_and_their_failure_is_told(
    qtbot: QtBot, bare_window: MainWindow, dialogs: ScriptedDialogs
) -> None:
    desk = FakeDiagnostics(Refused("The diagnostics could not be written to /x. Choose another folder."))
    bare_window.attach_diagnostics(desk)
    QTest.keyClick(bare_window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert desk.asked == []
    dialogs.folders = [Path("/x")]
    QTest.keyClick(bare_window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: "could not be written" in bare_window.banner.message)
    assert button(bare_window).isEnabled()
