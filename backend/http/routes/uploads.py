"""The routes under ``/s3``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.http.on_the_spot import Spot
from backend.http.routes.request import ERRORS, CursorText, Identifier, Limit, user_of
from backend.http.schemas import recordings as recording_schemas
from backend.http.schemas import uploads as schemas
from backend.http.services import Services
from backend.upload_service import UploadService


def upload_routes(services: Services) -> APIRouter:
    """Return the routes under ``/s3``."""
    router = APIRouter(prefix="/s3", tags=["uploads"], responses=ERRORS)
    uploads = services.uploads

    @router.post("/init-upload", response_model_exclude_unset=True)
    async def init_upload(body: schemas.InitBody, request: Request) -> schemas.InitAnswer:
        """Open a multipart upload, or find the one that this clientUploadId opened before."""
        opened = await run_in_threadpool(uploads.init, user_of(request), body.to_model())
        return schemas.InitAnswer.of(opened, services.bucket)

    @router.post("/presign-url")
    async def presign_url(body: schemas.PresignBody, request: Request) -> schemas.SignedAnswer:
        """Return a URL for one part."""
        parts = [body.to_model()]
        # Signing itself is quicker than the way to a thread and back.
        sign = uploads.at_hand(user_of(request), body.upload_id, body.key, parts[0])
        if sign is not None:
            return schemas.SignedAnswer.of(sign())
        [signed] = await run_in_threadpool(uploads.sign_parts, user_of(request), body.upload_id, body.key, parts)
        return schemas.SignedAnswer.of(signed)

    @router.post("/presign-urls")
    async def presign_urls(body: schemas.PresignManyBody, request: Request) -> schemas.SignedManyAnswer:
        """Return URLs for up to 100 parts."""
        parts = [part.to_model() for part in body.parts]
        signed = await run_in_threadpool(uploads.sign_parts, user_of(request), body.upload_id, body.key, parts)
        return schemas.SignedManyAnswer(urls=[schemas.NumberedSignedAnswer.of(part) for part in signed])

    @router.get("/parts", response_model_exclude_none=True)
    async def list_parts(
        request: Request, upload_id: Annotated[Identifier, Query(alias="uploadId")], key: Identifier
    ) -> schemas.PartsAnswer:
        """Return what the store has of an open upload."""
        parts = await run_in_threadpool(uploads.list_parts, user_of(request), upload_id, key)
        return schemas.PartsAnswer(parts=[schemas.StoredPartAnswer.of(part) for part in parts])

    @router.get("/uploads")
    async def list_uploads(
        request: Request, cursor: CursorText = None, limit: Limit = 50
    ) -> schemas.OpenUploadsAnswer:
        """Return the caller's open uploads, newest first."""
        page = await run_in_threadpool(uploads.list_open, user_of(request), cursor, limit)
        items = [schemas.OpenUploadAnswer.of(session) for session in page.items]
        return schemas.OpenUploadsAnswer(items=items, next_cursor=page.next_cursor)

    @router.post("/complete-upload")
    async def complete_upload(body: schemas.CompleteBody, request: Request) -> recording_schemas.RecordingAnswer:
        """Assemble, verify and record the file; asked again, the same answer."""
        complete = services.completion.complete
        recording = await run_in_threadpool(complete, user_of(request), body.upload_id, body.key, body.to_model())
        return recording_schemas.RecordingAnswer.of(recording, services.recordings.file_url(recording))

    @router.post("/abort-upload", status_code=204)
    async def abort_upload(body: schemas.UploadBody, request: Request) -> Response:
        """Give up an upload and free its parts."""
        await run_in_threadpool(uploads.abort, user_of(request), body.upload_id, body.key)
        return Response(status_code=204)

    return router


def presign_spot(uploads: UploadService) -> Spot:
    """Return how a part is signed on the spot, of an upload that is at hand."""

    def prepare(user: str, body: schemas.PresignBody) -> Callable[[], str] | None:
        sign = uploads.at_hand(user, body.upload_id, body.key, body.to_model())
        return None if sign is None else lambda: schemas.SignedAnswer.of(sign()).model_dump_json(by_alias=True)

    return Spot("/s3/presign-url", schemas.PresignBody, prepare)
