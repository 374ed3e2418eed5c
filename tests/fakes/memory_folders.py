"""The Folders port in memory, for tests of the services. Passes the same contract suite as the real ones."""

from __future__ import annotations

import threading
from collections.abc import Callable

from backend.adapters.folder_place import require_place
from backend.errors import FolderExists, FolderNotEmpty, FolderNotFound
from backend.model import OPEN_STATES, Cursor, Folder
from tests.fakes.memory_catalogue import MemoryCatalogue


class MemoryFolders:
    """Keeps folders in a dictionary, and knows from a catalogue what is in them; is down when that is."""

    def __init__(self, catalogue: MemoryCatalogue) -> None:
        self._catalogue = catalogue
        self.folders: dict[str, Folder] = {}
        self._lock = threading.RLock()

    def reserve_folder(self, folder: Folder) -> Folder:
        self._catalogue.check()
        with self._lock:
            return self._in_place_of(folder) or self.folders.setdefault(folder.folder_id, folder)

    def find_folder(self, owner_id: str, folder_id: str) -> Folder | None:
        self._catalogue.check()
        found = self.folders.get(folder_id)
        return found if found is not None and found.owner_id == owner_id else None

    def list_folders(self, owner_id: str, before: Cursor | None, limit: int) -> list[Folder]:
        self._catalogue.check()
        mine = [folder for folder in self.folders.values() if folder.owner_id == owner_id]
        ranked = sorted(mine, key=lambda folder: (folder.created_at, folder.folder_id), reverse=True)
        return [
            f for f in ranked if before is None or (f.created_at, f.folder_id) < (before.created_at, before.item_id)
        ][:limit]

    def change_folder(
        self, owner_id: str, folder_id: str, change: Callable[[Folder], Folder], max_depth: int
    ) -> Folder:
        with self._lock:
            present = self.find_folder(owner_id, folder_id)
            if present is None:
                raise FolderNotFound
            folder = change(present)
            require_place(folder, lambda above: self.find_folder(owner_id, above), max_depth)
            if self._in_place_of(folder) not in (None, present):
                raise FolderExists
            self.folders[folder_id] = folder
            return folder

    def delete_folder(self, owner_id: str, folder_id: str) -> None:
        self._catalogue.check()
        with self._lock:
            if self.find_folder(owner_id, folder_id) is None:
                raise FolderNotFound
            sessions = self._catalogue.sessions.values()
            places = [each.folder_id for each in self._catalogue.recordings.values()]
            places += [each.folder_id for each in sessions if each.state in OPEN_STATES]
            places += [each.parent_id for each in self.folders.values()]
            if folder_id in places:
                raise FolderNotEmpty
            del self.folders[folder_id]

    def _in_place_of(self, folder: Folder) -> Folder | None:
        place = (folder.owner_id, folder.parent_id, folder.name)
        return next((f for f in self.folders.values() if (f.owner_id, f.parent_id, f.name) == place), None)
