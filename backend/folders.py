"""Whose a folder has to be: asked by everything that puts something into one."""

from __future__ import annotations

from backend.errors import FolderNotFound
from backend.model import Folder
from backend.ports import Folders


def require_folder(folders: Folders, owner_id: str, folder_id: str) -> Folder:
    """Return the owner's folder. Raises FolderNotFound, also for someone else's."""
    folder = folders.find_folder(owner_id, folder_id)
    if folder is None:
        raise FolderNotFound
    return folder
