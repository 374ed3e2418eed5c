"""Commands to very many uploads: a commit a lot instead of a row, and each upload ends as it would alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest

from recorder_desktop.core.errors import FileMissing
from recorder_desktop.core.events import UploadChanged, UploadsRemoved
from recorder_desktop.core.history import Happened
from recorder_desktop.core.model import ChecksumAlgorithm, RemoteUpload, Upload, UploadState
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.transfer import mass_commands
from recorder_desktop.transfer.engine import TransferEngine
from recorder_desktop.transfer.source_file import read_identity
from tests.fakes.uploads import an_upload, kept_in
from tests.unit.transfer.conftest import Rig

LOT = 40
COUNT = 2 * LOT + 20
LOTS = 3
OPEN = RemoteUpload("upload", "key", "bucket", 5 * 1024 * 1024, ChecksumAlgorithm.CRC64NVME)


@pytest.fixture
def full(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A queue of some lots, none at work; every tenth upload may be open in the store."""
    monkeypatch.setattr(mass_commands, "LOT", LOT)
    rig.engine.close()
    uploads = [_waiting(rig, number) for number in range(COUNT)]
    store = SqliteUploadStore(rig.home / "queue.db")
    store.insert(uploads)
    store.close()
    rig.open(start=False)
    return rig


def _waiting(rig: Rig, number: int) -> Upload:
    path = rig.home / f"{number:05}.wav"
    path.write_bytes(bytes(number))
    is_open = number % 10 == 0
    return replace(
        an_upload(path),
        identity=read_identity(path),
        destination=rig.remote.current(),
        position=(number + 1) * 1000,
        remote=OPEN if is_open else None,
        maybe_open=is_open,
    )


def commits_of(rig: Rig, command: Callable[[TransferEngine], Future[None]]) -> int:
    """Carry a command out; returns the transactions that it took."""
    store = rig.engine._store
    assert isinstance(store, SqliteUploadStore)
    before = store.commits
    command(rig.engine).result(30)
    return store.commits - before


def states(rig: Rig) -> set[UploadState]:
    return {view.upload.state for view in rig.engine.views()}


def test_pausing_and_resuming_all_takes_a_commit_a_lot(full: Rig) -> None:
    assert commits_of(full, lambda engine: engine.pause()) == LOTS
    assert states(full) == {UploadState.PAUSED}
    assert commits_of(full, lambda engine: engine.resume()) == LOTS
    assert states(full) == {UploadState.QUEUED}

    full.engine.close()
    full.open(start=False)
    assert states(full) == {UploadState.QUEUED}
    first = full.engine.ids()[0]
    assert [each.what for each in full.engine.history(first).result(10)] == [Happened.PAUSED, Happened.QUEUED]


def test_cancelling_all_and_trying_all_again_takes_a_commit_a_lot(full: Rig) -> None:
    ids = full.engine.ids()
    attempts = {view.upload.id: view.upload.client_upload_id for view in full.engine.views()}

    assert commits_of(full, lambda engine: engine.cancel(ids)) == LOTS
    assert states(full) == {UploadState.CANCELLED}
    assert commits_of(full, lambda engine: engine.retry(ids)) == LOTS

    assert states(full) == {UploadState.QUEUED}
    assert all(view.upload.client_upload_id != attempts[view.upload.id] for view in full.engine.views())
    hidden = [upload for upload in full.engine._queue.all() if upload.forgotten]
    assert {upload.client_upload_id for upload in hidden} == {attempts[each] for each in ids[::10]}


def test_removing_all_takes_two_commits_a_lot_and_keeps_what_owes_an_abort(full: Rig) -> None:
    ids = full.engine.ids()

    assert commits_of(full, lambda engine: engine.remove(ids)) == 2 * LOTS

    assert full.engine.views() == ()
    kept = full.engine._queue.all()
    assert [upload.id for upload in kept] == list(ids[::10])
    assert all(upload.forgotten and upload.state is UploadState.CANCELLED for upload in kept)
    removed = [name for event in full.events if isinstance(event, UploadsRemoved) for name in event.upload_ids]
    assert sorted(removed) == sorted(ids)


def test_the_window_hears_of_each_lot_when_it_is_durable(full: Rig) -> None:
    """Listeners run where the change was made: what they read then is what a window would show by then."""
    paused: list[int] = []

    def count(event: object) -> None:
        if isinstance(event, UploadChanged):
            rows = kept_in(full.engine._store)
            paused.append(sum(upload.state is UploadState.PAUSED for upload in rows))

    ids = full.engine.ids()
    end = full.engine.subscribe(count)
    full.engine.pause([ids[0], ids[LOT], ids[2 * LOT]]).result(10)  # these fit into one lot
    assert paused == [3, 3, 3]
    end()

    seen: list[str] = []
    full.engine.subscribe(lambda event: seen.append(event.upload_id) if isinstance(event, UploadChanged) else None)
    full.engine.pause().result(30)
    assert seen == [each for each in ids if each not in (ids[0], ids[LOT], ids[2 * LOT])]


def test_a_file_that_is_gone_keeps_no_other_from_being_tried_again(full: Rig) -> None:
    ids = full.engine.ids()
    full.engine.cancel(ids).result(30)
    full.view(ids[7]).upload.path.unlink()

    with pytest.raises(FileMissing):
        full.engine.retry(ids).result(30)

    assert [view.upload.id for view in full.engine.views() if view.upload.state is not UploadState.QUEUED] == [ids[7]]


def test_an_upload_that_is_named_twice_is_changed_once(full: Rig) -> None:
    first = full.engine.ids()[0]
    full.engine.cancel([first, first]).result(10)
    full.engine.retry([first, first]).result(10)
    assert sum(upload.forgotten for upload in full.engine._queue.all()) == 1


def test_moving_all_to_the_front_looks_for_room_once_a_destination(
    full: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    monkeypatch.setattr(full.engine._reordering, "_make_room", lambda upload: looks.append(upload.id))
    ids = full.engine.ids()
    assert commits_of(full, lambda engine: engine.move_to_front(ids[::-1])) == 1
    assert full.engine.ids() == ids[::-1]
    assert looks == [ids[-1]]
