"""Calls the routes that are asked for most without the framework's way to them, which costs more than they do.

A route is declared once, for the framework, and found in the documentation like every other. Here its function is
called for requests as nearly all are: a body of declared length that is what the route expects. The rest, errors in
what was sent above all, is left to the framework, so that both ways give the same answers.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, get_type_hints

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import BackendError
from backend.http.error_handlers import backend_error_response, request_id_of

MAX_DIRECT_BYTES = 100_000


@dataclass(frozen=True)
class _Direct:
    """A route with one body, a pydantic model, and one answer, which is one too or a response without a body."""

    route: APIRoute
    function: Callable[..., Awaitable[BaseModel | Response]]
    body: type[BaseModel]

    @classmethod
    def of(cls, route: APIRoute) -> _Direct:
        return cls(route, route.endpoint, get_type_hints(route.endpoint)["body"])


class DirectRoutes:
    """Stands right before the framework's router. ``routes`` are POST routes: ``function(body=..., request=...)``."""

    def __init__(self, app: ASGIApp, routes: Iterable[APIRoute]) -> None:
        self._app = app
        self._routes = {route.path: _Direct.of(route) for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        direct = self._routes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if direct is None or not _is_small(scope):
            return await self._app(scope, receive, send)
        content = await _content(receive)
        if content is None:
            return None
        try:
            body = direct.body.model_validate(json.loads(content))
        except (ValueError, RecursionError):
            return await self._app(scope, _again(content, receive), send)
        scope["route"] = direct.route
        answer = await _answer(direct, body, Request(scope, receive))
        return await answer(scope, receive, send)


async def _answer(direct: _Direct, body: BaseModel, request: Request) -> Response:
    try:
        found = await direct.function(body=body, request=request)
    except BackendError as exc:
        return backend_error_response(exc, request_id_of(request))
    if isinstance(found, Response):
        return found
    content = found.model_dump_json(by_alias=True, exclude_unset=direct.route.response_model_exclude_unset)
    return Response(content, media_type="application/json")


def _is_small(scope: Scope) -> bool:
    # A large body that turns out wrong is not to be read twice; that of nearly every request has a few kilobytes.
    declared = Headers(scope=scope).get("content-length", "")
    return declared.isdigit() and int(declared) <= MAX_DIRECT_BYTES


async def _content(receive: Receive) -> bytes | None:
    """Return the body, None when the client has gone away in the middle of it: there is nobody to answer."""
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _again(content: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that begins with a body that was read already."""
    unread: list[Any] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive_again() -> Message:
        return unread.pop() if unread else await receive()

    return receive_again
