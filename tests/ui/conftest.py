"""The window on a fake queue, with scripted dialogs, on Qt's screen-less platform."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt makes its application

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.settings import ForgetfulSettings
from recorder_desktop.ui.translation import ENGLISH, install
from tests.fakes.desktop import FakeDesktop
from tests.fakes.upload_queue import FakeUploadQueue
from tests.ui.scripted_dialogs import ScriptedDialogs


@pytest.fixture(autouse=True)
def windows_end(qapp: QGuiApplication) -> Iterator[None]:
    """Qt destroys what is to be deleted later only in a loop of its own: else every window stays for the next."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def keys_are_let_go(qapp: QGuiApplication) -> Iterator[None]:
    """QTest leaves Shift held down after a click of Ctrl+Shift+D, and `selectRow` of a later test selects nothing."""
    yield
    QTest.keyRelease(QWidget(), Qt.Key.Key_Shift)
    assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier


@pytest.fixture
def queue() -> FakeUploadQueue:
    return FakeUploadQueue()


@pytest.fixture
def dialogs() -> ScriptedDialogs:
    return ScriptedDialogs()


@pytest.fixture
def desktop() -> FakeDesktop:
    return FakeDesktop()


@pytest.fixture
def settings() -> ForgetfulSettings:
    return ForgetfulSettings()


@pytest.fixture
def bridge(qapp: QGuiApplication) -> Iterator[EngineBridge]:
    made = EngineBridge()
    yield made
    made.close()


@pytest.fixture
def bare_window(
    qtbot: QtBot, bridge: EngineBridge, settings: ForgetfulSettings, dialogs: ScriptedDialogs, desktop: FakeDesktop
) -> Iterator[MainWindow]:
    """On screen, but no engine yet."""
    made = MainWindow(bridge, settings, dialogs, tray_available=lambda: False, desktop=desktop)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    QGuiApplication.styleHints().setColorScheme(Qt.ColorScheme.Unknown)
    # What lies in it is destroyed at the very end of the process, when there is no Python left to destroy it.
    QGuiApplication.clipboard().clear()


@pytest.fixture
def window(bare_window: MainWindow, bridge: EngineBridge, queue: FakeUploadQueue) -> MainWindow:
    """With the fake queue behind it."""
    bridge.attach(queue)
    return bare_window


@pytest.fixture
def german(qapp: QGuiApplication) -> Iterator[None]:
    """The app speaks German."""
    install(qapp, "de")
    yield
    install(qapp, ENGLISH)
    QLocale.setDefault(QLocale.system())


@pytest.fixture
def german_window(
    german: None, qtbot: QtBot, bridge: EngineBridge, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> MainWindow:
    """In German, with the fake queue behind it."""
    window = MainWindow(bridge, ForgetfulSettings(), dialogs, tray_available=lambda: False, desktop=FakeDesktop())
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    bridge.attach(queue)
    return window
