from __future__ import annotations

import asyncio
import inspect
from typing import Any

import httpx
import pytest

from backend import errors
from backend.http.error_handlers import status_of
from tests.unit.backend.service_rig import Rig, signed_in

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.BackendError) and not kind.__subclasses__()
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_code(kind: type[errors.BackendError]) -> None:
    arguments: list[Any] = ["x"] * (
        len(inspect.signature(kind).parameters) - ("details" in inspect.signature(kind).parameters)
    )
    assert status_of(kind(*arguments)) != 500
    assert kind.code != errors.BackendError.code


def test_s27_a_defect_answers_a_generic_500_with_the_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()

    def defect(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(rig.catalogue, "find_recording", defect)

    async def ask() -> httpx.Response:
        async with signed_in(rig) as client:
            return await client.get("/recordings/x")

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert answer.json() == {
        "code": "internal_error",
        "message": "Something went wrong here.",
        "requestId": answer.headers["X-Request-Id"],
    }
