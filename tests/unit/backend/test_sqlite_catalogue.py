from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from backend.adapters import sqlite_schema
from backend.adapters.sqlite_catalogue import SqliteCatalogue
from backend.adapters.sqlite_database import SqliteDatabase
from backend.errors import CatalogueUnusable
from backend.model import OPEN_STATES, Cursor, RecordingOrder, place_of
from tests.fakes.backend_values import EPOCH, a_recording, a_session


def columns(path: Path) -> dict[str, list[tuple[str, str]]]:
    with sqlite3.connect(path) as db:
        tables = ("upload_sessions", "recordings")
        found = {table: [(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({table})")] for table in tables}
    db.close()
    return found


@pytest.mark.parametrize("version", range(1, len(sqlite_schema._VERSIONS)))
def test_a_catalogue_of_an_older_version_keeps_its_rows_and_gets_what_is_new(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, fresh = (
        SqliteCatalogue(SqliteDatabase(tmp_path / "old.db")),
        SqliteCatalogue(SqliteDatabase(tmp_path / "fresh.db")),
    )
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_schema, "_VERSIONS", sqlite_schema._VERSIONS[:version])
        old.check()
        old.close()
    with sqlite3.connect(tmp_path / "old.db") as db:
        db.execute(
            "INSERT INTO upload_sessions (session_id, owner_id, upload_id, key, file_name, content_type,"
            " part_size_bytes, state, created_at) VALUES ('s', 'alice', 'u', 'k', 'a.mp4', 'video/mp4', 1, ?, 5)",
            ("uploading",),
        )
    db.close()
    session = old.find_session("alice", "u")
    assert session is not None
    assert old.complete_session(session, a_recording(session)).recording_id == "s"
    fresh.reserve_session(a_session())
    assert columns(tmp_path / "old.db") == columns(tmp_path / "fresh.db")
    old.close()
    fresh.close()


@pytest.mark.parametrize("before", [None, Cursor(EPOCH, "s")])
def test_an_owners_open_uploads_are_found_without_going_over_those_that_are_over(
    tmp_path: Path, before: Cursor | None
) -> None:
    database = SqliteDatabase(tmp_path / "catalogue.db")
    asked: list[str] = []
    with database.connection() as db:
        db.set_trace_callback(asked.append)
    SqliteCatalogue(database).list_sessions("alice", OPEN_STATES, before, 10)
    [query] = [statement for statement in asked if "upload_sessions" in statement]
    plan = [row["detail"] for row in database.rows(f"EXPLAIN QUERY PLAN {query}")]
    assert any("session_owner_state (owner_id=? AND state=?" in step for step in plan), plan
    database.close()


def test_who_reads_does_not_wait_for_a_write_under_way(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "catalogue.db")
    assert database.rows("SELECT name FROM leases") == []
    with database.transaction() as db:
        db.execute("INSERT INTO leases (name, holder, until) VALUES ('l', 'h', 1)")
        assert database.rows("SELECT name FROM leases") == []
    assert database.rows("SELECT name FROM leases") == [{"name": "l"}]
    database.close()


def test_a_catalogue_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "new.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(CatalogueUnusable, match="newer"):
        SqliteCatalogue(SqliteDatabase(tmp_path / "new.db")).check()


@pytest.mark.parametrize("order", RecordingOrder)
@pytest.mark.parametrize("is_continued", [False, True])
def test_a_page_of_the_library_is_read_from_an_index_in_every_order(
    tmp_path: Path, order: RecordingOrder, is_continued: bool
) -> None:
    database = SqliteDatabase(tmp_path / "catalogue.db")
    place = place_of(a_recording(a_session()), order) if is_continued else None
    asked: list[str] = []
    with database.connection() as db:
        db.set_trace_callback(asked.append)
    SqliteCatalogue(database).list_recordings("alice", None, place, 10, order=order)
    [query] = [statement for statement in asked if "FROM recordings" in statement]

    plan = [row["detail"] for row in database.rows(f"EXPLAIN QUERY PLAN {query}")]

    assert len(plan) == 1, plan  # no sorting
    assert ("(owner_id=? AND " if is_continued else "(owner_id=?)") in plan[0], plan
    database.close()


_ANOTHER_PROGRAM = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("DELETE FROM upload_sessions")
db.close()
"""


def test_a_program_that_ends_its_work_on_the_file_leaves_the_log_of_one_that_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    catalogue = SqliteCatalogue(SqliteDatabase(path))
    catalogue.reserve_session(a_session())
    assert catalogue.list_sessions("alice", OPEN_STATES, None, 10)  # the second connection, the one that reads
    subprocess.run([sys.executable, "-c", _ANOTHER_PROGRAM, str(path)], check=True)

    assert path.with_name("catalogue.db-wal").exists()
    assert not catalogue.list_sessions("alice", OPEN_STATES, None, 10)
    catalogue.close()
