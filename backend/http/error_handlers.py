"""Writes every error in one shape. The only place that knows which error has which status."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from backend import errors

RETRY_AFTER_S = 2

# The first class that fits decides, so a subclass stands before its base.
_STATUS: tuple[tuple[type[errors.BackendError], int], ...] = (
    (errors.InvalidField, 422),
    (errors.ContentTypeRefused, 422),
    (errors.FileTooLarge, 413),
    (errors.NotSignedIn, 401),
    (errors.TooManyRequests, 429),
    (errors.AccountNotFound, 404),
    (errors.AccountExists, 409),
    (errors.TooManyWatchers, 429),
    (errors.UploadNotFound, 404),
    (errors.RecordingNotFound, 404),
    (errors.FolderNotFound, 404),
    (errors.UploadGone, 404),
    (errors.WrongState, 409),
    (errors.StoreUnavailable, 503),
    (errors.StoreUnclear, 503),
    (errors.StoreSlowDown, 503),
    (errors.StoreError, 502),
    (errors.CatalogueUnavailable, 503),
    (errors.StoredNotRecorded, 503),
    (errors.CatalogueUnusable, 503),
    (errors.ChangesMissed, 503),
)
_HTTP_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class _ErrorResponse(JSONResponse):
    """An error answer that leaves its code in the scope, for whoever counts and logs the request."""

    code = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        scope["error_code"] = self.code
        await super().__call__(scope, receive, send)


def add_error_handlers(app: FastAPI, methods_at: Callable[[str], Collection[str]]) -> None:
    """Make the application answer errors in the documented shape; ``methods_at`` knows what a path's routes take."""

    async def http_error(request: Request, exc: HTTPException) -> JSONResponse:
        answer = await _http_error(request, exc)
        if exc.status_code == 405:
            # Of several routes with one path the framework names only the first one's methods.
            answer.headers["Allow"] = ", ".join(sorted(methods_at(request.url.path)))
        return answer

    app.exception_handler(errors.BackendError)(_backend_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(http_error)


def backend_error_response(error: errors.BackendError, request_id: str) -> JSONResponse:
    """Return the answer for one of our own errors."""
    answer = error_response(status_of(error), error.code, error.message, request_id, error.details)
    if isinstance(error, errors.TooManyRequests):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def error_response(
    status: int, code: str, message: str, request_id: str, details: dict[str, Any] | None = None
) -> JSONResponse:
    """Return an error answer, with the headers that its status asks for."""
    content: dict[str, Any] = {"code": code, "message": message, "requestId": request_id}
    if details is not None:
        content["details"] = details
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    answer = _ErrorResponse(content, status, headers)
    answer.code = code
    return answer


def request_id_of(request: Request) -> str:
    """Return the id that the outermost middleware gave the request."""
    return str(request.scope.get("request_id", ""))


def status_of(error: errors.BackendError) -> int:
    """Return the HTTP status of an error; 500 for one that nobody placed here."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


async def _backend_error(request: Request, exc: errors.BackendError) -> JSONResponse:
    return backend_error_response(exc, request_id_of(request))


async def _validation_error(request: Request, exc: RequestValidationError) -> JSONResponse:
    """Name the first wrong field and what is wrong; the value itself is never repeated."""
    first = exc.errors()[0]
    field = ".".join(_plain(str(place)) for place in first["loc"][1:]) or "body"
    message = f"{field}: {_plain(str(first['msg']))}"
    return error_response(422, "invalid_field", message, request_id_of(request), {"field": field})


async def _http_error(request: Request, exc: HTTPException) -> JSONResponse:
    code = _HTTP_CODES.get(exc.status_code, "http_error")
    answer = error_response(exc.status_code, code, _plain(str(exc.detail)), request_id_of(request))
    answer.headers.update(exc.headers or {})
    return answer


def _plain(text: str) -> str:
    """Return text that can be encoded: an unknown field's name may hold half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()[:200]
