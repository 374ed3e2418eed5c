"""What requests are told while the database is away, and how long they wait for it."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from backend.http.middleware import DATABASE_PATIENCE_S
from tests.integration.backend_client import Client, client, place, problem
from tests.servers import BackendServer, MongoServer, StoreServer, backend, mongod_replica_set

# A request that puts several questions would take a multiple of it, were it to wait for each.
PATIENT = httpx.Timeout(DATABASE_PATIENCE_S * 1.9)
AWAY = (503, "catalogue_unavailable")


@pytest.fixture
def mongo(tmp_path: Path) -> Iterator[MongoServer]:
    """A database of its own, to be stopped and killed."""
    with mongod_replica_set(tmp_path / "mongo") as running:
        yield running


@pytest.fixture
def server(store_server: StoreServer, mongo: MongoServer, tmp_path: Path) -> Iterator[BackendServer]:
    bucket = store_server.create_bucket(f"away-{uuid.uuid4().hex}")
    with backend(store_server.backend_env(bucket) | {"MONGO_URI": mongo.uri}, tmp_path / "home") as running:
        yield running


@pytest.fixture
def alice(server: BackendServer) -> Iterator[Client]:
    with client(server) as made:
        yield made


@pytest.fixture
def newcomer(server: BackendServer) -> Iterator[Client]:
    with client(server, "newcomer") as made:
        yield made


def halted(mongo: MongoServer) -> None:
    os.kill(mongo.nodes[0].pid, signal.SIGSTOP)


def killed(mongo: MongoServer) -> None:
    mongo.kill()


@pytest.mark.parametrize("goes_away", [halted, killed])
def test_a_request_waits_once_for_a_database_that_is_away_and_not_for_each_question(
    alice: Client, newcomer: Client, mongo: MongoServer, goes_away: Callable[[MongoServer], None]
) -> None:
    opened = alice.init()
    goes_away(mongo)
    # Of the newcomer it has to be asked whether they may, how much they have asked for, and what they want to know.
    asks: list[Callable[[], httpx.Response]] = [
        lambda: newcomer.http.get("/recordings", timeout=PATIENT),
        lambda: newcomer.http.post("/s3/init-upload", json={"fileName": "a.mp4"}, timeout=PATIENT),
        lambda: alice.http.get("/s3/uploads", timeout=PATIENT),
        lambda: alice.http.post("/s3/abort-upload", json=place(opened), timeout=PATIENT),
    ]
    with ThreadPoolExecutor(len(asks)) as threads:
        answers = list(threads.map(lambda ask: ask(), asks))
    assert [problem(answer) for answer in answers] == [AWAY] * len(asks)
    assert alice.http.get("/healthz").status_code == 200
