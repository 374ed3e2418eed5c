"""Where a folder may be: the same rule for both databases, asked inside their transactions."""

from __future__ import annotations

from collections.abc import Callable

from backend.errors import FolderCycle, FolderNotFound, FolderTooDeep
from backend.model import Folder


def require_place(folder: Folder, find: Callable[[str], Folder | None], max_depth: int) -> None:
    """Return if the folder may have its parent. ``find`` looks for one of the owner's folders.

    Raises FolderNotFound, FolderCycle, FolderTooDeep. Takes ``max_depth`` looks at most.
    """
    above = folder.parent_id
    for _ in range(max_depth):
        if above is None:
            return
        if above == folder.folder_id:
            raise FolderCycle
        parent = find(above)
        if parent is None:
            raise FolderNotFound
        above = parent.parent_id
    raise FolderTooDeep
