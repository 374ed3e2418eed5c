"""The bridge between foreign threads and the window."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import QueueDamaged
from recorder_desktop.core.events import Event, Notice, ServiceChanged, ServiceState, UploadsRemoved
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.upload_queue import Added, Attached, Rejected
from recorder_desktop.ui import engine_bridge
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.event_inbox import EventInbox
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.upload_cells import Column
from recorder_desktop.ui.upload_model import VIEW_ROLE
from tests.fakes.upload_queue import FakeUploadQueue, make_view

FIVE_GIB = 5 * 1024**3


def in_threads(count: int, target: object) -> None:
    """Run `target(number)` in so many threads at once and wait for them."""
    threads = [threading.Thread(target=target, args=(number,)) for number in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_installed_qt_binding_counts_references_right() -> None:
    """PySide6 6.12.0 loses a reference to None in every call without a result and takes Python 3.11 down."""
    subject = QObject()
    before = sys.getrefcount(None)
    for _ in range(500):
        subject.setObjectName("name")

    assert sys.getrefcount(None) > before - 100


def test_changes_from_foreign_threads_reach_the_rows(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(*(make_view(f"{number}.mp4", size_bytes=1000) for number in range(4)))

    def upload(number: int) -> None:
        for confirmed in range(0, 1001, 10):
            queue.change(f"{number}.mp4", state=UploadState.UPLOADING, bytes_confirmed=confirmed)

    in_threads(4, upload)

    qtbot.waitUntil(lambda: window.model.totals.batch_bytes_confirmed == 4000)
    assert [window.model.view_at(row).upload.bytes_confirmed for row in range(4)] == [1000] * 4


def test_updates_come_on_the_ui_thread_and_at_most_ten_times_a_second(
    qtbot: QtBot, bridge: EngineBridge, queue: FakeUploadQueue
) -> None:
    queue.append(make_view("a.mp4"))
    bridge.attach(queue)
    times: list[float] = []
    threads = set()

    def note(_views: object) -> None:
        times.append(time.monotonic())
        threads.add(QThread.currentThread())

    bridge.uploads_changed.connect(note)
    start = time.monotonic()

    def busy(_number: int) -> None:
        while time.monotonic() < start + 1.0:
            queue.change("a.mp4", bytes_confirmed=time.monotonic_ns() % 1000)

    worker = threading.Thread(target=busy, args=(0,))
    worker.start()
    qtbot.waitUntil(lambda: not worker.is_alive())
    qtbot.waitUntil(lambda: not bridge.is_busy and len(times) >= 2)

    assert len(times) <= (time.monotonic() - start) * 10 + 2
    assert threads == {bridge.thread()}


def test_nothing_ticks_while_nothing_happens(qtbot: QtBot, bridge: EngineBridge, queue: FakeUploadQueue) -> None:
    bridge.attach(queue)
    with qtbot.waitSignal(bridge.uploads_added):
        queue.append(make_view("a.mp4"))

    assert not bridge.is_busy


def test_byte_counts_beyond_four_gib_arrive_whole(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.append(make_view("long.mkv", UploadState.UPLOADING, size_bytes=2 * FIVE_GIB))
    queue.change(
        "long.mkv", bytes_confirmed=FIVE_GIB, bytes_in_flight=FIVE_GIB // 2, rate_bytes_per_s=float(FIVE_GIB)
    )
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    model = window.model

    view = model.index(0, Column.PROGRESS).data(VIEW_ROLE)
    assert (view.upload.bytes_confirmed, view.bytes_in_flight) == (FIVE_GIB, FIVE_GIB // 2)
    assert model.index(0, Column.SIZE).data() == "10.7\u00a0GB"
    assert model.index(0, Column.PROGRESS).data() == "50\u00a0% · 5.37 of 10.7\u00a0GB"
    assert window.overview.bar.value() == window.overview.bar.maximum() // 2


def test_rows_that_were_queued_before_are_there_after_attach(
    bare_window: MainWindow, bridge: EngineBridge, queue: FakeUploadQueue
) -> None:
    queue.append(make_view("a.mp4"), make_view("b.mp4"))
    bridge.attach(queue)

    assert bare_window.model.rowCount() == 2


def test_a_row_told_of_twice_stands_once(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    view = make_view("a.mp4")
    queue.append(view)
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    window.model.add([view, view])

    assert window.model.rowCount() == 1


def test_an_upload_that_was_added_and_removed_at_once_never_shows(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    queue.append(make_view("a.mp4"), make_view("b.mp4"))
    queue.remove(["a.mp4"])

    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    assert window.model.row_of("a.mp4") is None


def test_a_speed_fades_although_nothing_more_is_told(
    qtbot: QtBot, window: MainWindow, bridge: EngineBridge, queue: FakeUploadQueue
) -> None:
    bridge._fading.setInterval(10)
    queue.append(make_view("a.mp4", UploadState.UPLOADING, rate_bytes_per_s=5e6, seconds_left=10.0))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)

    queue._views["a.mp4"] = make_view("a.mp4", UploadState.UPLOADING)

    qtbot.waitUntil(lambda: window.model.view_at(0).rate_bytes_per_s == 0)
    qtbot.waitUntil(lambda: not bridge.is_busy)


def test_what_was_simply_added_is_not_told_one_by_one(
    qtbot: QtBot, bridge: EngineBridge, queue: FakeUploadQueue
) -> None:
    refused = Rejected(Path("/b"), "file_missing", "“b” does not exist.")
    queue.outcomes.append([Added("/a.mp4", "a"), refused, Attached("/c.mp4", "c")])
    bridge.attach(queue)

    with qtbot.waitSignal(bridge.add_finished) as told:
        bridge.add([Path("/a.mp4"), Path("/b"), Path("/c.mp4")])

    assert told.args == [[refused, Attached("/c.mp4", "c")]]


def test_a_closed_bridge_neither_listens_nor_commands(bridge: EngineBridge, queue: FakeUploadQueue) -> None:
    bridge.attach(queue)
    bridge.close()
    bridge.add([Path("/a.mp4")])
    bridge.pause(None)

    assert queue.listener_count == 0
    assert queue.calls == []


def test_notices_and_service_trouble_are_shown(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    window.set_destination("Stored on this computer")
    queue.tell(Notice("No keyring: you have to sign in again after a restart."))
    queue.tell(ServiceChanged("local", ServiceState.UNREACHABLE, "The store does not answer."))

    qtbot.waitUntil(lambda: window.banner.message.startswith("No keyring"))
    assert window.overview.place.text() == "Stored on this computer · The store does not answer."


def test_a_long_inbox_is_taken_in_slices_and_nothing_is_lost() -> None:
    inbox = EventInbox()
    queue = FakeUploadQueue()
    woken = []
    queue.subscribe(lambda event: woken.append(inbox.put(event)))
    queue.append(*(make_view(f"{number}") for number in range(250)))
    slices = [inbox.take(100) for _ in range(3)]

    assert [len(batch.added) for batch in slices] == [100, 100, 50]
    assert [batch.more for batch in slices] == [True, True, False]
    assert woken == [True]


def test_very_many_removals_are_taken_in_slices_and_nothing_is_lost() -> None:
    inbox = EventInbox()
    names = tuple(f"{number}" for number in range(250))
    inbox.put(UploadsRemoved(names))
    batches = [inbox.take(50) for _ in range(3)]

    assert [len(batch.removed) for batch in batches] == [100, 100, 50]
    assert sum((batch.removed for batch in batches), ()) == names
    assert [batch.more for batch in batches] == [True, True, False]


def test_rows_that_moved_are_taken_together_however_many() -> None:
    inbox = EventInbox()
    queue = FakeUploadQueue([make_view(f"{number}") for number in range(250)])
    events: list[Event] = []
    queue.subscribe(events.append)
    for number in range(100, 250):
        queue.change(f"{number}", bytes_confirmed=1)
    moved = [f"{number}" for number in range(150, 250)]
    queue.move_to_front(moved)
    for event in events:
        inbox.put(event)
    batch = inbox.take(20)

    assert batch.changed[: len(moved)] == tuple(moved)
    assert len(batch.changed) == len(moved) + 20


def test_a_long_queue_is_listed_in_turns_and_each_row_is_looked_at_once(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, bare_window: MainWindow, bridge: EngineBridge
) -> None:
    monkeypatch.setattr(engine_bridge, "TURN_S", -1.0)
    monkeypatch.setattr(engine_bridge, "SLICE", 100)
    queue = FakeUploadQueue([make_view(f"{number}") for number in range(350)])
    looked = Mock(side_effect=queue.view)
    monkeypatch.setattr(queue, "view", looked)
    batches: list[int] = []
    bridge.uploads_added.connect(lambda views: batches.append(len(views)))
    bridge.attach(queue)

    assert bare_window.model.rowCount() == 100
    qtbot.waitUntil(lambda: bare_window.model.rowCount() == 350)
    assert batches == [100, 100, 100, 50]
    assert [call.args[0] for call in looked.call_args_list] == list(queue.ids())


@pytest.mark.parametrize("count", [0, 250])
def test_that_all_is_listed_is_told_once_and_when_it_is(
    qtbot: QtBot, bridge: EngineBridge, queue: FakeUploadQueue, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_bridge, "TURN_S", -1.0)
    monkeypatch.setattr(engine_bridge, "SLICE", 100)
    queue.append(*(make_view(f"{number}.mp4") for number in range(count)))
    shown: list[object] = []
    told: list[int] = []
    bridge.uploads_added.connect(shown.extend)
    bridge.listed.connect(lambda: told.append(len(shown)))
    bridge.attach(queue)
    qtbot.waitUntil(lambda: told == [count])
    queue.append(make_view("later.mp4"))
    qtbot.waitUntil(lambda: len(shown) == count + 1)

    assert told == [count]


def test_what_is_still_being_read_from_disk_is_not_called_the_whole_list(
    qtbot: QtBot, bridge: EngineBridge, queue: FakeUploadQueue
) -> None:
    queue.loading = Future()
    queue.append(make_view("first.mp4"))
    shown: list[object] = []
    told: list[int] = []
    bridge.uploads_added.connect(shown.extend)
    bridge.listed.connect(lambda: told.append(len(shown)))
    bridge.attach(queue)
    assert len(shown) == 1
    queue.append(make_view("second.mp4"))
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert told == []

    queue.loading.set_result(None)
    qtbot.waitUntil(lambda: told == [2])


def test_a_list_that_cannot_be_read_to_its_end_is_told(
    qtbot: QtBot, bridge: EngineBridge, queue: FakeUploadQueue
) -> None:
    queue.loading = Future()
    told: list[str] = []
    bridge.command_failed.connect(told.append)
    bridge.attach(queue)
    queue.loading.set_exception(QueueDamaged("The list of uploads cannot be read. Start Recorder again."))
    qtbot.waitUntil(lambda: told == ["The list of uploads cannot be read. Start Recorder again."])
