"""The routes for whoever watches the process."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.errors import BackendError
from backend.http.error_handlers import error_response, request_id_of
from backend.http.schemas.health import HealthAnswer
from backend.http.schemas.wire import ErrorAnswer
from backend.http.services import Services


def health_routes(services: Services) -> APIRouter:
    """Return the routes for whoever watches the process."""
    router = APIRouter(tags=["health"])
    open_to_all: dict[str, object] = {"security": []}

    @router.get("/healthz", openapi_extra=open_to_all)
    async def healthz() -> HealthAnswer:
        """Say that the process answers; without a thread, so that busy ones do not hide it."""
        return HealthAnswer(status="ok")

    @router.get(
        "/readyz",
        response_model=HealthAnswer,
        responses={503: {"model": ErrorAnswer}},
        openapi_extra=open_to_all,
    )
    async def readyz(request: Request) -> Response | HealthAnswer:
        """Say whether store and catalogue answer: 200, else 503 with what is missing."""
        try:
            await run_in_threadpool(services.check_ready)
        except BackendError as exc:
            return error_response(503, exc.code, exc.message, request_id_of(request))
        return HealthAnswer(status="ready")

    return router
