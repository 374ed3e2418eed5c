"""What an engine on a real queue file tells of its uploads, also after a restart, a kill and an outage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.core.errors import Offline, SignInRequired
from recorder_desktop.core.history import TOLD_FROM_S, Happened, Happening
from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.transfer.chronicle import Chronicle
from tests.fakes.uploads import an_upload
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_batches import queued, small_files

OFFLINE = Problem(Offline.code, "No connection.")


def told(rig: Rig, upload_id: str) -> list[Happened]:
    return [each.what for each in rig.engine.history(upload_id).result(10)]


def test_the_life_of_an_upload_is_told_and_costs_no_commit_of_its_own(rig: Rig) -> None:
    [upload_id] = rig.add(rig.file())
    rig.stored(upload_id)

    assert told(rig, upload_id) == [Happened.BEGAN, Happened.VERIFIED]


def hold_parts(rig: Rig) -> Callable[[], None]:
    """Have parts fail until the returned function is called."""

    def fault(step: str, _number: int) -> None:
        if step == "put":
            raise Offline("No connection.")

    rig.remote.fault = fault

    def release() -> None:
        rig.remote.fault = lambda _step, _number: None

    return release


def test_closing_pausing_and_going_on_are_told_after_a_restart(rig: Rig) -> None:
    release = hold_parts(rig)
    [upload_id] = rig.add(rig.file())
    rig.wait(lambda: told(rig, upload_id) == [Happened.BEGAN, Happened.WAITS], "a wait, as it is just now")

    rig.restart()
    rig.wait(lambda: told(rig, upload_id)[-1] is not Happened.APP_CLOSED, "that it goes on")
    rig.engine.pause([upload_id]).result(10)
    rig.engine.resume([upload_id]).result(10)
    release()
    rig.stored(upload_id)

    assert told(rig, upload_id) == [
        Happened.BEGAN,
        Happened.APP_CLOSED,
        Happened.WENT_ON,
        Happened.PAUSED,
        Happened.QUEUED,
        Happened.WENT_ON,
        Happened.VERIFIED,
    ]


def test_f01_an_app_that_was_killed_is_told_once(rig: Rig, tmp_path: Path) -> None:
    release = hold_parts(rig)
    [upload_id] = rig.add(rig.file())
    rig.wait_state(upload_id, UploadState.WAITING)
    (tmp_path / "killed").mkdir()
    for suffix in ("", "-wal", "-shm"):  # as a crash leaves them
        shutil.copy(tmp_path / f"queue.db{suffix}", tmp_path / "killed")
    rig.engine.close()
    rig.home = tmp_path / "killed"

    for _ in range(2):  # the second time as a command does that only looks
        rig.open(start=False)
        rig.engine.close()
    release()
    rig.open()
    rig.stored(upload_id)

    assert told(rig, upload_id) == [Happened.BEGAN, Happened.APP_KILLED, Happened.WENT_ON, Happened.VERIFIED]


def test_small_files_that_were_under_way_together_are_told_as_closed(rig: Rig) -> None:
    release = hold_parts(rig)
    ids = queued(rig, small_files(rig))
    rig.wait(lambda: rig.remote.count("put") > 0, "the files to be sent")
    rig.engine.close()
    rig.open(start=False)

    for upload_id in ids:
        assert told(rig, upload_id)[-1] is Happened.APP_CLOSED
        assert Happened.APP_KILLED not in told(rig, upload_id)
    release()


def test_a_file_that_was_replaced_is_told(rig: Rig) -> None:
    release = hold_parts(rig)
    path = rig.file()
    [upload_id] = rig.add(path)
    rig.wait_state(upload_id, UploadState.WAITING)
    rig.file("other.mp4").replace(path)
    release()
    rig.stored(upload_id)

    assert Happened.FILE_CHANGED in told(rig, upload_id)
    assert told(rig, upload_id)[-1] is Happened.VERIFIED


def test_what_needs_the_person_is_told_with_its_sentence(rig: Rig) -> None:
    path = rig.file()
    rig.engine.close()
    rig.open(start=False)
    [upload_id] = rig.add(path)
    path.unlink()
    rig.engine.start()
    rig.wait_state(upload_id, UploadState.ATTENTION)

    last = rig.engine.history(upload_id).result(10)[-1]
    assert last.what is Happened.STUCK
    assert "talk.mp4" in last.detail


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("lasted_s", "is_told"), [(TOLD_FROM_S - 1, False), (720.0, True)])
def test_an_outage_is_told_as_a_whole_when_it_is_over(tmp_path: Path, lasted_s: float, is_told: bool) -> None:
    store, clock = SqliteUploadStore(tmp_path / "queue.db"), Clock()
    chronicle = Chronicle(store, now=clock)
    sending = replace(an_upload(), state=UploadState.UPLOADING)
    waiting = replace(sending, state=UploadState.WAITING, problem=OFFLINE)
    store.insert([sending])
    chronicle.shown(sending, waiting)
    clock.now += lasted_s / 2
    chronicle.shown(waiting, replace(waiting, problem=Problem("unavailable", "It is busy.")))
    assert chronicle.read(sending.id) == (Happening(1000.0, Happened.WAITS, "No connection."),)
    clock.now += lasted_s / 2

    chronicle.shown(waiting, sending)

    whole = Happening(clock.now, Happened.WAITED_FOR_NETWORK, lasted_s=lasted_s)
    assert chronicle.read(sending.id) == ((whole,) if is_told else ())
    store.close()


def test_a_wait_for_a_sign_in_that_is_looked_for_again_and_again_is_one_line(tmp_path: Path) -> None:
    store = SqliteUploadStore(tmp_path / "queue.db")
    chronicle = Chronicle(store)
    queued = an_upload()
    waiting = replace(queued, state=UploadState.WAITING, problem=Problem(SignInRequired.code, "Sign in."))
    store.insert([queued])
    for before in (queued, waiting, waiting):
        chronicle.shown(before, waiting)
        chronicle.changed(waiting, waiting)
    chronicle.changed(waiting, replace(queued, state=UploadState.UPLOADING))

    assert [each.what for each in chronicle.read(queued.id)] == [Happened.WAITS, Happened.BEGAN]
    store.close()
