"""An engine whose uploads go to more than one place, and what is owed to each when it closes."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder_desktop.core.errors import Offline, TransientFailure
from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.upload_queue import AddOptions
from recorder_desktop.transfer import engine
from recorder_desktop.transfer.job_slots import MAX_SMALL_UPLOADS
from recorder_desktop.transfer.upload_job import STORE_RESERVE_BYTES
from tests.fakes.remote import FakeRemote
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_engine import FailTimes, Gate

ELSEWHERE = AddOptions(destination="elsewhere")


class HalfReachable(FakeRemote):
    """Serves two places, of which `elsewhere` is down."""

    def __init__(self) -> None:
        super().__init__()
        self.served = {"here", "elsewhere"}

    def connect(self, destination: str) -> FakeRemote:
        if destination == "elsewhere":
            raise Offline("It cannot be reached.")
        return super().connect(destination)


@pytest.fixture
def half(rig: Rig) -> Rig:
    rig.engine.close()
    rig.remote = HalfReachable()
    rig.open()
    return rig


def states_told(rig: Rig, destination: str) -> list[ServiceState]:
    return [e.state for e in rig.events if isinstance(e, ServiceChanged) and e.destination == destination]


def test_uploads_to_a_place_that_is_down_hold_up_no_other_place(half: Rig) -> None:
    stuck = [half.file(f"{number}.mp4", 0.1) for number in range(MAX_SMALL_UPLOADS + 2)]
    half.add(*stuck, options=ELSEWHERE)
    half.wait(lambda: ServiceState.UNREACHABLE in states_told(half, "elsewhere"), "the outage")

    (upload_id,) = half.add(path := half.file("good.mp4", 0.1))

    assert half.stored(upload_id) == path.read_bytes()


def test_a_connection_alone_does_not_mean_that_the_place_was_reached(rig: Rig) -> None:
    rig.remote.fault = FailTimes("init", Offline("It cannot be reached."), 5)

    rig.stored(rig.add(rig.file(parts=0.1))[0])

    assert states_told(rig, "here") == [ServiceState.STARTING, ServiceState.UNREACHABLE, ServiceState.READY]


# --- closing -----------------------------------------------------------------------------------------------------


def cancel_in_mid_upload(rig: Rig) -> None:
    gate = Gate("put")
    rig.remote.fault = gate
    (upload_id,) = rig.add(rig.file(parts=1))
    assert gate.reached.wait(10)
    rig.engine.cancel([upload_id]).result(10)
    gate.open()


def test_what_was_cancelled_a_moment_ago_is_aborted_before_the_engine_has_closed(rig: Rig) -> None:
    cancel_in_mid_upload(rig)

    rig.engine.close()

    assert rig.remote.still_open() == []


def test_what_was_cancelled_while_nothing_ran_is_aborted_by_the_shortest_run(rig: Rig) -> None:
    gate = Gate("put")
    rig.remote.fault = gate
    (upload_id,) = rig.add(rig.file(parts=1))
    assert gate.reached.wait(10)
    gate.open()
    rig.engine.pause([upload_id]).result(10)
    rig.engine.close()
    idle = rig.open(start=False)
    idle.cancel([upload_id]).result(10)
    idle.close()
    assert len(rig.remote.still_open()) == 1

    rig.open().close()

    assert rig.remote.still_open() == []


def test_closing_waits_for_no_abort_that_cannot_be_made(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LET_GO_S", 0.3)
    cancel_in_mid_upload(rig)
    rig.remote.fault = FailTimes("abort", Offline("It cannot be reached."), 1_000_000)

    rig.engine.close()

    assert len(rig.remote.still_open()) == 1


# --- a store on this computer's own disk --------------------------------------------------------------------------


def test_a_store_that_fails_on_a_nearly_full_disk_asks_for_room(rig: Rig) -> None:
    path = rig.file(parts=2)
    rig.remote.room = path.stat().st_size + STORE_RESERVE_BYTES - 1
    rig.remote.fault = FailTimes("put", TransientFailure("The store had an internal error."), 1_000_000)

    (upload_id,) = rig.add(path)
    upload = rig.wait_state(upload_id, UploadState.ATTENTION).upload

    assert upload.problem is not None
    assert upload.problem.code == "disk_full"
    assert "no room for a stored copy of “talk.mp4”" in upload.problem.message

    rig.remote.fault = lambda _step, _number: None
    rig.engine.retry([upload_id]).result(10)
    assert rig.stored(upload_id) == path.read_bytes()


def test_a_store_that_fails_on_a_disk_with_room_is_tried_again(rig: Rig) -> None:
    path = rig.file(parts=2)
    rig.remote.room = path.stat().st_size + STORE_RESERVE_BYTES
    rig.remote.fault = FailTimes("put", TransientFailure("The store had an internal error."), 12)

    (upload_id,) = rig.add(path)

    assert rig.stored(upload_id) == path.read_bytes()


def test_a_store_that_is_away_says_nothing_about_the_disk(rig: Rig, tmp_path: Path) -> None:
    path = rig.file(parts=2)
    rig.remote.room = path.stat().st_size
    rig.remote.fault = FailTimes("put", Offline("The store cannot be reached."), 12)

    (upload_id,) = rig.add(path)

    assert rig.stored(upload_id) == path.read_bytes()


def test_without_room_not_even_a_connection_is_made(rig: Rig) -> None:
    rig.remote.room = -1

    (upload_id,) = rig.add(rig.file(parts=0))

    problem = rig.wait_state(upload_id, UploadState.ATTENTION).upload.problem
    assert problem is not None
    assert problem.code == "disk_full"
    assert rig.remote.count("connect") == 0
