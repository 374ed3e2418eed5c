"""The schema of the queue, version by version. Append only: a shipped step is never edited."""

from __future__ import annotations

import sqlite3

_STEPS = (
    """
    CREATE TABLE uploads (
        id TEXT PRIMARY KEY,
        client_upload_id TEXT NOT NULL UNIQUE,
        path BLOB NOT NULL,
        size_bytes INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        device TEXT NOT NULL,
        file_id TEXT NOT NULL,
        content_type TEXT NOT NULL,
        destination TEXT NOT NULL,
        directory TEXT NOT NULL,
        folder_id TEXT,
        position INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        state TEXT NOT NULL,
        problem_code TEXT,
        problem_message TEXT,
        upload_id TEXT,
        key TEXT,
        bucket TEXT,
        part_size_bytes INTEGER,
        checksum_algorithm TEXT,
        bytes_confirmed INTEGER NOT NULL DEFAULT 0,
        duration_s REAL,
        recording TEXT,
        maybe_open INTEGER NOT NULL DEFAULT 0,
        forgotten INTEGER NOT NULL DEFAULT 0,
        owner TEXT
    ) STRICT;
    CREATE INDEX uploads_by_position ON uploads (position);
    CREATE TABLE parts (
        upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        etag TEXT NOT NULL,
        crc64nvme TEXT NOT NULL,
        PRIMARY KEY (upload, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE uplinks (destination TEXT PRIMARY KEY, rate_bytes_per_s REAL NOT NULL) STRICT;
    """,
    """
    CREATE TABLE history (
        upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        detail TEXT NOT NULL,
        lasted_s REAL,
        PRIMARY KEY (upload, number)
    ) STRICT, WITHOUT ROWID;
    """,
    # Room between positions: see core.order.
    "UPDATE uploads SET position = position * 1099511627776;",
    # path is the file system's own bytes, since a file name need not be text.
    # device, file_id and crc64nvme are text because they are unsigned 64-bit (file ids on Windows: 128-bit)
    # numbers and SQLite's integers are signed 64-bit.
)

SCHEMA_VERSION = len(_STEPS)


def migrate(db: sqlite3.Connection) -> None:
    """Bring an older or empty database to SCHEMA_VERSION, each step in one transaction with its version number."""
    present = db.execute("PRAGMA user_version").fetchone()[0]
    for version, script in enumerate(_STEPS[present:], start=present + 1):
        db.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {version}; COMMIT;")
