"""A bucket that others use too: theirs is left alone, whatever state it is in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.model import PROBE_PREFIX, SessionState, UploadSession, utc_now
from backend.survey_service import EXTRA_AGE, PROBE_AGE, Survey, SurveyService
from tests.fakes.backend_values import a_put_session, a_session
from tests.fakes.memory_object_store import away
from tests.unit.backend.service_rig import Rig


def opened(rig: Rig, session: UploadSession, age: timedelta = EXTRA_AGE * 2) -> str:
    upload_id = rig.store.open_upload(session)
    rig.store.uploads[upload_id].opened_at = utc_now() - age
    return upload_id


def survey(rig: Rig) -> Survey:
    return SurveyService(rig.store, rig.catalogue).survey()


def test_extra_uploads_under_reserved_keys_are_aborted_and_the_sessions_own_is_not() -> None:
    rig = Rig()
    session = rig.init()
    rig.store.uploads[session.upload_id or ""].opened_at = utc_now() - timedelta(days=30)
    opened(rig, session)
    opened(rig, session)
    assert survey(rig) == Survey(aborted=2, foreign=0)
    assert list(rig.store.uploads) == [session.upload_id]
    assert survey(rig) == Survey(0, 0)


@pytest.mark.parametrize(
    "key", ["somebody/elses.mp4", "recordings/like-ours-0123456789ab.mp4", ".hidden", "x/.recorder-probe/y"]
)
def test_uploads_under_other_keys_are_counted_and_never_touched(key: str) -> None:
    rig = Rig()
    foreign = opened(rig, a_session(key=key), timedelta(days=1000))
    assert survey(rig) == Survey(aborted=0, foreign=1)
    assert list(rig.store.uploads) == [foreign]


def test_a_young_one_may_be_on_its_way_into_its_session() -> None:
    rig = Rig()
    session = rig.init()
    young = opened(rig, session, EXTRA_AGE / 2)
    assert survey(rig) == Survey(0, 0)
    assert young in rig.store.uploads


def test_a_session_without_an_upload_id_may_adopt_what_is_there() -> None:
    rig = Rig()
    session = rig.catalogue.reserve_session(a_session())
    opened(rig, session)
    assert survey(rig) == Survey(0, 0)
    assert len(rig.store.uploads) == 1


@pytest.mark.parametrize("state", [SessionState.ABORTED, SessionState.COMPLETED])
def test_nobody_goes_on_with_an_upload_of_a_session_that_is_over(state: SessionState) -> None:
    rig = Rig()
    session = rig.catalogue.reserve_session(a_session(state=state))
    opened(rig, session)
    put = rig.catalogue.reserve_session(a_put_session(b"abc"))
    opened(rig, put)
    assert survey(rig) == Survey(aborted=2, foreign=0)
    assert rig.store.uploads == {}


def test_left_over_probes_are_aborted_after_a_day() -> None:
    rig = Rig()
    opened(rig, a_session(key=f"{PROBE_PREFIX}old"), PROBE_AGE * 2)
    young = opened(rig, a_session(key=f"{PROBE_PREFIX}young"), PROBE_AGE / 2)
    assert survey(rig) == Survey(aborted=1, foreign=0)
    assert list(rig.store.uploads) == [young]


def test_one_that_a_client_adopted_since_the_list_was_read_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    session = rig.init()
    adopted = opened(rig, session)
    find = rig.catalogue.sessions_of_keys
    asked: list[object] = []

    def find_and_adopt(keys: set[str]) -> list[UploadSession]:
        found = find(keys)
        if not asked:
            stored = rig.catalogue.sessions[session.session_id]
            rig.catalogue.sessions[session.session_id] = a_session(**(vars(stored) | {"upload_id": adopted}))
        asked.append(keys)
        return found

    monkeypatch.setattr(rig.catalogue, "sessions_of_keys", find_and_adopt)
    assert survey(rig) == Survey(0, 0)
    assert adopted in rig.store.uploads


def test_one_that_cannot_be_aborted_does_not_keep_the_others() -> None:
    rig = Rig()
    session = rig.init()
    opened(rig, session)
    opened(rig, session)
    rig.store.failures["abort_upload"] = [away()]
    assert survey(rig) == Survey(aborted=1, foreign=0)
    assert survey(rig) == Survey(aborted=1, foreign=0)


def test_a_bucket_with_many_is_looked_at_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.survey_service.BATCH", 3)
    rig = Rig()
    session = rig.init()
    for number in range(10):
        opened(rig, a_session(key=f"foreign/{number}"))
        opened(rig, session)
    assert survey(rig) == Survey(aborted=10, foreign=10)
