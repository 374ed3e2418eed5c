"""The RequestCounts port on the SQLite catalogue's file."""

from __future__ import annotations

from backend.adapters.sqlite_database import SqliteDatabase


class SqliteRequestCounts:
    """One row a name and minute."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def count_requests(self, who: str, minute: int, count: int) -> int:
        """See RequestCounts."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM request_counts WHERE minute < ?", (minute - 1,))
            counted = db.execute(
                "INSERT INTO request_counts (who, minute, count) VALUES (?, ?, ?)"
                " ON CONFLICT (minute, who) DO UPDATE SET count = count + excluded.count RETURNING count",
                (who, minute, count),
            )
            return int(counted.fetchone()["count"])
