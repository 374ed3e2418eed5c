"""The databases that keep what the port promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from backend.adapters.mongo_accounts import MongoAccounts
from backend.adapters.mongo_catalogue import MongoCatalogue
from backend.adapters.mongo_content_checks import MongoContentChecks
from backend.adapters.mongo_database import MongoDatabase
from backend.adapters.mongo_folders import MongoFolders
from backend.adapters.mongo_leases import MongoLeases
from backend.adapters.mongo_progress import MongoProgressBoard
from backend.adapters.mongo_request_counts import MongoRequestCounts
from backend.adapters.sqlite_accounts import SqliteAccounts
from backend.adapters.sqlite_catalogue import SqliteCatalogue
from backend.adapters.sqlite_content_checks import SqliteContentChecks
from backend.adapters.sqlite_database import SqliteDatabase
from backend.adapters.sqlite_folders import SqliteFolders
from backend.adapters.sqlite_leases import SqliteLeases
from backend.adapters.sqlite_progress import SqliteProgressBoard
from backend.adapters.sqlite_request_counts import SqliteRequestCounts
from backend.ports import Accounts, Catalogue, ContentChecks, Folders, Leases, ProgressBoard, RequestCounts
from tests.fakes.memory_accounts import MemoryAccounts
from tests.fakes.memory_catalogue import MemoryCatalogue
from tests.fakes.memory_content_checks import MemoryContentChecks
from tests.fakes.memory_folders import MemoryFolders
from tests.fakes.memory_leases import MemoryLeases
from tests.fakes.memory_progress_board import MemoryProgressBoard
from tests.fakes.memory_request_counts import MemoryRequestCounts
from tests.servers import MongoServer


@dataclass
class Adapters:
    """What stands on one database."""

    catalogue: Catalogue
    folders: Folders
    request_counts: RequestCounts
    board: ProgressBoard
    content_checks: ContentChecks
    leases: Leases


@pytest.fixture(scope="session")
def mongo_client(mongo_server: MongoServer) -> Iterator[MongoClient[dict[str, Any]]]:
    """Somebody who is no adapter."""
    with MongoClient[dict[str, Any]](mongo_server.uri) as client:
        yield client


@pytest.fixture
def emptied_mongo(mongo_server: MongoServer, mongo_client: MongoClient[dict[str, Any]]) -> Iterator[str]:
    """The address of a database without any documents. Its indexes stay: making them takes longer than most tests."""
    name = "contract"
    yield mongo_server.uri.replace("/?", f"/{name}?")
    for collection in mongo_client[name].list_collections():
        mongo_client[name][collection["name"]].delete_many({})


@pytest.fixture(params=["memory", "sqlite", "mongo"])
def adapters(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Adapters]:
    """A catalogue, and all that shares its database."""
    made: Adapters
    if request.param == "memory":
        memory = MemoryCatalogue()
        made = Adapters(
            memory,
            MemoryFolders(memory),
            MemoryRequestCounts(),
            MemoryProgressBoard(memory),
            MemoryContentChecks(memory),
            MemoryLeases(),
        )
    elif request.param == "sqlite":
        sqlite = SqliteDatabase(tmp_path / "home" / "catalogue.db")
        made = Adapters(
            SqliteCatalogue(sqlite),
            SqliteFolders(sqlite),
            SqliteRequestCounts(sqlite),
            SqliteProgressBoard(sqlite),
            SqliteContentChecks(sqlite),
            SqliteLeases(sqlite),
        )
    else:
        mongo = MongoDatabase(request.getfixturevalue("emptied_mongo"))
        made = Adapters(
            MongoCatalogue(mongo),
            MongoFolders(mongo),
            MongoRequestCounts(mongo),
            MongoProgressBoard(mongo),
            MongoContentChecks(mongo),
            MongoLeases(mongo),
        )
    yield made
    made.catalogue.close()


@pytest.fixture
def catalogue(adapters: Adapters) -> Catalogue:
    return adapters.catalogue


@pytest.fixture
def folders(adapters: Adapters) -> Folders:
    return adapters.folders


@pytest.fixture
def request_counts(adapters: Adapters) -> RequestCounts:
    return adapters.request_counts


@pytest.fixture
def content_checks(adapters: Adapters) -> ContentChecks:
    return adapters.content_checks


@pytest.fixture
def leases(adapters: Adapters) -> Leases:
    return adapters.leases


@pytest.fixture
def board(adapters: Adapters) -> ProgressBoard:
    return adapters.board


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
    database = MongoDatabase(request.getfixturevalue("emptied_mongo"))
    yield MongoAccounts(database)
    database.close()
