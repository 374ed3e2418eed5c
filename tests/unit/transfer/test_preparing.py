"""Checksums and URLs ahead of the senders: how often the backend is asked, and which URL is used for what."""

from __future__ import annotations

import os
import threading
import time

import pytest

from recorder_desktop.core.concurrency import START
from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.errors import PartRejected, TransientFailure
from recorder_desktop.core.model import ChecksumAlgorithm, PartRange, UploadState
from recorder_desktop.core.part_size import expected_part_size
from recorder_desktop.core.ports import Lane
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer import engine, part_phase
from recorder_desktop.transfer.part_phase import AHEAD, PartPhase
from recorder_desktop.transfer.part_task import PartTask
from tests.fakes.remote import PART_SIZE
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_engine import FailTimes, Gate


def test_a_small_file_needs_no_call_between_opening_and_completing(rig: Rig) -> None:
    (upload_id,) = rig.add(rig.file(parts=0.5))
    rig.stored(upload_id)
    assert [step for step, _ in rig.remote.calls if step in ("init", "presign", "put", "complete")] == [
        "init",
        "put",
        "complete",
    ]


def test_urls_are_asked_for_several_parts_at_a_time(rig: Rig) -> None:
    path = rig.file(parts=40)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    assert sum(number for step, number in rig.remote.calls if step == "presign") == 40
    # 1, 2 and 4 at first, half the stock from then on unless the senders were quicker, and the last few.
    assert rig.remote.count("presign") <= 40 // 3


def prepared(rig: Rig) -> int:
    """Parts that have got a URL from a call of their own."""
    return sum(number for step, number in rig.remote.calls if step == "presign")


def test_no_more_parts_are_prepared_than_senders_can_use_soon(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    (upload_id,) = rig.add(rig.file(parts=60))
    rig.wait(lambda: rig.remote.sending == START, "all senders busy")
    rig.wait(lambda: prepared(rig) > START + AHEAD // 2, "the stock filled")
    time.sleep(0.1)
    assert prepared(rig) <= START + AHEAD
    gate.open()
    rig.wait_state(upload_id, UploadState.COMPLETED)


def test_a_url_that_is_still_valid_is_used_again_for_the_same_part(rig: Rig) -> None:
    rig.remote.fault = FailTimes("put", TransientFailure("reset"), 3)
    (upload_id,) = rig.add(rig.file(parts=2))
    rig.stored(upload_id)
    assert rig.remote.count("put") == 2 + 3
    assert sum(number for step, number in rig.remote.calls if step == "presign") == 2


def test_f33_a_url_that_ran_out_while_it_waited_is_replaced_without_a_try(rig: Rig) -> None:
    rig.remote.valid_for_s = 1.0
    path = rig.file(parts=2)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    assert rig.remote.count("put") == 2


def test_a_rejected_part_gets_a_new_checksum_and_url(rig: Rig) -> None:
    """It may have been overwritten, its times put back, between checksum and sending: then the store is right."""
    path = rig.file(parts=1)
    rig.remote.fault = FailTimes("put", PartRejected("other bytes"), 2)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    assert rig.remote.count("presign") == 2


@pytest.mark.parametrize("algorithm", [ChecksumAlgorithm.MD5, None])
def test_a_store_without_crc64_gets_what_it_can_check(rig: Rig, algorithm: ChecksumAlgorithm | None) -> None:
    rig.remote.algorithm = algorithm
    path = rig.file(parts=2.5)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()


def test_the_first_urls_come_with_the_opening_when_the_part_size_is_as_expected(rig: Rig) -> None:
    path = rig.home / "talk.mp4"
    path.write_bytes(os.urandom(PART_SIZE))
    assert expected_part_size(PART_SIZE, None) >= PART_SIZE
    (upload_id,) = rig.add(path)
    rig.stored(upload_id)
    assert rig.remote.count("presign") == 0


def test_closing_does_not_wait_for_a_sender_that_is_held_by_a_dead_drive(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LET_GO_S", 0.3)
    held, release = threading.Event(), threading.Event()

    def hang(step: str, _number: int) -> None:
        if step == "put":
            held.set()
            release.wait(30)

    rig.remote.fault = hang
    rig.add(rig.file())
    assert held.wait(10)
    closing = threading.Thread(target=rig.engine.close)
    closing.start()
    closing.join(15)
    is_closed = not closing.is_alive()
    release.set()
    closing.join(10)
    assert is_closed


def threads_that_took_checksums(rig: Rig, monkeypatch: pytest.MonkeyPatch, drive_bytes_per_s: float) -> set[str]:
    """Upload a file from a drive of this speed while nothing else happens; by which threads it was read."""
    monkeypatch.setattr(part_phase, "FAST_DRIVE_BYTES_PER_S", drive_bytes_per_s)
    found: set[str] = set()
    digest = PartTask.digest

    def watched(task: PartTask, part: PartRange, lane: Lane, stop: StopToken) -> PartDigest:
        found.add(threading.current_thread().name.partition("-")[0])
        time.sleep(0.01)  # senders run out of parts
        return digest(task, part, lane, stop)

    monkeypatch.setattr(PartTask, "digest", watched)
    path = rig.file(parts=60)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    return found


def test_senders_without_work_take_checksums_too(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert threads_that_took_checksums(rig, monkeypatch, drive_bytes_per_s=0) == {"sender", "upload"}


def test_a_drive_that_may_seek_is_read_in_order_by_one_thread(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert threads_that_took_checksums(rig, monkeypatch, drive_bytes_per_s=float("inf")) == {"upload"}


def test_every_checksum_is_taken_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    digest = PartTask.digest

    def counted(task: PartTask, part: PartRange, lane: Lane, stop: StopToken) -> PartDigest:
        taken.append(part.number)
        return digest(task, part, lane, stop)

    monkeypatch.setattr(PartTask, "digest", counted)
    (upload_id,) = rig.add(rig.file(parts=40))
    rig.stored(upload_id)

    assert sorted(taken) == list(range(1, 41))


@pytest.mark.parametrize(("near", "hint"), [(False, None), (True, 64 * 1024 * 1024)])
def test_parts_are_large_where_no_line_is_between(rig: Rig, near: bool, hint: int | None) -> None:
    rig.remote.near = near
    path = rig.home / "long.mp4"
    with path.open("wb") as file:
        file.truncate(4 << 30)
    (upload_id,) = rig.add(path)

    rig.wait(lambda: rig.remote.hints == [hint], "the opening")
    rig.engine.cancel([upload_id]).result(10)


def test_a_fault_of_a_sender_ends_the_upload_with_a_sentence(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as broken:
        broken.setattr(PartPhase, "send", send)
        (upload_id,) = rig.add(rig.file(parts=2))
        problem = rig.wait_state(upload_id, UploadState.ATTENTION).upload.problem
    assert problem is not None
    assert problem.message == "Recorder has a fault (RuntimeError). Retry, and please report it."
    rig.engine.retry([upload_id]).result(10)
    rig.stored(upload_id)


@pytest.mark.parametrize(("near", "begun_with"), [(False, []), (True, [2])])
def test_few_parts_are_in_flight_at_first_where_no_line_is_between(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, near: bool, begun_with: list[int]
) -> None:
    rig.remote.near = near
    told: list[int] = []
    monkeypatch.setattr(rig.engine._concurrency, "begin_with", told.append)

    (upload_id,) = rig.add(rig.file(parts=4))
    rig.stored(upload_id)

    assert told == begun_with
