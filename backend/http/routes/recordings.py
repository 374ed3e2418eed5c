"""The routes under ``/recordings``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator
from starlette.concurrency import run_in_threadpool

from backend.http.routes.request import ERRORS, Limit, user_of
from backend.http.schemas import recordings as schemas
from backend.http.schemas.wire import first_moment, last_moment, no_nul
from backend.http.services import Services
from backend.model import Disposition, Period, RecordingOrder

_DATE = "A time in ISO 8601, or a date, in UTC unless it says otherwise; "
CreatedFrom = Annotated[
    datetime | None,
    BeforeValidator(first_moment),
    Query(alias="createdFrom", description=_DATE + "those from then on", examples=["2026-11-01"]),
]
CreatedTo = Annotated[
    datetime | None,
    BeforeValidator(last_moment),
    Query(alias="createdTo", description=_DATE + "those until then, all of a date's day", examples=["2026-11-30"]),
]
# It holds the name that the list has come to.
LongCursorText = Annotated[str | None, Query(max_length=8192)]
Sort = Annotated[
    RecordingOrder,
    Query(description="By what, with a minus from the greatest down. A cursor counts in its own order only"),
]


def recording_routes(services: Services) -> APIRouter:
    """Return the routes under ``/recordings``."""
    router = APIRouter(prefix="/recordings", tags=["recordings"], responses=ERRORS)
    recordings = services.recordings

    @router.get("")
    async def list_recordings(
        request: Request,
        *,
        query: Annotated[str | None, Query(max_length=200), BeforeValidator(no_nul)] = None,
        created_from: CreatedFrom = None,
        created_to: CreatedTo = None,
        sort: Sort = RecordingOrder.NEWEST,
        cursor: LongCursorText = None,
        limit: Limit = 50,
    ) -> schemas.RecordingsAnswer:
        """Return the caller's recordings in an order: those with ``query`` in their name, of a time."""
        created = Period(created_from, created_to)
        page = await run_in_threadpool(
            recordings.list, user_of(request), query, cursor, limit, created=created, order=sort
        )
        items = [schemas.RecordingAnswer.of(item, recordings.file_url(item)) for item in page.items]
        return schemas.RecordingsAnswer(items=items, next_cursor=page.next_cursor)

    @router.get("/{recording_id}")
    async def get_recording(recording_id: str, request: Request) -> schemas.RecordingAnswer:
        """Return one recording."""
        recording = await run_in_threadpool(recordings.get, user_of(request), recording_id)
        return schemas.RecordingAnswer.of(recording, recordings.file_url(recording))

    @router.get("/{recording_id}/url")
    async def get_recording_url(
        recording_id: str, request: Request, disposition: Disposition = Disposition.ATTACHMENT
    ) -> schemas.LinkAnswer:
        """Return a URL that downloads the recording or, where that is safe, plays it.

        Played is audio and video that was found to be what it says; a 409 says what else it is.
        """
        url = await run_in_threadpool(recordings.link, user_of(request), recording_id, disposition)
        return schemas.LinkAnswer(url=url, expires_in=recordings.link_ttl_s)

    @router.delete("/{recording_id}", status_code=204)
    async def delete_recording(recording_id: str, request: Request) -> Response:
        """Delete the stored file and its record."""
        await run_in_threadpool(recordings.delete, user_of(request), recording_id)
        return Response(status_code=204)

    return router
