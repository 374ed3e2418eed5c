"""The route for a Prometheus that watches the service."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.errors import NotSignedIn
from backend.http.schemas.wire import ErrorAnswer


@dataclass(frozen=True)
class MetricsPage:
    """What ``/metrics`` shows, and the bearer token that it asks for, None to show it to everybody."""

    text: Callable[[], bytes]
    content_type: str
    token: str | None = field(default=None, repr=False)


def metrics_routes(page: MetricsPage) -> APIRouter:
    """Return the route ``/metrics``."""
    router = APIRouter(tags=["health"])
    open_to_all: dict[str, object] = {"security": []}

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, 401: {"model": ErrorAnswer}},
        openapi_extra=open_to_all,
    )
    async def metrics(request: Request) -> Response:
        """Return what was counted, in Prometheus' text form. With METRICS_TOKEN only to who sends it as a bearer."""
        _require_token(page.token, request.headers.getlist("authorization"))
        # On a thread: with many workers it reads a file of each.
        text = await run_in_threadpool(page.text)
        return Response(text, headers={"Content-Type": page.content_type, "Cache-Control": "no-store"})

    return router


def _require_token(token: str | None, authorization: list[str]) -> None:
    sent = authorization[0] if len(authorization) == 1 else ""
    if token is not None and not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise NotSignedIn("Send the token of METRICS_TOKEN as Authorization: Bearer.")
