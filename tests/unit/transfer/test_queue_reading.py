"""A long queue is shown while it is read; nothing is done to it before all of it is known."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.core.errors import QueueDamaged
from recorder_desktop.core.events import Event, UploadsAdded
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.core.upload_queue import Added, Attached
from recorder_desktop.data_path.here import DataPathHere
from recorder_desktop.store.upload_store import FIRST_LOT, SqliteUploadStore
from recorder_desktop.transfer.engine import TransferEngine
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.queue_reading import QueueReading
from tests.fakes.remote import FakeRemote, NoProbe
from tests.fakes.uploads import an_upload, kept_in

COUNT = FIRST_LOT + 50


class GatedStore(SqliteUploadStore):
    """Hands out its first lot at once, and what follows when the gate is opened; fails then, if told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.gate = threading.Event()
        self.failure: Exception | None = None

    def load(self) -> Iterator[list[Upload]]:
        lots = super().load()
        yield next(lots)
        self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        yield from lots


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A recording whose upload is the last one of the queue."""
    path = tmp_path / "last.mp4"
    path.write_bytes(b"recorded")
    return path


@pytest.fixture
def store(tmp_path: Path, known: Path) -> GatedStore:
    """A queue of more than one lot."""
    store = GatedStore(tmp_path / "queue.db")
    paths = [*(tmp_path / f"{number}.mp4" for number in range(COUNT - 1)), known]
    store.insert(
        [
            replace(an_upload(path), position=rank, destination=FakeRemote().current())
            for rank, path in enumerate(paths, start=1)
        ]
    )
    return store


@pytest.fixture
def engine(store: GatedStore) -> Iterator[TransferEngine]:
    remote = FakeRemote()
    with closing(TransferEngine(store, remote, DataPathHere(remote), NoProbe())) as engine:
        yield engine
        store.gate.set()


def test_the_first_rows_are_there_at_once_and_the_others_are_told_as_added(
    engine: TransferEngine, store: GatedStore
) -> None:
    told: list[Event] = []
    first = engine.ids()
    engine.subscribe(told.append)
    assert len(first) == FIRST_LOT
    assert not engine.loaded().done()

    store.gate.set()
    engine.loaded().result(10)
    assert [len(engine.ids()), len(set(engine.ids()))] == [COUNT, COUNT]
    assert first + tuple(name for event in told if isinstance(event, UploadsAdded) for name in event.upload_ids) == (
        engine.ids()
    )


def test_commands_and_what_is_added_wait_until_all_is_known(
    engine: TransferEngine, store: GatedStore, known: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.mp4"
    new.write_bytes(b"new")
    adding, pausing = engine.add([known, new]), engine.pause()
    with pytest.raises(TimeoutError):
        adding.result(0.05)
    assert not pausing.done()

    store.gate.set()
    attached, added = adding.result(10)
    pausing.result(10)
    assert isinstance(attached, Attached)
    assert isinstance(added, Added)
    assert attached.upload_id == engine.ids()[COUNT - 1]
    assert {view.upload.state for view in engine.views()[:COUNT]} == {UploadState.PAUSED}
    assert engine.ids()[-1] == added.upload_id


def test_what_cannot_be_read_is_told_and_left_as_it_is_and_nothing_is_added(
    engine: TransferEngine, store: GatedStore, known: Path
) -> None:
    store.failure = QueueDamaged("The list of uploads cannot be read. Start Recorder again.")
    store.gate.set()
    with pytest.raises(QueueDamaged):
        engine.loaded().result(10)

    with pytest.raises(QueueDamaged):
        engine.add([known]).result(10)
    store.failure = None
    assert len(engine.ids()) == FIRST_LOT
    assert len(kept_in(store)) == COUNT


def test_closing_does_not_wait_for_the_rest(store: GatedStore) -> None:
    remote = FakeRemote()
    engine = TransferEngine(store, remote, DataPathHere(remote), NoProbe())
    closer = threading.Thread(target=engine.close)
    closer.start()
    store.gate.set()
    closer.join(10)
    assert not closer.is_alive()
    assert engine.loaded().done()


def test_whoever_waits_for_the_queue_is_let_go_when_its_reading_is_broken_off(store: GatedStore) -> None:
    with closing(store):
        reading = QueueReading(LiveQueue(store, lambda _event: None))
        reading.ask_to_close()
        store.gate.set()
        reading.read_on()
        assert wait([reading.done], timeout=0).done == {reading.done}
