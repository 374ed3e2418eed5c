"""The ContentChecks port on the SQLite catalogue's file."""

from __future__ import annotations

from datetime import datetime

from backend.adapters.catalogue_rows import row_recording
from backend.adapters.sqlite_database import SqliteDatabase
from backend.model import ContentCheck, Recording, to_millis


class SqliteContentChecks:
    """Reads and writes two columns of the recordings."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def unchecked(self, now: datetime, limit: int) -> list[Recording]:
        """See ContentChecks."""
        # The text and not a parameter: only so does SQLite take the index of the few that are pending.
        pending = "SELECT * FROM recordings WHERE content_check = 'pending'"
        query = f"{pending} AND ifnull(checked_after, 0) <= ? ORDER BY created_at LIMIT ?"
        return [row_recording(row) for row in self._database.rows(query, to_millis(now), limit)]

    def postpone(self, recording_id: str, until: datetime) -> None:
        """See ContentChecks."""
        with self._database.transaction() as db:
            change = "UPDATE recordings SET checked_after = ? WHERE recording_id = ?"
            db.execute(change, (to_millis(until), recording_id))

    def set_checked(self, recording_id: str, outcome: ContentCheck) -> None:
        """See ContentChecks."""
        with self._database.transaction() as db:
            change = "UPDATE recordings SET content_check = ? WHERE recording_id = ?"
            db.execute(change, (outcome.value, recording_id))
