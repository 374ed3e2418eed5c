from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from backend import reaper_service
from backend.abort_service import LAST_PUT
from backend.errors import UploadAborted, UploadCompleted, UploadNotFound
from backend.model import ACTIVITY_STEP, PartToSign, SessionState, UploadSession, utc_now
from backend.reaper_service import REMEMBERED, ReaperService
from tests.fakes.memory_object_store import away
from tests.unit.backend.service_rig import Rig


def aged(rig: Rig, session: UploadSession, hours: int, **changes: Any) -> UploadSession:
    then = utc_now() - timedelta(hours=hours)
    old = replace(session, created_at=then, active_at=then, **changes)
    rig.catalogue.sessions[session.session_id] = old
    return old


def reaper(rig: Rig) -> ReaperService:
    return ReaperService(rig.catalogue, rig.completion, rig.aborts, timedelta(hours=24))


def state(rig: Rig, session: UploadSession) -> SessionState:
    return rig.catalogue.sessions[session.session_id].state


def let_urls_expire(rig: Rig, session: UploadSession) -> None:
    now = rig.catalogue.sessions[session.session_id]
    assert now.sweep_at is not None
    assert now.sweep_at >= utc_now() + timedelta(seconds=rig.policy.presign_ttl_s) + LAST_PUT - timedelta(minutes=1)
    rig.catalogue.sessions[session.session_id] = replace(now, sweep_at=utc_now())


def test_only_uploads_past_the_age_are_given_up_and_foreign_ones_never() -> None:
    rig = Rig()
    old = aged(rig, rig.init(client_upload_id=None), 26)
    young = aged(rig, rig.init(client_upload_id=None), 24)
    foreign = rig.store.open_upload(replace(old, key="someone/elses.mp4"))
    assert reaper(rig).reap() == 1
    assert set(rig.store.uploads) == {young.upload_id, foreign}
    assert state(rig, old) is SessionState.ABORTED


def test_a_slow_upload_that_goes_on_is_left_alone_however_old() -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 1000)
    rig.uploads.sign_parts("alice", session.upload_id or "", session.key, [PartToSign(1)])
    assert reaper(rig).reap() == 0
    assert list(rig.store.uploads) == [session.upload_id]
    assert rig.catalogue.sessions[session.session_id].created_at == session.created_at


def test_an_upload_that_is_taken_up_again_is_left_alone() -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 1000)
    assert rig.init().upload_id == session.upload_id
    assert reaper(rig).reap() == 0


def test_activity_costs_at_most_one_write_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 2)
    touched: list[UploadSession] = []
    touch = rig.catalogue.touch_session

    def counted(touched_session: UploadSession, active_at: Any) -> None:
        touched.append(touched_session)
        touch(touched_session, active_at)

    monkeypatch.setattr(rig.catalogue, "touch_session", counted)
    for number in range(1, 20):
        rig.uploads.sign_parts("alice", session.upload_id or "", session.key, [PartToSign(number)])
    assert len(touched) == 1
    assert timedelta(hours=1) == ACTIVITY_STEP


def test_an_upload_whose_id_was_never_saved_is_given_up_too() -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 26, upload_id=None)
    assert reaper(rig).reap() == 1
    assert rig.store.uploads == {}
    assert state(rig, session) is SessionState.ABORTED


@pytest.mark.parametrize("stuck", [SessionState.UPLOADING, SessionState.COMPLETING])
def test_a_finished_object_is_recorded_and_not_given_up(stuck: SessionState) -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 26, state=stuck)
    rig.store.complete_upload(session.key, session.upload_id or "", rig.send(session, b"abc"), None)
    assert reaper(rig).reap() == 1
    assert session.key in rig.store.objects
    assert len(rig.catalogue.recordings) == 1
    assert state(rig, session) is SessionState.COMPLETED


def test_an_upload_that_never_got_past_completing_is_given_up() -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 26, state=SessionState.COMPLETING)
    rig.send(session, b"abc")
    assert reaper(rig).reap() == 1
    assert rig.store.uploads == {}
    assert state(rig, session) is SessionState.ABORTED


def test_a_store_that_is_away_leaves_the_session_for_the_next_time() -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 26)
    rig.store.failures["head"] = [away()]
    assert reaper(rig).reap() == 0
    assert state(rig, session) is SessionState.UPLOADING
    assert reaper(rig).reap() == 1


def test_parts_that_could_not_be_freed_are_freed_by_the_sweep() -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 26)
    rig.store.failures["abort_upload"] = [away()]
    assert reaper(rig).reap() == 0
    assert state(rig, session) is SessionState.ABORTED
    reaper(rig).reap()
    assert list(rig.store.uploads) == [session.upload_id]
    let_urls_expire(rig, session)
    rig.store.failures["open_upload_ids"] = [away()]
    reaper(rig).reap()
    assert list(rig.store.uploads) == [session.upload_id]
    reaper(rig).reap()
    assert rig.store.uploads == {}
    assert rig.catalogue.sessions[session.session_id].sweep_at is None


def test_sessions_that_fail_do_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.reaper_service.BATCH", 2)
    rig = Rig()
    made = [aged(rig, rig.init(client_upload_id=None), 100 - n) for n in range(5)]
    rig.store.failures["head"] = [away(), away(), away()]
    assert reaper(rig).reap() == 2
    assert [state(rig, session) for session in made[3:]] == [SessionState.ABORTED] * 2


def test_several_reapers_at_once_are_harmless() -> None:
    rig = Rig()
    sessions = [aged(rig, rig.init(client_upload_id=None), 26) for _ in range(20)]
    for session in sessions[:10]:
        rig.store.complete_upload(session.key, session.upload_id or "", rig.send(session, b"abc"), None)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: reaper(rig).reap(), range(4)))
    assert len(rig.catalogue.recordings) == len(rig.store.objects) == 10
    assert rig.store.uploads == {}


def test_f52_what_arrives_after_an_abort_is_swept_once_no_url_works_any_longer() -> None:
    rig = Rig()
    session = rig.init()
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    # A complete that the store carried out all the same, and a part in flight.
    rig.store.objects[session.key] = (b"abc", session.session_id)
    late = rig.store.open_upload(session)
    reaper(rig).reap()
    assert (list(rig.store.objects), list(rig.store.uploads)) == ([session.key], [late])
    let_urls_expire(rig, session)
    reaper(rig).reap()
    assert (rig.store.objects, rig.store.uploads) == ({}, {})


def test_the_sweep_touches_no_object_without_the_sessions_mark_and_none_that_is_recorded() -> None:
    rig = Rig()
    session = rig.init()
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    rig.store.objects[session.key] = (b"abc", "another-session")
    let_urls_expire(rig, session)
    reaper(rig).reap()
    assert list(rig.store.objects) == [session.key]

    done = rig.init(client_upload_id=None)
    recording = rig.complete(done, rig.send(done, b"abc"))
    rig.catalogue.sessions[done.session_id] = replace(done, state=SessionState.ABORTED, sweep_at=utc_now())
    reaper(rig).reap()
    assert recording.key in rig.store.objects


def test_a_deleted_recording_is_swept_when_its_urls_no_longer_work() -> None:
    rig = Rig()
    session = rig.init()
    recording = rig.complete(session, rig.send(session, b"abc"))
    rig.recordings.delete("alice", recording.recording_id)
    rig.store.objects[session.key] = (b"abc", session.session_id)
    let_urls_expire(rig, session)
    reaper(rig).reap()
    assert rig.store.objects == {}


def test_an_abort_between_the_assembling_and_the_record_wins_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    complete, head = rig.store.complete_upload, rig.store.head

    def assembled_and_aborted(*args: Any) -> None:
        complete(*args)
        # The object cannot be seen yet when the abort looks.
        monkeypatch.setattr(rig.store, "head", lambda _: None)
        rig.uploads.abort("alice", session.upload_id or "", session.key)
        monkeypatch.setattr(rig.store, "head", head)

    monkeypatch.setattr(rig.store, "complete_upload", assembled_and_aborted)
    with pytest.raises(UploadAborted):
        rig.complete(session, parts)
    assert rig.catalogue.recordings == {}
    assert state(rig, session) is SessionState.ABORTED
    let_urls_expire(rig, session)
    reaper(rig).reap()
    assert rig.store.objects == {}


@pytest.mark.parametrize("days", [29, 31])
def test_an_upload_that_was_completed_long_ago_is_forgotten_and_complete_answers_the_same(days: int) -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"recorded")
    recording = rig.complete(session, parts)
    aged(rig, rig.catalogue.sessions[session.session_id], 24 * days)
    assert reaper(rig).forget() == (1 if days > REMEMBERED.days else 0)

    assert rig.complete(session, parts) == recording
    place = "alice", session.upload_id or "", session.key
    for ask in (rig.uploads.list_parts, rig.uploads.abort, partial(rig.uploads.sign_parts, parts=[PartToSign(1)])):
        with pytest.raises(UploadCompleted):
            ask(*place)
    for other in (("bob", *place[1:]), (*place[:2], "other/key.mp4")):
        with pytest.raises(UploadNotFound):
            rig.uploads.list_parts(*other)


def test_a_forgotten_upload_is_deleted_like_every_other() -> None:
    rig = Rig()
    session = rig.init()
    recording = rig.complete(session, rig.send(session, b"recorded"))
    aged(rig, rig.catalogue.sessions[session.session_id], 24 * 31)
    reaper(rig).forget()
    rig.recordings.delete("alice", recording.recording_id)
    assert rig.store.objects == {}
    with pytest.raises(UploadNotFound):
        rig.complete(session, [])


def test_an_aborted_upload_is_forgotten_after_its_sweep_alone() -> None:
    rig = Rig()
    session = rig.init()
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    aged(rig, rig.catalogue.sessions[session.session_id], 24 * 31)
    assert reaper(rig).forget() == 0
    let_urls_expire(rig, session)
    reaper(rig).reap()
    assert reaper(rig).forget() == 1
    assert rig.catalogue.sessions == {}


def test_a_round_forgets_so_many_and_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaper_service, "FORGET_BATCH", 2)
    monkeypatch.setattr(reaper_service, "FORGET_BATCHES", 2)
    rig = Rig()
    for _ in range(5):
        aged(rig, rig.init(client_upload_id=None), 24 * 31, state=SessionState.COMPLETED)
    assert [reaper(rig).forget() for _ in range(3)] == [4, 1, 0]
