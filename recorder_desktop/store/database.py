"""Opens the queue's SQLite file safely: newer schemas are refused, damaged files are kept aside, never deleted."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recorder_desktop.core.errors import QueueDamaged, StoreFull, UploadError
from recorder_desktop.store.migrations import SCHEMA_VERSION, migrate

_log = logging.getLogger(__name__)

_NOT_A_DATABASE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_BUSY_TIMEOUT_S = 10.0


class NewerQueue(QueueDamaged):
    """A newer version of the app has written this queue."""

    code = "queue_newer"


def open_database(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """Open or create the queue at `path` and bring it to the present schema.

    Returns the database and, if a damaged file was found and set aside, where it now lies.
    Raises NewerQueue, QueueDamaged or StoreFull.
    """
    with sorted_errors():
        try:
            return _open(path), None
        except sqlite3.DatabaseError as exc:
            if _primary_code(exc) not in _NOT_A_DATABASE:
                raise
            _log.exception("the queue at %s is damaged", path)
    kept = _set_aside(path)
    with sorted_errors():
        return _open(path), kept


def reopen_database(path: Path) -> sqlite3.Connection:
    """Open a queue that this process has used before, checked anew. Raises QueueDamaged, StoreFull.

    Damage found now is left where it is: setting it aside would begin an empty queue behind the back of everybody
    who knows what was in it. The next start does that, and says so.
    """
    if not path.exists():
        raise QueueDamaged(
            "The upload queue was taken away while Recorder ran. Put it back, then start Recorder again."
        )
    with sorted_errors():
        return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    new = not path.exists()
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_TIMEOUT_S)
    try:
        if new:
            path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _check(connection, path)
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise NewerQueue(
            f"The queue in {path.parent} was written by a newer version of Recorder. "
            "Update this app, or point RECORDER_HOME at another folder."
        )
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        error = sqlite3.DatabaseError(verdict)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _set_aside(path: Path) -> Path:
    kept = path.with_name(f"{path.name}.bad-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept


def _primary_code(exc: sqlite3.Error) -> int:
    return getattr(exc, "sqlite_errorcode", 0) & 0xFF


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done in this block, or nothing of it."""
    db.execute("BEGIN")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.rollback()  # nothing to do where the error has ended the transaction
        raise


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Turn what SQLite raises into StoreFull or QueueDamaged."""
    try:
        yield
    except sqlite3.Error as exc:
        _log.warning("the queue's database: %s", exc)
        raise _sorted(exc) from exc


def _sorted(exc: sqlite3.Error) -> UploadError:
    # Opening on a full disk already fails, for the few kilobytes of shared memory beside the write-ahead log.
    no_shared_memory = getattr(exc, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE
    if _primary_code(exc) == sqlite3.SQLITE_FULL or no_shared_memory:
        return StoreFull(
            "The disk that holds the upload queue is full, so uploads were paused. Free some space, then resume."
        )
    return QueueDamaged(
        "The upload queue on this computer could not be read or written. "
        "Check the disk, then start Recorder again; nothing that was stored is lost."
    )
