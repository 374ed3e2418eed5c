"""Assembles the web application from services. Makes no network call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from backend.http.error_handlers import add_error_handlers
from backend.http.middleware import BodyGuard, HostGuard, RequestLog, SignInGuard
from backend.http.routes import Services, folder_routes, health_routes, recording_routes, upload_routes

PUBLIC_PATHS = frozenset({"/healthz", "/readyz", "/docs", "/openapi.json"})


@dataclass(frozen=True)
class HttpOptions:
    """Who may call: Host names, ``*`` for all, and the origins of web pages, none by default."""

    allowed_hosts: Collection[str]
    cors_origins: Collection[str] = ()


class _Application(FastAPI):
    """Says in its documentation that requests are signed in; the middleware checks it."""

    def openapi(self) -> dict[str, Any]:
        """Return the schema. Not by a dependency of each route: that would be solved with every request."""
        schema = super().openapi()
        scheme = {"type": "http", "scheme": "bearer", "description": "An access token"}
        schema["components"]["securitySchemes"] = {"accessToken": scheme}
        schema["security"] = [{"accessToken": []}]
        return schema


def create_app(
    services: Services,
    user_of: Callable[[str], Awaitable[str]],
    options: HttpOptions,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """Return the application; ``user_of`` turns a token into a user or raises NotSignedIn."""
    app = _Application(title="Recorder backend", redoc_url=None, lifespan=lifespan)
    for routes in (upload_routes, recording_routes, folder_routes, health_routes):
        app.include_router(routes(services))
    add_error_handlers(app)
    # Added from the inside out: the last one is the first to see a request.
    app.add_middleware(BodyGuard)
    app.add_middleware(SignInGuard, user_of=user_of, public_paths=PUBLIC_PATHS)
    if options.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(options.cors_origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Request-Id", "Retry-After"],
        )
    app.add_middleware(HostGuard, hosts=options.allowed_hosts)
    app.add_middleware(RequestLog)
    return app
