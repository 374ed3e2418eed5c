"""Another language, without a restart: a new window with everything that the old one knew."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import Unavailable
from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.library import DownloadedFile
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.own_bucket import OwnBucket
from recorder_desktop.core.sign_in import SignedIn, SignInRequest
from recorder_desktop.core.watched_folder import FolderReport, FolderState
from recorder_desktop.ui.downloads import Downloads, DownloadState
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.settings import LANGUAGE, ForgetfulSettings, UiSettings
from recorder_desktop.ui.translation import LANGUAGES, install
from recorder_desktop.ui.view_switch import LIBRARY
from recorder_desktop.ui.window_host import Desks, WindowHost
from tests.fakes.desktop import FakeDesktop
from tests.fakes.library_desk import FakeLibraryDesk
from tests.fakes.preferences import FakePreferenceDesks
from tests.fakes.recorder import a_stored_recording
from tests.fakes.thumbnail_desk import FakeThumbnailDesk
from tests.fakes.upload_queue import FakeUploadQueue, make_view
from tests.ui.scripted_dialogs import ScriptedDialogs

GENERAL = 3


class NoSignIns:
    def begin(self, request: SignInRequest) -> Future[SignedIn]:
        raise AssertionError("nobody signs in")


class NoBuckets:
    def known(self, destination: str) -> Future[OwnBucket]:
        raise AssertionError("nobody has a bucket")

    def begin(self, bucket: object, mends: str = "") -> Future[str]:
        raise AssertionError("nobody has a bucket")


class Rig:
    def __init__(self) -> None:
        self.settings = ForgetfulSettings()
        self.queue = FakeUploadQueue()
        self.library = FakeLibraryDesk([a_stored_recording("talk.mp4"), a_stored_recording("match.mkv")])
        self.preferences = FakePreferenceDesks()
        self.desktop = FakeDesktop()
        self.settings.set(LANGUAGE, "en")
        self.host = WindowHost(self.settings, self._make)

    def _make(self, bridge: EngineBridge, settings: UiSettings) -> MainWindow:
        return MainWindow(bridge, settings, ScriptedDialogs(), tray_available=lambda: False, desktop=self.desktop)

    def attach(self) -> None:
        pictures, preferences = FakeThumbnailDesk(), self.preferences.as_desks
        folder = Path("/home/mara/stored")
        self.host.attach(Desks(self.queue, NoSignIns(), self.library, pictures, NoBuckets(), folder, preferences))

    @property
    def window(self) -> MainWindow:
        return self.host.window

    def speak(self, code: str) -> None:
        """Choose a language as a person does."""
        self.window.preferences.open(GENERAL)
        dialog = self.window.preferences.dialog
        assert dialog is not None
        box = dialog.general.language
        box.setFocus()
        assert list(LANGUAGES) == ["en", "de"]
        QTest.keyClick(box, Qt.Key.Key_End if code == "de" else Qt.Key.Key_Up)


def speak_english() -> None:
    app = QCoreApplication.instance()
    assert app is not None
    install(app, "en")


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    made = Rig()
    made.window.show()
    made.attach()
    yield made
    made.window.retire()
    made.host.close()
    speak_english()


def test_every_text_is_in_the_new_language_at_once_and_at_the_next_start(qtbot: QtBot, rig: Rig) -> None:
    rig.queue.append(make_view("a.mp4", UploadState.COMPLETED))
    rig.speak("de")

    assert rig.window.switch.buttons[0].text() == "Warteschlange"
    assert rig.settings.get(LANGUAGE) == "de"
    qtbot.waitUntil(lambda: rig.window.model.rowCount() == 1)
    dialog = rig.window.preferences.dialog
    assert dialog is not None
    assert (dialog.isVisible(), dialog.windowTitle()) == (True, "Einstellungen")
    assert dialog.sections.currentRow() == GENERAL
    assert dialog.general.language.currentText() == "Deutsch"
    assert QLocale().toString(1.5, "f", 1) == "1,5"

    rig.speak("en")

    assert rig.window.switch.buttons[0].text() == "Queue"


def test_the_new_window_is_where_the_old_one_was_and_shows_the_same(qtbot: QtBot, rig: Rig) -> None:
    rig.host.set_destination("Team server x", "https://x")
    rig.window.resize(900, 650)
    rig.window.switch.choose(LIBRARY)
    rig.queue.tell(ServiceChanged("https://x", ServiceState.UNREACHABLE, "Away."))
    qtbot.waitUntil(lambda: rig.window.overview.network.text() == "Offline")
    rig.speak("de")

    assert (rig.window.width(), rig.window.height()) == (900, 650)
    assert rig.window.isVisible()
    assert rig.window.switch.view == LIBRARY
    assert rig.window.overview.network.text() == "Offline"
    assert rig.window.overview.place.text().startswith("Team-Server x")
    assert rig.window.places.server == "https://x"
    assert rig.queue.listener_count == 1


def test_a_hidden_window_stays_hidden(rig: Rig) -> None:
    rig.window.hide()
    rig.window.preferences.choices.set_language("de")

    assert not rig.window.isVisible()


def test_watched_folders_and_downloads_go_on(qtbot: QtBot, rig: Rig) -> None:
    rig.window.preferences.choices.set_folders([Path("/talks")])
    rig.host.take_report(FolderReport(Path("/talks"), FolderState.WATCHED))
    qtbot.waitUntil(lambda: rig.window.preferences.choices.report_on(Path("/talks")) is not None)
    rig.window.library.downloads.fetch_all([*rig.library.stored, a_stored_recording("third.mp4")], "local")
    rig.speak("de")

    downloads = rig.window.library.downloads
    assert states(downloads) == [DownloadState.RUNNING] * 2 + [DownloadState.WAITING]
    assert rig.window.preferences.choices.report_on(Path("/talks")) is not None
    rig.library.downloads[0][3].set_result(DownloadedFile(Path("/home/mara/talk.mp4"), checksum_agreed=True))
    qtbot.waitUntil(lambda: states(downloads) == [DownloadState.RUNNING] * 2 + [DownloadState.DONE])
    for _, _, _, future in rig.library.downloads[1:]:
        future.set_exception(Unavailable("It went away. Try again."))
    qtbot.waitUntil(lambda: states(downloads) == [DownloadState.FAILED] * 2 + [DownloadState.DONE])
    assert not downloads.is_ticking


def states(downloads: Downloads) -> list[DownloadState]:
    return [each.state for each in downloads.first(10)]


def test_what_was_added_before_the_engine_is_there_is_not_lost(qtbot: QtBot) -> None:
    rig = Rig()
    rig.window.show()
    rig.host.add_paths([Path("/a.mp4")])
    rig.window.preferences.choices.set_language("de")
    rig.attach()

    assert rig.queue.calls == [("add", [Path("/a.mp4")])]
    rig.window.retire()
    rig.host.close()
    speak_english()


def test_the_old_window_is_gone(qtbot: QtBot, rig: Rig) -> None:
    gone: list[bool] = []
    rig.window.destroyed.connect(lambda: gone.append(True))
    rig.speak("de")

    qtbot.waitUntil(lambda: gone == [True])


def test_quitting_works_from_the_new_window(qtbot: QtBot, rig: Rig) -> None:
    rig.window.preferences.choices.set_language("de")
    rig.window.activateWindow()
    qtbot.waitUntil(rig.window.isActiveWindow)
    with qtbot.waitSignal(rig.host.quit_requested):
        QTest.keyClick(rig.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
