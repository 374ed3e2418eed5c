"""A queue that was lost is found again through the server: its uploads go on when their files are added again."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder_desktop.core.errors import Offline
from recorder_desktop.core.history import Happened
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.upload_queue import Added
from recorder_desktop.data_path.here import DataPathHere
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.transfer.engine import TransferEngine
from tests.fakes.remote import PART_SIZE, NoProbe
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_changed_files import go_on, overwrite, stopped_after


def lose_the_queue(rig: Rig, *, finds_lost: bool = True) -> None:
    """End the engine, take its queue away, and begin with an empty one."""
    rig.engine.close()
    for file in rig.home.glob("queue.db*"):
        file.rename(file.with_name(file.name.replace("queue.db", "lost.db")))
    go_on(rig)
    store = SqliteUploadStore(rig.home / "queue.db")
    rig.engine = TransferEngine(store, rig.remote, DataPathHere(rig.remote), NoProbe(), finds_lost=finds_lost)
    rig.engine.start()


@pytest.fixture
def begun(rig: Rig) -> Path:
    """A file of which two of four parts have arrived."""
    path = rig.file(parts=4)
    stopped_after(rig, path, 2)
    return path


def add_again(rig: Rig, path: Path) -> str:
    (outcome,) = rig.engine.add([path]).result(10)
    assert isinstance(outcome, Added)
    return outcome.upload_id


def sent(rig: Rig) -> set[int]:
    return {number for step, number in rig.remote.calls if step == "put-answer"}


def test_f08_a_file_of_a_lost_queue_goes_on_where_it_was_when_it_is_added_again(rig: Rig, begun: Path) -> None:
    lose_the_queue(rig)
    upload_id = add_again(rig, begun)
    assert rig.stored(upload_id) == begun.read_bytes()
    assert sent(rig) == {3, 4}
    assert len(rig.remote.sessions) == len(rig.remote.objects) == 1
    told = [each.what for each in rig.engine.history(upload_id).result(10)]
    assert told == [Happened.BEGAN, Happened.FOUND_AGAIN, Happened.VERIFIED]


def test_f08_what_is_found_again_is_compared_by_checksum_before_it_counts(rig: Rig, begun: Path) -> None:
    lose_the_queue(rig)
    overwrite(begun, PART_SIZE + 10)
    assert rig.stored(add_again(rig, begun)) == begun.read_bytes()
    assert sent(rig) == {2, 3, 4}


def test_f08_one_upload_is_found_again_by_one_file_only(rig: Rig, begun: Path) -> None:
    copy = rig.home / "elsewhere" / begun.name
    copy.parent.mkdir()
    copy.write_bytes(begun.read_bytes())
    lose_the_queue(rig)
    first, second = add_again(rig, begun), add_again(rig, copy)
    assert rig.stored(first) == rig.stored(second) == begun.read_bytes()
    assert len(rig.remote.sessions) == len(rig.remote.objects) == 2


def test_f08_an_upload_that_was_found_again_is_still_found_after_a_crash(rig: Rig, begun: Path) -> None:
    lose_the_queue(rig)
    rig.remote.fault = lambda step, _number: (_ for _ in ()).throw(Offline("away")) if step == "init" else None
    upload_id = add_again(rig, begun)
    rig.wait(lambda: rig.remote.count("init") > 0, "an upload that was found and not yet opened")
    rig.engine.close()
    go_on(rig)
    store = SqliteUploadStore(rig.home / "queue.db")
    rig.engine = TransferEngine(store, rig.remote, DataPathHere(rig.remote), NoProbe(), finds_lost=True)
    rig.engine.start()
    assert rig.stored(upload_id) == begun.read_bytes()
    assert sent(rig) == {3, 4}
    assert len(rig.remote.sessions) == 1


def test_f08_without_a_lost_queue_nobody_asks_for_open_uploads(rig: Rig, begun: Path) -> None:
    lose_the_queue(rig, finds_lost=False)
    upload_id = add_again(rig, begun)
    rig.wait_state(upload_id, UploadState.COMPLETED)
    assert rig.remote.count("open-uploads") == 0
    assert sent(rig) == {1, 2, 3, 4}
