"""Servers that many tests share, started once a run and only when a test asks for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import servers


@pytest.fixture(scope="session")
def store_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.StoreServer]:
    """A SeaweedFS for the whole run; a test makes a bucket of its own and never kills it."""
    with servers.seaweedfs(tmp_path_factory.mktemp("weed") / "store") as server:
        yield server


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.MongoServer]:
    """A replica set of one for the whole run; a test uses a database of its own and never kills it."""
    with servers.mongod_replica_set(tmp_path_factory.mktemp("mongo") / "db") as server:
        yield server
