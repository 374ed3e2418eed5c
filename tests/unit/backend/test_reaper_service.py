from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backend.model import SessionState, UploadSession, utc_now
from backend.reaper_service import ReaperService
from tests.fakes.memory_object_store import away
from tests.unit.backend.service_rig import Rig


def aged(rig: Rig, session: UploadSession, hours: int) -> UploadSession:
    old = replace(session, created_at=utc_now() - timedelta(hours=hours))
    rig.catalogue.sessions[session.session_id] = old
    return old


def reaper(rig: Rig) -> ReaperService:
    return ReaperService(rig.store, rig.catalogue, rig.completion, timedelta(hours=24))


def test_only_uploads_past_the_age_are_given_up_and_foreign_ones_never() -> None:
    rig = Rig()
    old = aged(rig, rig.init(client_upload_id=None), 25)
    young = aged(rig, rig.init(client_upload_id=None), 23)
    foreign = rig.store.open_upload(replace(old, key="someone/elses.mp4"))
    assert reaper(rig).reap() == 1
    assert set(rig.store.uploads) == {young.upload_id, foreign}
    assert rig.catalogue.sessions[old.session_id].state is SessionState.ABORTED


def test_an_upload_whose_id_was_never_saved_is_given_up_too() -> None:
    rig = Rig()
    session = aged(rig, replace(rig.init(), upload_id=None), 25)
    assert reaper(rig).reap() == 1
    assert rig.store.uploads == {}
    assert rig.catalogue.sessions[session.session_id].state is SessionState.ABORTED


def test_a_finished_object_is_recorded_and_not_given_up() -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 25)
    rig.store.complete_upload(session.key, session.upload_id or "", rig.send(session, b"abc"), None)
    assert reaper(rig).reap() == 1
    assert session.key in rig.store.objects
    assert len(rig.catalogue.recordings) == 1


def test_a_store_that_is_away_leaves_the_session_for_the_next_time() -> None:
    rig = Rig()
    session = aged(rig, rig.init(), 25)
    rig.store.failures["abort_upload"] = [away()]
    assert reaper(rig).reap() == 0
    assert rig.catalogue.sessions[session.session_id].state is SessionState.UPLOADING
    assert reaper(rig).reap() == 1
