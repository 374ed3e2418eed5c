"""Gives each place of one computer a catalogue file of its own, out of the one that they once shared."""

from __future__ import annotations

import contextlib
from pathlib import Path

from backend.adapters.sqlite_schema import open_database

SHARED_FILE = "catalogue.db"
# Sessions first: which of them are meant is told by the recordings.
_OF_OTHERS = {
    "upload_sessions": "session_id IN (SELECT recording_id FROM recordings WHERE bucket != ?)",
    "recordings": "bucket != ?",
}


def claim(path: Path, bucket: str) -> None:
    """Make the catalogue at ``path``, if it is new, of what the shared one knows of this bucket.

    The shared file stays as it is: a server that shares this home may use it. Recordings name their bucket but not
    its endpoint: of two buckets of one name, both list what was shared. What was still open names none, and is known
    to all. Raises CatalogueUnusable, sqlite3.Error, OSError.
    """
    shared = path.with_name(SHARED_FILE)
    if path.exists() or path == shared or not shared.exists():
        return
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with contextlib.closing(open_database(unfinished)) as copy, contextlib.closing(open_database(shared)) as original:
        original.backup(copy)
    _forget_others(unfinished, bucket)
    unfinished.replace(path)


def _forget_others(path: Path, bucket: str) -> None:
    with contextlib.closing(open_database(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        for table, chosen in _OF_OTHERS.items():
            db.execute(f"DELETE FROM {table} WHERE {chosen}", (bucket,))  # noqa: S608 - own words
        db.execute("COMMIT")
