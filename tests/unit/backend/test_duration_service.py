from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from backend.duration_service import DurationService, Prober
from backend.errors import StoreUnavailable
from backend.model import Recording, utc_now
from backend.ports import ObjectStore
from tests.fakes.backend_values import a_recording, a_session
from tests.fakes.memory_catalogue import MemoryCatalogue
from tests.fakes.memory_object_store import MemoryObjectStore
from tests.servers import wait_until


@contextmanager
def running(
    catalogue: MemoryCatalogue, probe: Prober, quiet_s: float = 0, now: Callable[[], float] = time.monotonic
) -> Iterator[DurationService]:
    service = DurationService(MemoryObjectStore(), catalogue, probe, quiet_s, now)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def recorded(catalogue: MemoryCatalogue) -> Recording:
    session = a_session()
    return catalogue.complete_session(session, a_recording(session))


def known(catalogue: MemoryCatalogue, recording: Recording) -> Callable[[], bool]:
    return lambda: not catalogue.recordings[recording.recording_id].duration_pending


def test_a_recording_that_was_added_gets_its_duration() -> None:
    catalogue = MemoryCatalogue()
    recording = recorded(catalogue)
    with running(catalogue, lambda *_: 4.5) as service:
        service.add(recording)
        wait_until(known(catalogue, recording), "a duration", 5)
    assert catalogue.recordings[recording.recording_id].duration_s == 4.5


def test_nothing_is_looked_at_while_recordings_keep_coming() -> None:
    clock = [0.0]
    catalogue = MemoryCatalogue()
    recordings = [recorded(catalogue) for _ in range(3)]
    looked_at: list[str] = []

    def probe(_: ObjectStore, recording: Recording) -> float | None:
        looked_at.append(recording.recording_id)
        return 1.0

    with running(catalogue, probe, quiet_s=0.02, now=lambda: clock[0]) as service:
        for recording in recordings:
            service.add(recording)
            clock[0] += 0.019
        service.pick_up()
        wait_until(lambda: bool(catalogue.claims), "the thread's turn", 5)
        assert looked_at == []
        clock[0] += 0.001
        for recording in recordings:
            wait_until(known(catalogue, recording), "all durations", 5)
    assert looked_at == [recording.recording_id for recording in recordings]


def test_where_recordings_never_stop_coming_one_is_looked_at_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.duration_service.PATIENCE_S", 0.05)
    catalogue = MemoryCatalogue()
    recording = recorded(catalogue)
    with running(catalogue, lambda *_: 1.0, quiet_s=3600) as service:
        service.add(recording)
        wait_until(known(catalogue, recording), "a duration", 5)


def test_the_end_of_the_service_is_quiet_enough() -> None:
    catalogue = MemoryCatalogue()
    recording = recorded(catalogue)
    with running(catalogue, lambda *_: 4.5, quiet_s=3600) as service:
        service.add(recording)
        wait_until(service._queue.empty, "the thread", 5)
    assert catalogue.recordings[recording.recording_id].duration_s == 4.5


def test_durations_that_an_earlier_process_left_open_are_picked_up() -> None:
    catalogue = MemoryCatalogue()
    recordings = [recorded(catalogue) for _ in range(3)]
    with running(catalogue, lambda *_: None) as service:
        service.pick_up()
        for recording in recordings:
            wait_until(known(catalogue, recording), "all durations", 5)


def test_a_recording_stays_pending_while_the_store_is_away() -> None:
    catalogue = MemoryCatalogue()
    recording = recorded(catalogue)
    answers: list[float | Exception] = [StoreUnavailable("away"), 2.0]
    tried = threading.Event()

    def probe(_: ObjectStore, __: Recording) -> float | None:
        tried.set()
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with running(catalogue, probe) as service:
        service.add(recording)
        assert tried.wait(5)

        def found() -> bool:
            service.pick_up()
            return known(catalogue, recording)()

        wait_until(found, "a second try", 5)
    assert catalogue.recordings[recording.recording_id].duration_s == 2.0


def test_one_recording_that_breaks_the_probe_does_not_stop_the_others() -> None:
    catalogue = MemoryCatalogue()
    broken, fine = recorded(catalogue), recorded(catalogue)
    tries: list[str] = []

    def probe(_: ObjectStore, recording: Recording) -> float | None:
        tries.append(recording.recording_id)
        if recording == broken:
            raise RuntimeError("a defect")
        return 1.0

    with running(catalogue, probe) as service:
        service.add(broken)
        service.pick_up()
        wait_until(known(catalogue, fine), "the other duration", 5)
        service.pick_up()
    assert tries.count(broken.recording_id) == 1


def test_a_recording_that_another_process_looks_at_is_left_to_it() -> None:
    catalogue = MemoryCatalogue()
    shared, last = recorded(catalogue), recorded(catalogue)
    tried: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: ObjectStore, recording: Recording) -> float | None:
        tried.append(recording.recording_id)
        begun.set()
        go_on.wait(10)
        return 1.0

    def quick(_: ObjectStore, recording: Recording) -> float | None:
        tried.append(recording.recording_id)
        return 2.0

    with running(catalogue, slow) as first, running(catalogue, quick) as second:
        first.add(shared)
        assert begun.wait(5)
        second.add(shared)
        second.add(last)
        wait_until(known(catalogue, last), "the second process's own", 5)
        go_on.set()
        wait_until(known(catalogue, shared), "the first process's", 5)
    assert sorted(tried) == sorted([shared.recording_id, last.recording_id])
    assert catalogue.recordings[shared.recording_id].duration_s == 1.0


def test_a_probe_that_is_nearly_done_is_waited_for_at_the_end() -> None:
    catalogue = MemoryCatalogue()
    recording = recorded(catalogue)
    looking, done = threading.Event(), threading.Event()

    def probe(_: ObjectStore, __: Recording) -> float | None:
        looking.set()
        done.wait(5)
        return 3.0

    with running(catalogue, probe) as service:
        service.add(recording)
        assert looking.wait(5)
        threading.Timer(0.05, done.set).start()
    assert catalogue.recordings[recording.recording_id].duration_s == 3.0


def test_a_probe_that_was_given_up_leaves_its_recording_to_the_next_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.duration_service.GRACE_S", 0.01)
    catalogue = MemoryCatalogue()
    recording = recorded(catalogue)
    looking, over = threading.Event(), threading.Event()

    def probe(_: ObjectStore, __: Recording) -> float | None:
        looking.set()
        over.wait(5)
        raise StoreUnavailable("gone with the process")

    try:
        with running(catalogue, probe) as service:
            service.add(recording)
            assert looking.wait(5)
        now = utc_now()
        assert catalogue.claim_duration(recording.recording_id, "the next", now, now + timedelta(minutes=1))
    finally:
        over.set()
