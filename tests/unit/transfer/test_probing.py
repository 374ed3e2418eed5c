"""Playing times are found in the background, and it is known which are still to come."""

from __future__ import annotations

import os
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder_desktop.core.errors import StoreFull
from recorder_desktop.core.events import Event, UploadChanged
from recorder_desktop.core.model import Upload
from recorder_desktop.core.upload_queue import Added
from recorder_desktop.data_path.here import DataPathHere
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.transfer import probing
from recorder_desktop.transfer.engine import TransferEngine
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.probing import SOON, DurationProbing
from tests.fakes.remote import FakeRemote
from tests.fakes.uploads import an_upload
from tests.waiting import wait_for


class SlowProbe:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.answer: float | None = 12.5
        self.let = threading.Event()

    def duration_s(self, _path: Path) -> float | None:
        assert self.let.wait(20)
        return self.answer


class FullStore(SqliteUploadStore):
    """A queue file on a disk that can be full."""

    is_full = False

    def update(self, *uploads: Upload) -> None:
        if self.is_full:
            raise StoreFull("The disk is full.")
        super().update(*uploads)


@pytest.fixture
def probe() -> SlowProbe:
    return SlowProbe()


@pytest.fixture
def store(tmp_path: Path) -> FullStore:
    return FullStore(tmp_path / "queue.db")


@pytest.fixture
def engine(store: FullStore, probe: SlowProbe) -> Iterator[TransferEngine]:
    remote = FakeRemote()
    made = TransferEngine(store, remote, DataPathHere(remote), probe)
    yield made
    probe.let.set()
    made.close()


def add(engine: TransferEngine, path: Path) -> str:
    path.write_bytes(b"words")
    (outcome,) = engine.add([path]).result(10)
    assert isinstance(outcome, Added)
    return outcome.upload_id


def duration_of(engine: TransferEngine, upload_id: str) -> float | None:
    view = engine.view(upload_id)
    assert view is not None
    return view.upload.duration_s


def test_a_playing_time_is_awaited_until_it_is_in_the_queue(
    engine: TransferEngine, probe: SlowProbe, tmp_path: Path
) -> None:
    upload_id = add(engine, tmp_path / "talk.mp4")
    assert engine.awaits_duration(upload_id)

    probe.let.set()
    wait_for(lambda: not engine.awaits_duration(upload_id))

    assert duration_of(engine, upload_id) == 12.5


def test_one_that_cannot_be_told_is_no_longer_awaited_and_listeners_hear_of_it(
    engine: TransferEngine, probe: SlowProbe, tmp_path: Path
) -> None:
    heard: list[Event] = []
    upload_id = add(engine, tmp_path / "talk.mp4")
    engine.subscribe(heard.append)

    probe.answer = None
    probe.let.set()
    wait_for(lambda: UploadChanged(upload_id) in heard)

    assert not engine.awaits_duration(upload_id)
    assert duration_of(engine, upload_id) is None


def test_f06_on_a_full_disk_it_is_shown_and_later_ones_are_still_found(
    engine: TransferEngine, store: FullStore, probe: SlowProbe, tmp_path: Path
) -> None:
    first = add(engine, tmp_path / "a.mp4")
    second = add(engine, tmp_path / "b.mp4")

    store.is_full = True
    probe.let.set()

    wait_for(lambda: duration_of(engine, first) == duration_of(engine, second) == 12.5)


def test_only_the_next_few_are_awaited(engine: TransferEngine, probe: SlowProbe, tmp_path: Path) -> None:
    ids = [add(engine, tmp_path / f"{number}.mp4") for number in range(SOON + 1)]

    assert [engine.awaits_duration(upload_id) for upload_id in ids] == [True] * SOON + [False]

    probe.let.set()
    wait_for(lambda: not any(map(engine.awaits_duration, ids)))
    assert [duration_of(engine, upload_id) for upload_id in ids] == [12.5] * len(ids)


def test_an_upload_that_nobody_knows_is_not_awaited(engine: TransferEngine) -> None:
    assert not engine.awaits_duration("nobody's")


def test_while_uploads_are_at_work_only_a_few_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "BUSY_PAUSE_S", 3600.0)
    probe = SlowProbe()
    probe.let.set()
    uploads = LiveQueue(SqliteUploadStore(tmp_path / "queue.db"), lambda _event: None)
    uploads.insert([an_upload(tmp_path / f"{number}.mp4") for number in range(2 * SOON)])
    ids = [upload.id for upload in uploads.all()]

    def known() -> int:
        return sum(upload.duration_s is not None for upload in uploads.all())

    looking = DurationProbing(uploads, probe)
    looking.set_busy(True)
    looking.look(ids)
    wait_for(lambda: known() == SOON)
    assert not looking.is_soon(ids[0])
    assert known() == SOON

    looking.set_busy(False)
    wait_for(lambda: known() == len(ids))
    looking.ask_to_close()
    looking.threads[0].join(20)


def test_it_ends_although_uploads_are_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "BUSY_PAUSE_S", 3600.0)
    probe = SlowProbe()
    probe.let.set()
    looking = DurationProbing(LiveQueue(SqliteUploadStore(tmp_path / "queue.db"), lambda _event: None), probe)
    looking.set_busy(True)
    looking.look(str(number) for number in range(2 * SOON))

    looking.ask_to_close()

    looking.threads[0].join(20)
    assert not looking.threads[0].is_alive()


def test_a_playing_time_that_the_file_itself_tells_is_not_asked_for(tmp_path: Path) -> None:
    recording = tmp_path / "talk.wav"
    with wave.open(str(recording), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(4 * 8000))
    probe = SlowProbe()  # would never answer
    uploads = LiveQueue(SqliteUploadStore(tmp_path / "queue.db"), lambda _event: None)
    upload = an_upload(recording)
    uploads.insert([upload])

    looking = DurationProbing(uploads, probe)
    looking.look([upload.id])
    wait_for(lambda: not looking.is_soon(upload.id))
    looking.ask_to_close()
    looking.threads[0].join(20)

    (found,) = uploads.all()
    assert found.duration_s == 2.0


def test_a_pipe_in_a_files_place_holds_up_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "talk.wav")

    assert probing._told_by_head(tmp_path / "talk.wav") is None
