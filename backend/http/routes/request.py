"""What the routes read of a request, and the errors that any of them may answer with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from pydantic import BeforeValidator

from backend.http.schemas.wire import ErrorAnswer, no_nul


def user_of(request: Request) -> str:
    """Return who is signed in; the middleware let nobody else through."""
    return str(request.scope["user_id"])


Limit = Annotated[int, Query(ge=1, le=200)]
CursorText = Annotated[str | None, Query(max_length=500)]
Identifier = Annotated[str, Query(min_length=1, max_length=2048), BeforeValidator(no_nul)]
# By its name in the documentation, where /readyz puts it: FastAPI builds a model anew for each status of each route.
_ERROR = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ErrorAnswer.__name__}"}}}
ERRORS: dict[int | str, dict[str, object]] = {
    status: {"content": _ERROR} for status in (400, 401, 404, 409, 413, 415, 422, 429, 500, 502, 503)
}
