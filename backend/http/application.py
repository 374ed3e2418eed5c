"""Assembles the web application from services. Makes no network call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from backend.http.direct_routes import DirectRoutes
from backend.http.error_handlers import add_error_handlers
from backend.http.middleware import BodyGuard, HostGuard, OriginGuard, RequestLog, SignInGuard
from backend.http.on_the_spot import AtHand, OnTheSpot
from backend.http.request_line import RequestObserver
from backend.http.routes.auth import AUTH_PATHS, auth_routes
from backend.http.routes.batches import batch_routes
from backend.http.routes.folders import folder_routes
from backend.http.routes.health import health_routes
from backend.http.routes.metrics import MetricsPage, metrics_routes
from backend.http.routes.page import page_paths, page_routes
from backend.http.routes.progress import live_routes, progress_routes, progress_spot
from backend.http.routes.recordings import recording_routes
from backend.http.routes.uploads import presign_spot, upload_routes
from backend.http.services import Services

# Once a part, once a file, once for some dozens of small ones, or once a second.
ASKED_OFTEN = frozenset(
    f"/s3/{name}"
    for name in (
        *("presign-url", "presign-urls", "init-upload", "complete-upload"),
        *("init-uploads", "complete-uploads", "progress"),
    )
)
PUBLIC_PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"}) | AUTH_PATHS | page_paths()


@dataclass(frozen=True)
class HttpOptions:
    """Who may call: Host names, ``*`` for all, and the origins of web pages, none by default.

    trusted_proxies: addresses and networks of proxies whose X-Forwarded-For counts.
    """

    allowed_hosts: Collection[str]
    cors_origins: Collection[str] = ()
    trusted_proxies: Collection[str] = ()


_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


class Application(FastAPI):
    """Says in its documentation that requests are signed in; the middleware checks it.

    ``on_the_spot`` is for the protocol under it, which asks there before it begins a request.
    """

    on_the_spot: OnTheSpot | None = None

    def openapi(self) -> dict[str, Any]:
        """Return the schema. Not by a dependency of each route: that would be solved with every request."""
        schema = super().openapi()
        scheme = {"type": "http", "scheme": "bearer", "description": "An access token"}
        schema["components"]["securitySchemes"] = {"accessToken": scheme}
        schema["security"] = [{"accessToken": []}]
        return schema


async def uncounted(_who: str) -> None:
    """Let every request pass."""


def uncounted_at_hand(_who: str) -> bool:
    """Let every request pass."""
    return True


def create_app(
    services: Services,
    user_of: Callable[[str], Awaitable[str]],
    count: Callable[[str], Awaitable[None]],
    options: HttpOptions,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
    *,
    at_hand: AtHand | None = None,
    on_request: RequestObserver | None = None,
    metrics: MetricsPage | None = None,
) -> Application:
    """Return the application; ``user_of`` turns a token into a user or raises NotSignedIn.

    ``count`` is told of each request and whose it is, and raises TooManyRequests; ``at_hand`` does the same where
    nothing is to be waited for. ``on_request`` is told of each when it is over. Without ``metrics`` there is no page
    of them.
    """
    app = Application(title="Recorder backend", redoc_url=None, lifespan=lifespan, telemetry=_NO_TELEMETRY)
    made = (
        *(upload_routes, batch_routes, progress_routes, recording_routes, folder_routes),
        *(auth_routes, health_routes, page_routes),
    )
    routers = [*(make(services) for make in made), live_routes(services, user_of, count)]
    if metrics is not None:
        routers.append(metrics_routes(metrics))
    for router in routers:
        # As they are: ``include_router`` would make each of them again, which is a third of the time of a start.
        app.router.routes.extend(router.routes)
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]

    def methods_at(path: str) -> Collection[str]:
        return {method for route in routes if route.path_regex.match(path) for method in route.methods or ()}

    add_error_handlers(app, methods_at)
    # Added from the inside out: the last one is the first to see a request.
    app.add_middleware(DirectRoutes, routes=[route for route in routes if route.path in ASKED_OFTEN])
    app.add_middleware(BodyGuard, takes_body=lambda method, path: method in methods_at(path))
    app.add_middleware(SignInGuard, user_of=user_of, count=count, public_paths=PUBLIC_PATHS, counted_paths=AUTH_PATHS)
    if options.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(options.cors_origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Request-Id", "Retry-After"],
        )
    app.add_middleware(OriginGuard, origins=options.cors_origins)
    app.add_middleware(HostGuard, hosts=options.allowed_hosts)
    if options.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(options.trusted_proxies))
    app.add_middleware(RequestLog, on_request=on_request)
    if at_hand is not None:
        spots = presign_spot(services.uploads), progress_spot(services.progress)
        app.on_the_spot = OnTheSpot(spots, at_hand, options.allowed_hosts, on_request)
    return app
