"""What every catalogue promises: SQLite on a real file, MongoDB on a real server, and the services' fake."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from backend.adapters.mongo_catalogue import MongoCatalogue
from backend.adapters.mongo_database import MongoDatabase
from backend.errors import UploadAborted, UploadNotFound
from backend.model import (
    OPEN_STATES,
    Cursor,
    Period,
    Recording,
    RecordingOrder,
    SessionState,
    UploadSession,
    place_of,
)
from backend.ports import Catalogue
from tests.fakes.backend_values import a_put_session, a_recording, a_session, later
from tests.servers import MongoServer


def test_check_passes_on_a_fresh_catalogue(catalogue: Catalogue) -> None:
    catalogue.check()


def test_a_reserved_session_is_found_with_every_field(catalogue: Catalogue) -> None:
    session = a_session(file_size_bytes=2**63 - 1, folder_id="f", file_name="Ünï\n\u202e.mp4", upload_id="u-1")
    assert catalogue.reserve_session(session) == session
    assert catalogue.find_client_session("alice", session.client_upload_id or "") == session
    assert catalogue.find_session("alice", "u-1") == session


def test_a_session_of_one_put_is_found_with_every_field(catalogue: Catalogue) -> None:
    session = a_put_session(b"abc")
    assert catalogue.reserve_session(session) == session
    assert catalogue.find_session("alice", session.upload_id or "") == session
    completed = catalogue.complete_session(session, a_recording(session))
    assert completed.upload_id == session.upload_id


def test_a_second_reservation_of_a_client_upload_id_returns_the_first(catalogue: Catalogue) -> None:
    first = catalogue.reserve_session(a_session())
    assert catalogue.reserve_session(a_session(client_upload_id=first.client_upload_id)) == first


def test_several_are_reserved_as_each_would_be_alone(catalogue: Catalogue) -> None:
    known = catalogue.reserve_session(a_put_session(b"known"))
    fresh = [a_put_session(b"fresh") for _ in range(3)]
    again = a_put_session(b"again", client_upload_id=known.client_upload_id)
    twice = a_put_session(b"twice", client_upload_id=fresh[0].client_upload_id)
    assert catalogue.reserve_sessions([fresh[0], again, *fresh[1:], twice]) == [fresh[0], known, *fresh[1:], fresh[0]]
    others = [a_put_session(b"others", owner_id="bob", client_upload_id=each.client_upload_id) for each in fresh]
    assert catalogue.reserve_sessions(others) == others


def test_several_are_found_by_their_upload_ids_if_they_are_the_owners(catalogue: Catalogue) -> None:
    mine = catalogue.reserve_sessions([a_put_session(b"mine") for _ in range(3)])
    [other] = catalogue.reserve_sessions([a_put_session(b"other", owner_id="bob")])
    asked = [each.upload_id or "" for each in (*mine[:2], other)]
    found = catalogue.find_sessions("alice", [*asked, "unknown"])
    assert sorted(each.session_id for each in found) == sorted(each.session_id for each in mine[:2])
    assert catalogue.find_sessions("alice", []) == []


def test_several_are_completed_together(catalogue: Catalogue) -> None:
    sessions = catalogue.reserve_sessions([a_put_session(b"sent") for _ in range(3)])
    pairs = [(replace(each, file_name="Über.mp4"), a_recording(each)) for each in sessions]
    assert catalogue.complete_open_sessions(pairs)
    for session, recording in pairs:
        assert catalogue.find_recording("alice", session.session_id) == recording
        kept = catalogue.find_session("alice", session.upload_id or "")
        assert kept == replace(session, state=SessionState.COMPLETED)


@pytest.mark.parametrize("state", [SessionState.ABORTED, SessionState.COMPLETED, None])
def test_if_one_of_several_is_not_open_or_comes_twice_none_is_completed(
    catalogue: Catalogue, state: SessionState | None
) -> None:
    sessions = catalogue.reserve_sessions([a_put_session(b"sent") for _ in range(3)])
    last = sessions[0] if state is None else catalogue.swap_session(sessions[2], replace(sessions[2], state=state))
    wanted = [*sessions[:2], last]
    assert not catalogue.complete_open_sessions([(each, a_recording(each)) for each in wanted])
    assert [catalogue.find_recording("alice", each.session_id) for each in sessions] == [None] * 3
    found = catalogue.find_sessions("alice", [each.upload_id or "" for each in sessions[:2]])
    assert {each.state for each in found} == {SessionState.UPLOADING}


def test_two_owners_may_use_the_same_client_upload_id(catalogue: Catalogue) -> None:
    first = catalogue.reserve_session(a_session())
    other = a_session(owner_id="bob", client_upload_id=first.client_upload_id)
    assert catalogue.reserve_session(other) == other


def test_sessions_without_client_upload_id_do_not_collide(catalogue: Catalogue) -> None:
    for _ in range(2):
        session = a_session(client_upload_id=None)
        assert catalogue.reserve_session(session) == session


def test_concurrent_reservations_agree_on_one_session(catalogue: Catalogue) -> None:
    client_upload_id = str(uuid.uuid4())
    barrier = threading.Barrier(8)

    def reserve(_: int) -> str:
        barrier.wait()
        return catalogue.reserve_session(a_session(client_upload_id=client_upload_id)).session_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(reserve, range(8)))) == 1


def test_sessions_of_other_owners_are_not_found(catalogue: Catalogue) -> None:
    session = catalogue.reserve_session(a_session(upload_id="u-1"))
    assert catalogue.find_session("bob", "u-1") is None
    assert catalogue.find_client_session("bob", session.client_upload_id or "") is None


def test_which_of_some_uploads_are_still_uploading(catalogue: Catalogue) -> None:
    for owner_id, state in (("alice", SessionState.UPLOADING), ("bob", SessionState.UPLOADING)):
        catalogue.reserve_session(a_session(upload_id=f"of {owner_id}", owner_id=owner_id, state=state))
    for state in set(SessionState) - {SessionState.UPLOADING}:
        catalogue.reserve_session(a_session(upload_id=state.value, client_upload_id=None, state=state))
    asked = ["of alice", "unknown", *SessionState]
    assert catalogue.still_uploading(asked) == {"of alice"}
    assert catalogue.still_uploading(["of bob", "of alice"]) == {"of bob", "of alice"}
    assert catalogue.still_uploading([]) == frozenset()


def test_swap_replaces_a_session_that_is_still_as_it_was(catalogue: Catalogue) -> None:
    old = catalogue.reserve_session(a_session())
    new = replace(old, upload_id="u-1", state=SessionState.COMPLETING, crc64nvme="AAAAAAAAAAA=", file_name="b.mp4")
    assert catalogue.swap_session(old, new) == new
    assert catalogue.find_session("alice", "u-1") == new


def test_swap_keeps_a_session_whose_state_has_changed(catalogue: Catalogue) -> None:
    old = catalogue.reserve_session(a_session(upload_id="u-1"))
    aborted = catalogue.swap_session(old, replace(old, state=SessionState.ABORTED))
    assert catalogue.swap_session(old, replace(old, state=SessionState.COMPLETING)) == aborted


def test_swap_lets_one_of_several_upload_ids_win(catalogue: Catalogue) -> None:
    old = catalogue.reserve_session(a_session())
    with ThreadPoolExecutor(8) as pool:
        winners = set(pool.map(lambda n: catalogue.swap_session(old, replace(old, upload_id=f"u{n}")), range(8)))
    assert len(winners) == 1
    assert catalogue.find_client_session("alice", old.client_upload_id or "") in winners


def test_swap_of_an_unknown_session_raises(catalogue: Catalogue) -> None:
    with pytest.raises(UploadNotFound):
        catalogue.swap_session(a_session(), a_session())


def test_sessions_are_listed_newest_first_by_state_and_page(catalogue: Catalogue) -> None:
    made = [catalogue.reserve_session(a_session(created_at=later(n // 2))) for n in range(5)]
    catalogue.reserve_session(a_session(state=SessionState.ABORTED))
    catalogue.reserve_session(a_session(owner_id="bob"))
    ranked = sorted(made, key=lambda s: (s.created_at, s.session_id), reverse=True)
    first = catalogue.list_sessions("alice", OPEN_STATES, None, 3)
    assert first == ranked[:3]
    place = Cursor(first[-1].created_at, first[-1].session_id)
    assert catalogue.list_sessions("alice", OPEN_STATES, place, 3) == ranked[3:]


def test_idle_sessions_come_oldest_first_from_all_owners_page_by_page(catalogue: Catalogue) -> None:
    states = frozenset({SessionState.COMPLETING})
    newer = catalogue.reserve_session(a_session(state=SessionState.COMPLETING, created_at=later(2)))
    older = catalogue.reserve_session(a_session(state=SessionState.COMPLETING, owner_id="bob"))
    active = a_session(state=SessionState.COMPLETING, active_at=later(60))
    catalogue.reserve_session(active)
    catalogue.reserve_session(a_session())
    assert catalogue.idle_sessions(states, later(59), None, 10) == [older, newer]
    assert catalogue.idle_sessions(states, later(59), None, 1) == [older]
    assert catalogue.idle_sessions(states, later(59), Cursor(older.created_at, older.session_id), 10) == [newer]
    assert catalogue.idle_sessions(states, later(1), None, 10) == [older]
    assert active in catalogue.idle_sessions(states, later(60), None, 10)


def test_a_touched_session_is_active_and_otherwise_unchanged(catalogue: Catalogue) -> None:
    session = catalogue.reserve_session(a_session(upload_id="u-1"))
    completing = catalogue.swap_session(session, replace(session, state=SessionState.COMPLETING))
    catalogue.touch_session(session, later(60))
    assert catalogue.find_session("alice", "u-1") == replace(completing, active_at=later(60))
    catalogue.touch_session(a_session(), later(60))


def test_aborted_sessions_are_to_be_swept_once_their_time_has_come(catalogue: Catalogue) -> None:
    second, first, unswept = (catalogue.reserve_session(a_session()) for _ in range(3))
    for session, sweep_at in ((second, later(20)), (first, later(10)), (unswept, None)):
        catalogue.swap_session(session, replace(session, state=SessionState.ABORTED, sweep_at=sweep_at))
    found = [catalogue.sessions_to_sweep(later(minutes), 10) for minutes in (9, 10, 30)]
    assert [[session.session_id for session in each] for each in found] == [
        [],
        [first.session_id],
        [first.session_id, second.session_id],
    ]
    assert len(catalogue.sessions_to_sweep(later(30), 1)) == 1
    [swept] = found[1]
    catalogue.swap_session(swept, replace(swept, sweep_at=None))
    assert [session.session_id for session in catalogue.sessions_to_sweep(later(30), 10)] == [second.session_id]


def test_sessions_that_ended_long_ago_are_forgotten_in_batches(catalogue: Catalogue) -> None:
    def ended(state: SessionState, minutes: int, sweep_at: datetime | None = None) -> UploadSession:
        session = a_session(owner_id=f"user {minutes}", active_at=later(minutes), state=state, sweep_at=sweep_at)
        return catalogue.reserve_session(replace(session, created_at=later(0)))

    completed = [ended(SessionState.COMPLETED, minutes) for minutes in (1, 2, 3)]
    aborted = ended(SessionState.ABORTED, 1)
    open_ones = [ended(state, 1) for state in sorted(OPEN_STATES)]
    unswept = ended(SessionState.ABORTED, 1, sweep_at=later(1))
    assert [catalogue.forget_sessions(later(2), 2) for _ in range(3)] == [2, 1, 0]
    left = catalogue.sessions_of_keys([each.key for each in (*completed, aborted, *open_ones, unswept)])
    assert {each.session_id for each in left} == {each.session_id for each in (completed[2], *open_ones, unswept)}


def test_a_recording_is_found_by_its_upload_when_the_session_is_forgotten(catalogue: Catalogue) -> None:
    session = catalogue.reserve_session(a_session(upload_id="upload"))
    recording = catalogue.complete_session(session, a_recording(session))
    assert catalogue.forget_sessions(later(0), 10) == 1
    assert catalogue.find_session("alice", "upload") is None
    assert catalogue.find_recording_of("alice", "upload") == recording
    assert catalogue.find_recording_of("bob", "upload") is None
    assert catalogue.find_recording_of("alice", "unknown") is None


def test_an_aborted_session_is_not_completed(catalogue: Catalogue) -> None:
    session = catalogue.reserve_session(a_session(upload_id="u-1"))
    aborted = catalogue.swap_session(session, replace(session, state=SessionState.ABORTED))
    with pytest.raises(UploadAborted):
        catalogue.complete_session(session, a_recording(session))
    assert catalogue.find_recording("alice", session.session_id) is None
    assert catalogue.find_session("alice", "u-1") == aborted


def test_completing_and_aborting_at_once_have_one_winner(catalogue: Catalogue) -> None:
    for _ in range(5):
        session = catalogue.reserve_session(a_session())
        barrier = threading.Barrier(2)

        def complete(session: UploadSession = session, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            try:
                catalogue.complete_session(session, a_recording(session))
            except UploadAborted:
                return False
            return True

        def abort(session: UploadSession = session, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            return catalogue.swap_session(session, replace(session, state=SessionState.ABORTED)).state == "aborted"

        with ThreadPoolExecutor(2) as pool:
            completed, aborted = pool.submit(complete), pool.submit(abort)
            assert completed.result() is not aborted.result()
        assert (catalogue.find_recording("alice", session.session_id) is not None) is completed.result()


def test_completing_stores_recording_and_state_together(catalogue: Catalogue) -> None:
    session = catalogue.reserve_session(a_session(upload_id="u-1"))
    recording = a_recording(session)
    assert catalogue.complete_session(session, recording) == recording
    assert catalogue.find_recording("alice", session.session_id) == recording
    found = catalogue.find_session("alice", "u-1")
    assert found is not None
    assert found.state is SessionState.COMPLETED


def test_completing_again_returns_the_first_recording(catalogue: Catalogue) -> None:
    session = catalogue.reserve_session(a_session(upload_id="u-1"))
    first = catalogue.complete_session(session, a_recording(session))
    assert catalogue.complete_session(session, a_recording(session, created_at=later(5))) == first


def test_f46_concurrent_completes_make_one_recording(catalogue: Catalogue) -> None:
    session = catalogue.reserve_session(a_session(upload_id="u-1"))
    barrier = threading.Barrier(8)

    def complete(n: int) -> object:
        barrier.wait()
        return catalogue.complete_session(session, a_recording(session, created_at=later(n)))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(complete, range(8)))) == 1
    assert len(catalogue.list_recordings("alice", None, None, 10)) == 1


def test_recordings_of_other_owners_are_neither_found_nor_listed(catalogue: Catalogue) -> None:
    session = a_session()
    catalogue.complete_session(session, a_recording(session))
    assert catalogue.find_recording("bob", session.session_id) is None
    assert catalogue.list_recordings("bob", None, None, 10) == []


def test_recordings_are_listed_newest_first_and_page_by_page(catalogue: Catalogue) -> None:
    made = []
    for n in range(5):
        session = a_session()
        made.append(catalogue.complete_session(session, a_recording(session, created_at=later(n // 2))))
    ranked = sorted(made, key=lambda r: (r.created_at, r.recording_id), reverse=True)
    seen: list[Recording] = []
    after = None
    while page := catalogue.list_recordings("alice", None, after, 2):
        seen += page
        after = place_of(page[-1], RecordingOrder.NEWEST)
    assert seen == ranked


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (RecordingOrder.NEWEST, "edcba"),
        (RecordingOrder.OLDEST, "abcde"),
        (RecordingOrder.NAME, "baedc"),
        (RecordingOrder.NAME_BACKWARDS, "cdeab"),
        (RecordingOrder.LARGEST, "ebdca"),
        (RecordingOrder.SMALLEST, "acdbe"),
        (RecordingOrder.LONGEST, "cbaed"),
        (RecordingOrder.SHORTEST, "deabc"),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_an_order_holds_over_all_pages(catalogue: Catalogue, order: RecordingOrder, found: str, limit: int) -> None:
    # Ties, unknown playing times and letters of both cases, in every order.
    rows = (("b.mp4", 1, 5.5), ("A.mp4", 8, 5.5), ("Ö.mp4", 2, 900.0), ("z.mp4", 2, None), ("ß.mp4", 9, None))
    renamed = dict(zip(("b.mp4", "A.mp4", "Ö.mp4", "z.mp4", "ß.mp4"), "abcde", strict=True))
    sessions = sorted((a_session() for _ in rows), key=lambda session: session.session_id)
    for n, (session, (name, size_bytes, duration_s)) in enumerate(zip(sessions, rows, strict=True)):
        fields = {"file_name": name, "size_bytes": size_bytes, "duration_s": duration_s, "created_at": later(n)}
        catalogue.complete_session(session, a_recording(session, **fields))
    other = a_session(owner_id="bob")
    catalogue.complete_session(other, a_recording(other))

    seen, after = "", None
    while page := catalogue.list_recordings("alice", ".mp4", after, limit, order=order):
        seen += "".join(renamed[recording.file_name] for recording in page)
        after = place_of(page[-1], order)

    assert seen == found


@pytest.mark.parametrize(
    ("query", "found"),
    [("straSSe", True), ("STRASSE", True), (".*", False), ("%", False), ("_", False), ("(1)", True), ("\\", False)],
)
def test_a_query_finds_folded_text_and_knows_no_wildcards(catalogue: Catalogue, query: str, found: bool) -> None:
    session = a_session()
    catalogue.complete_session(session, a_recording(session, file_name="Straße (1).MP4"))
    assert bool(catalogue.list_recordings("alice", query, None, 10)) is found


@pytest.mark.parametrize(
    ("created", "found"),
    [
        (Period(), [3, 2, 1, 0]),
        (Period(since=later(1)), [3, 2, 1]),
        (Period(until=later(1)), [1, 0]),
        (Period(later(1), later(2)), [2, 1]),
        (Period(later(1) + timedelta(milliseconds=1), later(2) - timedelta(milliseconds=1)), []),
        (Period(later(3), later(0)), []),
    ],
)
def test_recordings_of_a_time_are_listed_with_both_its_ends(
    catalogue: Catalogue, created: Period, found: list[int]
) -> None:
    for n in range(4):
        session = a_session()
        catalogue.complete_session(session, a_recording(session, file_name=f"{n}.mp4", created_at=later(n)))
    seen: list[Recording] = []
    after = None
    while page := catalogue.list_recordings("alice", ".mp4", after, 1, created=created):
        seen += page
        after = place_of(page[-1], RecordingOrder.NEWEST)
    assert [recording.file_name for recording in seen] == [f"{n}.mp4" for n in found]


def test_deleting_a_recording_ends_its_session_and_is_repeatable(catalogue: Catalogue) -> None:
    session = catalogue.reserve_session(a_session(upload_id="u-1"))
    recording = catalogue.complete_session(session, a_recording(session))
    for _ in range(2):
        catalogue.delete_recording(recording, later(30))
        assert catalogue.find_recording("alice", recording.recording_id) is None
    ended = catalogue.find_session("alice", "u-1")
    assert ended is not None
    assert (ended.state, ended.sweep_at) == (SessionState.ABORTED, later(30))


def test_a_duration_is_pending_until_it_is_set(catalogue: Catalogue) -> None:
    session = a_session()
    recording = catalogue.complete_session(session, a_recording(session))
    assert catalogue.recordings_without_duration(10) == [recording]
    catalogue.set_duration(recording.recording_id, 12.5)
    assert catalogue.recordings_without_duration(10) == []
    assert catalogue.find_recording("alice", recording.recording_id) == replace(
        recording, duration_s=12.5, duration_pending=False
    )


def test_an_unknown_duration_is_not_looked_for_again(catalogue: Catalogue) -> None:
    session = a_session()
    recording = catalogue.complete_session(session, a_recording(session))
    catalogue.set_duration(recording.recording_id, None)
    assert catalogue.recordings_without_duration(10) == []


def test_a_duration_is_one_workers_to_look_for_until_its_claim_ends(catalogue: Catalogue) -> None:
    session = a_session()
    recording_id = catalogue.complete_session(session, a_recording(session)).recording_id
    assert catalogue.claim_duration(recording_id, "one", later(0), later(10))
    assert not catalogue.claim_duration(recording_id, "two", later(9), later(19))
    assert catalogue.claim_duration(recording_id, "one", later(9), later(11))
    assert not catalogue.claim_duration(recording_id, "two", later(10), later(20))
    assert catalogue.claim_duration(recording_id, "two", later(11), later(21))
    catalogue.set_duration(recording_id, 1.0)
    assert not catalogue.claim_duration(recording_id, "two", later(60), later(70))
    assert not catalogue.claim_duration("unknown", "one", later(0), later(1))


def test_one_of_several_workers_gets_a_claim(catalogue: Catalogue) -> None:
    session = a_session()
    recording_id = catalogue.complete_session(session, a_recording(session)).recording_id
    barrier = threading.Barrier(8)

    def claim(n: int) -> bool:
        barrier.wait()
        return catalogue.claim_duration(recording_id, f"worker-{n}", later(0), later(10))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(8))) == 1


def test_a_mongodb_document_from_before_there_were_methods_is_a_multipart_upload(mongo_server: MongoServer) -> None:
    catalogue = MongoCatalogue(MongoDatabase(mongo_server.uri.replace("/?", f"/t{uuid.uuid4().hex}?")))
    session = catalogue.reserve_session(a_session(upload_id="u-1"))
    unknown = {"method": "", "put_checksum": "", "active_at": "", "sweep_at": ""}
    catalogue._sessions.update_one({"_id": session.session_id}, {"$unset": unknown})
    assert catalogue.find_session("alice", "u-1") == session
    assert catalogue.idle_sessions(OPEN_STATES, later(1), None, 10) == [session]
    assert catalogue.sessions_to_sweep(later(1), 10) == []
    catalogue.close()
