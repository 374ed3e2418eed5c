"""Divides a catalogue file that several buckets once shared, so that each place has a file of its own."""

from __future__ import annotations

import contextlib
from pathlib import Path

from backend.adapters.sqlite_schema import open_database

SHARED_FILE = "catalogue.db"
_AS_IT_WAS = "catalogue-shared.db"
"""The shared file as it was when it was divided: whichever place is used next finds its recordings there."""
# Sessions first: which of them are meant is told by the recordings.
_OF_OTHERS = {
    "upload_sessions": "session_id IN (SELECT recording_id FROM recordings WHERE bucket != ?)",
    "recordings": "bucket != ?",
}


def claim(path: Path, bucket: str) -> None:
    """Leave in the catalogue at ``path`` what is stored in this bucket alone; make it of the shared one if it is new.

    Recordings name their bucket but not its endpoint: of two buckets of one name, both list what was shared. What
    was still open names none, and stays in all. Raises CatalogueUnusable, sqlite3.Error, OSError.
    """
    shared, as_it_was = path.with_name(SHARED_FILE), path.with_name(_AS_IT_WAS)
    if path == shared:
        if path.exists() and _holds_others(path, bucket):
            if as_it_was.exists():
                _keep_others(path, as_it_was, bucket)
            else:
                _copy(path, as_it_was)
            _forget_others(path, bucket)
        return
    source = as_it_was if as_it_was.exists() else shared
    if source.exists() and not path.exists():
        _copy(source, path, bucket)


def _copy(source: Path, target: Path, bucket: str | None = None) -> None:
    """Make a file in one step, with the recordings of one bucket or of all."""
    unfinished = target.with_name(f"{target.name}.new")
    unfinished.unlink(missing_ok=True)
    with contextlib.closing(open_database(unfinished)) as copy, contextlib.closing(open_database(source)) as original:
        original.backup(copy)
    if bucket is not None:
        _forget_others(unfinished, bucket)
    unfinished.replace(target)


def _holds_others(path: Path, bucket: str) -> bool:
    with contextlib.closing(open_database(path)) as db:
        return db.execute("SELECT 1 FROM recordings WHERE bucket != ? LIMIT 1", (bucket,)).fetchone() is not None


def _keep_others(path: Path, kept: Path, bucket: str) -> None:
    """Add what came into the shared file after it was divided: from an older version, or a server in this home."""
    open_database(kept).close()  # in the present schema from here on
    with contextlib.closing(open_database(path)) as db:
        db.execute("ATTACH ? AS kept", (str(kept),))
        db.execute("BEGIN IMMEDIATE")
        for table, chosen in _OF_OTHERS.items():
            db.execute(f"INSERT OR IGNORE INTO kept.{table} SELECT * FROM {table} WHERE {chosen}", (bucket,))  # noqa: S608 - own words
        db.execute("COMMIT")


def _forget_others(path: Path, bucket: str) -> None:
    with contextlib.closing(open_database(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        for table, chosen in _OF_OTHERS.items():
            db.execute(f"DELETE FROM {table} WHERE {chosen}", (bucket,))  # noqa: S608 - own words
        db.execute("COMMIT")
