"""The routes under ``/auth`` on services without a network between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from backend.auth_service import AuthService, TokenRules
from backend.errors import TooManyRequests
from backend.http.application import HttpOptions, create_app
from backend.http.routes import auth as routes
from backend.login_attempts import LoginAttempts
from backend.model import Account, utc_now
from backend.sign_in_service import Lifetimes, SignInService
from tests.unit.backend.service_rig import Rig

PASSWORD = "correct horse battery"
BODIES: dict[str, dict[str, str]] = {
    "login": {"username": "mara", "password": PASSWORD},
    "refresh": {"refreshToken": "a.b"},
    "logout": {"refreshToken": "a.b"},
}


async def nobody(_token: str) -> str:
    raise AssertionError("these routes take no access token")


def on_routes(
    rig: Rig, work: Callable[[httpx.AsyncClient], Awaitable[Any]], count: Callable[[str], Awaitable[None]]
) -> Any:
    """Run something with a client of the application."""
    app = create_app(rig.services(), nobody, count, HttpOptions(["testserver"]))

    async def run() -> Any:
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            return await work(http)

    return asyncio.run(run())


async def uncounted(_who: str) -> None:
    """Let every request pass."""


def test_where_an_identity_provider_makes_the_tokens_nobody_signs_in_here() -> None:
    rig = Rig()
    auth = AuthService(TokenRules("recorder-backend", "recorder", jwks_url="http://127.0.0.1:9/keys"))
    attempts = LoginAttempts(rig.request_counts, 20)
    rig.sign_ins = SignInService(rig.accounts, auth, attempts, rig.passwords, Lifetimes())

    async def ask(http: httpx.AsyncClient) -> set[tuple[int, str]]:
        answers = [await http.post(f"/auth/{route}", json=body) for route, body in BODIES.items()]
        return {(answer.status_code, answer.json()["code"]) for answer in answers}

    assert on_routes(rig, ask, uncounted) == {(409, "sign_in_elsewhere")}


def test_every_request_counts_for_the_address_that_it_comes_from() -> None:
    counted: list[str] = []

    async def count(who: str) -> None:
        counted.append(who)
        if len(counted) > len(BODIES):
            raise TooManyRequests(7)

    async def ask(http: httpx.AsyncClient) -> httpx.Response:
        for route, body in BODIES.items():
            assert (await http.post(f"/auth/{route}", json=body)).status_code != 429
        assert (await http.get("/healthz")).status_code == 200
        return await http.post("/auth/login", json=BODIES["login"])

    refused: httpx.Response = on_routes(Rig(), ask, count)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert counted == ["address:192.0.2.7"] * 4


def test_few_passwords_are_hashed_at_once_and_few_may_wait(monkeypatch: Any) -> None:
    monkeypatch.setattr(routes, "MOST_LOGINS", 5)
    rig = Rig()
    rig.accounts.add_account(Account("mara", rig.passwords.hash(PASSWORD), utc_now()))
    begun: list[str] = []
    go_on = threading.Event()
    compare = rig.passwords.is_right

    def held(password_hash: str | None, password: str) -> bool:
        begun.append(password)
        assert go_on.wait(30)
        return compare(password_hash, password)

    monkeypatch.setattr(rig.passwords, "is_right", held)

    async def ask(http: httpx.AsyncClient) -> list[int]:
        asked = [asyncio.ensure_future(http.post("/auth/login", json=BODIES["login"])) for _ in range(30)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert len(begun) <= routes.HASHES_AT_ONCE
        go_on.set()
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    statuses = on_routes(rig, ask, uncounted)
    assert sorted(statuses) == [200] * 5 + [429] * 25


def test_the_documentation_has_examples_and_asks_for_no_access_token() -> None:
    async def ask(http: httpx.AsyncClient) -> Any:
        return (await http.get("/openapi.json")).json()

    told = on_routes(Rig(), ask, uncounted)
    for route in BODIES:
        operation = told["paths"][f"/auth/{route}"]["post"]
        assert operation["security"] == []
        assert {"401", "409", "422", "429", "503"} <= set(operation["responses"])
    tokens = told["components"]["schemas"]["TokensAnswer"]["properties"]
    assert tokens["expiresIn"]["examples"] == [900]
