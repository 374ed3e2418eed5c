"""What stands before every route: request id and log, host, sign-in, size and type of the body.

Plain ASGI, in that order from the outside in; each class does one thing and passes everything else on.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import nullcontext

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import BackendError, NotSignedIn
from backend.http.error_handlers import backend_error_response, error_response
from backend.http.request_line import Ended, RequestObserver, note
from backend.patience import patient_for

MAX_BODY_BYTES = 5_000_000
# So long may a request wait for the database in all; then it is answered with a 503.
DATABASE_PATIENCE_S = 10.0
_TOO_LARGE = f"A body has at most {MAX_BODY_BYTES} bytes."

log = logging.getLogger(__name__)


class RequestLog:
    """Gives each request an id and its patience, logs one line about it, and turns a crash into a generic 500.

    ``on_request`` is told method, route pattern, status, error code and seconds of each.
    """

    def __init__(self, app: ASGIApp, on_request: RequestObserver | None = None) -> None:
        self._app = app
        self._on_request = on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        request_id = scope["request_id"] = secrets.token_hex(16)
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = int(message["status"])
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        # A watcher's connection stays for hours, with questions of its own.
        patience = patient_for(DATABASE_PATIENCE_S) if scope["type"] == "http" else nullcontext()
        try:
            with patience:
                await self._app(scope, receive, send_with_id)
        except Exception:  # the top of a request: logged whole, answered without a word of it
            log.exception("request %s failed", request_id)
            if status == 0:
                answer = error_response(500, "internal_error", "Something went wrong here.", request_id)
                await answer(scope, receive, send_with_id)
        finally:
            self._note(scope, status, time.perf_counter() - started)
        return None

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        ended = Ended(
            request_id=scope["request_id"],
            user=scope.get("user_id"),
            method=scope.get("method", "WEBSOCKET"),
            route=getattr(scope.get("route"), "path", None),
            status=status,
            code=scope.get("error_code"),
            seconds=seconds,
        )
        # A watcher's line stays open for hours, which is no time of a request's.
        note(ended, self._on_request if scope["type"] == "http" else None)


class HostGuard:
    """Refuses requests whose Host is not ours: a page that rebinds its name to this address gets nowhere."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan" or "*" in self._hosts or _host(scope) in self._hosts:
            return await self._app(scope, receive, send)
        message = "This host name is not served here; see ALLOWED_HOSTS."
        answer = error_response(400, "host_refused", message, _id_of(scope))
        return await answer(scope, receive, send)


class OriginGuard:
    """Refuses WebSockets that pages of other origins open: no preflight asks a browser's leave for those.

    A page of this very host may, and those of the given origins. What is no browser sends no Origin.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "websocket" or self._is_welcome(Headers(scope=scope)):
            return await self._app(scope, receive, send)
        message = "Pages of this origin may not listen; see CORS_ORIGINS."
        answer = error_response(403, "origin_refused", message, _id_of(scope))
        return await answer(scope, receive, send)

    def _is_welcome(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or origin.lower() in self._origins or "*" in self._origins:
            return True
        own = headers.get("host", "").lower()
        return origin.lower() in (f"http://{own}", f"https://{own}")


def _host(scope: Scope) -> str:
    return host_of(Headers(scope=scope).get("host", ""))


def host_of(header: str) -> str:
    """Return the name or address in a Host header, in small letters and without the port."""
    host = header.lower()
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[")
    return host.partition(":")[0]


class SignInGuard:
    """Lets only signed-in requests through, but for the public paths, and notes who it is.

    Here and not as a dependency of the routes: nobody's body is parsed before it is known whose it is. ``count`` is
    told whose request it is, a user's or, without a valid token, an address's; what it raises is the answer. Of the
    public paths only ``counted_paths`` are counted.
    """

    def __init__(
        self,
        app: ASGIApp,
        user_of: Callable[[str], Awaitable[str]],
        count: Callable[[str], Awaitable[None]],
        public_paths: Collection[str],
        counted_paths: Collection[str] = (),
    ) -> None:
        self._app = app
        self._user_of = user_of
        self._count = count
        self._counted = frozenset(counted_paths)
        self._uncounted = frozenset(public_paths) - self._counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"] in self._uncounted:
            return await self._app(scope, receive, send)
        try:
            if scope["path"] in self._counted:
                await self._count_address(scope)
            else:
                scope["user_id"] = await self._counted_user(scope)
        except BackendError as exc:
            return await backend_error_response(exc, _id_of(scope))(scope, receive, send)
        return await self._app(scope, receive, send)

    async def _counted_user(self, scope: Scope) -> str:
        try:
            user = await self._signed_in(Headers(scope=scope).getlist("authorization"))
        except NotSignedIn:
            await self._count_address(scope)
            raise
        await self._count(f"user:{user}")
        return user

    async def _count_address(self, scope: Scope) -> None:
        address, _ = scope.get("client") or ("unknown", 0)
        await self._count(f"address:{address}")

    async def _signed_in(self, authorization: list[str]) -> str:
        scheme, _, token = (authorization[0] if len(authorization) == 1 else "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotSignedIn("Sign in: send an access token as Authorization: Bearer.")
        return await self._user_of(token)


class BodyGuard:
    """Refuses bodies that are not JSON (415) or too large (413), declared or not.

    ``takes_body`` says of a method and a path whether a route wants a body there; where none does, it is for the
    framework to say so.
    """

    def __init__(self, app: ASGIApp, takes_body: Callable[[str, str], bool]) -> None:
        self._app = app
        self._takes_body = takes_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "PATCH"):
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        is_json = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
        if not is_json and self._takes_body(scope["method"], scope["path"]):
            answer = error_response(415, "not_json", "Send the body as application/json.", _id_of(scope))
            return await answer(scope, receive, send)
        declared = headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > MAX_BODY_BYTES:
            answer = error_response(413, "body_too_large", _TOO_LARGE, _id_of(scope))
            return await answer(scope, receive, send)
        return await self._app(scope, _counted(receive), send)


def _counted(receive: Receive) -> Receive:
    """Return ``receive`` with a limit: a body sent in chunks declares no length."""
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            # Of this kind and no other: the framework passes it on from the middle of reading a body.
            raise HTTPException(413, _TOO_LARGE)
        return message

    return receive_counted


def _id_of(scope: Scope) -> str:
    return str(scope.get("request_id", ""))
