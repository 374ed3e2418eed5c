"""The routes: each parses its request, calls one service and writes the answer.

Services block, so they run on the framework's threads: one way there and back a request, since that way costs more
than a route itself. Reading the body and writing the answer stay on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator
from starlette.concurrency import run_in_threadpool

from backend.completion_service import CompletionService
from backend.errors import BackendError
from backend.folder_service import FolderService
from backend.http import schemas
from backend.http.error_handlers import error_response, request_id_of
from backend.recording_service import RecordingService
from backend.upload_service import UploadService


@dataclass(frozen=True)
class Services:
    """What the routes call. ``check_ready`` raises a BackendError while store or catalogue are away."""

    uploads: UploadService
    completion: CompletionService
    recordings: RecordingService
    folders: FolderService
    check_ready: Callable[[], None]
    bucket: str


def _user(request: Request) -> str:
    """Return who is signed in; the middleware let nobody else through."""
    return str(request.scope["user_id"])


def _query_text(value: str) -> str:
    if "\0" in value:
        raise ValueError("contains a NUL character")
    return value


Limit = Annotated[int, Query(ge=1, le=200)]
CursorText = Annotated[str | None, Query(max_length=500)]
Identifier = Annotated[str, Query(min_length=1, max_length=2048), BeforeValidator(_query_text)]
_ERRORS: dict[int | str, dict[str, object]] = {
    status: {"model": schemas.ErrorAnswer} for status in (400, 401, 404, 409, 413, 415, 422, 500, 502, 503)
}


def upload_routes(services: Services) -> APIRouter:
    """Return the routes under ``/s3``."""
    router = APIRouter(prefix="/s3", tags=["uploads"], responses=_ERRORS)
    uploads = services.uploads

    @router.post("/init-upload", response_model_exclude_unset=True)
    async def init_upload(body: schemas.InitBody, request: Request) -> schemas.InitAnswer:
        """Open a multipart upload, or find the one that this clientUploadId opened before."""
        opened = await run_in_threadpool(uploads.init, _user(request), body.to_model())
        answer = schemas.InitAnswer.of(opened, services.bucket)
        if answer.urls is None:
            answer.__pydantic_fields_set__.discard("urls")
        return answer

    @router.post("/presign-url")
    async def presign_url(body: schemas.PresignBody, request: Request) -> schemas.SignedAnswer:
        """Return a URL for one part."""
        signed = await run_in_threadpool(
            uploads.sign_parts, _user(request), body.upload_id, body.key, [body.to_model()]
        )
        return schemas.SignedAnswer.of(signed[0])

    @router.post("/presign-urls")
    async def presign_urls(body: schemas.PresignManyBody, request: Request) -> schemas.SignedManyAnswer:
        """Return URLs for up to 100 parts."""
        parts = [part.to_model() for part in body.parts]
        signed = await run_in_threadpool(uploads.sign_parts, _user(request), body.upload_id, body.key, parts)
        return schemas.SignedManyAnswer(urls=[schemas.NumberedSignedAnswer.of(part) for part in signed])

    @router.get("/parts", response_model_exclude_none=True)
    async def list_parts(
        request: Request, upload_id: Annotated[Identifier, Query(alias="uploadId")], key: Identifier
    ) -> schemas.PartsAnswer:
        """Return what the store has of an open upload."""
        parts = await run_in_threadpool(uploads.list_parts, _user(request), upload_id, key)
        return schemas.PartsAnswer(parts=[schemas.StoredPartAnswer.of(part) for part in parts])

    @router.get("/uploads")
    async def list_uploads(
        request: Request, cursor: CursorText = None, limit: Limit = 50
    ) -> schemas.OpenUploadsAnswer:
        """Return the caller's open uploads, newest first."""
        page = await run_in_threadpool(uploads.list_open, _user(request), cursor, limit)
        items = [schemas.OpenUploadAnswer.of(session) for session in page.items]
        return schemas.OpenUploadsAnswer(items=items, next_cursor=page.next_cursor)

    @router.post("/complete-upload")
    async def complete_upload(body: schemas.CompleteBody, request: Request) -> schemas.RecordingAnswer:
        """Assemble, verify and record the file; asked again, the same answer."""
        complete = services.completion.complete
        recording = await run_in_threadpool(complete, _user(request), body.upload_id, body.key, body.to_model())
        return schemas.RecordingAnswer.of(recording, services.recordings.file_url(recording))

    @router.post("/abort-upload", status_code=204)
    async def abort_upload(body: schemas.UploadBody, request: Request) -> Response:
        """Give up an upload and free its parts."""
        await run_in_threadpool(uploads.abort, _user(request), body.upload_id, body.key)
        return Response(status_code=204)

    return router


def recording_routes(services: Services) -> APIRouter:
    """Return the routes under ``/recordings``."""
    router = APIRouter(prefix="/recordings", tags=["recordings"], responses=_ERRORS)
    recordings = services.recordings

    @router.get("")
    async def list_recordings(
        request: Request,
        query: Annotated[str | None, Query(max_length=200), BeforeValidator(_query_text)] = None,
        cursor: CursorText = None,
        limit: Limit = 50,
    ) -> schemas.RecordingsAnswer:
        """Return the caller's recordings, newest first."""
        page = await run_in_threadpool(recordings.list, _user(request), query, cursor, limit)
        items = [schemas.RecordingAnswer.of(item, recordings.file_url(item)) for item in page.items]
        return schemas.RecordingsAnswer(items=items, next_cursor=page.next_cursor)

    @router.get("/{recording_id}")
    async def get_recording(recording_id: str, request: Request) -> schemas.RecordingAnswer:
        """Return one recording."""
        recording = await run_in_threadpool(recordings.get, _user(request), recording_id)
        return schemas.RecordingAnswer.of(recording, recordings.file_url(recording))

    @router.get("/{recording_id}/url")
    async def get_recording_url(recording_id: str, request: Request) -> schemas.LinkAnswer:
        """Return a URL that downloads the recording."""
        url = await run_in_threadpool(recordings.link, _user(request), recording_id)
        return schemas.LinkAnswer(url=url, expires_in=recordings.link_ttl_s)

    @router.delete("/{recording_id}", status_code=204)
    async def delete_recording(recording_id: str, request: Request) -> Response:
        """Delete the stored file and its record."""
        await run_in_threadpool(recordings.delete, _user(request), recording_id)
        return Response(status_code=204)

    return router


def folder_routes(services: Services) -> APIRouter:
    """Return the routes under ``/folders``."""
    router = APIRouter(prefix="/folders", tags=["folders"], responses=_ERRORS)
    folders = services.folders

    @router.get("")
    async def list_folders(request: Request, cursor: CursorText = None, limit: Limit = 50) -> schemas.FoldersAnswer:
        """Return the caller's folders, newest first."""
        page = await run_in_threadpool(folders.list, _user(request), cursor, limit)
        return schemas.FoldersAnswer(
            items=[schemas.FolderAnswer.of(folder) for folder in page.items], next_cursor=page.next_cursor
        )

    @router.post("")
    async def create_folder(body: schemas.FolderBody, request: Request) -> schemas.FolderAnswer:
        """Make a folder; asked again, the same."""
        folder = await run_in_threadpool(folders.create, _user(request), body.name, body.parent_id)
        return schemas.FolderAnswer.of(folder)

    @router.patch("/{folder_id}")
    async def change_folder(folder_id: str, body: schemas.FolderChange, request: Request) -> schemas.FolderAnswer:
        """Rename or move a folder, with all that is in it."""
        folder = await run_in_threadpool(folders.change, _user(request), folder_id, body.apply)
        return schemas.FolderAnswer.of(folder)

    return router


def health_routes(services: Services) -> APIRouter:
    """Return the routes for whoever watches the process."""
    router = APIRouter(tags=["health"])
    open_to_all: dict[str, object] = {"security": []}

    @router.get("/healthz", openapi_extra=open_to_all)
    async def healthz() -> schemas.HealthAnswer:
        """Say that the process answers; without a thread, so that busy ones do not hide it."""
        return schemas.HealthAnswer(status="ok")

    @router.get(
        "/readyz",
        response_model=schemas.HealthAnswer,
        responses={503: {"model": schemas.ErrorAnswer}},
        openapi_extra=open_to_all,
    )
    async def readyz(request: Request) -> Response | schemas.HealthAnswer:
        """Say whether store and catalogue answer: 200, else 503 with what is missing."""
        try:
            await run_in_threadpool(services.check_ready)
        except BackendError as exc:
            return error_response(503, exc.code, exc.message, request_id_of(request))
        return schemas.HealthAnswer(status="ready")

    return router
