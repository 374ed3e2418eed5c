"""Where tokens come from and when another try makes sense."""

from __future__ import annotations

import time

import pytest

from recorder_desktop.client.auth import LookedUpToken, MintedToken, subject_of
from recorder_desktop.core.errors import SignInRequired

SERVER = "https://recorder.example.org"


@pytest.mark.parametrize("kept", [None, "", " \n"])
def test_without_a_token_a_sign_in_is_asked_for(kept: str | None) -> None:
    with pytest.raises(SignInRequired) as caught:
        LookedUpToken(lambda: kept, SERVER).token()
    assert SERVER in caught.value.message


def test_a_line_break_around_a_kept_token_does_not_count() -> None:
    tokens = LookedUpToken(lambda: " token-1\r\n", SERVER)
    assert tokens.token() == "token-1"
    assert not tokens.renew("token-1")


@pytest.mark.parametrize("kept", ["tok\nen", "tok\x00en", "tökén", "tok\ud800en"])
def test_a_token_that_no_header_can_carry_asks_for_a_sign_in_without_showing_it(kept: str) -> None:
    with pytest.raises(SignInRequired) as caught:
        LookedUpToken(lambda: kept, SERVER).token()
    assert "damaged" in caught.value.message
    assert kept not in caught.value.message


def test_f35_another_try_makes_sense_only_with_another_token() -> None:
    kept = ["old"]
    tokens = LookedUpToken(lambda: kept[-1], SERVER)
    assert not tokens.renew("old")
    kept.append("new")
    assert tokens.renew("old")
    assert tokens.token() == "new"
    kept.append("")
    assert not tokens.renew("new")


class Mint:
    """Makes numbered tokens."""

    def __init__(self) -> None:
        self.lifetimes: list[float] = []

    def __call__(self, ttl_s: float) -> str:
        self.lifetimes.append(ttl_s)
        return f"token-{len(self.lifetimes)}"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made)
    return made


def test_f35_a_minted_token_is_made_anew_in_the_last_fifth_of_its_life(clock: Clock) -> None:
    mint = Mint()
    tokens = MintedToken(mint, ttl_s=100.0)
    assert [tokens.token(), tokens.token()] == ["token-1", "token-1"]
    clock.now += 79.9
    assert tokens.token() == "token-1"
    clock.now += 0.2
    assert tokens.token() == "token-2"
    assert mint.lifetimes == [100.0, 100.0]


def test_a_refused_minted_token_is_replaced_once_however_many_calls_were_refused() -> None:
    tokens = MintedToken(Mint())
    refused = tokens.token()
    assert tokens.renew(refused)
    assert tokens.token() == "token-2"
    assert tokens.renew(refused)
    assert tokens.token() == "token-2"


def test_s24_repr_masks_the_tokens() -> None:
    minted, looked_up = MintedToken(lambda _ttl: "secret-token"), LookedUpToken(lambda: "secret-token", SERVER)
    minted.token()
    assert "secret-token" not in repr(minted) + repr(looked_up) + repr(vars(looked_up))


@pytest.mark.parametrize(
    ("token", "subject"),
    [
        ("e30.eyJzdWIiOiJtYXJhIn0.c2ln", "mara"),
        ("e30.eyJzdWIiOiAiXHUwMGU1c2EifQ.c2ln", "åsa"),
        ("e30.e30.c2ln", ""),
        ("e30.W10.c2ln", ""),
        ("opaque", ""),
        ("a.b.c", ""),
        ("", ""),
    ],
)
def test_a_token_says_whom_it_speaks_for_or_nothing(token: str, subject: str) -> None:
    assert subject_of(token) == subject
