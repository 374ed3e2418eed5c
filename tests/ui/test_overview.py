"""The foot of the window: speed of the last minutes, the limit in one click, and the state of the network."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.lifecycle import UNSERVED
from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.settings import LIMIT, ForgetfulSettings
from recorder_desktop.ui.shown_uploads import Section
from recorder_desktop.ui.throughput_graph import SPAN_S, ThroughputGraph
from tests.fakes.upload_queue import FakeUploadQueue, make_view
from tests.ui.scripted_dialogs import ScriptedDialogs

MB = 1_000_000


def test_the_graph_is_there_while_something_is_sent(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    graph = window.overview.graph
    assert not graph.isVisible()
    queue.append(make_view("a.mp4", UploadState.UPLOADING, rate_bytes_per_s=5.0 * MB))
    qtbot.waitUntil(graph.isVisible)
    assert graph.accessibleDescription() == "Speed of the last 3 minutes, at most 5.00\u00a0MB/s"
    queue.change("a.mp4", state=UploadState.COMPLETED, rate_bytes_per_s=0.0)

    qtbot.waitUntil(lambda: not graph.isVisible())


def test_the_graph_takes_a_sample_a_second_and_forgets_after_minutes(window: MainWindow) -> None:
    now = [0.0]
    graph = ThroughputGraph(window.theme, clock=lambda: now[0], parent=window)
    for tick in range(10_000):  # ten a second
        now[0] = tick / 10
        graph.note(tick)

    assert SPAN_S - 2 <= len(graph.samples) <= SPAN_S + 2
    assert graph.samples[0][0] >= now[0] - SPAN_S


def test_the_last_word_of_a_second_counts(window: MainWindow) -> None:
    now = [0.0]
    graph = ThroughputGraph(window.theme, clock=lambda: now[0], parent=window)
    graph.note(5.0 * MB)
    now[0] = 0.5
    graph.note(0.0)

    assert list(graph.samples) == [(0.0, 0.0)]


def test_what_was_sent_long_ago_is_not_shown_as_the_last_minutes(qtbot: QtBot, window: MainWindow) -> None:
    now = [0.0]
    graph = ThroughputGraph(window.theme, clock=lambda: now[0], parent=window)
    graph.resize(180, 34)
    graph.show()
    graph._ageing.setInterval(1)
    for second in range(100):
        now[0] = float(second)
        graph.note(5.0 * MB)
    now[0] += SPAN_S / 2
    qtbot.waitUntil(lambda: len(graph.samples) < 100)
    picture = graph.grab().toImage()
    assert all(picture.pixelColor(x, 12) == picture.pixelColor(picture.width() - 1, 0) for x in range(100, 180))
    assert picture.pixelColor(20, 12).name() == window.theme.colours.accent_soft
    now[0] += SPAN_S

    qtbot.waitUntil(lambda: not graph.isVisible())
    assert not graph._ageing.isActive()


def test_the_graph_is_painted_as_high_as_the_speed(window: MainWindow) -> None:
    now = [0.0]
    graph = ThroughputGraph(window.theme, clock=lambda: now[0], parent=window)
    graph.resize(180, 34)
    for second in range(181):
        now[0] = float(second)
        graph.note(10.0 * MB if second > 90 else 1.0 * MB)
    picture = graph.grab().toImage()
    scale = picture.devicePixelRatio()

    def is_filled(x: int, y: int) -> bool:
        return picture.pixelColor(int(x * scale), int(y * scale)).name() == window.theme.colours.accent_soft

    assert is_filled(150, 12)
    assert not is_filled(40, 12)


def test_a_speed_holds_until_the_next_one_and_does_not_climb_to_it(window: MainWindow) -> None:
    now = [0.0]
    graph = ThroughputGraph(window.theme, clock=lambda: now[0], parent=window)
    graph.resize(int(SPAN_S) * 4, 34)  # four pixels a second
    graph.note(1.0 * MB)
    now[0] = 4.0
    graph.note(10.0 * MB)
    now[0] = 20.0  # nothing was told any more
    picture = graph.grab().toImage()
    scale = picture.devicePixelRatio()

    def is_filled(second: float, y: int) -> bool:
        x = graph.width() - (now[0] - second) * 4
        return picture.pixelColor(int(x * scale), int(y * scale)).name() == window.theme.colours.accent_soft

    assert [is_filled(second, 14) for second in (1.0, 2.0, 3.0, 5.0, 8.0)] == [False, False, False, True, True]
    assert is_filled(2.0, 31)
    assert [is_filled(second, 31) for second in (-2.0, 8.0, 10.0, 15.0)] == [False, True, False, False]


def test_what_is_finished_and_what_is_stored_differ_by_what_was_cancelled(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(*(make_view(f"{number}.mp4", UploadState.QUEUED) for number in range(4)))
    qtbot.waitUntil(lambda: window.model.rowCount() == 4)
    queue.change("0.mp4", state=UploadState.COMPLETED)
    queue.change("1.mp4", state=UploadState.CANCELLED)
    finished = window.queue.filter.sections[Section.DONE]
    qtbot.waitUntil(lambda: finished.text() == "Finished  2")

    assert "1 of 3 stored · 1 cancelled" in window.overview.summary.text()
    assert finished.toolTip() == finished.accessibleDescription() == "In the whole list: 1 stored, 1 cancelled"
    queue.change("1.mp4", state=UploadState.QUEUED)
    qtbot.waitUntil(lambda: "1 of 4 stored" in window.overview.summary.text())
    assert "cancelled" not in window.overview.summary.text()


def test_it_is_said_when_nothing_gets_through(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    overview = window.overview
    overview._silence.setInterval(1)
    moving: dict[str, Any] = {"bytes_in_flight": 9, "rate_bytes_per_s": 5e6}
    queue.append(make_view("a.mp4", UploadState.UPLOADING, **moving))
    qtbot.waitUntil(lambda: overview.pace.text().startswith("5.00\u00a0MB/s"))
    queue.change("a.mp4", rate_bytes_per_s=0.0)
    qtbot.waitUntil(lambda: overview.pace.text() == "Nothing gets through at the moment")
    queue.change("a.mp4", **moving)
    qtbot.waitUntil(lambda: overview.pace.text().startswith("5.00\u00a0MB/s"))
    queue.change("a.mp4", rate_bytes_per_s=0.0)
    qtbot.waitUntil(lambda: overview.pace.text() == "Nothing gets through at the moment")
    queue.change("a.mp4", state=UploadState.WAITING, bytes_in_flight=0)

    qtbot.waitUntil(lambda: overview.pace.text() == "")
    assert not overview._silence.isActive()


def test_what_waits_for_another_place_is_not_called_starting(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    elsewhere = Problem(UNSERVED, "This upload belongs to another place and waits for it.")
    queue.append(make_view("a.mp4", problem=elsewhere))
    qtbot.waitUntil(lambda: window.overview.summary.text().startswith("Waiting for another place"))
    queue.append(make_view("b.mp4", UploadState.PAUSED))
    qtbot.waitUntil(lambda: window.overview.summary.text().startswith("Paused"))
    queue.append(make_view("c.mp4"))

    qtbot.waitUntil(lambda: window.overview.summary.text().startswith("Starting"))


class PaintCounter(QObject):
    """How often a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.paints = 0
        widget.installEventFilter(self)

    def eventFilter(self, _widget: QObject, event: QEvent) -> bool:
        self.paints += event.type() is QEvent.Type.Paint
        return False


def test_new_totals_are_painted_with_all_else_and_not_at_once(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(make_view(state=UploadState.UPLOADING, bytes_confirmed=100_000))
    qtbot.waitUntil(window.overview.bar.isVisible)
    qtbot.wait(50)
    counter = PaintCounter(window.overview.bar)
    window.model.change([make_view(state=UploadState.UPLOADING, bytes_confirmed=500_000)])
    window.overview.show_totals(window.model.totals)

    assert (window.overview.bar.value(), counter.paints) == (5_000, 0)
    qtbot.waitUntil(lambda: counter.paints >= 1)


def limit_actions(window: MainWindow) -> dict[str, bool]:
    menu = window.overview.limit.menu()
    menu.aboutToShow.emit()
    return {action.text(): action.isChecked() for action in menu.actions() if not action.isSeparator()}


def trigger(window: MainWindow, label: str) -> None:
    limit_actions(window)
    next(action for action in window.overview.limit.menu().actions() if action.text() == label).trigger()


def test_a_limit_is_chosen_in_one_menu_and_holds_at_once_and_later(
    window: MainWindow, queue: FakeUploadQueue, settings: ForgetfulSettings
) -> None:
    button = window.overview.limit
    assert button.text() == "No limit"
    trigger(window, "2.00\u00a0MB/s")

    assert queue.calls == [("set_limits", "2 MB/s")]
    assert settings.get(LIMIT) == "2 MB/s"
    assert button.text() == "2.00\u00a0MB/s"
    assert [label for label, is_chosen in limit_actions(window).items() if is_chosen] == ["2.00\u00a0MB/s"]
    trigger(window, "No limit")
    assert queue.calls[-1] == ("set_limits", "unlimited")


def test_the_menu_is_made_anew_without_leaving_anything_behind(qtbot: QtBot, window: MainWindow) -> None:
    menu = window.overview.limit.menu()
    limit_actions(window)
    before = len(menu.findChildren(QObject))
    for _ in range(20):
        limit_actions(window)

    qtbot.waitUntil(lambda: len(menu.findChildren(QObject)) == before)


def test_a_value_of_ones_own_may_go_by_the_hour(
    window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    dialogs.text = " unlimited; Mon-Fri 08:00-18:00 2 MB/s "
    trigger(window, "Another value…")

    assert queue.calls == [("set_limits", "unlimited; Mon-Fri 08:00-18:00 2 MB/s")]
    assert window.overview.limit.text() == "By the hour"
    assert limit_actions(window)["By the hour"]


def test_a_value_that_cannot_be_meant_changes_nothing(
    window: MainWindow, queue: FakeUploadQueue, dialogs: ScriptedDialogs
) -> None:
    dialogs.text = "2 parsecs"
    trigger(window, "Another value…")

    assert queue.calls == []
    assert "2 parsecs" in window.banner.message


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ServiceState.STARTING, "Connecting"),
        (ServiceState.READY, "Connected"),
        (ServiceState.HELD_UP, "Waiting"),
        (ServiceState.UNREACHABLE, "Offline"),
        (ServiceState.SIGN_IN, "Not signed in"),
    ],
)
def test_the_state_of_the_network_is_said(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, state: ServiceState, words: str
) -> None:
    queue.tell(ServiceChanged("local", state, "x"))

    qtbot.waitUntil(lambda: window.overview.network.text() == words)


def test_the_foot_tells_of_the_place_that_uploads_go_to_and_of_no_other(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    window.set_destination("Your bucket mine at eu-west-1", "bucket:mine at eu-west-1")
    queue.tell(ServiceChanged("local", ServiceState.READY))
    queue.tell(ServiceChanged("bucket:mine at eu-west-1", ServiceState.UNREACHABLE, "Away."))
    qtbot.waitUntil(lambda: window.overview.network.text() == "Offline")

    window.set_destination("Stored on this computer", "local")
    assert (window.overview.network.text(), window.overview.place.text()) == ("Connected", "Stored on this computer")
    window.set_destination("Team server recorder.example.org", "https://recorder.example.org")
    assert window.overview.network.text() == "Connecting"


def test_the_menu_opens_by_keyboard(window: MainWindow) -> None:
    button = window.overview.limit
    opened = []

    def close_when_open() -> None:
        if button.menu().isVisible():
            opened.append(True)
            button.menu().close()

    # The button waits in a loop of its own until its menu is closed.
    watching = QTimer(window, interval=10)
    watching.timeout.connect(close_when_open)
    watching.start()
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)

    assert opened


def test_a_kept_limit_is_shown_at_the_start(
    qtbot: QtBot, bridge: EngineBridge, settings: ForgetfulSettings, dialogs: ScriptedDialogs
) -> None:
    settings.set(LIMIT, str(BandwidthPlan(7 * MB)))
    window = MainWindow(bridge, settings, dialogs, tray_available=lambda: False)
    qtbot.addWidget(window)

    assert window.overview.limit.text() == "7.00\u00a0MB/s"
