"""So many requests a minute, over two backends on one database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.backend_client import an_address
from tests.minutes import within_a_minute
from tests.servers import BackendServer, MongoServer, StoreServer, backend

LIMIT = 40


@pytest.fixture(scope="module")
def servers(
    store_server: StoreServer, mongo_server: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[BackendServer]]:
    env = store_server.backend_env(f"limits-{uuid.uuid4().hex}")
    env["MONGO_URI"] = mongo_server.uri.replace("/?", f"/t{uuid.uuid4().hex}?")
    env |= {"RATE_LIMIT_PER_MINUTE": str(LIMIT), "TRUSTED_PROXIES": "127.0.0.1", "JWT_SECRET": "s" * 40}
    home = tmp_path_factory.mktemp("home")
    with backend(env, home / "a", ["--create-bucket"]) as one, backend(env, home / "b") as other:
        yield [one, other]


def ask_both(servers: list[BackendServer], headers: dict[str, str]) -> list[httpx.Response]:
    """As many requests to each server as are allowed in all."""
    with httpx.Client(trust_env=False, headers=headers) as http:
        return [http.get(f"{server.url}/recordings") for _ in range(LIMIT) for server in servers]


@within_a_minute
def test_two_instances_share_one_limit_for_each_user(servers: list[BackendServer]) -> None:
    answers = ask_both(servers, servers[0].auth(f"alice-{uuid.uuid4().hex}"))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert [answer.status_code for answer in answers].count(200) == LIMIT
    assert len(refused) == LIMIT
    assert refused[0].json()["code"] == "rate_limited"
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert httpx.get(f"{servers[0].url}/recordings", headers=servers[0].auth("bob"), trust_env=False).is_success


@within_a_minute
def test_an_address_that_nobody_signs_in_from_has_a_limit_too(servers: list[BackendServer]) -> None:
    answers = ask_both(servers, {"X-Forwarded-For": an_address()})
    assert sorted({answer.status_code for answer in answers}) == [401, 429]
    assert [answer.status_code for answer in answers].count(401) == LIMIT
    elsewhere = httpx.get(f"{servers[0].url}/recordings", headers={"X-Forwarded-For": an_address()}, trust_env=False)
    assert elsewhere.status_code == 401


def test_whether_it_is_well_may_always_be_asked(servers: list[BackendServer]) -> None:
    ask_both(servers, servers[0].auth("carol"))
    with httpx.Client(trust_env=False) as http:
        assert all(http.get(f"{servers[0].url}/healthz").is_success for _ in range(2 * LIMIT))
