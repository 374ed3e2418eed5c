"""Small files on their way together: what that saves, and that each ends as it would alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.core.errors import Offline, Refused, SlowDown, UploadGone
from recorder_desktop.core.model import ChecksumAlgorithm, Upload, UploadState
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.transfer.batch_job import BatchJob
from recorder_desktop.transfer.batch_phase import BatchPhase, Outcome
from recorder_desktop.transfer.job_slots import (
    BATCH_BYTES,
    BATCH_FILES,
    MAX_BATCHES,
    SMALL_BYTES,
    WORTH_A_BATCH,
    JobSlots,
)
from recorder_desktop.transfer.live_queue import LiveQueue
from tests.fakes.uploads import an_upload
from tests.unit.transfer.conftest import Rig
from tests.waiting import wait_for

COUNT = 20


def small_files(rig: Rig, count: int = COUNT) -> list[Path]:
    paths = [rig.home / f"{number:03}.wav" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(os.urandom(1000 + number))
    return paths


def queued(rig: Rig, paths: Sequence[Path]) -> list[str]:
    """Add files before anything is at work, so that the first job finds them all."""
    rig.engine.close()
    rig.open(start=False)
    ids = rig.add(*paths)
    rig.engine.start()
    return ids


def all_stored(rig: Rig, ids: Iterable[str], paths: Iterable[Path]) -> None:
    for upload_id, path in zip(ids, paths, strict=True):
        assert rig.stored(upload_id) == path.read_bytes()
        assert rig.view(upload_id).upload.bytes_confirmed == path.stat().st_size
    assert rig.remote.open_uploads() == []
    assert len(rig.remote.objects) == len({upload.path for upload in (rig.view(i).upload for i in ids)})


def failing(step: str, error: Exception, turns: set[int]) -> Callable[[str, int], None]:
    """A fault that raises at these turns of a step, the first of which is 1."""
    lock, taken = threading.Lock(), 0

    def fault(now: str, _number: int) -> None:
        nonlocal taken
        if now == step:
            with lock:
                taken += 1
                turn = taken
            if turn in turns:
                raise error

    return fault


def test_small_files_are_opened_in_one_call_and_completed_in_few(rig: Rig) -> None:
    paths = small_files(rig)
    ids = queued(rig, paths)

    all_stored(rig, ids, paths)
    assert rig.remote.count("init-many") == 1
    assert rig.remote.count("complete-many") < COUNT / 2
    assert rig.remote.count("put") == COUNT
    assert rig.remote.count("presign") == rig.remote.count("list-parts") == 0


def test_a_batch_takes_three_commits_for_all_and_one_for_each_of_its_calls(rig: Rig) -> None:
    paths = small_files(rig)
    rig.engine.close()
    rig.open(start=False)
    ids = rig.add(*paths)
    store = rig.engine._store
    assert isinstance(store, SqliteUploadStore)
    before = store.commits

    rig.engine.start()
    all_stored(rig, ids, paths)

    # Begun, opened; then confirmed and completed for each call. Playing times are not found, so not written.
    assert store.commits - before <= 2 + 2 * rig.remote.count("complete-many")


@pytest.mark.parametrize("count", [1, WORTH_A_BATCH - 1])
def test_a_few_files_go_on_their_own(rig: Rig, count: int) -> None:
    paths = small_files(rig, count)
    all_stored(rig, queued(rig, paths), paths)
    assert rig.remote.count("init-many") == 0


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("init", Refused("No room there.", code="folder_not_found")),
        ("put", SlowDown("Busy.")),
        ("put-answer", Offline("Away.")),
        ("complete", UploadGone("Gone.")),
        ("complete-answer", Offline("Away.")),
    ],
)
def test_what_one_meets_holds_up_no_other_and_is_met_by_a_job_of_its_own(
    rig: Rig, step: str, error: Exception
) -> None:
    paths = small_files(rig)
    rig.remote.fault = failing(step, error, {3})
    ids = queued(rig, paths)

    all_stored(rig, ids, paths)
    assert rig.remote.count("init-many") == 1


@pytest.mark.parametrize("step", ["connect", "init-many", "complete-many", "complete-many-answer"])
def test_what_all_meet_is_met_by_jobs_of_their_own(rig: Rig, step: str) -> None:
    paths = small_files(rig)
    rig.remote.fault = failing(step, Offline("Away."), {1})
    ids = queued(rig, paths)

    all_stored(rig, ids, paths)
    assert rig.remote.count("put") == COUNT, "what had arrived was sent again"


def test_a_backend_that_knows_no_batches_gets_every_file(rig: Rig) -> None:
    paths = small_files(rig)
    rig.remote.fault = failing("init-many", Refused("It is of another version.", code="server_mismatch"), {1, 2, 3})
    all_stored(rig, queued(rig, paths), paths)
    assert rig.engine._jobs._one_by_one == {"here"}


def test_a_backend_that_opens_uploads_without_addresses_is_not_asked_for_several_again(rig: Rig) -> None:
    paths = small_files(rig)
    rig.remote.algorithm = ChecksumAlgorithm.MD5
    all_stored(rig, queued(rig, paths), paths)
    assert rig.engine._jobs._one_by_one == {"here"}


def test_what_is_refused_for_reasons_of_its_own_says_nothing_about_others(rig: Rig) -> None:
    paths = small_files(rig)
    every_one = set(range(1, COUNT + 1))
    rig.remote.fault = failing("init", Refused("No folder there.", code="folder_not_found"), every_one)
    all_stored(rig, queued(rig, paths), paths)
    assert rig.engine._jobs._one_by_one == set()


def test_a_backend_that_asks_for_a_pause_gets_one_before_its_files_go_one_by_one(rig: Rig) -> None:
    paths = small_files(rig)
    rig.remote.fault = failing("init-many", SlowDown("Busy.", retry_after_s=3600.0), {1})
    ids = queued(rig, paths)
    wait_for(lambda: rig.remote.count("init-many") and not rig.engine._jobs.running, "the end of the batch")
    rig.engine.remove(ids[:2]).result(10)
    assert rig.engine._jobs._singly == set(ids[2:])
    rig.engine.close()
    assert rig.remote.count("init") == 0
    rig.open()
    all_stored(rig, ids[2:], paths[2:])


def test_a_file_that_is_gone_or_changed_holds_up_no_other(rig: Rig) -> None:
    paths = small_files(rig)
    rig.engine.close()
    rig.open(start=False)
    ids = rig.add(*paths)
    paths[3].unlink()
    paths[5].write_bytes(os.urandom(paths[5].stat().st_size))

    rig.engine.start()

    gone = rig.wait_state(ids[3], UploadState.ATTENTION).upload
    assert gone.problem is not None
    assert gone.problem.code == "file_missing"
    rest = [place for place in range(COUNT) if place != 3]
    all_stored(rig, [ids[place] for place in rest], [paths[place] for place in rest])


def test_one_that_is_paused_or_cancelled_lets_the_others_go_on(rig: Rig) -> None:
    paths = small_files(rig)
    let, reached = threading.Event(), threading.Event()

    def fault(step: str, _number: int) -> None:
        if step == "put":
            reached.set()
            assert let.wait(20)

    rig.remote.fault = fault
    ids = queued(rig, paths)
    assert reached.wait(20)
    rig.engine.pause([ids[-1]]).result(10)
    rig.engine.cancel([ids[-2]]).result(10)
    wait_for(lambda: ids[-1] not in rig.engine._jobs.running, "the paused one's place")
    rig.engine.resume([ids[-1]]).result(10)
    let.set()

    rest = [*range(COUNT - 2), COUNT - 1]
    all_stored(rig, [ids[place] for place in rest], [paths[place] for place in rest])
    assert rig.view(ids[-2]).upload.state is UploadState.CANCELLED
    wait_for(lambda: not rig.view(ids[-2]).upload.maybe_open, "the abort")


@pytest.fixture
def on_sent(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[str], None]]:
    """Called in turn, each once, with the upload of a file that was sent and is about to be completed."""
    actions: list[Callable[[str], None]] = []
    outcome = BatchPhase.outcome

    def watched(phase: BatchPhase) -> Outcome | None:
        found = outcome(phase)
        for sent in found.sent if found is not None else ():
            if actions:
                actions.pop(0)(sent.file.upload.id)
        return found

    monkeypatch.setattr(BatchPhase, "outcome", watched)
    return actions


def test_a_file_that_is_changed_after_it_was_sent_is_noticed_before_it_is_completed(
    rig: Rig, on_sent: list[Callable[[str], None]]
) -> None:
    paths = small_files(rig)
    changed: list[Path] = []

    def change(upload_id: str) -> None:
        path = rig.view(upload_id).upload.path
        path.write_bytes(os.urandom(path.stat().st_size))
        changed.append(path)

    on_sent.append(change)
    ids = queued(rig, paths)
    for upload_id, path in zip(ids, paths, strict=True):
        assert rig.stored(upload_id) == path.read_bytes()
    assert len(changed) == 1


@pytest.mark.parametrize("is_given_up", [False, True])
def test_one_that_was_sent_and_stopped_need_not_wait_for_the_batch_to_end(
    rig: Rig, on_sent: list[Callable[[str], None]], is_given_up: bool
) -> None:
    let, lock = threading.Event(), threading.Lock()
    stopped: list[str] = []

    def fault(step: str, _number: int) -> None:
        if step == "put" and lock.acquire(blocking=False):  # the first one, which keeps the batch at work
            assert let.wait(20)

    def stop(upload_id: str) -> None:
        if is_given_up:
            rig.engine.cancel([upload_id]).result(10)
        else:
            rig.engine.pause([upload_id]).result(10)
            rig.engine.resume([upload_id]).result(10)
        stopped.append(upload_id)

    rig.remote.fault = fault
    on_sent.append(stop)
    paths = small_files(rig)
    ids = queued(rig, paths)
    wait_for(lambda: stopped, "one that is stopped")
    if is_given_up:
        wait_for(lambda: not rig.view(stopped[0]).upload.maybe_open, "the abort")
    else:
        rig.wait_state(stopped[0], UploadState.COMPLETED)
    assert any(isinstance(each.job, BatchJob) for each in rig.engine._jobs.running.values())
    let.set()
    rest = [place for place in range(COUNT) if not (is_given_up and ids[place] == stopped[0])]
    all_stored(rig, [ids[place] for place in rest], [paths[place] for place in rest])


def test_when_a_call_fails_no_file_is_sent_by_two_at_a_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    let, lock = threading.Event(), threading.Lock()
    wait_for_senders = BatchPhase.wait_for_senders

    def waiting(phase: BatchPhase) -> None:
        let.set()
        wait_for_senders(phase)

    def fault(step: str, _number: int) -> None:
        if step == "put" and lock.acquire(blocking=False):
            assert let.wait(20), "the batch ended without the file"
        if step == "complete-many":
            assert not let.is_set()
            raise Offline("Away.")

    monkeypatch.setattr(BatchPhase, "wait_for_senders", waiting)
    rig.remote.fault = fault
    paths = small_files(rig)
    all_stored(rig, queued(rig, paths), paths)
    assert rig.remote.count("put") == COUNT


def test_closed_in_the_middle_nothing_that_arrived_is_sent_again(rig: Rig) -> None:
    paths = small_files(rig)
    reached = threading.Event()

    def fault(step: str, _number: int) -> None:
        if step == "complete-many":
            reached.set()
            raise Offline("Away.")

    rig.remote.fault = fault
    ids = queued(rig, paths)
    assert reached.wait(20)
    rig.engine.close()
    rig.remote.fault = lambda _step, _number: None
    arrived = {signed for session in rig.remote.sessions.values() for signed in session.parts if session.parts}
    sent_before = rig.remote.count("put")
    held = sum(bool(session.parts) for session in rig.remote.sessions.values())

    rig.open()

    all_stored(rig, ids, paths)
    assert arrived
    assert rig.remote.count("put") - sent_before == COUNT - held


# --- which are taken together ---------------------------------------------------------------------------------------


def slots(tmp_path: Path, uploads: Sequence[Upload], at_work: Sequence[Sequence[Upload]] = ()) -> JobSlots:
    queue = LiveQueue(SqliteUploadStore(tmp_path / "queue.db"), lambda _event: None)
    queue.insert(uploads)
    taken = {upload.id for job in at_work for upload in job}
    return JobSlots(queue, at_work, lambda _place: True, lambda upload: upload.id not in taken)


def sized(number: int, size_bytes: int, device: int = 1, destination: str = "here") -> Upload:
    upload = an_upload(Path(f"/recordings/{number}.wav"), size_bytes)
    identity = replace(upload.identity, device=device)
    return replace(upload, id=f"u{number}", identity=identity, destination=destination)


def names(uploads: Sequence[Upload]) -> list[str]:
    return [upload.id for upload in uploads]


def test_a_batch_ends_at_the_first_large_file_and_at_another_drive(tmp_path: Path) -> None:
    small = [sized(number, 1000) for number in range(6)]
    large = sized(6, SMALL_BYTES + 1)
    assert names(slots(tmp_path, [*small, large, sized(7, 1000)]).next_uploads()) == names(small)
    (tmp_path / "other").mkdir()
    assert names(slots(tmp_path / "other", [*small, sized(8, 1000, device=2)]).next_uploads()) == names(small)


@pytest.mark.parametrize(("size_bytes", "expected"), [(1000, BATCH_FILES), (SMALL_BYTES, BATCH_BYTES // SMALL_BYTES)])
def test_a_batch_is_no_larger_than_what_is_worth_waiting_for(tmp_path: Path, size_bytes: int, expected: int) -> None:
    uploads = [sized(number, size_bytes) for number in range(2 * BATCH_FILES)]
    assert names(slots(tmp_path, uploads).next_uploads()) == names(uploads[:expected])


def test_small_files_wait_while_enough_batches_are_at_work_and_keep_other_places_free(tmp_path: Path) -> None:
    batches = [[sized(10 * job + number, 1000) for number in range(5)] for job in range(MAX_BATCHES)]
    waiting = [sized(100 + number, 1000) for number in range(5)]
    elsewhere = sized(200, SMALL_BYTES + 1, destination="there")
    everything = [upload for job in batches for upload in job] + waiting + [elsewhere]
    assert names(slots(tmp_path, everything, batches).next_uploads()) == [elsewhere.id]


def test_what_was_sent_before_or_waits_is_taken_up_alone(tmp_path: Path) -> None:
    known = replace(sized(0, 1000), maybe_open=True, owner="mara")
    fresh = [sized(number, 1000) for number in range(1, 6)]
    assert names(slots(tmp_path, [known, *fresh]).next_uploads()) == [known.id]
