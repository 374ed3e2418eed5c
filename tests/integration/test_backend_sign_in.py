"""Signing in with a password, against the running backend on both databases, and over two backends on one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.backend_client import administer, an_address, problem
from tests.minutes import within_a_minute
from tests.servers import BackendServer, MongoServer, StoreServer, backend, wait_until

PASSWORD = "correct horse battery"
TRIES = 20
# Far above what the backend promises, for a busy computer.
NOTICED_S = 30


@pytest.fixture
def mara(server: BackendServer) -> str:
    """The name of a new account."""
    return new_account(server)


def new_account(server: BackendServer) -> str:
    name = f"mara-{uuid.uuid4().hex[:8]}"
    made = administer(server, "user", "add", name, password=PASSWORD + "\n")
    assert (made.returncode, made.stderr) == (0, "")
    return name


def post(server: BackendServer, route: str, address: str = "", **body: Any) -> httpx.Response:
    headers = {"X-Forwarded-For": address} if address else {}
    return httpx.post(f"{server.url}/auth/{route}", json=body, headers=headers, trust_env=False, timeout=30)


def signed_in(server: BackendServer, user: str) -> dict[str, Any]:
    answer = post(server, "login", username=user, password=PASSWORD)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def recordings(server: BackendServer, token: str) -> httpx.Response:
    return httpx.get(f"{server.url}/recordings", headers={"Authorization": f"Bearer {token}"}, trust_env=False)


def test_a_person_signs_in_stays_signed_in_and_signs_out(server: BackendServer, mara: str) -> None:
    answer = post(server, "login", username=mara, password=PASSWORD)
    tokens = answer.json()
    assert set(tokens) == {"accessToken", "refreshToken", "expiresIn"}
    assert tokens["expiresIn"] == 900
    assert answer.headers["Cache-Control"] == "no-store"
    assert recordings(server, tokens["accessToken"]).status_code == 200

    following = post(server, "refresh", refreshToken=tokens["refreshToken"]).json()
    assert following["refreshToken"] != tokens["refreshToken"]
    assert recordings(server, following["accessToken"]).status_code == 200
    assert (
        post(server, "refresh", refreshToken=tokens["refreshToken"]).json()["refreshToken"]
        == (following["refreshToken"])
    )

    for _ in range(2):
        ended = post(server, "logout", refreshToken=following["refreshToken"])
        assert (ended.status_code, ended.content) == (204, b"")
    over = post(server, "refresh", refreshToken=following["refreshToken"])
    assert problem(over) == (401, "sign_in_refused")


def test_a_token_used_twice_ends_the_sign_in(server: BackendServer, mara: str) -> None:
    first = signed_in(server, mara)["refreshToken"]
    second = post(server, "refresh", refreshToken=first).json()["refreshToken"]
    third = post(server, "refresh", refreshToken=second).json()["refreshToken"]
    assert problem(post(server, "refresh", refreshToken=first)) == (401, "sign_in_refused")
    assert problem(post(server, "refresh", refreshToken=third)) == (401, "sign_in_refused")


def test_nobody_learns_who_has_an_account(server: BackendServer, mara: str) -> None:
    answers = [
        post(server, "login", username=user, password=password)
        for user, password in ((mara, "wrong horse battery"), ("nobody-" + mara, PASSWORD))
    ]
    told = [answer.json() | {"requestId": ""} for answer in answers]
    assert [problem(answer) for answer in answers] == [(401, "sign_in_refused")] * 2
    assert told[0] == told[1]
    assert {*answers[0].headers} == {*answers[1].headers}


def test_a_disabled_account_is_refused_within_seconds_and_signs_in_again_when_enabled(
    server: BackendServer, mara: str
) -> None:
    tokens = signed_in(server, mara)
    assert recordings(server, tokens["accessToken"]).status_code == 200
    assert administer(server, "user", "disable", mara).returncode == 0
    assert problem(post(server, "refresh", refreshToken=tokens["refreshToken"])) == (401, "sign_in_refused")
    assert problem(post(server, "login", username=mara, password=PASSWORD)) == (401, "sign_in_refused")
    wait_until(
        lambda: recordings(server, tokens["accessToken"]).status_code == 401, "the end of the token", NOTICED_S
    )
    assert problem(recordings(server, tokens["accessToken"])) == (401, "unauthenticated")
    assert recordings(server, server.token("somebody-else")).status_code == 200

    assert administer(server, "user", "enable", mara).returncode == 0
    assert problem(post(server, "refresh", refreshToken=tokens["refreshToken"])) == (401, "sign_in_refused")
    token = signed_in(server, mara)["accessToken"]
    wait_until(lambda: recordings(server, token).status_code == 200, "the account to count again", NOTICED_S)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("login", {"username": "mara"}),
        ("login", {"username": "", "password": "x"}),
        ("login", {"username": {"$gt": ""}, "password": "x"}),
        ("login", {"username": "mara", "password": ["x"]}),
        ("login", {"username": "m" * 300, "password": "x"}),
        ("login", {"username": "nul\0", "password": "x"}),
        ("login", {"username": "mara", "password": "x" * 2000}),
        ("refresh", {}),
        ("refresh", {"refreshToken": None}),
        ("logout", {"refreshToken": {"$ne": None}}),
        ("logout", {"refreshToken": "x" * 300}),
    ],
)
def test_bad_bodies_are_named(server: BackendServer, route: str, body: dict[str, Any]) -> None:
    answer = post(server, route, **body)
    assert problem(answer) == (422, "invalid_field")
    assert "xxxx" not in answer.text


def test_s16_half_a_character_is_refused(server: BackendServer) -> None:
    for body in ('{"username":"\\ud800","password":"x"}', '{"username":"x","password":"\\ud800"}'):
        headers = {"Content-Type": "application/json"}
        answer = httpx.post(f"{server.url}/auth/login", content=body, headers=headers, trust_env=False)
        assert problem(answer) == (422, "invalid_field")


def test_s24_neither_log_nor_database_holds_a_password_or_a_token(server: BackendServer, mara: str) -> None:
    tokens = signed_in(server, mara)
    post(server, "refresh", refreshToken=tokens["refreshToken"])
    post(server, "login", username=mara, password="hunter2 hunter2")
    kept = server.log()
    for file in Path(server.env["RECORDER_HOME"]).glob("catalogue.db*"):
        kept += file.read_bytes().decode("latin-1")
    secrets = (PASSWORD, "hunter2", tokens["accessToken"], *tokens["refreshToken"].split("."))
    assert not [secret for secret in secrets if secret in kept]
    assert f'"user": "{mara}"' in kept or f'"user":"{mara}"' in kept


@pytest.fixture(scope="module")
def pair(
    store_server: StoreServer, mongo_server: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[BackendServer]]:
    """Two backends on one database, behind a proxy that says whose requests they are."""
    env = store_server.backend_env(f"pair-{uuid.uuid4().hex}")
    env["MONGO_URI"] = mongo_server.uri.replace("/?", f"/t{uuid.uuid4().hex}?")
    env |= {"TRUSTED_PROXIES": "127.0.0.1", "JWT_SECRET": "s" * 40}
    home = tmp_path_factory.mktemp("home")
    with backend(env, home / "a", ["--create-bucket"]) as one, backend(env, home / "b") as other:
        yield [one, other]


@within_a_minute
def test_s23_bad_logins_are_counted_for_each_name_by_all_instances(pair: list[BackendServer]) -> None:
    mara, other, nobody = new_account(pair[0]), new_account(pair[0]), f"nobody-{uuid.uuid4().hex}"
    tries = [
        post(pair[number % 2], "login", f"198.51.100.{number}", username=mara, password="wrong horse")
        for number in range(TRIES)
    ]
    assert {problem(answer) for answer in tries} == {(401, "sign_in_refused")}
    refused = post(pair[0], "login", "198.51.100.99", username=mara, password=PASSWORD)
    assert problem(refused) == (429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    unknown = [
        post(pair[number % 2], "login", f"203.0.113.{number}", username=nobody, password="wrong horse")
        for number in range(TRIES + 1)
    ]
    assert [answer.status_code for answer in unknown] == [401] * TRIES + [429]
    assert post(pair[1], "login", "198.51.100.99", username=other, password=PASSWORD).status_code == 200


@within_a_minute
def test_s23_bad_logins_are_counted_for_each_address_by_all_instances(pair: list[BackendServer]) -> None:
    mara, address = new_account(pair[0]), an_address()
    tries = [
        post(pair[number % 2], "login", address, username=f"{mara}-{number}", password="wrong horse")
        for number in range(TRIES)
    ]
    assert {problem(answer) for answer in tries} == {(401, "sign_in_refused")}
    refused = post(pair[1], "login", address, username=mara, password=PASSWORD)
    assert problem(refused) == (429, "rate_limited")
    assert post(pair[1], "login", an_address(), username=mara, password=PASSWORD).status_code == 200


def test_a_disabled_account_is_refused_by_every_instance(pair: list[BackendServer]) -> None:
    mara = new_account(pair[0])
    tokens = signed_in(pair[0], mara)
    for server in pair:
        assert recordings(server, tokens["accessToken"]).status_code == 200
    assert administer(pair[0], "user", "disable", mara).returncode == 0
    for server in pair:
        assert problem(post(server, "refresh", refreshToken=tokens["refreshToken"])) == (401, "sign_in_refused")
        wait_until(
            lambda server=server: recordings(server, tokens["accessToken"]).status_code == 401,  # type: ignore[misc]
            "the end of the token",
            NOTICED_S,
        )
