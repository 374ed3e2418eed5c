"""What backends are told of progress: once a second, of what lasts, and never at an upload's cost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from recorder_desktop.core.errors import Offline
from recorder_desktop.core.model import ChecksumAlgorithm, RemoteUpload
from recorder_desktop.transfer import progress_reports
from recorder_desktop.transfer.progress_reports import ProgressReports
from tests.fakes.remote import PART_SIZE, FakeRemote
from tests.unit.transfer.conftest import Rig
from tests.waiting import wait_for

REMOTE = RemoteUpload("u", "k", "bucket", PART_SIZE, ChecksumAlgorithm.CRC64NVME)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def remote() -> FakeRemote:
    return FakeRemote()


@pytest.fixture
def reports(clock: Clock) -> Iterator[ProgressReports]:
    made = ProgressReports(clock)
    yield made
    made.ask_to_close()
    for thread in made.threads:
        thread.join()


def told(remote: FakeRemote) -> list[int]:
    return [number for step, number in remote.calls if step == "progress"]


def test_an_upload_is_reported_once_a_second_with_its_newest_word(
    reports: ProgressReports, remote: FakeRemote, clock: Clock
) -> None:
    reports.begin("a", remote, REMOTE, 0)
    reports.confirmed("a", 1)
    clock.now += 2
    reports.confirmed("a", 2)
    wait_for(lambda: told(remote) == [2], "the first report")
    for size in range(3, 100):
        reports.confirmed("a", size)
    assert told(remote) == [2]
    clock.now += 1
    reports.confirmed("a", 100)
    wait_for(lambda: told(remote) == [2, 100], "the second report")


def test_what_is_stored_from_before_is_reported_as_well(
    reports: ProgressReports, remote: FakeRemote, clock: Clock
) -> None:
    reports.begin("a", remote, REMOTE, 7)
    clock.now += 2
    reports.confirmed("unknown", 1)
    reports.begin("b", remote, REMOTE, 0)
    wait_for(lambda: told(remote) == [7], "the report")


def test_nothing_is_reported_of_an_upload_that_is_over(
    reports: ProgressReports, remote: FakeRemote, clock: Clock
) -> None:
    reports.begin("a", remote, REMOTE, 7)
    reports.end("a")
    reports.begin("b", remote, REMOTE, 8)
    clock.now += 2
    reports.confirmed("a", 9)
    reports.confirmed("b", 10)
    wait_for(lambda: told(remote) == [10], "the other's report")


def test_a_report_that_is_not_taken_is_dropped_and_the_next_one_waits_a_while(
    reports: ProgressReports, remote: FakeRemote, clock: Clock
) -> None:
    def refuse(step: str, _number: int) -> None:
        raise Offline("No network.")

    remote.fault = refuse
    reports.begin("a", remote, REMOTE, 7)
    reports.begin("b", remote, REMOTE, 0)
    clock.now += 2
    reports.confirmed("a", 8)
    wait_for(lambda: told(remote) == [8], "the refused report")
    remote.fault = lambda _step, _number: None
    clock.now += 5
    reports.confirmed("a", 9)
    reports.confirmed("b", 1)
    wait_for(lambda: told(remote) == [8, 1], "the other upload's report")
    clock.now += 30
    reports.confirmed("a", 10)
    wait_for(lambda: told(remote) == [8, 1, 10], "a report after the pause")


# --- in the engine ----------------------------------------------------------------------------------------------


def test_a_thousand_parts_of_small_files_cost_no_report(rig: Rig) -> None:
    ids = rig.add(*[rig.file(f"{number}.wav", parts=0.01) for number in range(50)])
    for upload_id in ids:
        rig.stored(upload_id)
    assert told(rig.remote) == []
    assert rig.remote.count("init") == rig.remote.count("complete") == 50


def test_a_long_upload_is_reported_and_never_waits_for_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_reports, "FIRST_AFTER_S", 0.0)
    is_reported, over = threading.Event(), threading.Event()

    def hang(step: str, number: int) -> None:
        if step == "progress":
            is_reported.set()
            over.wait(20)
        if (step, number) == ("put", 4):  # however late whoever reports gets the processor
            is_reported.wait(20)

    rig.remote.fault = hang
    try:
        (upload_id,) = rig.add(rig.file(parts=3.5))
        assert len(rig.stored(upload_id)) == int(3.5 * PART_SIZE)
    finally:
        over.set()
    assert all(0 < size < 3.5 * PART_SIZE for size in told(rig.remote))
    assert len(told(rig.remote)) == 1


def test_reports_that_fail_do_an_upload_no_harm(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_reports, "FIRST_AFTER_S", 0.0)

    def fail(step: str, _number: int) -> None:
        if step == "progress":
            raise RuntimeError("a fault")

    rig.remote.fault = fail
    (upload_id,) = rig.add(rig.file(parts=3.5))
    assert len(rig.stored(upload_id)) == int(3.5 * PART_SIZE)
