"""The routes under ``/folders``."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.http.routes.request import ERRORS, CursorText, Limit, user_of
from backend.http.schemas import folders as schemas
from backend.http.services import Services


def folder_routes(services: Services) -> APIRouter:
    """Return the routes under ``/folders``."""
    router = APIRouter(prefix="/folders", tags=["folders"], responses=ERRORS)
    folders = services.folders

    @router.get("")
    async def list_folders(request: Request, cursor: CursorText = None, limit: Limit = 50) -> schemas.FoldersAnswer:
        """Return the caller's folders, newest first."""
        page = await run_in_threadpool(folders.list, user_of(request), cursor, limit)
        return schemas.FoldersAnswer(
            items=[schemas.FolderAnswer.of(folder) for folder in page.items], next_cursor=page.next_cursor
        )

    @router.post("")
    async def create_folder(body: schemas.FolderBody, request: Request) -> schemas.FolderAnswer:
        """Make a folder; asked again, the same."""
        folder = await run_in_threadpool(folders.create, user_of(request), body.name, body.parent_id)
        return schemas.FolderAnswer.of(folder)

    @router.patch("/{folder_id}")
    async def change_folder(folder_id: str, body: schemas.FolderChange, request: Request) -> schemas.FolderAnswer:
        """Rename or move a folder, with all that is in it."""
        folder = await run_in_threadpool(folders.change, user_of(request), folder_id, body.apply)
        return schemas.FolderAnswer.of(folder)

    @router.delete("/{folder_id}", status_code=204)
    async def delete_folder(folder_id: str, request: Request) -> Response:
        """Delete a folder that has nothing in it."""
        await run_in_threadpool(folders.delete, user_of(request), folder_id)
        return Response(status_code=204)

    return router
