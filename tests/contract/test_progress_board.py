"""What every board of progress promises: SQLite on a real file, MongoDB on a real server, and the fake."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend.adapters import sqlite_schema
from backend.adapters.mongo_catalogue import MongoCatalogue
from backend.adapters.mongo_database import MongoDatabase
from backend.adapters.mongo_progress import MongoProgressBoard
from backend.adapters.sqlite_catalogue import SqliteCatalogue
from backend.adapters.sqlite_database import SqliteDatabase
from backend.adapters.sqlite_progress import SqliteProgressBoard
from backend.errors import CatalogueUnavailable, ChangesMissed
from backend.model import Progress, SessionState, UploadSession
from backend.ports import Catalogue, ChangeWatch, ProgressBoard
from tests.fakes.backend_values import EPOCH, a_recording, a_session, later
from tests.servers import MongoServer
from tests.waiting import wait_for


def kept(catalogue: Catalogue, **changes: object) -> UploadSession:
    return catalogue.reserve_session(a_session(upload_id=uuid.uuid4().hex, **changes))


def so_far(session: UploadSession, size: int, *, estimated: bool = False) -> Progress:
    return Progress(session.session_id, session.owner_id, size, estimated, EPOCH)


def known(board: ProgressBoard, session: UploadSession) -> Progress | None:
    [status] = board.statuses([session.owner_id], [session.session_id])
    return status.progress


@pytest.fixture
def watch(board: ProgressBoard) -> Iterator[ChangeWatch]:
    """A watch that is under way: what changes from now on is told."""
    made = board.watch()
    with pytest.raises(ChangesMissed):
        made.next(0)
    yield made
    made.close()


def told(watch: ChangeWatch, expected: set[str]) -> bool:
    """Whether exactly these sessions are told of, at once or one after the other."""
    seen: set[str] = set()

    def are_all_there() -> bool:
        seen.update(watch.next(0.2))
        return seen >= expected

    wait_for(are_all_there, f"{expected} told")
    return seen == expected


def test_progress_goes_forward_only(catalogue: Catalogue, board: ProgressBoard) -> None:
    session, other = kept(catalogue), kept(catalogue)
    assert known(board, session) is None
    assert board.note([so_far(session, 500), so_far(other, 1)]) == []
    assert board.note([so_far(session, 400), so_far(other, 2)]) == [so_far(session, 500)]
    assert board.note([so_far(session, 500)]) == [so_far(session, 500)]
    assert known(board, session) == so_far(session, 500)
    assert known(board, other) == so_far(other, 2)
    assert board.note([]) == []


def test_a_clients_word_counts_more_than_any_estimate(catalogue: Catalogue, board: ProgressBoard) -> None:
    session = kept(catalogue)
    board.note([so_far(session, 800, estimated=True)])
    assert board.note([so_far(session, 700, estimated=True)]) == [so_far(session, 800, estimated=True)]
    assert board.note([so_far(session, 300)]) == []
    assert board.note([so_far(session, 900, estimated=True)]) == [so_far(session, 300)]
    assert known(board, session) == so_far(session, 300)


def test_a_correction_counts_whatever_was_known(catalogue: Catalogue, board: ProgressBoard) -> None:
    session = kept(catalogue)
    board.note([so_far(session, 800)])
    board.correct(so_far(session, 200))
    assert known(board, session) == so_far(session, 200)


def test_statuses_hold_session_progress_and_recording_of_these_owners_alone(
    catalogue: Catalogue, board: ProgressBoard
) -> None:
    mine, his = kept(catalogue), kept(catalogue, owner_id="bob")
    stored = kept(catalogue)
    recording = catalogue.complete_session(stored, a_recording(stored))
    board.note([so_far(mine, 5)])
    ids = [mine.session_id, his.session_id, stored.session_id, "unknown"]
    found = {status.session.session_id: status for status in board.statuses(["alice", "carol"], ids)}
    assert set(found) == {mine.session_id, stored.session_id}
    assert (found[mine.session_id].progress, found[mine.session_id].recording) == (so_far(mine, 5), None)
    assert found[stored.session_id].recording == recording
    assert found[stored.session_id].session.state is SessionState.COMPLETED


def test_a_watch_tells_of_everything_that_happens_to_an_upload(
    catalogue: Catalogue, board: ProgressBoard, watch: ChangeWatch
) -> None:
    session = kept(catalogue)
    assert told(watch, {session.session_id})
    board.note([so_far(session, 5)])
    assert told(watch, {session.session_id})
    board.note([so_far(session, 6)])
    assert told(watch, {session.session_id})
    board.correct(so_far(session, 4))
    assert told(watch, {session.session_id})
    recording = catalogue.complete_session(session, a_recording(session))
    assert told(watch, {session.session_id})
    catalogue.set_duration(recording.recording_id, 3.5)
    assert told(watch, {session.session_id})
    catalogue.delete_recording(recording, later(60))
    assert told(watch, {session.session_id})
    assert watch.next(0) == frozenset()


def test_a_watch_tells_nothing_of_what_was_passed_over(
    catalogue: Catalogue, board: ProgressBoard, watch: ChangeWatch
) -> None:
    session, other = kept(catalogue), kept(catalogue)
    board.note([so_far(session, 5)])
    assert told(watch, {session.session_id, other.session_id})
    board.note([so_far(session, 4)])
    board.note([so_far(other, 1)])
    assert told(watch, {other.session_id})


def test_a_change_counts_as_told_only_after_the_state_is_there_to_be_read(
    catalogue: Catalogue, board: ProgressBoard, watch: ChangeWatch
) -> None:
    session = kept(catalogue)
    for size in range(1, 20):
        board.note([so_far(session, size)])
        wait_for(lambda: watch.next(0.2), "a change")
        assert known(board, session) == so_far(session, size)


def test_another_process_is_heard_on_the_same_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "home" / "catalogue.db"
    here, there = SqliteDatabase(path), SqliteDatabase(path)
    watch = SqliteProgressBoard(here).watch()
    with pytest.raises(ChangesMissed):
        watch.next(0)
    session = kept(SqliteCatalogue(there))
    assert told(watch, {session.session_id})
    here.close()
    there.close()


def rows_of(database: SqliteDatabase) -> list[str]:
    return [row["session_id"] for row in database.rows("SELECT session_id FROM upload_progress")]


@pytest.mark.parametrize("over", [SessionState.COMPLETED, SessionState.ABORTED])
def test_sqlite_keeps_nothing_of_an_upload_that_is_over(tmp_path: Path, over: SessionState) -> None:
    database = SqliteDatabase(tmp_path / "home" / "catalogue.db")
    catalogue, board = SqliteCatalogue(database), SqliteProgressBoard(database)
    session, other = kept(catalogue), kept(catalogue)
    catalogue.swap_session(session, replace(session, state=over))
    assert board.note([so_far(session, 5), so_far(other, 6)]) == []
    board.correct(so_far(session, 5))
    assert [row["session_id"] for row in database.rows("SELECT session_id FROM upload_progress")] == [
        other.session_id
    ]
    database.close()


def test_sqlite_gives_up_what_older_versions_kept_of_uploads_that_are_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SqliteDatabase(tmp_path / "home" / "catalogue.db")
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_schema, "_VERSIONS", sqlite_schema._VERSIONS[:10])
        session = kept(SqliteCatalogue(database))
        with database.transaction() as db:
            for session_id in (session.session_id, "over"):
                db.execute("INSERT INTO upload_progress VALUES (?, 'alice', 1, 0, 1)", (session_id,))
        database.close()
    assert rows_of(database) == [session.session_id]
    database.close()


def test_a_sqlite_watch_that_fell_far_behind_says_so(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "home" / "catalogue.db")
    catalogue, board = SqliteCatalogue(database), SqliteProgressBoard(database)
    session = kept(catalogue)
    watch = board.watch()
    with pytest.raises(ChangesMissed):
        watch.next(0)
    board.note([so_far(session, number) for number in range(1001)])
    with pytest.raises(ChangesMissed):
        watch.next(0)
    board.note([so_far(session, 2000)])
    assert told(watch, {session.session_id})
    # A new one on the same file begins where the counting is, not at what is left of the rows.
    later_watch = board.watch()
    with pytest.raises(ChangesMissed):
        later_watch.next(0)
    assert later_watch.next(0) == frozenset()
    database.close()


@pytest.fixture
def mongo(mongo_server: MongoServer) -> Iterator[MongoDatabase]:
    database = MongoDatabase(mongo_server.uri.replace("/?", f"/t{uuid.uuid4().hex}?"))
    yield database
    database.close()


def test_a_mongo_watch_goes_on_after_an_election_without_a_gap(
    mongo: MongoDatabase, mongo_server: MongoServer
) -> None:
    catalogue, board = MongoCatalogue(mongo), MongoProgressBoard(mongo)
    watch = board.watch()
    with pytest.raises(ChangesMissed):
        watch.next(0)
    before = kept(catalogue)
    mongo_server.step_down()
    mongo_server.wait_primary()
    after = kept(catalogue)
    assert told(watch, {before.session_id, after.session_id})
    watch.close()


def test_a_mongo_stream_that_is_lost_for_good_begins_anew(mongo: MongoDatabase, mongo_server: MongoServer) -> None:
    catalogue, board = MongoCatalogue(mongo), MongoProgressBoard(mongo)
    watch = board.watch()
    with pytest.raises(ChangesMissed):
        watch.next(0)
    # ChangeStreamHistoryLost: the place is older than what the server still knows.
    mongo_server.fail_command(failCommands=["getMore"], errorCode=286)
    kept(catalogue)
    wait_for(lambda: missed(watch), "the loss said")
    session = kept(catalogue)
    assert told(watch, {session.session_id})
    watch.close()


def missed(watch: ChangeWatch) -> bool:
    try:
        watch.next(0.2)
    except CatalogueUnavailable:
        return False
    except ChangesMissed:
        return True
    return False
