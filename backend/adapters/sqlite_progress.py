"""How far uploads are, in the SQLite catalogue's file, and what its triggers wrote down of every change."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Collection, Sequence

from backend.adapters.catalogue_rows import progress_row, row_progress, row_recording, row_session
from backend.adapters.sqlite_database import SqliteDatabase
from backend.errors import ChangesMissed
from backend.model import Progress, UploadStatus

# How often the file is looked at: another process cannot wake this one.
POLL_INTERVAL_S = 0.2
# Of an upload that is over nothing is kept: its row is deleted with the change of its state, and none comes after.
_KEEP = """
INSERT INTO upload_progress (session_id, owner_id, bytes_confirmed, estimated, updated_at)
SELECT :session_id, :owner_id, :bytes_confirmed, :estimated, :updated_at
WHERE EXISTS (SELECT 1 FROM upload_sessions WHERE session_id = :session_id AND state IN ('uploading', 'completing'))
ON CONFLICT (session_id) DO UPDATE SET bytes_confirmed = excluded.bytes_confirmed,
  estimated = excluded.estimated, updated_at = excluded.updated_at
"""
_IF_FURTHER = """
WHERE CASE WHEN excluded.estimated THEN estimated AND bytes_confirmed < excluded.bytes_confirmed
  ELSE estimated OR bytes_confirmed < excluded.bytes_confirmed END
"""
_THESE = "IN (SELECT value FROM json_each(?)) AND owner_id IN (SELECT value FROM json_each(?))"


class SqliteProgressBoard:
    """The ProgressBoard port on one database file."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def note(self, progress: Sequence[Progress]) -> list[Progress]:
        """See ProgressBoard."""
        if not progress:
            return []
        with self._database.transaction() as db:
            passed = [each for each in progress if not db.execute(_KEEP + _IF_FURTHER, progress_row(each)).rowcount]
            known = [_known(db, each.session_id) for each in passed]
            return [each for each in known if each is not None]

    def correct(self, progress: Progress) -> None:
        """See ProgressBoard."""
        with self._database.transaction() as db:
            db.execute(_KEEP, progress_row(progress))

    def statuses(self, owner_ids: Collection[str], session_ids: Collection[str]) -> list[UploadStatus]:
        """See ProgressBoard."""
        these = json.dumps(sorted(session_ids)), json.dumps(sorted(owner_ids))
        with self._database.connection() as db:
            rows = [
                {row[0]: dict(row) for row in db.execute(f"SELECT * FROM {table} WHERE {name} {_THESE}", these)}  # noqa: S608 - both are this module's own
                for table, name in (
                    ("upload_progress", "session_id"),
                    ("upload_sessions", "session_id"),
                    ("recordings", "recording_id"),
                )
            ]
        progress, sessions, recordings = rows
        return [
            UploadStatus(
                row_session(session),
                row_progress(progress[each]) if each in progress else None,
                row_recording(recordings[each]) if each in recordings else None,
            )
            for each, session in sessions.items()
        ]

    def watch(self) -> SqliteChangeWatch:
        """See ProgressBoard."""
        return SqliteChangeWatch(self._database)


class SqliteChangeWatch:
    """The ChangeWatch port: reads on from the last change that it has seen, whichever process made it."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._seen: int | None = None

    def next(self, wait_s: float) -> frozenset[str]:
        """See ChangeWatch."""
        until = time.monotonic() + wait_s
        while not (found := self._new()) and time.monotonic() < until:
            time.sleep(POLL_INTERVAL_S)
        return found

    def close(self) -> None:
        """See ChangeWatch."""

    def _new(self) -> frozenset[str]:
        if self._seen is None:
            self._seen = self._last()
            raise ChangesMissed
        rows = self._database.rows(
            "SELECT change_id, session_id FROM live_changes WHERE change_id > ? ORDER BY change_id", self._seen
        )
        if not rows:
            return frozenset()
        is_complete = rows[0]["change_id"] == self._seen + 1
        self._seen = rows[-1]["change_id"]
        if not is_complete:
            raise ChangesMissed
        return frozenset(row["session_id"] for row in rows)

    def _last(self) -> int:
        # Counted by SQLite itself: it holds even when every row of the table is gone.
        rows = self._database.rows("SELECT seq FROM sqlite_sequence WHERE name = 'live_changes'")
        return int(rows[0]["seq"]) if rows else 0


def _known(db: sqlite3.Connection, session_id: str) -> Progress | None:
    found = db.execute("SELECT * FROM upload_progress WHERE session_id = ?", (session_id,)).fetchone()
    return None if found is None else row_progress(dict(found))
