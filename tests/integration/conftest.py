"""A backend, and somebody with a token for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.integration.backend_client import Client, client
from tests.servers import BackendServer, MongoServer, StoreServer, backend


@pytest.fixture(scope="module", params=["sqlite", "mongo"])
def server(
    request: pytest.FixtureRequest, store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendServer]:
    """A backend on either catalogue; a test module may run another one under this name."""
    env = store_server.backend_env(f"integration-{uuid.uuid4().hex}")
    if request.param == "mongo":
        mongo: MongoServer = request.getfixturevalue("mongo_server")
        env["MONGO_URI"] = mongo.uri.replace("/?", f"/t{uuid.uuid4().hex}?")
    with backend(env, tmp_path_factory.mktemp("home") / "h", ["--create-bucket"]) as running:
        yield running


@pytest.fixture
def alice(server: BackendServer) -> Iterator[Client]:
    with client(server) as made:
        yield made
