"""What a small file costs at the HTTP edge, counted in ways from the event loop to a thread and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import pytest

from backend.account_standing import AccountStanding
from backend.auth_service import AuthService, TokenRules
from backend.bootstrap import signed_in_user
from backend.http.application import PUBLIC_PATHS
from backend.http.routes.auth import AUTH_PATHS
from tests.fakes.memory_accounts import MemoryAccounts
from tests.fakes.memory_object_store import crc64
from tests.unit.backend.service_rig import CLIENT_ID, Rig, signed_in

BODY = b"recorded"


@pytest.fixture
def on_threads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was run on a thread of the framework since the test began."""
    seen: list[object] = []
    run = anyio.to_thread.run_sync

    async def counted(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        seen.append(function)
        return await run(function, *arguments, **options)

    monkeypatch.setattr(anyio.to_thread, "run_sync", counted)
    return seen


def test_opening_and_completing_a_small_file_takes_one_thread_each(on_threads: list[object]) -> None:
    rig = Rig()
    part = {"partNumber": 1, "contentLength": len(BODY), "checksum": crc64(BODY)}
    ask = {"fileName": "a.wav", "clientUploadId": CLIENT_ID, "fileSize": len(BODY), "singlePut": True}

    async def upload() -> None:
        async with signed_in(rig) as alice:
            opened = await alice.post(
                "/s3/init-upload", json=ask | {"checksumAlgorithms": ["CRC64NVME"], "parts": [part]}
            )
            assert len(on_threads) == 1
            upload = opened.json()
            session = rig.catalogue.sessions[next(iter(rig.catalogue.sessions))]
            named = [{"PartNumber": 1, "ETag": rig.store.put_whole(session, BODY)}]
            place = {"uploadId": upload["uploadId"], "key": upload["key"]}
            assert (await alice.post("/s3/complete-upload", json=place | {"parts": named})).status_code == 200

    asyncio.run(upload())
    assert len(on_threads) == 2


def test_the_documentation_asks_for_a_token_wherever_the_middleware_does() -> None:
    async def schema() -> Any:
        async with signed_in(Rig()) as alice:
            return (await alice.get("/openapi.json")).json()

    told = asyncio.run(schema())
    assert told["components"]["securitySchemes"]["accessToken"]["scheme"] == "bearer"
    assert told["security"] == [{"accessToken": []}]
    operations = [(path, each) for path, methods in told["paths"].items() for each in methods.values()]
    assert {path for path, each in operations if "security" in each} == {"/healthz", "/readyz", *AUTH_PATHS}
    assert {"/healthz", "/readyz", *AUTH_PATHS} <= PUBLIC_PATHS


@pytest.mark.parametrize(("issuer", "threads"), [(None, 0), ("https://issuer.example/keys", 1)])
def test_a_token_is_checked_on_a_thread_only_where_an_issuer_may_be_asked(
    on_threads: list[object], issuer: str | None, threads: int
) -> None:
    auth = AuthService(TokenRules("recorder-backend", "recorder", secret="s" * 32, jwks_url=issuer))
    accounts = MemoryAccounts()
    standing = AccountStanding(accounts)
    standing.ask("alice")
    assert asyncio.run(signed_in_user(auth, standing, auth.mint("alice", 60))) == "alice"
    assert len(on_threads) == threads
    assert accounts.found == 1
