"""The web page at ``/`` and its files: static, the same for everybody, and nobody's data in them."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.http.services import Services

_FOLDER = files("backend.http") / "web"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# Always asked for, so that a new version of the server is never shown with files of the old one.
_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def page_paths() -> frozenset[str]:
    """Return the paths of the page and its files."""
    return frozenset({"/", *(f"/web/{name}" for name in _files() if name != "index.html")})


def page_routes(services: Services) -> APIRouter:
    """Return the routes of the page and its files."""
    router = APIRouter(include_in_schema=False)
    known = _files()

    @router.get("/")
    async def page(request: Request) -> Response:
        """Return the page. It may load what is its own, and play what lies in the store."""
        store = await run_in_threadpool(services.recordings.link_origin)
        answer = _answer(request, "index.html", known["index.html"])
        answer.headers["Content-Security-Policy"] = _policy(store)
        return answer

    @router.get("/web/{name}")
    async def page_file(name: str, request: Request) -> Response:
        """Return a file of the page; the middleware lets nobody ask for another without a token."""
        content = known.get(name)
        return Response(status_code=404) if content is None else _answer(request, name, content)

    return router


def _files() -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in _FOLDER.iterdir() if entry.name.endswith(tuple(_TYPES))}


def _answer(request: Request, name: str, content: bytes) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=_HEADERS | {"ETag": tag})
    media_type = _TYPES["." + name.rpartition(".")[2]]
    return Response(content, media_type=media_type, headers=_HEADERS | {"ETag": tag})


def _policy(store_origin: str) -> str:
    own = "script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
    none = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return f"default-src 'none'; {own}; media-src {store_origin}; {none}"
