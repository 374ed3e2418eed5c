"""What is asked for most answers the same, on the short way and on the framework's."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from backend.http import direct_routes
from backend.http.application import ASKED_OFTEN
from tests.cases import check_each
from tests.unit.backend.service_rig import CLIENT_ID, Rig, signed_in

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were answered on the short way."""
    taken: list[str] = []
    answer = direct_routes._answer

    async def noted(way: Any, *rest: Any) -> Any:
        taken.append(way.route.path)
        return await answer(way, *rest)

    monkeypatch.setattr(direct_routes, "_answer", noted)
    return taken


def _answers(content: bytes | AsyncIterator[bytes], path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with signed_in(Rig()) as client:
            return await client.post(path, content=content, headers=JSON)

    return asyncio.run(ask())


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    size_bytes = max(7, len(content) // 20)
    for at in range(0, len(content), size_bytes):
        yield content[at : at + size_bytes]


INIT = {"fileName": "talk.mp4", "contentType": "video/mp4", "clientUploadId": CLIENT_ID, "fileSize": 5}


def test_both_ways_give_the_same_answer(direct: list[str]) -> None:
    content = json.dumps(INIT).encode()
    short = _answers(content, "/s3/init-upload")
    assert direct == ["/s3/init-upload"]
    long = _answers(_in_pieces(content), "/s3/init-upload")
    assert len(direct) == 1
    assert short.status_code == long.status_code == 200
    varying = {"uploadId", "key"}
    assert {**short.json(), **dict.fromkeys(varying)} == {**long.json(), **dict.fromkeys(varying)}
    assert short.headers["Content-Type"] == long.headers["Content-Type"]


UNEXPECTED = {
    "empty": b"",
    "unfinished": b"{",
    "list": b"[]",
    "no text": b"\xff",
    "types": b'{"uploadId": 1}',
    "deep": b"[" * 100_000,
    "surrogate": b'{"fileName": "\\ud800", "contentType": "a/b"}',
}


def test_what_is_not_as_expected_is_answered_by_the_framework(direct: list[str]) -> None:
    async def answers() -> dict[tuple[str, str], tuple[httpx.Response, httpx.Response]]:
        async with signed_in(Rig()) as client:  # one for all: making the application costs more than its answers
            return {
                (path, name): (
                    await client.post(path, content=content, headers=JSON),
                    await client.post(path, content=_in_pieces(content), headers=JSON),
                )
                for path, (name, content) in itertools.product(sorted(ASKED_OFTEN), UNEXPECTED.items())
            }

    answered = asyncio.run(answers())

    def is_the_frameworks(asked: tuple[str, str]) -> None:
        answer, long = answered[asked]
        assert answer.status_code in (400, 422)
        assert {**answer.json(), "requestId": ""} == {**long.json(), "requestId": ""}

    check_each(answered, is_the_frameworks)
    assert direct == []


def test_an_answer_without_a_body_has_none_on_either_way(direct: list[str]) -> None:
    rig = Rig()
    session = rig.init()
    told = json.dumps({"uploadId": session.upload_id, "key": session.key, "bytesConfirmed": 1}).encode()

    async def tell(content: bytes | AsyncIterator[bytes]) -> httpx.Response:
        async with signed_in(rig) as client:
            return await client.post("/s3/progress", content=content, headers=JSON)

    short, long = asyncio.run(tell(told)), asyncio.run(tell(_in_pieces(told)))
    assert direct == ["/s3/progress"]
    for answer in (short, long):
        assert (answer.status_code, answer.content) == (204, b"")
        assert "Content-Type" not in answer.headers


def test_an_error_of_the_service_has_its_documented_shape(direct: list[str]) -> None:
    content = json.dumps({"uploadId": "unknown", "key": "unknown", "partNumber": 1}).encode()
    answer = _answers(content, "/s3/presign-url")
    assert direct == ["/s3/presign-url"]
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "message", "requestId"}


def test_a_part_is_signed_without_the_catalogue_once_its_upload_is_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    session = rig.init()
    asked: list[str] = []
    find = rig.catalogue.find_session

    def counted(owner_id: str, upload_id: str) -> Any:
        asked.append(upload_id)
        return find(owner_id, upload_id)

    monkeypatch.setattr(rig.catalogue, "find_session", counted)
    body = {"uploadId": session.upload_id, "key": session.key, "partNumber": 1}

    async def ask() -> list[int]:
        async with signed_in(rig) as client:
            codes = [(await client.post("/s3/presign-url", json=body)).status_code for _ in range(5)]
            await client.post("/s3/abort-upload", json=body)
            return [*codes, (await client.post("/s3/presign-url", json=body)).status_code]

    assert asyncio.run(ask()) == [200] * 5 + [409]
    assert len(asked) == 3  # for the first part, to abort, and after that
