"""The routes under ``/auth``: the only ones that take something other than an access token."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from backend.errors import TooManyLogins
from backend.http.routes.request import ERRORS
from backend.http.schemas import auth as schemas
from backend.http.services import Services
from backend.sign_in_service import Tokens

AUTH_PATHS = frozenset({"/auth/login", "/auth/refresh", "/auth/logout"})
# Each takes its memory and a core: threads of their own, and never more of them, however many want to sign in.
HASHES_AT_ONCE = 2
MOST_LOGINS = 200
_BUSY_S = 5


def auth_routes(services: Services) -> APIRouter:
    """Return the routes under ``/auth``."""
    router = APIRouter(prefix="/auth", tags=["sign-in"], responses=ERRORS)
    sign_ins = services.sign_ins
    hashing = CapacityLimiter(HASHES_AT_ONCE)
    under_way = 0
    open_to_all: dict[str, object] = {"security": []}

    @router.post("/login", openapi_extra=open_to_all)
    async def login(body: schemas.LoginBody, request: Request, response: Response) -> schemas.TokensAnswer:
        """Sign in with user name and password. The answer to a wrong one does not say what is wrong with it."""
        nonlocal under_way
        if under_way >= MOST_LOGINS:
            raise TooManyLogins(_BUSY_S)
        under_way += 1
        address = request.client.host if request.client else "unknown"
        password = body.password.get_secret_value()
        try:
            tokens = await to_thread.run_sync(sign_ins.login, body.username, password, address, limiter=hashing)
        finally:
            under_way -= 1
        return _answer(tokens, request, response)

    @router.post("/refresh", openapi_extra=open_to_all)
    async def refresh(body: schemas.RefreshBody, request: Request, response: Response) -> schemas.TokensAnswer:
        """Get the next pair of tokens. The refresh token is replaced; using an old one ends the sign-in."""
        tokens = await run_in_threadpool(sign_ins.refresh, body.refresh_token.get_secret_value())
        return _answer(tokens, request, response)

    @router.post("/logout", status_code=204, openapi_extra=open_to_all)
    async def logout(body: schemas.RefreshBody) -> None:
        """End the sign-in that the refresh token belongs to; one that does not count is no error."""
        await run_in_threadpool(sign_ins.logout, body.refresh_token.get_secret_value())

    return router


def _answer(tokens: Tokens, request: Request, response: Response) -> schemas.TokensAnswer:
    request.scope["user_id"] = tokens.user  # for the log
    response.headers["Cache-Control"] = "no-store"
    return schemas.TokensAnswer.of(tokens)
