from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.completion_service import CompletionService
from backend.content_service import ContentService
from backend.duration_service import DurationService
from backend.errors import BackendError, BucketMissing, StoreRefused, StoreUnavailable
from backend.housekeeping import Housekeeping
from backend.model import SessionState, utc_now
from backend.reaper_service import ReaperService
from backend.survey_service import SurveyService
from tests.fakes.backend_values import a_session
from tests.fakes.memory_content_checks import MemoryContentChecks
from tests.fakes.memory_leases import MemoryLeases
from tests.fakes.memory_object_store import away
from tests.servers import wait_until
from tests.unit.backend.service_rig import Rig


@contextmanager
def keeping(
    rig: Rig,
    *,
    create_bucket: bool = True,
    leases: MemoryLeases | None = None,
    when_warm: Callable[[], object] = lambda: None,
) -> Iterator[Housekeeping]:
    durations = DurationService(rig.store, rig.catalogue, lambda *_: None)
    contents = ContentService(rig.store, MemoryContentChecks(rig.catalogue), quiet_s=0)
    reaper = ReaperService(rig.catalogue, rig.completion, rig.aborts, timedelta(hours=24))
    made = Housekeeping(
        rig.store,
        rig.catalogue,
        rig.completion,
        durations,
        reaper,
        contents=contents,
        survey=SurveyService(rig.store, rig.catalogue),
        leases=leases or MemoryLeases(),
        create_bucket=create_bucket,
        when_warm=when_warm,
    )
    yield made
    made.stop()


def readiness(kept: Housekeeping) -> BackendError | None:
    try:
        kept.check_ready()
    except BackendError as exc:
        return exc
    return None


class _SkippedPauses(threading.Event):
    """Pauses of no time at all, written down; says stop after ``limit`` of them."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._limit = limit

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        if len(self.pauses) == self._limit:
            self.set()
        return self.is_set()


def test_a_store_that_goes_on_refusing_is_asked_ever_less_often() -> None:
    rig = Rig()
    rig.store.failures["create_bucket"] = [StoreRefused("wrong keys") for _ in range(60)]
    with keeping(rig) as kept:
        kept._stop = pauses = _SkippedPauses(60)
        kept.start()
        wait_until(pauses.is_set, "sixty attempts", 5)
    assert pauses.pauses[0] == 0.1
    assert sum(pause < 0.2 for pause in pauses.pauses) >= 5
    assert pauses.pauses == sorted(pauses.pauses)
    assert pauses.pauses[-1] == 5.0


def test_readiness_names_what_the_warm_up_met_and_not_only_that_it_waits() -> None:
    rig = Rig()
    with keeping(rig) as kept:
        assert isinstance(readiness(kept), StoreUnavailable)
        rig.store.failures["create_bucket"] = [StoreRefused("wrong keys")] * 1000
        kept.start()
        wait_until(lambda: isinstance(readiness(kept), StoreRefused), "the refusal", 5)
        trouble = readiness(kept)
        assert trouble is not None
        assert trouble.message == "wrong keys"
        rig.store.failures.clear()
        wait_until(lambda: readiness(kept) is None, "readiness", 5)


def test_without_leave_to_create_the_bucket_it_is_only_looked_for() -> None:
    rig = Rig()
    rig.store.failures["create_bucket"] = [AssertionError("created")]
    rig.store.failures["check"] = [BucketMissing("no such bucket"), away()]
    with keeping(rig, create_bucket=False) as kept:
        kept.start()
        assert isinstance(readiness(kept), BucketMissing)
        assert isinstance(readiness(kept), StoreUnavailable)
        assert readiness(kept) is None
    assert rig.store.failures["create_bucket"]


@pytest.mark.parametrize("is_away", [False, True])
def test_what_is_to_be_done_when_all_is_warm_is_done_once_and_not_before(is_away: bool) -> None:
    rig, warm = Rig(), list[None]()
    rig.catalogue.down = is_away
    with keeping(rig, when_warm=lambda: warm.append(None)) as kept:
        kept._stop = pauses = _SkippedPauses(8)
        kept.start()
        wait_until(pauses.is_set, "eight pauses", 5)
        kept._thread.join(5)
    assert len(warm) == (0 if is_away else 1)


def test_the_same_trouble_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    rig.store.failures["create_bucket"] = [away() for _ in range(5)]
    with keeping(rig) as kept:
        kept._stop = pauses = _SkippedPauses(6)
        kept.start()
        wait_until(pauses.is_set, "readiness", 5)
    assert [record.message for record in caplog.records if "not ready" in record.message] == [
        "not ready: The object store cannot be reached."
    ]


def test_idle_uploads_are_given_up_without_being_asked_and_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    runs: list[int] = []
    reap = ReaperService.reap

    def counted(reaper: ReaperService) -> int:
        runs.append(reap(reaper))
        return runs[-1]

    monkeypatch.setattr(ReaperService, "reap", counted)
    session = rig.init()
    over = rig.init(client_upload_id=None)
    then = utc_now() - timedelta(days=100)
    rig.catalogue.sessions[over.session_id] = replace(
        over, state=SessionState.COMPLETED, created_at=then, active_at=then
    )
    week = utc_now() - timedelta(days=7)
    rig.catalogue.sessions[session.session_id] = replace(session, created_at=week, active_at=week)
    with keeping(rig) as kept:
        kept._stop = pauses = _SkippedPauses(20)
        kept.start()
        wait_until(pauses.is_set, "twenty rounds", 5)
    assert runs == [1]
    assert rig.catalogue.sessions[session.session_id].state is SessionState.ABORTED
    assert over.session_id not in rig.catalogue.sessions


def rounds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list into which each later reconciliation and each reaping is written."""
    done: list[str] = []
    reap, reconcile = ReaperService.reap, CompletionService.reconcile_completing

    def reaped(service: ReaperService) -> int:
        done.append("reap")
        return reap(service)

    def reconciled(service: CompletionService) -> int:
        done.append("reconcile")
        return reconcile(service)

    monkeypatch.setattr(ReaperService, "reap", reaped)
    monkeypatch.setattr(CompletionService, "reconcile_completing", reconciled)
    return done


def turn(rig: Rig, leases: MemoryLeases, count: int) -> None:
    with keeping(rig, leases=leases) as kept:
        kept._stop = pauses = _SkippedPauses(count)
        kept.start()
        wait_until(pauses.is_set, f"{count} rounds", 5)


def test_of_several_instances_one_does_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    rig, leases = Rig(), MemoryLeases()
    done = rounds(monkeypatch)
    turn(rig, leases, 5)
    assert (done.count("reconcile"), done.count("reap")) == (5, 1)
    done.clear()
    turn(rig, leases, 5)
    # One that starts looks once: it may be the very one whose lease still holds.
    assert (done.count("reconcile"), done.count("reap")) == (1, 0)


def test_the_rounds_of_an_instance_that_is_gone_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    rig, leases = Rig(), MemoryLeases()
    done = rounds(monkeypatch)
    turn(rig, leases, 1)
    leases.held = {name: (holder, utc_now()) for name, (holder, _) in leases.held.items()}
    done.clear()
    turn(rig, leases, 5)
    assert (done.count("reconcile"), done.count("reap")) == (5, 1)


def test_what_the_survey_found_is_told_to_all_instances() -> None:
    rig, leases = Rig(), MemoryLeases()
    rig.store.open_upload(a_session(key="somebody/elses.bin"))
    turn(rig, leases, 1)
    assert leases.found("reap") == 1
    assert leases.held["reap"][1] > utc_now() + timedelta(minutes=50)


def test_a_survey_that_failed_is_tried_again_before_the_hour_is_over() -> None:
    rig, leases = Rig(), MemoryLeases()
    rig.store.failures["open_uploads"] = [away()]
    turn(rig, leases, 1)
    assert leases.found("reap") is None
    assert leases.held["reap"][1] <= utc_now() + timedelta(minutes=10)
