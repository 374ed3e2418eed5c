"""A sign-in is tried before it is kept, and ended where it began."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from recorder_desktop.config import SERVER_SETTING
from recorder_desktop.core.errors import Refused, SignInRequired, Unavailable, UploadError
from recorder_desktop.core.sign_in import PasswordSignIn, TokenSignIn, as_kept
from recorder_desktop.sign_ins import SignIns
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore
from tests.servers import free_ports
from tests.unit.client.local_servers import Answer, AnsweringServer, answering
from tests.unit.system.test_token_store import FakeKeyring
from tests.waiting import wait_for

ISSUED = {"accessToken": "access", "refreshToken": "refresh", "expiresIn": 900}
NOTHING_STORED: dict[str, Any] = {"items": [], "nextCursor": None}


class Rig:
    """Sign-ins with a keyring, settings, and the servers that were signed in to."""

    def __init__(self, folder: Path) -> None:
        self.keyring = FakeKeyring()
        self.tokens = TokenStore(self.keyring)
        self.settings = SettingsFile(folder / "settings.toml")
        self.signed_in: list[str] = []
        self.sign_ins = SignIns(self.tokens, self.settings, self.signed_in.append)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode())


def paths(server: AnsweringServer) -> list[str]:
    return [request.path.partition("?")[0] for request in server.received]


def test_a_password_is_exchanged_tried_and_only_the_refresh_token_kept(rig: Rig) -> None:
    with answering(answer(ISSUED), answer(NOTHING_STORED)) as server:
        signed_in = rig.sign_ins.sign_in(PasswordSignIn(server.url + "/", "mara", "secret"))
    assert (signed_in.server, signed_in.notice) == (server.url, None)
    assert paths(server) == ["/auth/login", "/recordings"]
    assert server.received[1].headers["authorization"] == "Bearer access"
    assert list(rig.keyring.entries.values()) == [as_kept("refresh")]
    assert rig.settings.get(SERVER_SETTING) == server.url
    assert rig.signed_in == [server.url]


def test_an_access_token_is_tried_and_kept(rig: Rig) -> None:
    with answering(answer(NOTHING_STORED)) as server:
        rig.sign_ins.sign_in(TokenSignIn(server.url, " token\n"))
    assert rig.tokens.get(server.url) == "token"


def test_a_sign_in_ends_the_one_before(rig: Rig) -> None:
    with answering(answer(ISSUED), answer(NOTHING_STORED), Answer(204)) as server:
        rig.tokens.set(server.url, as_kept("before"))
        rig.sign_ins.sign_in(PasswordSignIn(server.url, "mara", "secret"))
    assert paths(server) == ["/auth/login", "/recordings", "/auth/logout"]
    assert json.loads(server.received[2].body) == {"refreshToken": "before"}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([answer({"code": "sign_in_refused", "message": "No."}, 401)], SignInRequired),
        ([answer(ISSUED), answer({"code": "unauthenticated", "message": "No."}, 401)], SignInRequired),
        ([answer({"code": "internal_error", "message": "Trouble."}, 500)], Unavailable),
    ],
)
def test_what_is_not_accepted_leaves_everything_as_it_was(
    rig: Rig, answers: list[Answer], error: type[UploadError]
) -> None:
    with answering(*answers) as server:
        rig.tokens.set(server.url, "before")
        with pytest.raises(error):
            rig.sign_ins.sign_in(PasswordSignIn(server.url, "mara", "secret"))
        assert rig.tokens.get(server.url) == "before"
    assert rig.settings.get(SERVER_SETTING) is None
    assert rig.signed_in == []


def test_a_sign_in_that_turns_out_to_be_of_no_use_is_ended(rig: Rig) -> None:
    refusal = answer({"code": "forbidden", "message": "Not yours."}, 403)
    with answering(answer(ISSUED), refusal, Answer(204)) as server, pytest.raises(Refused, match="Not yours"):
        rig.sign_ins.sign_in(PasswordSignIn(server.url, "mara", "secret"))
    assert paths(server) == ["/auth/login", "/recordings", "/auth/logout"]
    assert json.loads(server.received[2].body) == {"refreshToken": "refresh"}


def test_a_sign_in_that_cannot_be_kept_is_ended_and_the_one_before_stays(rig: Rig) -> None:
    with answering(answer(ISSUED), answer(NOTHING_STORED), Answer(204)) as server:
        rig.tokens.set(server.url, as_kept("before"))
        rig.keyring.is_read_only = True
        with pytest.raises(Refused, match="no usable keyring"):
            rig.sign_ins.sign_in(PasswordSignIn(server.url, "mara", "secret"))
    assert [json.loads(request.body) for request in server.received[2:]] == [{"refreshToken": "refresh"}]
    assert list(rig.keyring.entries.values()) == [as_kept("before")]
    assert rig.settings.get(SERVER_SETTING) is None
    assert rig.signed_in == []


def test_what_the_keyring_still_has_is_not_ended_by_a_sign_in_that_lasts_as_long_as_this_run(rig: Rig) -> None:
    with answering(answer(ISSUED), answer(NOTHING_STORED)) as server:
        rig.tokens.set(server.url, as_kept("before"))
        rig.keyring.is_read_only = True
        assert rig.sign_ins.begin(PasswordSignIn(server.url, "mara", "secret")).result(10).notice is not None
    assert paths(server) == ["/auth/login", "/recordings"]
    assert rig.tokens.get(server.url) == as_kept("refresh")
    assert rig.signed_in == [server.url]


def test_a_sign_in_that_another_process_put_back_meanwhile_is_not_ended(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refreshed(service: str, username: str, _password: str) -> None:
        rig.keyring.entries[service, username] = as_kept("before.2")

    with answering(answer(ISSUED), answer(NOTHING_STORED)) as server:
        rig.tokens.set(server.url, as_kept("before.1"))
        monkeypatch.setattr(rig.keyring, "set_password", refreshed)
        rig.sign_ins.sign_in(PasswordSignIn(server.url, "mara", "secret"))
    assert paths(server) == ["/auth/login", "/recordings"]


def test_an_address_that_is_none_is_refused_without_a_call(rig: Rig) -> None:
    with pytest.raises(Refused, match="not a server address"):
        rig.sign_ins.sign_in(TokenSignIn("ftp://recorder.example.org", "token"))


def test_who_waits_for_a_sign_in_is_not_told_that_it_goes_on_by_itself(rig: Rig) -> None:
    with pytest.raises(Unavailable) as caught:
        rig.sign_ins.sign_in(PasswordSignIn(f"http://127.0.0.1:{free_ports(1)[0]}", "mara", "secret"))
    assert caught.value.message.endswith("cannot be reached. Check the address and the network, then try again.")


def test_without_a_keyring_there_is_a_notice(rig: Rig) -> None:
    rig.keyring.is_locked = True
    with answering(answer(NOTHING_STORED)) as server:
        assert rig.sign_ins.begin(TokenSignIn(server.url, "token")).result(10).notice is not None


def test_a_sign_out_ends_it_at_the_server_and_forgets(rig: Rig) -> None:
    with answering(Answer(204)) as server:
        rig.tokens.set(server.url, as_kept("refresh"))
        rig.settings.set(SERVER_SETTING, server.url)
        assert rig.sign_ins.sign_out(server.url).notice is None
    assert json.loads(server.received[0].body) == {"refreshToken": "refresh"}
    assert rig.keyring.entries == {}
    assert rig.settings.get(SERVER_SETTING) is None


def test_a_sign_out_without_the_server_forgets_all_the_same_and_says_so(rig: Rig) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    rig.tokens.set(url, as_kept("refresh"))
    assert "could not be told" in (rig.sign_ins.sign_out(url).notice or "")
    assert rig.keyring.entries == {}


def test_in_the_background_an_error_reaches_whoever_asked(rig: Rig) -> None:
    with pytest.raises(Refused):
        rig.sign_ins.begin(TokenSignIn("no sense", "token")).result(10)
    with answering(answer(NOTHING_STORED)) as server:
        assert rig.sign_ins.begin(TokenSignIn(server.url, "token")).result(10).server == server.url


def test_what_the_server_accepts_after_it_was_cancelled_is_ended_and_chosen_nowhere(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(answer(ISSUED), answer(NOTHING_STORED), Answer(204)) as server:
        is_cancelled = threading.Event()
        answer_to = server.answer_to
        monkeypatch.setattr(server, "answer_to", lambda request: is_cancelled.wait(20) and answer_to(request))
        rig.tokens.set(server.url, as_kept("before"))
        done = rig.sign_ins.begin(PasswordSignIn(server.url, "mara", "secret"))
        assert done.cancel()
        is_cancelled.set()
        wait_for(lambda: len(server.received) == 3, "the end of the sign-in")
    assert paths(server) == ["/auth/login", "/recordings", "/auth/logout"]
    assert json.loads(server.received[2].body) == {"refreshToken": "refresh"}
    assert list(rig.keyring.entries.values()) == [as_kept("before")]
    assert rig.settings.get(SERVER_SETTING) is None
    assert rig.signed_in == []
