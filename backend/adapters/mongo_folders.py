"""The Folders port in MongoDB."""

from __future__ import annotations

from collections.abc import Callable

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from backend.adapters.catalogue_rows import folder_row, row_folder
from backend.adapters.folder_place import require_place
from backend.adapters.mongo_database import NEWEST_FIRST, MongoDatabase, beyond
from backend.errors import FolderExists, FolderNotEmpty, FolderNotFound
from backend.model import OPEN_STATES, Cursor, Folder


class MongoFolders:
    """One document a folder."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._folders = database.collection("folders")
        self._recordings = database.collection("recordings")
        self._sessions = database.collection("upload_sessions")
        # One document an owner, which every change of a folder changes too: so two of them never overlap.
        self._changes = database.collection("folder_changes")

    def reserve_folder(self, folder: Folder) -> Folder:
        """See Folders."""
        with self._database.mapped_errors():
            try:
                self._folders.insert_one({"_id": folder.folder_id, **folder_row(folder)})
            except DuplicateKeyError:
                place = {"owner_id": folder.owner_id, "parent_id": folder.parent_id, "name": folder.name}
                known = self._folders.find_one(place)
                if known is None:
                    raise
                return row_folder(known)
        return folder

    def find_folder(self, owner_id: str, folder_id: str) -> Folder | None:
        """See Folders."""
        with self._database.mapped_errors():
            return self._folder(owner_id, folder_id)

    def list_folders(self, owner_id: str, before: Cursor | None, limit: int) -> list[Folder]:
        """See Folders."""
        condition = {"owner_id": owner_id, **beyond(before, "$lt")}
        with self._database.mapped_errors():
            return [row_folder(row) for row in self._folders.find(condition).sort(NEWEST_FIRST).limit(limit)]

    def change_folder(
        self, owner_id: str, folder_id: str, change: Callable[[Folder], Folder], max_depth: int
    ) -> Folder:
        """See Folders."""

        def inside(session: ClientSession) -> Folder:
            self._come_after_others(owner_id, session)
            present = self._folder(owner_id, folder_id, session)
            if present is None:
                raise FolderNotFound
            folder = change(present)
            require_place(folder, lambda above: self._folder(owner_id, above, session), max_depth)
            changes = {"$set": {"name": folder.name, "parent_id": folder.parent_id}}
            self._folders.update_one({"_id": folder_id}, changes, session=session)
            return folder

        with self._database.transaction() as transaction:
            try:
                return transaction.with_transaction(inside)
            except DuplicateKeyError as exc:
                raise FolderExists from exc

    def delete_folder(self, owner_id: str, folder_id: str) -> None:
        """See Folders."""

        def inside(session: ClientSession) -> None:
            self._come_after_others(owner_id, session)
            if self._folder(owner_id, folder_id, session) is None:
                raise FolderNotFound
            if self._has_content(owner_id, folder_id, session):
                raise FolderNotEmpty
            self._folders.delete_one({"_id": folder_id}, session=session)

        with self._database.transaction() as transaction:
            transaction.with_transaction(inside)

    def _come_after_others(self, owner_id: str, session: ClientSession) -> None:
        """Make this transaction one after all others that change folders of this owner."""
        self._changes.update_one({"_id": owner_id}, {"$inc": {"changes": 1}}, upsert=True, session=session)

    def _has_content(self, owner_id: str, folder_id: str, session: ClientSession) -> bool:
        inside = {"owner_id": owner_id, "folder_id": folder_id}
        return (
            self._folders.find_one({"owner_id": owner_id, "parent_id": folder_id}, session=session) is not None
            or self._recordings.find_one(
                {**inside, "folder_id": {"$eq": folder_id, "$type": "string"}}, session=session
            )
            is not None
            or self._sessions.find_one({**inside, "state": {"$in": sorted(OPEN_STATES)}}, session=session) is not None
        )

    def _folder(self, owner_id: str, folder_id: str, session: ClientSession | None = None) -> Folder | None:
        found = self._folders.find_one({"_id": folder_id, "owner_id": owner_id}, session=session)
        return None if found is None else row_folder(found)
