"""The catalogues that keep what the port promises."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.adapters.mongo_catalogue import MongoCatalogue
from backend.adapters.sqlite_catalogue import SqliteCatalogue
from backend.ports import Catalogue
from tests.fakes.memory_catalogue import MemoryCatalogue


@pytest.fixture(params=["memory", "sqlite", "mongo"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    made: Catalogue
    if request.param == "memory":
        made = MemoryCatalogue()
    elif request.param == "sqlite":
        made = SqliteCatalogue(tmp_path / "home" / "catalogue.db")
    else:
        uri = request.getfixturevalue("mongo_server").uri
        made = MongoCatalogue(uri.replace("/?", f"/t{uuid.uuid4().hex}?"))
    yield made
    made.close()
