"""The databases that keep what the port promises."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.adapters.mongo_accounts import MongoAccounts
from backend.adapters.mongo_catalogue import MongoCatalogue
from backend.adapters.mongo_database import MongoDatabase
from backend.adapters.sqlite_accounts import SqliteAccounts
from backend.adapters.sqlite_catalogue import SqliteCatalogue
from backend.adapters.sqlite_database import SqliteDatabase
from backend.ports import Accounts, Catalogue
from tests.fakes.memory_accounts import MemoryAccounts
from tests.fakes.memory_catalogue import MemoryCatalogue


@pytest.fixture(params=["memory", "sqlite", "mongo"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    made: Catalogue
    if request.param == "memory":
        made = MemoryCatalogue()
    elif request.param == "sqlite":
        made = SqliteCatalogue(SqliteDatabase(tmp_path / "home" / "catalogue.db"))
    else:
        uri = request.getfixturevalue("mongo_server").uri
        made = MongoCatalogue(MongoDatabase(uri.replace("/?", f"/t{uuid.uuid4().hex}?")))
    yield made
    made.close()


@pytest.fixture(params=["memory", "sqlite", "mongo"])
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Accounts]:
    if request.param == "memory":
        yield MemoryAccounts()
        return
    if request.param == "sqlite":
        file = SqliteDatabase(tmp_path / "home" / "catalogue.db")
        yield SqliteAccounts(file)
        file.close()
        return
    uri = request.getfixturevalue("mongo_server").uri
    database = MongoDatabase(uri.replace("/?", f"/t{uuid.uuid4().hex}?"))
    yield MongoAccounts(database)
    database.close()
