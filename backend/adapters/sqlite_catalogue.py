"""The catalogue in one SQLite file: for one computer, no server to run."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from backend.adapters.catalogue_rows import recording_row, row_recording, row_session, session_row
from backend.adapters.sqlite_database import SqliteDatabase, place
from backend.errors import UploadAborted, UploadNotFound
from backend.model import (
    ALWAYS,
    ENDED_STATES,
    OPEN_STATES,
    Cursor,
    Period,
    Place,
    Recording,
    RecordingOrder,
    SessionState,
    UploadSession,
    to_millis,
)

_INSERT_SESSION = """
INSERT INTO upload_sessions (
  session_id, owner_id, client_upload_id, upload_id, key, file_name, content_type, folder_id,
  file_size_bytes, part_size_bytes, checksum_algorithm, crc64nvme, state, created_at, active_at, sweep_at,
  method, put_checksum)
VALUES (
  :session_id, :owner_id, :client_upload_id, :upload_id, :key, :file_name, :content_type, :folder_id,
  :file_size_bytes, :part_size_bytes, :checksum_algorithm, :crc64nvme, :state, :created_at, :active_at, :sweep_at,
  :method, :put_checksum)
"""
_INSERT_RECORDING = """
INSERT INTO recordings (
  recording_id, owner_id, upload_id, bucket, key, file_name, search_name, content_type,
  folder_id, size_bytes, crc64nvme, created_at, duration_s, duration_pending, content_check)
VALUES (
  :recording_id, :owner_id, :upload_id, :bucket, :key, :file_name, :search_name, :content_type,
  :folder_id, :size_bytes, :crc64nvme, :created_at, :duration_s, :duration_pending, :content_check)
"""
# What names a session and its object never changes; the rest does.
_UPDATE_SESSION = """
UPDATE upload_sessions SET upload_id = :upload_id, file_name = :file_name, folder_id = :folder_id,
  file_size_bytes = :file_size_bytes, checksum_algorithm = :checksum_algorithm, crc64nvme = :crc64nvme,
  state = :state, active_at = :active_at, sweep_at = :sweep_at
WHERE session_id = :session_id
"""
_FORGET_SESSIONS = """
DELETE FROM upload_sessions WHERE session_id IN (
  SELECT session_id FROM upload_sessions
  WHERE state IN (SELECT value FROM json_each(:states)) AND created_at <= :since AND active_at <= :since
    AND sweep_at IS NULL
  ORDER BY created_at, session_id LIMIT :limit)
"""

_SORTED_BY = {
    "createdAt": "created_at",
    "fileName": "search_name",
    "size": "size_bytes",
    "duration": "ifnull(duration_s, -1)",
}
_UNKNOWN_DURATION = -1


def list_statement(order: RecordingOrder, *, is_continued: bool) -> str:
    """Return the statement that lists recordings in this order, from its beginning or after a place."""
    column, direction, beyond = _SORTED_BY[order.key], "", ">"
    if order.is_descending:
        direction, beyond = "DESC", "<"
    # Without a place no condition: a page is found by an index only if nothing is asked for with OR. The pair alone
    # does not find it where the column is an expression.
    continued = f" AND {column} {beyond}= ? AND ({column}, recording_id) {beyond} (?, ?)" if is_continued else ""
    return (
        # instr and not LIKE: it has no wildcards, and the folding was done for the whole of Unicode before.
        f"SELECT * FROM recordings WHERE owner_id = ? AND instr(search_name, ?) > 0{continued}"  # noqa: S608 - own words
        " AND created_at BETWEEN ifnull(?, created_at) AND ifnull(?, created_at)"
        f" ORDER BY {column} {direction}, recording_id {direction} LIMIT ?"
    )


class SqliteCatalogue:
    """The Catalogue port on one database file."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def check(self) -> None:
        """See Catalogue."""
        self._database.rows("SELECT 1")

    def close(self) -> None:
        """See Catalogue."""
        self._database.close()

    def reserve_session(self, session: UploadSession) -> UploadSession:
        """See Catalogue."""
        with self._database.transaction() as db:
            return _reserve(db, session)

    def reserve_sessions(self, sessions: Sequence[UploadSession]) -> list[UploadSession]:
        """See Catalogue."""
        with self._database.transaction() as db:
            return [_reserve(db, session) for session in sessions]

    def find_session(self, owner_id: str, upload_id: str) -> UploadSession | None:
        """See Catalogue."""
        return self._one_session(
            "SELECT * FROM upload_sessions WHERE owner_id = ? AND upload_id = ?", owner_id, upload_id
        )

    def find_sessions(self, owner_id: str, upload_ids: Collection[str]) -> list[UploadSession]:
        """See Catalogue."""
        query = "SELECT * FROM upload_sessions WHERE owner_id = ? AND upload_id IN (SELECT value FROM json_each(?))"
        return [row_session(row) for row in self._database.rows(query, owner_id, json.dumps(list(upload_ids)))]

    def find_client_session(self, owner_id: str, client_upload_id: str) -> UploadSession | None:
        """See Catalogue."""
        return self._one_session(
            "SELECT * FROM upload_sessions WHERE owner_id = ? AND client_upload_id = ?", owner_id, client_upload_id
        )

    def still_uploading(self, upload_ids: Collection[str]) -> frozenset[str]:
        """See Catalogue."""
        query = (
            "SELECT upload_id FROM upload_sessions WHERE state = ? AND upload_id IN (SELECT value FROM json_each(?))"
        )
        found = self._database.rows(query, SessionState.UPLOADING.value, json.dumps(list(upload_ids)))
        return frozenset(row["upload_id"] for row in found)

    def swap_session(self, old: UploadSession, new: UploadSession) -> UploadSession:
        """See Catalogue."""
        with self._database.transaction() as db:
            db.execute(
                _UPDATE_SESSION + " AND state = :old_state AND upload_id IS :old_upload_id",
                session_row(new) | {"old_state": old.state.value, "old_upload_id": old.upload_id},
            )
            stored = db.execute("SELECT * FROM upload_sessions WHERE session_id = ?", (old.session_id,)).fetchone()
        if stored is None:
            raise UploadNotFound
        return row_session(dict(stored))

    def list_sessions(
        self, owner_id: str, states: frozenset[SessionState], before: Cursor | None, limit: int
    ) -> list[UploadSession]:
        """See Catalogue."""
        rows = self._database.rows(
            "SELECT * FROM upload_sessions WHERE owner_id = ? AND state IN (SELECT value FROM json_each(?))"
            " AND (? IS NULL OR (created_at, session_id) < (?, ?)) ORDER BY created_at DESC, session_id DESC LIMIT ?",
            owner_id,
            json.dumps(sorted(states)),
            *place(before),
            limit,
        )
        return [row_session(row) for row in rows]

    def count_open_sessions(self) -> int:
        """See Catalogue."""
        query = "SELECT count(*) AS open FROM upload_sessions WHERE state IN (SELECT value FROM json_each(?))"
        return int(self._database.rows(query, json.dumps(sorted(OPEN_STATES)))[0]["open"])

    def touch_session(self, session: UploadSession, active_at: datetime) -> None:
        """See Catalogue."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE upload_sessions SET active_at = ? WHERE session_id = ?",
                (to_millis(active_at), session.session_id),
            )

    def idle_sessions(
        self, states: frozenset[SessionState], idle_since: datetime, after: Cursor | None, limit: int
    ) -> list[UploadSession]:
        """See Catalogue."""
        rows = self._database.rows(
            "SELECT * FROM upload_sessions WHERE state IN (SELECT value FROM json_each(?)) AND active_at <= ?"
            " AND (? IS NULL OR (created_at, session_id) > (?, ?)) ORDER BY created_at, session_id LIMIT ?",
            json.dumps(sorted(states)),
            to_millis(idle_since),
            *place(after),
            limit,
        )
        return [row_session(row) for row in rows]

    def sessions_of_keys(self, keys: Collection[str]) -> list[UploadSession]:
        """See Catalogue."""
        query = "SELECT * FROM upload_sessions WHERE key IN (SELECT value FROM json_each(?))"
        return [row_session(row) for row in self._database.rows(query, json.dumps(list(keys)))]

    def sessions_to_sweep(self, until: datetime, limit: int) -> list[UploadSession]:
        """See Catalogue."""
        query = "SELECT * FROM upload_sessions WHERE sweep_at <= ? ORDER BY sweep_at LIMIT ?"
        return [row_session(row) for row in self._database.rows(query, to_millis(until), limit)]

    def forget_sessions(self, idle_since: datetime, limit: int) -> int:
        """See Catalogue."""
        with self._database.transaction() as db:
            forgotten = db.execute(
                _FORGET_SESSIONS,
                {"states": json.dumps(sorted(ENDED_STATES)), "since": to_millis(idle_since), "limit": limit},
            )
            return forgotten.rowcount

    def complete_session(self, session: UploadSession, recording: Recording) -> Recording:
        """See Catalogue."""
        with self._database.transaction() as db:
            known = db.execute(
                "SELECT * FROM recordings WHERE recording_id = ?", (recording.recording_id,)
            ).fetchone()
            if known is None:
                _require_not_aborted(db, session.session_id)
                db.execute(_INSERT_RECORDING, recording_row(recording))
            db.execute(_UPDATE_SESSION, session_row(replace(session, state=SessionState.COMPLETED)))
        return recording if known is None else row_recording(dict(known))

    def complete_open_sessions(self, completed: Sequence[tuple[UploadSession, Recording]]) -> bool:
        """See Catalogue."""
        with self._database.transaction() as db:
            ids = [session.session_id for session, _ in completed]
            if _count_open(db, ids) != len(ids):
                return False
            for session, recording in completed:
                db.execute(_INSERT_RECORDING, recording_row(recording))
                db.execute(_UPDATE_SESSION, session_row(replace(session, state=SessionState.COMPLETED)))
        return True

    def find_recording(self, owner_id: str, recording_id: str) -> Recording | None:
        """See Catalogue."""
        rows = self._database.rows(
            "SELECT * FROM recordings WHERE owner_id = ? AND recording_id = ?",
            owner_id,
            recording_id,
        )
        return row_recording(rows[0]) if rows else None

    def find_recording_of(self, owner_id: str, upload_id: str) -> Recording | None:
        """See Catalogue."""
        query = "SELECT * FROM recordings WHERE owner_id = ? AND upload_id = ?"
        rows = self._database.rows(query, owner_id, upload_id)
        return row_recording(rows[0]) if rows else None

    def list_recordings(
        self,
        owner_id: str,
        query: str | None,
        after: Place | None,
        limit: int,
        *,
        created: Period = ALWAYS,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> list[Recording]:
        """See Catalogue."""
        value = None if after is None else _UNKNOWN_DURATION if after.value is None else after.value
        start = () if after is None else (value, value, after.item_id)
        rows = self._database.rows(
            list_statement(order, is_continued=after is not None),
            owner_id,
            (query or "").casefold(),
            *start,
            created.since and to_millis(created.since),
            created.until and to_millis(created.until),
            limit,
        )
        return [row_recording(row) for row in rows]

    def delete_recording(self, recording: Recording, sweep_at: datetime) -> None:
        """See Catalogue."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM recordings WHERE recording_id = ?", (recording.recording_id,))
            db.execute(
                "UPDATE upload_sessions SET state = ?, sweep_at = ? WHERE session_id = ?",
                (SessionState.ABORTED.value, to_millis(sweep_at), recording.recording_id),
            )

    def recordings_without_duration(self, limit: int) -> list[Recording]:
        """See Catalogue."""
        query = "SELECT * FROM recordings WHERE duration_pending = 1 ORDER BY created_at LIMIT ?"
        return [row_recording(row) for row in self._database.rows(query, limit)]

    def claim_duration(self, recording_id: str, worker: str, now: datetime, until: datetime) -> bool:
        """See Catalogue."""
        with self._database.transaction() as db:
            claimed = db.execute(
                "UPDATE recordings SET probed_by = :worker, probed_until = :until"
                " WHERE recording_id = :id AND duration_pending = 1"
                " AND (probed_by IS NULL OR probed_by = :worker OR probed_until <= :now)",
                {"id": recording_id, "worker": worker, "now": to_millis(now), "until": to_millis(until)},
            )
            return claimed.rowcount == 1

    def set_duration(self, recording_id: str, duration_s: float | None) -> None:
        """See Catalogue."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE recordings SET duration_s = ?, duration_pending = 0 WHERE recording_id = ?",
                (duration_s, recording_id),
            )

    def _one_session(self, query: str, *values: object) -> UploadSession | None:
        rows = self._database.rows(query, *values)
        return row_session(rows[0]) if rows else None


def _reserve(db: sqlite3.Connection, session: UploadSession) -> UploadSession:
    if session.client_upload_id is not None:
        known = db.execute(
            "SELECT * FROM upload_sessions WHERE owner_id = ? AND client_upload_id = ?",
            (session.owner_id, session.client_upload_id),
        ).fetchone()
        if known is not None:
            return row_session(dict(known))
    db.execute(_INSERT_SESSION, session_row(session))
    return session


def _count_open(db: sqlite3.Connection, session_ids: Sequence[str]) -> int:
    """Return how many of the sessions are open; each counts once, however often it is named."""
    query = (
        "SELECT count(*) FROM upload_sessions WHERE session_id IN (SELECT value FROM json_each(?))"
        " AND state IN (SELECT value FROM json_each(?))"
    )
    states = json.dumps(sorted(OPEN_STATES))
    return int(db.execute(query, (json.dumps(list(session_ids)), states)).fetchone()[0])


def _require_not_aborted(db: sqlite3.Connection, session_id: str) -> None:
    found = db.execute("SELECT state FROM upload_sessions WHERE session_id = ?", (session_id,)).fetchone()
    if found is not None and found["state"] == SessionState.ABORTED.value:
        raise UploadAborted("This upload was aborted.")
