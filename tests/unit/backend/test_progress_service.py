"""What reports and presigned parts cost, and what of them is kept."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from backend import progress_service
from backend.errors import CatalogueUnavailable, InvalidField, PartsMismatch, UploadNotFound
from backend.model import PartToSign, Progress, StoredPart, UploadSession
from tests.fakes.memory_object_store import away
from tests.unit.backend.service_rig import Rig, signed_in
from tests.waiting import wait_for

PART = 5 * 1024 * 1024


@pytest.fixture
def rig() -> Rig:
    return Rig()


def report(rig: Rig, session: UploadSession, size: int) -> None:
    told = session.owner_id, session.upload_id or "", session.key, size
    if not rig.progress.report_known(*told):
        rig.progress.report(*told)


def sign(rig: Rig, session: UploadSession, *parts: PartToSign) -> None:
    rig.uploads.sign_parts(session.owner_id, session.upload_id or "", session.key, parts)


def kept(rig: Rig, session: UploadSession) -> tuple[int, bool] | None:
    found: Progress | None = rig.board.progress.get(session.session_id)
    return None if found is None else (found.bytes_confirmed, found.estimated)


def test_reports_are_written_once_a_second_and_the_last_one_counts(rig: Rig) -> None:
    session = rig.init(file_size_bytes=1000)
    for size in range(100):
        report(rig, session, size)
        rig.progress.write()
    assert (kept(rig, session), rig.board.writes) == ((0, False), 1)
    rig.now_s = 1.0
    rig.progress.write()
    assert (kept(rig, session), rig.board.writes) == ((99, False), 2)
    rig.now_s = 2.0
    rig.progress.write()
    assert rig.board.writes == 2


def test_a_thousand_presigned_parts_are_one_write_a_second(rig: Rig) -> None:
    session = rig.init(file_size_bytes=10**12)
    for number in range(1, 1001):
        sign(rig, session, PartToSign(number))
        rig.progress.write()
    assert (kept(rig, session), rig.board.writes) == ((session.part_size_bytes, True), 1)
    rig.now_s = 1.0
    rig.progress.write()
    assert (kept(rig, session), rig.board.writes) == ((999 * session.part_size_bytes, True), 2)


def test_a_request_writes_nothing_itself(rig: Rig) -> None:
    session = rig.init(file_size_bytes=10 * PART)
    sign(rig, session, PartToSign(9))
    report(rig, session, PART)
    assert rig.board.writes == 0


def test_the_first_part_alone_says_nothing(rig: Rig) -> None:
    session = rig.init(file_size_bytes=PART)
    sign(rig, session, PartToSign(1))
    rig.progress.write()
    assert rig.board.writes == 0


def test_an_estimate_is_what_lies_before_the_part_and_never_more_than_the_file(rig: Rig) -> None:
    session = rig.init(file_size_bytes=3 * PART)
    sign(rig, session, PartToSign(3, PART), PartToSign(2, PART))
    rig.progress.write()
    assert kept(rig, session) == (PART, True)
    rig.now_s = 1.0
    sign(rig, session, PartToSign(500, PART))
    rig.progress.write()
    assert kept(rig, session) == (3 * PART, True)


def test_parts_that_are_signed_without_asking_the_catalogue_count_as_well(rig: Rig) -> None:
    session = rig.init(file_size_bytes=10 * PART)
    named = session.owner_id, session.upload_id or "", session.key
    sign(rig, session, PartToSign(1))
    signs = rig.uploads.at_hand(*named, PartToSign(3, PART))
    assert signs is not None
    signs()
    rig.progress.write()
    assert kept(rig, session) == (2 * PART, True)


def test_no_estimate_takes_the_place_of_a_clients_word(rig: Rig) -> None:
    session = rig.init(file_size_bytes=10 * PART)
    sign(rig, session, PartToSign(9))
    report(rig, session, PART)
    sign(rig, session, PartToSign(10))
    rig.progress.write()
    assert kept(rig, session) == (PART, False)


def test_an_estimate_that_another_process_knows_better_is_not_tried_again(rig: Rig) -> None:
    session = rig.init(file_size_bytes=10 * PART)
    rig.board.progress[session.session_id] = Progress(session.session_id, "alice", PART, False, session.created_at)
    for number in (3, 4, 5):
        sign(rig, session, PartToSign(number))
        rig.now_s += 1
        rig.progress.write()
    assert (kept(rig, session), rig.board.writes) == ((PART, False), 1)


@pytest.mark.parametrize(("told", "expected"), [(10, 3 * PART), (4 * PART, 4 * PART)])
def test_less_than_before_counts_when_the_store_has_less(rig: Rig, told: int, expected: int) -> None:
    session = rig.init(file_size_bytes=10 * PART)
    rig.send(session, *[b"x" * PART] * 3)
    rig.board.note([Progress(session.session_id, "alice", 6 * PART, False, session.created_at)])
    report(rig, session, told)
    rig.progress.write()
    rig.progress.check_losses()
    assert kept(rig, session) == (expected, False)


def test_less_than_before_does_not_count_when_the_parts_are_there(rig: Rig) -> None:
    session = rig.init(file_size_bytes=10 * PART)
    rig.send(session, *[b"x" * PART] * 3)
    rig.board.note([Progress(session.session_id, "alice", 3 * PART, False, session.created_at)])
    report(rig, session, PART)
    rig.progress.write()
    rig.progress.check_losses()
    assert kept(rig, session) == (3 * PART, False)


def lists_of(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys whose parts the store was asked for, as they are asked for."""
    asked: list[str] = []
    list_parts = rig.store.list_parts

    def noted(key: str, upload_id: str) -> list[StoredPart]:
        asked.append(key)
        return list_parts(key, upload_id)

    monkeypatch.setattr(rig.store, "list_parts", noted)
    return asked


def test_two_pages_that_say_different_things_cost_one_look_a_minute(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = rig.init(file_size_bytes=1000)
    rig.send(session, b"x" * 800)
    asked = lists_of(rig, monkeypatch)
    for second in range(121):
        rig.now_s = float(second)
        report(rig, session, 100 if second % 2 else 800)
        rig.progress.write()
        rig.progress.check_losses()
    assert len(asked) == 2
    assert kept(rig, session) == (800, False)


def test_a_write_asks_the_store_for_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    session = rig.init(file_size_bytes=1000)
    asked = lists_of(rig, monkeypatch)
    for rig.now_s, size in ((0.0, 800), (1.0, 50)):
        report(rig, session, size)
        rig.progress.write()
    assert asked == []


def test_a_loss_that_the_store_could_not_confirm_is_asked_for_again_and_keeps_nobody_elses(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (rig.init(client_upload_id=None, file_size_bytes=1000) for _ in range(2))
    for rig.now_s, size in ((0.0, 800), (1.0, 50)):
        report(rig, first, size)
        report(rig, second, size)
        rig.progress.write()
    rig.store.failures["list_parts"] = [away()]
    rig.progress.check_losses()
    assert {kept(rig, first), kept(rig, second)} == {(50, False), (800, False)}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    rig.now_s = 61.0
    rig.progress.check_losses()
    assert [kept(rig, first), kept(rig, second)] == [(50, False), (50, False)]


def test_an_upload_that_is_over_has_lost_nothing(rig: Rig) -> None:
    session = rig.init(file_size_bytes=1000)
    for rig.now_s, size in ((0.0, 800), (1.0, 50)):
        report(rig, session, size)
        rig.progress.write()
    rig.aborts.abort(session)
    before = rig.board.writes
    for rig.now_s in (1.0, 100.0):
        rig.progress.check_losses()
    assert rig.board.writes == before


def test_losses_are_looked_at_by_themselves(rig: Rig) -> None:
    session = rig.init(file_size_bytes=1000)
    rig.board.note([Progress(session.session_id, "alice", 600, False, session.created_at)])
    rig.progress.start()
    report(rig, session, 5)
    wait_for(lambda: kept(rig, session) == (5, False), "the loss confirmed")
    rig.progress.stop()


def test_what_an_outage_kept_from_being_written_is_written_after_it(rig: Rig) -> None:
    session = rig.init(file_size_bytes=1000)
    report(rig, session, 5)
    rig.catalogue.down = True
    with pytest.raises(CatalogueUnavailable):
        rig.progress.write()
    report(rig, session, 6)
    rig.catalogue.down = False
    rig.now_s = 1.0
    rig.progress.write()
    assert kept(rig, session) == (6, False)


def test_what_is_left_is_written_at_the_end(rig: Rig) -> None:
    session = rig.init(file_size_bytes=1000)
    rig.progress.start()
    report(rig, session, 5)
    wait_for(lambda: kept(rig, session) == (5, False), "the first word written")
    report(rig, session, 6)
    rig.progress.stop()
    assert kept(rig, session) == (6, False)


def test_uploads_that_nobody_speaks_of_are_forgotten(rig: Rig) -> None:
    session = rig.init(file_size_bytes=1000)
    report(rig, session, 5)
    rig.progress.write()
    named = session.owner_id, session.upload_id or "", session.key
    assert rig.progress.report_known(*named, 5)
    rig.now_s = 61.0
    rig.progress.write()
    rig.now_s = 200.0
    rig.progress.write()
    assert not rig.progress.report_known(*named, 5)


@pytest.mark.parametrize("end", ["complete", "abort"])
def test_of_an_upload_that_was_ended_nothing_is_written_any_more(rig: Rig, end: str) -> None:
    session = rig.init(file_size_bytes=PART)
    parts = rig.send(session, b"x" * PART)
    report(rig, session, PART)
    named = session.owner_id, session.upload_id or "", session.key
    if end == "complete":
        rig.complete(session, parts)
    else:
        rig.uploads.abort(*named)
    assert not rig.progress.report_known(*named, 5)
    report(rig, session, 5)
    rig.progress.write()
    assert rig.board.writes == 0


def test_an_upload_that_could_not_be_completed_is_still_spoken_of(rig: Rig) -> None:
    session = rig.init(file_size_bytes=PART)
    report(rig, session, 5)
    with pytest.raises(PartsMismatch):
        rig.complete(session, rig.send(session, b"short"))
    rig.progress.write()
    assert kept(rig, session) == (5, False)


def test_what_is_said_of_one_upload_costs_no_more_the_more_there_are(rig: Rig) -> None:
    costs = []
    first = rig.init(file_size_bytes=10**6)
    for others in (10, 200):
        for _ in range(others):
            report(rig, rig.init(client_upload_id=None, file_size_bytes=10**6), 1)
        report(rig, first, others)
        rig.now_s += 1
        rig.progress.write()
        rig.now_s += 1
        report(rig, first, others + 1)
        with counted_steps() as steps:
            rig.progress.write()
        costs.append(steps[0])
        assert kept(rig, first) == (others + 1, False)
    assert costs[0] == costs[1] > 0


@contextmanager
def counted_steps() -> Iterator[list[int]]:
    """Count the interpreter's steps in the progress service: exact, where a time would not be."""
    steps, before = [0], sys.gettrace()

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename != progress_service.__file__:
            return None
        frame.f_trace_opcodes = True
        steps[0] += event == "opcode"
        return trace

    sys.settrace(trace)
    try:
        yield steps
    finally:
        sys.settrace(before)


def test_an_upload_that_was_forgotten_and_is_spoken_of_again_is_still_written_once_a_second(rig: Rig) -> None:
    session, other = rig.init(file_size_bytes=1000), rig.init(client_upload_id=None, file_size_bytes=1000)
    report(rig, session, 5)
    rig.progress.write()
    for rig.now_s in (100.0, 100.5, 100.9):
        report(rig, other, int(rig.now_s))
        report(rig, session, int(rig.now_s * 2))
        rig.progress.write()
    assert (kept(rig, session), rig.board.writes) == ((200, False), 2)
    rig.now_s = 101.0
    rig.progress.write()
    assert (kept(rig, session), rig.board.writes) == ((201, False), 3)


def test_whose_upload_it_is_and_how_large_is_checked_each_time(rig: Rig) -> None:
    session = rig.init(file_size_bytes=1000)
    for _ in range(2):
        with pytest.raises(InvalidField):
            report(rig, session, 1001)
        with pytest.raises(UploadNotFound):
            rig.progress.report("bob", session.upload_id or "", session.key, 1)
        assert not rig.progress.report_known("bob", session.upload_id or "", session.key, 1)
        assert not rig.progress.report_known("alice", session.upload_id or "", "another key", 1)
        report(rig, session, 1)


def test_a_known_uploads_report_reads_no_database_and_takes_no_thread(rig: Rig) -> None:
    session = rig.init(file_size_bytes=1000)
    body: dict[str, Any] = {"uploadId": session.upload_id, "key": session.key}

    async def report_twice() -> list[int]:
        async with signed_in(rig) as alice:
            first = await alice.post("/s3/progress", json=body | {"bytesConfirmed": 1})
            rig.catalogue.down = True
            return [
                first.status_code,
                (await alice.post("/s3/progress", json=body | {"bytesConfirmed": 2})).status_code,
            ]

    assert asyncio.run(report_twice()) == [204, 204]


def test_what_is_told_within_a_moment_is_one_write_which_the_end_does_not_wait_for(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_service, "GATHER_S", 3600.0)
    sessions = [rig.init(file_size_bytes=1000, client_upload_id=str(uuid.uuid4())) for _ in range(5)]
    rig.progress.start()
    report(rig, sessions[0], 5)
    wait_for(lambda: kept(rig, sessions[0]) == (5, False), "the first word written")
    for session in sessions[1:]:
        report(rig, session, 5)
    rig.progress.stop()
    assert [kept(rig, session) for session in sessions] == [(5, False)] * 5
    assert rig.board.writes == 2
