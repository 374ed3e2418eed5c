"""The routes of live progress: clients say how far they are, watchers are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response, WebSocket
from starlette.concurrency import run_in_threadpool

from backend.http.live_socket import LiveSocket, SocketRules
from backend.http.on_the_spot import Spot
from backend.http.routes.request import ERRORS, user_of
from backend.http.schemas import progress as schemas
from backend.http.services import Services
from backend.progress_service import ProgressService


def progress_routes(services: Services) -> APIRouter:
    """Return the route that takes progress in."""
    router = APIRouter(prefix="/s3", tags=["uploads"], responses=ERRORS)
    progress = services.progress

    @router.post("/progress", status_code=204)
    async def report_progress(body: schemas.ProgressBody, request: Request) -> Response:
        """Say how much of an upload is stored. Once a second is enough: what comes sooner waits its turn."""
        told = user_of(request), body.upload_id, body.key, body.bytes_confirmed
        if not progress.report_known(*told):
            await run_in_threadpool(progress.report, *told)
        return Response(status_code=204)

    return router


def progress_spot(progress: ProgressService) -> Spot:
    """Return how progress is taken in on the spot, of an upload that was heard of before."""

    def prepare(user: str, body: schemas.ProgressBody) -> Callable[[], str | None] | None:
        told = user, body.upload_id, body.key, body.bytes_confirmed
        return (lambda: "" if progress.report_known(*told) else None) if progress.knows(*told) else None

    return Spot("/s3/progress", schemas.ProgressBody, prepare)


def live_routes(
    services: Services,
    token_user: Callable[[str], Awaitable[str]],
    count: Callable[[str], Awaitable[None]],
) -> APIRouter:
    """Return the WebSocket's route."""
    router = APIRouter()
    rules = SocketRules(token_user, count)

    @router.websocket("/ws/progress")
    async def live_progress(websocket: WebSocket) -> None:
        """Tell a signed-in owner what becomes of their uploads."""
        await LiveSocket(websocket, services.live, rules, services.recordings.file_url).serve()

    return router
