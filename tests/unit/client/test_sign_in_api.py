"""What is said to a server to sign in, and what its answers mean to a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recorder_desktop.client.sign_in_api import SignInApi
from recorder_desktop.core.errors import Offline, Refused, SignInRequired, SlowDown, Unavailable, UploadError
from tests.servers import free_ports
from tests.unit.client.local_servers import Answer, answering

ISSUED = {"accessToken": "access", "refreshToken": "refresh", "expiresIn": 900}


def answer(status: int, body: Any, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), headers)


def problem(status: int, code: str, **headers: str) -> Answer:
    return answer(status, {"code": code, "message": "In the server's words.", "requestId": "1"}, **headers)


def test_the_three_calls_send_what_the_contract_names_and_no_access_token() -> None:
    with answering(answer(200, ISSUED), answer(200, ISSUED), Answer(204)) as server:
        api = SignInApi(server.url)
        issued = api.login("mara", "pässword")
        api.refresh("old")
        api.logout("old")
    assert (issued.access_token, issued.refresh_token, issued.expires_in_s) == ("access", "refresh", 900.0)
    assert [(each.method, each.path) for each in server.received] == [
        ("POST", "/auth/login"),
        ("POST", "/auth/refresh"),
        ("POST", "/auth/logout"),
    ]
    bodies = [json.loads(each.body) for each in server.received]
    assert bodies == [{"username": "mara", "password": "pässword"}, {"refreshToken": "old"}, {"refreshToken": "old"}]
    assert not any("authorization" in each.headers for each in server.received)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (problem(401, "sign_in_refused"), SignInRequired, "does not know this user name"),
        (problem(429, "rate_limited", **{"Retry-After": "17"}), Unavailable, "Try again in 17 s"),
        (problem(429, "rate_limited"), Unavailable, "Try again in a minute"),
        (problem(409, "sign_in_elsewhere"), Refused, "identity provider"),
        (problem(404, "not_found"), Refused, "another version"),
        (problem(422, "invalid_field"), Refused, "server's words"),
        (problem(503, "catalogue_unavailable"), Unavailable, "server's words"),
        (Answer(200, b"<html>"), Offline, "sign-in page"),
        (answer(200, {"accessToken": 1}), Refused, "Update"),
    ],
)
def test_a_login_that_fails_says_what_happened_and_what_to_do(
    given: Answer, error: type[UploadError], words: str
) -> None:
    with answering(given) as server, pytest.raises(error) as caught:
        SignInApi(server.url).login("mara", "secret-password")
    assert words in caught.value.message
    assert caught.value.message.count(". ") >= 1
    assert "secret-password" not in caught.value.message


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (problem(401, "sign_in_refused"), SignInRequired),
        (problem(409, "sign_in_elsewhere"), SignInRequired),
        (problem(429, "rate_limited"), SlowDown),
        (problem(503, "catalogue_unavailable"), Unavailable),
    ],
)
def test_a_refresh_asks_for_a_sign_in_only_where_that_helps(given: Answer, error: type[UploadError]) -> None:
    with answering(given) as server, pytest.raises(error):
        SignInApi(server.url).refresh("token")


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(Offline, match=r"127\.0\.0\.1"):
        SignInApi(f"http://127.0.0.1:{free_ports(1)[0]}").login("mara", "x")
