"""Opens the SQLite catalogue's file, made and brought up to date where needed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from backend.errors import CatalogueUnusable

BUSY_TIMEOUT_S = 10.0

# One script a version of the schema. What is released is never edited: a change is a script of its own.
_VERSION_1 = """
CREATE TABLE upload_sessions (
  session_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, client_upload_id TEXT, upload_id TEXT UNIQUE,
  key TEXT NOT NULL UNIQUE, file_name TEXT NOT NULL, content_type TEXT NOT NULL, folder_id TEXT,
  file_size_bytes INTEGER, part_size_bytes INTEGER NOT NULL, checksum_algorithm TEXT, crc64nvme TEXT,
  state TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX session_client_id ON upload_sessions (owner_id, client_upload_id)
  WHERE client_upload_id IS NOT NULL;
CREATE INDEX session_state ON upload_sessions (state, created_at, session_id);
CREATE INDEX session_owner ON upload_sessions (owner_id, created_at, session_id);
CREATE TABLE recordings (
  recording_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, upload_id TEXT NOT NULL UNIQUE, bucket TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE, file_name TEXT NOT NULL, search_name TEXT NOT NULL, content_type TEXT NOT NULL,
  folder_id TEXT, size_bytes INTEGER NOT NULL, crc64nvme TEXT, created_at INTEGER NOT NULL,
  duration_s REAL, duration_pending INTEGER NOT NULL
) STRICT;
CREATE INDEX recording_owner ON recordings (owner_id, created_at, recording_id);
CREATE INDEX recording_pending ON recordings (created_at) WHERE duration_pending = 1;
"""

_VERSION_2 = """
ALTER TABLE recordings ADD COLUMN probed_by TEXT;
ALTER TABLE recordings ADD COLUMN probed_until INTEGER;
"""
_VERSION_3 = """
ALTER TABLE upload_sessions ADD COLUMN active_at INTEGER NOT NULL DEFAULT 0;
UPDATE upload_sessions SET active_at = created_at;
ALTER TABLE upload_sessions ADD COLUMN sweep_at INTEGER;
CREATE INDEX session_sweep ON upload_sessions (sweep_at) WHERE sweep_at IS NOT NULL;
"""
_VERSION_4 = """
ALTER TABLE upload_sessions ADD COLUMN method TEXT NOT NULL DEFAULT 'multipart';
ALTER TABLE upload_sessions ADD COLUMN put_checksum TEXT;
"""
_VERSION_5 = """
CREATE TABLE folders (
  folder_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, name TEXT NOT NULL, parent_id TEXT, created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX folder_place ON folders (owner_id, ifnull(parent_id, ''), name);
CREATE INDEX folder_owner ON folders (owner_id, created_at, folder_id);
"""
_VERSION_6 = """
CREATE TABLE request_counts (who TEXT NOT NULL, minute INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (minute, who)) STRICT;
"""
_VERSION_7 = """
CREATE TABLE accounts (user TEXT PRIMARY KEY, password_hash TEXT NOT NULL, created_at INTEGER NOT NULL,
  is_disabled INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT;
CREATE TABLE sign_ins (
  family TEXT PRIMARY KEY, user TEXT NOT NULL, generation INTEGER NOT NULL, token_hash TEXT NOT NULL,
  previous_hash TEXT, rotated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_expiry ON sign_ins (expires_at);
"""
# What a trigger writes down in the transaction of each change is what the watchers of any process read.
# One that is further behind than the rows that are kept looks at everything again.
_VERSION_8 = """
CREATE TABLE upload_progress (session_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, bytes_confirmed INTEGER NOT NULL,
  estimated INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
CREATE TABLE live_changes (change_id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL) STRICT;
CREATE TRIGGER live_session_opened AFTER INSERT ON upload_sessions BEGIN
  INSERT INTO live_changes (session_id) VALUES (NEW.session_id); END;
CREATE TRIGGER live_session_changed AFTER UPDATE ON upload_sessions BEGIN
  INSERT INTO live_changes (session_id) VALUES (NEW.session_id); END;
CREATE TRIGGER live_progress_begun AFTER INSERT ON upload_progress BEGIN
  INSERT INTO live_changes (session_id) VALUES (NEW.session_id); END;
CREATE TRIGGER live_progress_made AFTER UPDATE ON upload_progress BEGIN
  INSERT INTO live_changes (session_id) VALUES (NEW.session_id); END;
CREATE TRIGGER live_recording AFTER UPDATE ON recordings BEGIN
  INSERT INTO live_changes (session_id) VALUES (NEW.recording_id); END;
CREATE TRIGGER live_changes_bounded AFTER INSERT ON live_changes BEGIN
  DELETE FROM live_changes WHERE change_id <= NEW.change_id - 1000; END;
CREATE TRIGGER progress_over AFTER UPDATE OF state ON upload_sessions WHEN NEW.state IN ('completed', 'aborted') BEGIN
  DELETE FROM upload_progress WHERE session_id = NEW.session_id; END;
"""
_VERSION_9 = """
ALTER TABLE recordings ADD COLUMN content_check TEXT NOT NULL DEFAULT 'pending';
CREATE INDEX recording_unchecked ON recordings (created_at) WHERE content_check = 'pending';
"""
_VERSION_10 = """
CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL, found INTEGER) STRICT;
"""
_VERSION_11 = """
ALTER TABLE recordings ADD COLUMN checked_after INTEGER;
"""
# What was noted of uploads in their last second stayed for good.
_VERSION_12 = """
DELETE FROM upload_progress WHERE session_id NOT IN
  (SELECT session_id FROM upload_sessions WHERE state IN ('uploading', 'completing'));
"""
# An owner's open sessions are few, those that are over are not.
_VERSION_13 = """
DROP INDEX session_owner;
CREATE INDEX session_owner_state ON upload_sessions (owner_id, state, created_at, session_id);
"""
# A folder is deleted if there is nothing in it.
_VERSION_14 = """
CREATE INDEX recording_folder ON recordings (folder_id) WHERE folder_id IS NOT NULL;
"""
# For the orders of the library; what is asked for is written as it is here, else SQLite does not use them.
_VERSION_15 = """
CREATE INDEX recording_name ON recordings (owner_id, search_name, recording_id);
CREATE INDEX recording_size ON recordings (owner_id, size_bytes, recording_id);
CREATE INDEX recording_duration ON recordings (owner_id, ifnull(duration_s, -1), recording_id);
"""
_VERSIONS = (
    _VERSION_1,
    _VERSION_2,
    _VERSION_3,
    _VERSION_4,
    _VERSION_5,
    _VERSION_6,
    _VERSION_7,
    _VERSION_8,
    _VERSION_9,
    _VERSION_10,
    _VERSION_11,
    _VERSION_12,
    _VERSION_13,
    _VERSION_14,
    _VERSION_15,
)


def open_database(path: Path) -> sqlite3.Connection:
    """Return a connection for all threads. Raises CatalogueUnusable for a newer schema, sqlite3.Error, OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made by hand first: SQLite would give it the process's default permissions. One that is there is not opened: to
    # close it again would take away the locks of this process's other connections (POSIX), and another program that
    # ends its work on the file would then delete the log that this one goes on writing to.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        _migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def _migrate(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(_VERSIONS):
        db.execute("ROLLBACK")
        raise CatalogueUnusable("The catalogue was written by a newer version of this program: update it.")
    for script in _VERSIONS[version:]:
        for statement in script.split(";\n"):
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {len(_VERSIONS)}")
    db.execute("COMMIT")
