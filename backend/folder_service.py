"""Makes, lists, renames, moves and deletes the folders of the library. Only ever the owner's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from backend.cursor import decode_cursor, encode_cursor
from backend.errors import FolderTooDeep
from backend.folders import require_folder
from backend.model import Cursor, Folder, Page, utc_now
from backend.ports import Folders

MAX_DEPTH = 32


class FolderService:
    """What an owner can do with folders."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    def create(self, owner_id: str, name: str, parent_id: str | None) -> Folder:
        """Return the folder of this name in this place, made if it is not there: asked again, the same.

        Raises FolderNotFound for the parent, FolderTooDeep.
        """
        if self._depth(owner_id, parent_id) >= MAX_DEPTH:
            raise FolderTooDeep
        return self._folders.reserve_folder(Folder(uuid.uuid4().hex, owner_id, name, parent_id, utc_now()))

    def list(self, owner_id: str, cursor: str | None, limit: int) -> Page[Folder]:
        """Return folders, newest first. Raises InvalidField for the cursor."""
        found = self._folders.list_folders(owner_id, decode_cursor(cursor), limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        following = encode_cursor(Cursor(last.created_at, last.folder_id)) if last else None
        return Page(found[:limit], following)

    def change(self, owner_id: str, folder_id: str, change: Callable[[Folder], Folder]) -> Folder:
        """Give a folder, with all that is in it, another name or another place, and return it.

        Raises FolderNotFound for it and its new parent, FolderExists, FolderCycle, FolderTooDeep.
        """
        return self._folders.change_folder(owner_id, folder_id, change, MAX_DEPTH)

    def delete(self, owner_id: str, folder_id: str) -> None:
        """Delete a folder that has nothing in it. Raises FolderNotFound, FolderNotEmpty."""
        self._folders.delete_folder(owner_id, folder_id)

    def _depth(self, owner_id: str, folder_id: str | None) -> int:
        """How many folders lead to what is in this one. Stops counting at the limit."""
        depth = 0
        while folder_id is not None and depth < MAX_DEPTH:
            folder_id = require_folder(self._folders, owner_id, folder_id).parent_id
            depth += 1
        return depth
