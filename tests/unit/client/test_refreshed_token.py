"""Access tokens that are made anew of a refresh token: in time, once, and for whoever is signed in now."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from recorder_desktop.client.auth import RefreshedToken
from recorder_desktop.core.errors import Offline, Refused, SignInRequired, UploadError
from recorder_desktop.core.sign_in import IssuedTokens, as_kept, is_same_sign_in, kept_refresh_token

SERVER = "https://recorder.example.org"
LASTS_S = 100.0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Keyring:
    """What is kept for the server."""

    def __init__(self) -> None:
        self.kept: str | None = as_kept("refresh-0")

    def get(self) -> str | None:
        return self.kept

    def replace(self, old: str, new: str) -> bool:
        if self.kept != old:
            return False
        self.kept = new
        return True


class Server:
    """Numbers its tokens; only the last refresh token counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.trouble: UploadError | None = None
        self.counts = "refresh-0"

    def refresh(self, refresh_token: str) -> IssuedTokens:
        self.asked.append(refresh_token)
        if self.trouble is not None:
            raise self.trouble
        if refresh_token != self.counts:
            raise SignInRequired("It does not count. Sign in again.")
        number = len(self.asked)
        self.counts = f"refresh-{number}"
        return IssuedTokens(f"access-{number}", self.counts, LASTS_S)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made)
    return made


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def tokens(keyring: Keyring, server: Server, clock: Clock) -> RefreshedToken:
    return RefreshedToken(keyring, server.refresh, SERVER)


def test_a_token_is_made_once_and_what_replaces_the_refresh_token_is_kept(
    tokens: RefreshedToken, keyring: Keyring
) -> None:
    assert [tokens.token(), tokens.token()] == ["access-1", "access-1"]
    assert keyring.kept == as_kept("refresh-1")


def test_a_token_is_made_anew_before_it_runs_out(tokens: RefreshedToken, keyring: Keyring, clock: Clock) -> None:
    tokens.token()
    clock.now += LASTS_S * 0.8 - 0.1
    assert tokens.token() == "access-1"
    clock.now += 0.1
    assert tokens.token() == "access-2"
    assert keyring.kept == as_kept("refresh-2")


@pytest.mark.parametrize("trouble", [Offline("Nobody answers. It goes on.")])
def test_while_the_server_is_away_a_token_that_still_counts_is_used(
    tokens: RefreshedToken, server: Server, clock: Clock, trouble: UploadError
) -> None:
    tokens.token()
    server.trouble = trouble
    clock.now += LASTS_S * 0.9
    assert [tokens.token(), tokens.token()] == ["access-1", "access-1"]
    assert len(server.asked) == 2
    clock.now += LASTS_S * 0.1
    with pytest.raises(Offline):
        tokens.token()
    server.trouble = None
    assert tokens.token() == "access-4"


@pytest.mark.parametrize("trouble", [SignInRequired("No. Sign in."), Refused("No. Ask.")])
def test_what_does_not_pass_is_told_at_once(
    tokens: RefreshedToken, server: Server, clock: Clock, trouble: UploadError
) -> None:
    tokens.token()
    server.trouble = trouble
    clock.now += LASTS_S * 0.9
    with pytest.raises(type(trouble)):
        tokens.token()


def test_a_refused_token_is_made_anew_once_however_many_calls_were_refused(
    tokens: RefreshedToken, server: Server
) -> None:
    refused = tokens.token()
    assert tokens.renew(refused)
    assert tokens.token() == "access-2"
    assert tokens.renew(refused)
    assert tokens.token() == "access-2"
    assert len(server.asked) == 2


def test_threads_that_need_a_token_at_once_refresh_once(keyring: Keyring, server: Server) -> None:
    tokens = RefreshedToken(keyring, server.refresh, SERVER)
    together = threading.Barrier(8)

    def ask(_: int) -> str:
        together.wait()
        return tokens.token()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {"access-1"}
    assert server.asked == ["refresh-0"]


def test_a_new_sign_in_of_another_process_counts_at_once(
    tokens: RefreshedToken, keyring: Keyring, server: Server
) -> None:
    tokens.token()
    keyring.kept, server.counts = as_kept("hers"), "hers"
    assert tokens.token() == "access-2"
    assert server.asked == ["refresh-0", "hers"]
    keyring.kept = "an-access-token"
    assert tokens.token() == "an-access-token"
    assert not tokens.renew("an-access-token")
    assert tokens.renew("another")


def test_two_homes_on_one_keyring_do_not_refresh_in_turn(keyring: Keyring, clock: Clock) -> None:
    asked: list[str] = []

    def refresh(refresh_token: str) -> IssuedTokens:
        asked.append(refresh_token)
        return IssuedTokens(f"access-{len(asked)}", f"family.{len(asked)}", LASTS_S)

    keyring.kept = as_kept("family.0")
    homes = [RefreshedToken(keyring, refresh, SERVER) for _ in range(2)]
    assert [home.token() for _ in range(3) for home in homes] == ["access-1", "access-2"] * 3
    assert asked == ["family.0", "family.1"]

    clock.now += LASTS_S * 0.8
    assert [home.token() for _ in range(3) for home in homes] == ["access-3", "access-4"] * 3
    assert asked[2:] == ["family.2", "family.3"]


def test_after_a_sign_out_there_is_no_token(tokens: RefreshedToken, keyring: Keyring) -> None:
    tokens.token()
    keyring.kept = None
    with pytest.raises(SignInRequired):
        tokens.token()
    assert not tokens.renew("access-1")


def test_a_sign_in_that_came_while_the_server_answered_is_not_overwritten(keyring: Keyring, server: Server) -> None:
    def refresh(refresh_token: str) -> IssuedTokens:
        issued = server.refresh(refresh_token)
        keyring.kept = as_kept("hers")
        return issued

    RefreshedToken(keyring, refresh, SERVER).token()
    assert keyring.kept == as_kept("hers")


def test_a_refresh_token_that_no_longer_counts_stays_until_somebody_signs_in(
    tokens: RefreshedToken, keyring: Keyring, server: Server
) -> None:
    server.counts = "another"
    with pytest.raises(SignInRequired):
        tokens.token()
    assert keyring.kept == as_kept("refresh-0")
    keyring.kept, server.counts = as_kept("refresh-new"), "refresh-new"
    assert tokens.token() == "access-2"


@pytest.mark.parametrize("token", ["tok\nen", "tökén"])
def test_a_token_that_no_header_can_carry_is_not_shown(keyring: Keyring, token: str) -> None:
    with pytest.raises(SignInRequired) as caught:
        RefreshedToken(keyring, lambda _: IssuedTokens(token, "next", LASTS_S), SERVER).token()
    assert token not in caught.value.message


def test_kept_tokens_are_told_apart() -> None:
    assert kept_refresh_token(as_kept("a.b")) == "a.b"
    assert kept_refresh_token("e30.e30.c2ln") is None


def test_a_sign_in_is_known_by_what_stands_before_the_dot() -> None:
    assert is_same_sign_in(as_kept("a.b"), as_kept("a.c"))
    assert not is_same_sign_in(as_kept("a.b"), as_kept("b.b"))
    assert not is_same_sign_in("e30.e30.c2ln", "e30.e30.bmV3")
    assert not is_same_sign_in(as_kept("a.b"), "")


def test_s24_repr_masks_the_tokens() -> None:
    assert "secret" not in repr(IssuedTokens("secret", "secret", 1.0))
