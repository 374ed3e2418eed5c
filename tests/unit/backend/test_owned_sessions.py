from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.errors import UploadNotFound
from backend.model import ACTIVITY_STEP, SessionState, UploadSession, utc_now
from backend.owned_sessions import AT_HAND_S, OwnedSessions
from tests.fakes.backend_values import a_put_session, a_session
from tests.fakes.memory_catalogue import MemoryCatalogue


class Clock:
    def __init__(self) -> None:
        self.time_s = 0.0

    def __call__(self) -> float:
        return self.time_s


def _found(session: UploadSession, clock: Clock | None = None) -> OwnedSessions:
    catalogue = MemoryCatalogue()
    catalogue.reserve_session(session)
    sessions = OwnedSessions(catalogue, clock or Clock())
    sessions.find(session.owner_id, session.upload_id or "", session.key)
    return sessions


def _at_hand(sessions: OwnedSessions, session: UploadSession) -> UploadSession | None:
    return sessions.at_hand(session.owner_id, session.upload_id or "", session.key)


def test_an_open_session_is_at_hand_for_a_moment_after_it_was_found() -> None:
    session, clock = a_session(upload_id="upload", active_at=utc_now()), Clock()
    sessions = _found(session, clock)
    assert _at_hand(sessions, session) == session
    clock.time_s = AT_HAND_S
    assert _at_hand(sessions, session) is None


def test_s07_s08_owner_and_key_have_to_fit_at_hand_as_in_the_catalogue() -> None:
    session = a_session(upload_id="upload", active_at=utc_now())
    sessions = _found(session)
    for other in (replace(session, owner_id="bob"), replace(session, key="another/key.mp4")):
        assert _at_hand(sessions, other) is None
        with pytest.raises(UploadNotFound):
            sessions.find(other.owner_id, other.upload_id or "", other.key)


@pytest.mark.parametrize("state", [SessionState.COMPLETING, SessionState.COMPLETED, SessionState.ABORTED])
def test_a_session_that_is_not_open_is_never_at_hand(state: SessionState) -> None:
    session = a_session(upload_id="upload", active_at=utc_now(), state=state)
    assert _at_hand(_found(session), session) is None


def test_a_session_of_one_put_is_never_at_hand() -> None:
    session = replace(a_put_session(b"body"), active_at=utc_now())
    assert _at_hand(_found(session), session) is None


def test_a_session_whose_activity_is_to_be_noted_is_not_at_hand() -> None:
    session = a_session(upload_id="upload", active_at=utc_now() - ACTIVITY_STEP - timedelta(seconds=1))
    assert _at_hand(_found(session), session) is None


def test_a_session_that_was_perhaps_ended_is_asked_for_again() -> None:
    session = a_session(upload_id="upload", active_at=utc_now())
    sessions = _found(session)
    with sessions.ending(session.owner_id, session.upload_id or "", session.key) as found:
        assert found == session
    assert _at_hand(sessions, session) is None


def test_a_session_that_is_used_stays_at_hand_until_it_is_ended_elsewhere() -> None:
    session, clock = a_session(upload_id="upload", active_at=utc_now()), Clock()
    catalogue = MemoryCatalogue()
    catalogue.reserve_session(session)
    sessions = OwnedSessions(catalogue, clock)
    sessions.find(session.owner_id, "upload", session.key)
    for _ in range(8):
        assert _at_hand(sessions, session) == session
        clock.time_s += AT_HAND_S / 2
        sessions.answers.renew()
    catalogue.swap_session(session, replace(session, state=SessionState.ABORTED))
    assert _at_hand(sessions, session) == session
    clock.time_s += AT_HAND_S / 2
    sessions.answers.renew()
    assert _at_hand(sessions, session) is None
