"""The description of the routes is whole: every field has an example, and every route says which errors it has."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

from tests.unit.backend.service_rig import Rig, signed_in


@cache
def _described() -> Any:
    async def ask() -> Any:
        async with signed_in(Rig()) as client:
            return (await client.get("/openapi.json")).json()

    return asyncio.run(ask())


def test_every_field_has_an_example() -> None:
    without = [
        f"{model}.{name}"
        for model, schema in _described()["components"]["schemas"].items()
        for name, field in schema.get("properties", {}).items()
        if "examples" not in field and "$ref" not in str(field)
    ]
    assert without == []


def test_every_route_of_the_service_describes_its_errors() -> None:
    for path, methods in _described()["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert operation["summary"], (method, path)
            if path not in ("/healthz", "/readyz"):
                assert {"401", "404", "422", "500", "503"} <= set(answers), (method, path)
            for status, answer in answers.items():
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}, (method, path, status)
