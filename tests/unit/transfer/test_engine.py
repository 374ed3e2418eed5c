"""The engine's promises: everything arrives once, in parallel, and commands do what they say."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from pathlib import Path

import pytest

from recorder_desktop.core.concurrency import START
from recorder_desktop.core.errors import (
    Offline,
    PartRejected,
    Refused,
    SignInRequired,
    SlowDown,
    Stalled,
    StoreFull,
    TransientFailure,
    UploadError,
    UrlRefused,
)
from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.model import ChecksumAlgorithm, UploadState
from recorder_desktop.core.own_bucket import KEYS_MISSING
from recorder_desktop.core.upload_queue import AddOptions, AlreadyStored, Attached, Rejected
from recorder_desktop.transfer.engine import MAX_SENDERS
from recorder_desktop.transfer.upload_job import UploadJob
from tests.fakes.remote import PART_SIZE
from tests.unit.transfer.conftest import Rig


class Gate:
    """A fault that holds callers of a step until it is opened."""

    def __init__(self, step: str) -> None:
        self._step = step
        self.reached = threading.Event()
        self._open = threading.Event()

    def __call__(self, step: str, _number: int) -> None:
        if step == self._step:
            self.reached.set()
            assert self._open.wait(20)

    def open(self) -> None:
        self._open.set()


class FailTimes:
    """A fault that raises at a step, so many times."""

    def __init__(self, step: str, error: Exception, times: int) -> None:
        self._step, self._error, self.left = step, error, times
        self._lock = threading.Lock()

    def __call__(self, step: str, _number: int) -> None:
        with self._lock:
            if step != self._step or not self.left:
                return
            self.left -= 1
        raise self._error


def test_a_file_arrives_whole_and_verified(rig: Rig) -> None:
    path = rig.file()
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    view = rig.view(upload_id)
    assert view.upload.bytes_confirmed == path.stat().st_size
    assert rig.remote.still_open() == []


def test_f18_an_empty_file_arrives(rig: Rig) -> None:
    (upload_id,) = rig.add(rig.file("empty.mp4", 0))
    assert rig.stored(upload_id) == b""


def test_parts_travel_side_by_side_as_many_as_are_allowed_at_first(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    (upload_id,) = rig.add(rig.file(parts=12))
    rig.wait(lambda: rig.remote.sending == START, "all senders at work")
    gate.open()
    rig.stored(upload_id)
    assert rig.remote.most_sending <= MAX_SENDERS


@pytest.mark.parametrize("error", [SlowDown("busy"), Stalled("stuck")], ids=["slow down", "stalled"])
def test_fewer_parts_are_in_flight_once_the_store_cannot_follow(rig: Rig, error: UploadError) -> None:
    busy, gate = FailTimes("put", error, START), Gate("put")

    def fault(step: str, number: int) -> None:
        busy(step, number)
        gate(step, number)

    rig.remote.fault = fault
    (upload_id,) = rig.add(rig.file(parts=12))
    rig.wait(lambda: rig.remote.count("put") == START + START // 2, "half as many at work")
    time.sleep(0.1)  # every pause after a failure is over
    assert rig.remote.count("put") == START + START // 2
    gate.open()
    rig.stored(upload_id)


def test_each_part_is_sent_once_and_nothing_is_asked_twice(rig: Rig) -> None:
    (upload_id,) = rig.add(rig.file(parts=3.5))
    rig.stored(upload_id)
    steps = ("connect", "init", "list-parts", "put", "complete")
    assert {step: rig.remote.count(step) for step in steps} == {
        "connect": 1,
        "init": 1,
        "list-parts": 0,
        "put": 4,
        "complete": 1,
    }
    assert sum(number for step, number in rig.remote.calls if step == "presign") == 4


def test_several_files_arrive(rig: Rig) -> None:
    paths = [rig.file(f"{number}.mp4", 1.2) for number in range(7)]
    ids = rig.add(*paths)
    assert [rig.stored(upload_id) for upload_id in ids] == [path.read_bytes() for path in paths]


def test_without_a_checksum_of_the_store_files_arrive_too(rig: Rig) -> None:
    for number, algorithm in enumerate((ChecksumAlgorithm.MD5, None)):
        rig.remote.algorithm = algorithm
        path = rig.file(f"{number}.mp4")
        (upload_id,) = rig.add(path)
        assert rig.stored(upload_id) == path.read_bytes()


# --- pause, resume, cancel, retry, remove -------------------------------------------------------------------


def test_pause_keeps_what_is_confirmed_and_resume_sends_only_the_rest(rig: Rig) -> None:
    class FirstTwoOnly:
        def __init__(self) -> None:
            self.held = threading.Event()

        def __call__(self, step: str, number: int) -> None:
            if step == "put" and number > 2:
                assert self.held.wait(20)

    rig.remote.fault = hold = FirstTwoOnly()
    path = rig.file(parts=6)
    (upload_id,) = rig.add(path)
    rig.wait(lambda: rig.view(upload_id).upload.bytes_confirmed == 2 * PART_SIZE, "two parts confirmed")
    rig.engine.pause([upload_id]).result(10)
    assert rig.view(upload_id).upload.state is UploadState.PAUSED
    hold.held.set()
    rig.remote.fault = lambda _step, _number: None
    rig.remote.calls.clear()
    rig.engine.resume([upload_id]).result(10)
    assert rig.stored(upload_id) == path.read_bytes()
    assert {number for step, number in rig.remote.calls if step == "put"} == {3, 4, 5, 6}


def test_pause_all_and_resume_all_reach_every_upload(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    ids = rig.add(*(rig.file(f"{number}.mp4", 1) for number in range(6)))
    rig.engine.pause().result(10)
    assert {rig.view(upload_id).upload.state for upload_id in ids} == {UploadState.PAUSED}
    gate.open()
    rig.remote.fault = lambda _step, _number: None
    rig.engine.resume().result(10)
    for upload_id in ids:
        rig.stored(upload_id)


def test_cancel_aborts_the_multipart_upload(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    (upload_id,) = rig.add(rig.file())
    assert gate.reached.wait(10)
    rig.engine.cancel([upload_id]).result(10)
    gate.open()
    rig.wait(lambda: not rig.remote.still_open(), "the abort")
    assert rig.view(upload_id).upload.state is UploadState.CANCELLED
    assert rig.remote.objects == {}


def test_an_abort_that_could_not_be_made_is_made_at_the_next_start(rig: Rig) -> None:
    gate, failing = Gate("put"), FailTimes("abort", Refused("Not now."), 1)

    def fault(step: str, number: int) -> None:
        gate(step, number)
        failing(step, number)

    rig.remote.fault = fault
    (upload_id,) = rig.add(rig.file())
    assert gate.reached.wait(10)
    rig.engine.cancel([upload_id]).result(10)
    gate.open()
    rig.wait(lambda: rig.remote.count("abort") == 1, "the failed abort")
    assert rig.remote.still_open()
    rig.restart()
    rig.wait(lambda: not rig.remote.still_open(), "the second abort")


def test_an_upload_cancelled_while_init_was_answered_is_found_and_aborted(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("init-answer")
    (upload_id,) = rig.add(rig.file())
    assert gate.reached.wait(10)
    rig.engine.cancel([upload_id]).result(10)
    gate.open()
    rig.wait(lambda: not rig.remote.still_open(), "the abort")
    assert rig.view(upload_id).upload.remote is None


def test_a_cancelled_upload_can_be_retried_from_zero(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    path = rig.file()
    (upload_id,) = rig.add(path)
    assert gate.reached.wait(10)
    rig.engine.cancel([upload_id]).result(10)
    gate.open()
    rig.remote.fault = lambda _step, _number: None
    rig.engine.retry([upload_id]).result(10)
    assert rig.stored(upload_id) == path.read_bytes()
    rig.wait(lambda: not rig.remote.still_open(), "the first attempt's abort")


def test_cancelling_after_the_object_was_made_leaves_it_and_says_so(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("complete-answer")
    (upload_id,) = rig.add(rig.file())
    assert gate.reached.wait(10)
    rig.engine.cancel([upload_id]).result(10)
    gate.open()
    rig.stored(upload_id)


def test_removing_a_running_upload_hides_it_at_once_and_aborts_it(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    (upload_id,) = rig.add(rig.file())
    assert gate.reached.wait(10)
    rig.engine.remove([upload_id]).result(10)
    assert rig.engine.view(upload_id) is None
    assert rig.engine.views() == ()
    gate.open()
    rig.wait(lambda: not rig.remote.still_open(), "the abort")


def test_removing_a_completed_upload_leaves_the_recording(rig: Rig) -> None:
    (upload_id,) = rig.add(rig.file())
    rig.stored(upload_id)
    rig.engine.remove([upload_id]).result(10)
    assert rig.engine.views() == ()
    assert len(rig.remote.objects) == 1
    assert rig.remote.count("abort") == 0


# --- what goes wrong by itself ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [TransientFailure("reset"), SlowDown("busy"), Offline("away"), PartRejected("bits")]
)
def test_a_part_that_fails_for_passing_reasons_is_sent_again(rig: Rig, error: Exception) -> None:
    rig.remote.fault = FailTimes("put", error, 4)
    path = rig.file(parts=2)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    assert rig.remote.count("put") == 3 + 4 - 1


@pytest.mark.parametrize("step", ["connect", "init", "presign", "complete", "complete-answer", "init-answer"])
def test_an_outage_at_any_step_is_waited_out(rig: Rig, step: str) -> None:
    rig.remote.fault = FailTimes(step, Offline("The server cannot be reached."), 12)
    path = rig.file(parts=2)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    assert len(rig.remote.objects) == 1
    states = [event.state for event in rig.events if isinstance(event, ServiceChanged)]
    assert ServiceState.UNREACHABLE in states
    assert states[-1] is ServiceState.READY


def test_f33_an_expired_url_is_replaced_and_not_counted(rig: Rig) -> None:
    rig.remote.fault = FailTimes("put", UrlRefused("expired"), 1)
    (upload_id,) = rig.add(rig.file(parts=1))
    rig.stored(upload_id)
    assert rig.remote.count("presign") == 1, "the first URL came with the opening"


def test_a_store_that_refuses_fresh_urls_needs_the_person(rig: Rig) -> None:
    rig.remote.fault = FailTimes("put", UrlRefused("no"), 100)
    (upload_id,) = rig.add(rig.file(parts=1))
    problem = rig.wait_state(upload_id, UploadState.ATTENTION).upload.problem
    assert problem is not None
    assert problem.code == "store_refused"
    assert rig.remote.count("put") == 2


def test_f30_a_part_that_is_damaged_again_and_again_raises_an_alarm(rig: Rig) -> None:
    rig.remote.fault = FailTimes("put", PartRejected("bits"), 1000)
    (upload_id,) = rig.add(rig.file(parts=1))
    problem = rig.wait_state(upload_id, UploadState.ATTENTION).upload.problem
    assert problem is not None
    assert problem.code == "damaged_in_transit"


def test_one_upload_that_needs_the_person_does_not_hold_up_the_others(rig: Rig) -> None:
    bad, good = rig.file("bad.mp4"), rig.file("good.mp4")
    rig.remote.fault = FailTimes("init", Refused("That type is not allowed.", code="type"), 1)
    bad_id, good_id = rig.add(bad, good)
    ended = {rig.wait_state(i, UploadState.ATTENTION, UploadState.COMPLETED).upload.state for i in (bad_id, good_id)}
    assert ended == {UploadState.ATTENTION, UploadState.COMPLETED}


def test_a_refused_upload_goes_on_after_retry(rig: Rig) -> None:
    rig.remote.fault = FailTimes("complete", Refused("No."), 1)
    path = rig.file()
    (upload_id,) = rig.add(path)
    rig.wait_state(upload_id, UploadState.ATTENTION)
    sent = rig.remote.count("put")
    rig.engine.retry([upload_id]).result(10)
    assert rig.stored(upload_id) == path.read_bytes()
    assert rig.remote.count("put") == sent, "nothing that was confirmed is sent again"


def test_an_upload_without_a_sign_in_waits(rig: Rig) -> None:
    rig.remote.fault = FailTimes("connect", SignInRequired("Sign in."), 1)
    (upload_id,) = rig.add(rig.file())
    problem = rig.wait_state(upload_id, UploadState.WAITING).upload.problem
    assert problem is not None
    assert problem.code == "sign_in_required"
    rig.wait(lambda: not rig.engine._jobs.running, "the job's end")
    rig.engine.retry([upload_id]).result(10)
    rig.stored(upload_id)


def test_no_room_for_a_local_copy_is_said_before_anything_is_sent(rig: Rig) -> None:
    rig.remote.room = 10
    (upload_id,) = rig.add(rig.file())
    problem = rig.wait_state(upload_id, UploadState.ATTENTION).upload.problem
    assert problem is not None
    assert problem.code == "disk_full"
    assert rig.remote.count("put") == 0


def test_f06_a_full_disk_under_the_queue_stops_the_upload_and_says_so(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> int:
        raise StoreFull("The disk is full. Free some space.")

    path = rig.file()
    with monkeypatch.context() as patch:
        patch.setattr(rig.engine._store, "confirm_part", full)
        (upload_id,) = rig.add(path)
        view = rig.wait_state(upload_id, UploadState.ATTENTION)
        assert view.upload.bytes_confirmed == 0
    rig.engine.retry([upload_id]).result(10)
    assert rig.stored(upload_id) == path.read_bytes()


# --- restarts -----------------------------------------------------------------------------------------------


def test_a_restart_goes_on_by_itself_and_sends_only_what_was_in_flight(rig: Rig) -> None:
    rig.remote.fault = lambda step, number: (
        (_ for _ in ()).throw(Offline("away")) if step == "put" and number > 3 else None
    )
    path = rig.file(parts=6)
    (upload_id,) = rig.add(path)
    rig.wait(lambda: rig.view(upload_id).upload.bytes_confirmed == 3 * PART_SIZE, "three parts confirmed")
    rig.engine.close()
    rig.remote.fault = lambda _step, _number: None
    rig.remote.calls.clear()
    rig.open()
    assert rig.stored(upload_id) == path.read_bytes()
    assert sorted(number for step, number in rig.remote.calls if step == "put") == [4, 5, 6]
    assert rig.remote.count("init") == 0


def test_f04_a_part_whose_acknowledgement_was_lost_is_adopted_by_its_md5(rig: Rig) -> None:
    path = rig.file(parts=2)
    (upload_id,) = rig.add(path)
    rig.wait_state(upload_id, UploadState.COMPLETED)
    # The same file once more, stopped before its first commit although the store has the part.
    rig.remote.fault = gate = Gate("put-answer")
    (again,) = rig.add(path, options=AddOptions(again=True))
    rig.wait(
        lambda: [len(session.parts) for session in rig.remote.sessions.values()] == [2, 2], "both parts in the store"
    )
    rig.engine._jobs.running[again].stop.set()
    gate.open()
    rig.engine.close()
    rig.remote.fault = lambda _step, _number: None
    store = rig.open(start=False)._store
    store.replace_parts(again, [])
    rig.remote.calls.clear()
    rig.engine.start()
    assert rig.stored(again) == path.read_bytes()
    assert rig.remote.count("put") == 0


def test_f45_a_completed_upload_whose_answer_was_lost_completes_at_the_next_start(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("complete-answer")
    path = rig.file()
    (upload_id,) = rig.add(path)
    assert gate.reached.wait(10)
    running = rig.engine._jobs.running[upload_id]
    rig.remote.fault = lambda _step, _number: (_ for _ in ()).throw(Offline("away"))
    gate.open()
    running.stop.set()
    rig.wait(lambda: rig.remote.objects, "the object")
    rig.engine.close()
    rig.remote.fault = lambda _step, _number: None
    rig.open()
    assert rig.stored(upload_id) == path.read_bytes()
    assert len(rig.remote.objects) == 1


def test_a_paused_upload_stays_paused_over_a_restart(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    (upload_id,) = rig.add(rig.file())
    assert gate.reached.wait(10)
    rig.engine.pause().result(10)
    gate.open()
    rig.restart()
    assert rig.view(upload_id).upload.state is UploadState.PAUSED


def test_an_upload_for_another_place_waits_for_a_run_that_serves_it(rig: Rig) -> None:
    (elsewhere,) = rig.add(rig.file("a.mp4"), options=AddOptions(destination="elsewhere"))
    (here,) = rig.add(rig.file("b.mp4"))
    rig.stored(here)
    assert rig.view(elsewhere).upload.state is UploadState.QUEUED
    rig.remote.served.add("elsewhere")
    rig.restart()
    rig.stored(elsewhere)


def test_when_its_place_is_served_after_all_it_begins_and_does_not_say_otherwise_any_more(rig: Rig) -> None:
    first, second = rig.add(rig.file("a.mp4"), rig.file("b.mp4"), options=AddOptions(destination="elsewhere"))
    rig.engine.pause([second]).result(10)
    rig.restart()
    rig.wait(lambda: rig.view(first).upload.problem, "word that it belongs elsewhere")
    rig.remote.fault = gate = Gate("init")
    rig.remote.served.add("elsewhere")
    rig.engine.look_again()
    assert gate.reached.wait(10)
    assert rig.view(first).upload.problem is None
    gate.open()
    rig.stored(first)


@pytest.mark.parametrize(
    "code", [KEYS_MISSING, "store_refused", "bucket_missing", "bad_settings", "catalogue_unusable"]
)
def test_what_was_stopped_by_what_was_entered_for_its_bucket_goes_on_when_it_is_looked_for_again(
    rig: Rig, code: str
) -> None:
    place = "bucket:mine at eu-west-1"
    rig.remote.served.add(place)
    rig.remote.fault = FailTimes("connect", Refused("That cannot work.", code=code), 1)
    (upload_id,) = rig.add(path := rig.file(), options=AddOptions(destination=place))
    rig.wait_state(upload_id, UploadState.ATTENTION)
    rig.engine.look_again("bucket:other at eu-west-1")
    rig.engine.pause([]).result(10)  # after it
    assert rig.view(upload_id).upload.state is UploadState.ATTENTION
    rig.engine.look_again(place)
    assert rig.stored(upload_id) == path.read_bytes()


# --- adding -------------------------------------------------------------------------------------------------


def test_f10_the_same_file_dropped_twice_attaches_to_the_live_upload(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("put")
    path = rig.file()
    (upload_id,) = rig.add(path)
    assert rig.engine.add([path, path]).result(10) == [Attached(str(path), upload_id)] * 2
    gate.open()
    rig.stored(upload_id)
    assert rig.engine.add([path]).result(10) == [AlreadyStored(str(path), upload_id)]
    assert rig.remote.count("init") == 1


def test_a_stored_file_that_changed_since_is_a_new_upload(rig: Rig) -> None:
    path = rig.file()
    (first,) = rig.add(path)
    rig.stored(first)
    rig.file(path.name)
    (second,) = rig.add(path)
    assert rig.stored(second) == path.read_bytes()


def test_a_folder_gives_the_recordings_below_it(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "wedding"
    (folder / "day one").mkdir(parents=True)
    for name in ("a.mp4", "day one/b.MKV", "notes.txt", ".hidden.mp4"):
        (folder / name).write_bytes(b"x")
    (folder / "loop").symlink_to(folder)
    ids = rig.add(folder)
    assert sorted(rig.view(upload_id).upload.path.name for upload_id in ids) == ["a.mp4", "b.MKV"]


@pytest.mark.parametrize(("name", "code"), [("missing.mp4", "file_missing"), ("empty-folder", "no_recordings")])
def test_what_cannot_be_added_is_said_and_the_rest_is_added(rig: Rig, tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "empty-folder").mkdir()
    good = rig.file()
    bad, added = rig.engine.add([tmp_path / name, good]).result(10)
    assert isinstance(bad, Rejected)
    assert bad.code == code
    assert added.path == good


def test_a_device_is_not_taken_for_a_recording(rig: Rig) -> None:
    (outcome,) = rig.engine.add([Path("/dev/zero")]).result(10)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "file_unreadable"


def test_the_queue_is_worked_off_in_order(rig: Rig) -> None:
    rig.remote.fault = gate = Gate("connect")
    paths = [rig.file(f"{number}.mp4", 1) for number in range(3)]
    ids = rig.add(*paths)
    gate.open()
    for upload_id in ids:
        rig.stored(upload_id)
    assert [view.upload.path for view in rig.engine.views()] == paths


def test_an_upload_that_is_over_leaves_no_work_to_the_garbage_collector(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds a buffer: those of a thousand files would have to wait for it."""
    jobs = weakref.WeakSet[UploadJob]()
    run = UploadJob.run

    def watched(job: UploadJob) -> None:
        jobs.add(job)
        run(job)

    monkeypatch.setattr(UploadJob, "run", watched)
    gc.disable()
    try:
        for upload_id in rig.add(*(rig.file(f"{number}.mp4", parts=2) for number in range(3))):
            rig.stored(upload_id)
        rig.wait(lambda: not jobs, "the end of the jobs")
    finally:
        gc.enable()


def test_an_upload_of_a_place_that_this_run_does_not_serve_says_so_without_a_line_of_history(rig: Rig) -> None:
    rig.engine.close()
    rig.open(start=False)
    (upload_id,) = rig.add(rig.file(), options=AddOptions(destination="there"))
    before = rig.engine.history(upload_id).result(10)
    rig.engine.start()
    rig.wait(lambda: rig.view(upload_id).upload.problem, "the word about the place")
    rig.engine.pause([upload_id]).result(10)
    rig.engine.resume([upload_id]).result(10)

    upload = rig.view(upload_id).upload
    assert upload.problem is not None
    assert (upload.state, upload.problem.code) == (UploadState.QUEUED, "other_destination")
    happened = [each.what.value for each in rig.engine.history(upload_id).result(10)[len(before) :]]
    assert happened == ["paused", "queued"]
    rig.remote.served = {"here", "there"}
    rig.engine.retry([]).result(10)

    assert rig.stored(upload_id) == upload.path.read_bytes()
