"""The bodies and answers of the routes under ``/folders``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field

from backend.http.schemas.wire import Answer, Body, Identifier, iso, json_text
from backend.model import Folder


def _folder_name(value: str) -> str:
    name = value.strip()
    if not name or "/" in name or not name.isprintable():
        raise ValueError("not a folder's name")
    return name


FolderName = Annotated[
    str,
    BeforeValidator(json_text),
    AfterValidator(_folder_name),
    Field(min_length=1, max_length=255, description="Without “/” and control characters; spaces around it are cut."),
]


class FolderBody(Body):
    """``POST /folders``. Without a parent the folder is at the top."""

    name: FolderName
    parent_id: Identifier | None = None


class FolderChange(Body):
    """``PATCH /folders/{id}``: what is not named stays; a parent of null is the top."""

    name: FolderName | None = None
    parent_id: Identifier | None = None

    def apply(self, folder: Folder) -> Folder:
        """Return the folder as it shall be."""
        named = self.model_fields_set
        return replace(
            folder,
            name=self.name or folder.name,
            parent_id=self.parent_id if "parent_id" in named else folder.parent_id,
        )


class FolderAnswer(Answer):
    """A folder of the library."""

    id: str
    name: str
    parent_id: str | None
    created_at: str

    @classmethod
    def of(cls, folder: Folder) -> Self:
        """Return the answer for one folder."""
        return cls(
            id=folder.folder_id, name=folder.name, parent_id=folder.parent_id, created_at=iso(folder.created_at)
        )


class FoldersAnswer(Answer):
    """A page of folders."""

    items: list[FolderAnswer]
    next_cursor: str | None
