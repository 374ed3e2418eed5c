"""The Folders port on the SQLite catalogue's file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

from backend.adapters.catalogue_rows import folder_row, row_folder
from backend.adapters.folder_place import require_place
from backend.adapters.sqlite_database import SqliteDatabase, place
from backend.errors import FolderExists, FolderNotEmpty, FolderNotFound
from backend.model import OPEN_STATES, Cursor, Folder

_IN_PLACE = "SELECT * FROM folders WHERE owner_id = :owner_id AND parent_id IS :parent_id AND name = :name"
_IS_EMPTY = """
SELECT NOT EXISTS (SELECT 1 FROM folders WHERE owner_id = :owner_id AND parent_id = :folder_id)
  AND NOT EXISTS (SELECT 1 FROM recordings WHERE owner_id = :owner_id AND folder_id = :folder_id)
  AND NOT EXISTS (SELECT 1 FROM upload_sessions WHERE owner_id = :owner_id AND folder_id = :folder_id
    AND state IN (SELECT value FROM json_each(:open_states)))
  AS is_empty
"""


class SqliteFolders:
    """One row a folder."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def reserve_folder(self, folder: Folder) -> Folder:
        """See Folders."""
        row = folder_row(folder)
        with self._database.transaction() as db:
            known = db.execute(_IN_PLACE, row).fetchone()
            if known is not None:
                return row_folder(dict(known))
            db.execute(
                "INSERT INTO folders (folder_id, owner_id, name, parent_id, created_at)"
                " VALUES (:folder_id, :owner_id, :name, :parent_id, :created_at)",
                row,
            )
        return folder

    def find_folder(self, owner_id: str, folder_id: str) -> Folder | None:
        """See Folders."""
        with self._database.connection() as db:
            return _folder(db, owner_id, folder_id)

    def list_folders(self, owner_id: str, before: Cursor | None, limit: int) -> list[Folder]:
        """See Folders."""
        rows = self._database.rows(
            "SELECT * FROM folders WHERE owner_id = ? AND (? IS NULL OR (created_at, folder_id) < (?, ?))"
            " ORDER BY created_at DESC, folder_id DESC LIMIT ?",
            owner_id,
            *place(before),
            limit,
        )
        return [row_folder(row) for row in rows]

    def change_folder(
        self, owner_id: str, folder_id: str, change: Callable[[Folder], Folder], max_depth: int
    ) -> Folder:
        """See Folders."""
        with self._database.transaction() as db:
            present = _folder(db, owner_id, folder_id)
            if present is None:
                raise FolderNotFound
            folder = change(present)
            require_place(folder, lambda above: _folder(db, owner_id, above), max_depth)
            row = folder_row(folder)
            in_place = db.execute(_IN_PLACE, row).fetchone()
            if in_place is not None and in_place["folder_id"] != folder_id:
                raise FolderExists
            db.execute("UPDATE folders SET name = :name, parent_id = :parent_id WHERE folder_id = :folder_id", row)
        return folder

    def delete_folder(self, owner_id: str, folder_id: str) -> None:
        """See Folders."""
        values = {"owner_id": owner_id, "folder_id": folder_id, "open_states": json.dumps(sorted(OPEN_STATES))}
        with self._database.transaction() as db:
            if _folder(db, owner_id, folder_id) is None:
                raise FolderNotFound
            if not db.execute(_IS_EMPTY, values).fetchone()["is_empty"]:
                raise FolderNotEmpty
            db.execute("DELETE FROM folders WHERE folder_id = ?", (folder_id,))


def _folder(db: sqlite3.Connection, owner_id: str, folder_id: str) -> Folder | None:
    found = db.execute("SELECT * FROM folders WHERE folder_id = ? AND owner_id = ?", (folder_id, owner_id)).fetchone()
    return None if found is None else row_folder(dict(found))
