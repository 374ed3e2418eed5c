"""What the person is told of while they look elsewhere: each thing once, and only what they want to hear."""

from __future__ import annotations

from collections import Counter

import pytest
from pytestqt.qtbot import QtBot

from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.model import UploadState
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.notifications import Notifications
from recorder_desktop.ui.queue_totals import QueueTotals
from recorder_desktop.ui.settings import ALL_DONE, NEEDS_ME, ForgetfulSettings
from tests.fakes.upload_queue import FakeUploadQueue, make_view


class Rig:
    def __init__(self, settings: ForgetfulSettings) -> None:
        self.is_looking = False
        self.shown: list[str] = []
        self.notifications = Notifications(
            settings, lambda: self.is_looking, lambda title, _: self.shown.append(title)
        )


@pytest.fixture
def rig(settings: ForgetfulSettings, monkeypatch: pytest.MonkeyPatch, window: MainWindow) -> Rig:
    made = Rig(settings)
    monkeypatch.setattr(window, "_is_looked_at", lambda: made.is_looking)
    window._notifications._is_looking = lambda: made.is_looking
    window._notifications._show = lambda title, _words: made.shown.append(title)
    return made


def test_it_tells_when_all_is_stored_and_only_then(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, rig: Rig
) -> None:
    queue.append(make_view("a.mp4", UploadState.UPLOADING), make_view("b.mp4", UploadState.UPLOADING))
    qtbot.waitUntil(lambda: window.model.totals.unfinished == 2)
    queue.change("a.mp4", state=UploadState.COMPLETED, bytes_confirmed=1_000_000)
    qtbot.waitUntil(lambda: window.model.totals.unfinished == 1)
    assert rig.shown == []
    queue.change("b.mp4", state=UploadState.COMPLETED, bytes_confirmed=1_000_000)

    qtbot.waitUntil(lambda: rig.shown == ["Everything is stored"])


def test_it_tells_once_of_each_recording_that_needs_somebody(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, rig: Rig
) -> None:
    queue.append(*(make_view(name, UploadState.UPLOADING) for name in ("a.mp4", "b.mp4", "c.mp4")))
    queue.change("a.mp4", state=UploadState.ATTENTION)
    qtbot.waitUntil(lambda: rig.shown == ["1 recording needs you."])
    queue.change("c.mp4", bytes_confirmed=10)
    queue.change("b.mp4", state=UploadState.ATTENTION)

    qtbot.waitUntil(lambda: rig.shown == ["1 recording needs you.", "2 recordings need you."])


def test_it_tells_once_that_a_sign_in_is_wanted(settings: ForgetfulSettings) -> None:
    rig = Rig(settings)
    for state in (ServiceState.SIGN_IN, ServiceState.SIGN_IN, ServiceState.READY, ServiceState.SIGN_IN):
        rig.notifications.note_service(ServiceChanged("https://x", state))

    assert rig.shown == ["Sign in to go on"] * 2


def test_whoever_looks_at_the_window_is_told_nothing(settings: ForgetfulSettings) -> None:
    rig = Rig(settings)
    rig.is_looking = True
    end(rig)

    assert rig.shown == []


@pytest.mark.parametrize(
    ("key", "left"), [(ALL_DONE, ["1 recording needs you."]), (NEEDS_ME, ["Everything is stored"])]
)
def test_what_is_switched_off_is_not_told(settings: ForgetfulSettings, key: str, left: list[str]) -> None:
    settings.set(key, "false")
    rig = Rig(settings)
    end(rig)

    assert rig.shown == left


def end(rig: Rig) -> None:
    """One recording needs somebody, is mended, and all are stored."""
    for states, stored in (
        ({UploadState.UPLOADING: 2}, 0),
        ({UploadState.UPLOADING: 1, UploadState.ATTENTION: 1}, 0),
        ({UploadState.UPLOADING: 1}, 1),
        ({UploadState.COMPLETED: 2}, 2),
    ):
        totals = QueueTotals()
        totals.states, totals.batch_files, totals.batch_files_stored = Counter(states), 2, stored
        rig.notifications.note_totals(totals)
