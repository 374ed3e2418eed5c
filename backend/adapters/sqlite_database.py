"""One SQLite file for all that the backend keeps on one computer: connection, transactions, errors."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from backend.adapters.sqlite_places import claim
from backend.adapters.sqlite_schema import open_database
from backend.errors import CatalogueUnavailable
from backend.model import Cursor, to_millis


class SqliteDatabase:
    """A database file, opened at first use and shared by all threads: one writes at a time, and one reads.

    Nobody who reads waits for a write to reach the disk. Inside a transaction only its own connection is to be used:
    another one does not see what was written there.
    """

    def __init__(self, path: Path, claimed_for: str | None = None) -> None:
        """``claimed_for``: the bucket that this is of alone, see ``sqlite_places``; None for whatever it holds."""
        self._path = path
        self._claimed_for = claimed_for
        self._opening = threading.Lock()
        self._is_claimed = claimed_for is None  # guarded by _opening
        self._writer = _Shared(self._open)
        self._reader = _Shared(self._open)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
        self._writer.close()

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Return what a query finds. Raises CatalogueUnavailable."""
        with self.connection() as db:
            return [dict(row) for row in db.execute(query, values)]

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside a transaction that nobody else's write comes between."""
        with self._writer.held() as db:
            # IMMEDIATE takes the write lock first, so that what is read inside cannot change before the write.
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def connection(self) -> AbstractContextManager[sqlite3.Connection]:
        """Hold the connection for reading. Raises CatalogueUnavailable, inside as well."""
        return self._reader.held()

    def _open(self) -> sqlite3.Connection:
        with self._opening:
            if self._claimed_for is not None and not self._is_claimed:
                claim(self._path, self._claimed_for)
                self._is_claimed = True
            return open_database(self._path)


class _Shared:
    """A connection that is opened at first use and held by one thread at a time."""

    def __init__(self, opened: Callable[[], sqlite3.Connection]) -> None:
        self._open = opened
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None  # guarded by _lock, as is every use of it

    def close(self) -> None:
        """Close it; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def held(self) -> Iterator[sqlite3.Connection]:
        """Hold the lock and the open connection; turn SQLite's errors into this package's."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                yield self._connection
            except (sqlite3.Error, OSError) as exc:
                raise CatalogueUnavailable(f"The catalogue file cannot be used: {exc}") from exc


def place(cursor: Cursor | None) -> tuple[object, object, object]:
    """Return a cursor as the three values of its condition; all None for the first page."""
    if cursor is None:
        return None, None, None
    millis = to_millis(cursor.created_at)
    return millis, millis, cursor.item_id
