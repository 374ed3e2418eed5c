"""The Leases port on the SQLite catalogue's file: for several processes on one computer."""

from __future__ import annotations

from datetime import datetime

from backend.adapters.sqlite_database import SqliteDatabase
from backend.model import to_millis


class SqliteLeases:
    """One row a lease."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """See Leases."""
        values = {"name": name, "holder": holder, "now": to_millis(now), "until": to_millis(until)}
        with self._database.transaction() as db:
            taken = db.execute(
                "INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)"
                " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
                " WHERE leases.holder = excluded.holder OR leases.until <= :now",
                values,
            )
            return taken.rowcount == 1

    def report(self, name: str, holder: str, found: int, until: datetime) -> None:
        """See Leases."""
        with self._database.transaction() as db:
            db.execute("UPDATE leases SET found = ? WHERE name = ?", (found, name))
            kept = (to_millis(until), name, holder)
            db.execute("UPDATE leases SET until = ? WHERE name = ? AND holder = ?", kept)

    def found(self, name: str) -> int | None:
        """See Leases."""
        rows = self._database.rows("SELECT found FROM leases WHERE name = ?", name)
        return rows[0]["found"] if rows else None
