"""Signing in, staying signed in, and what ends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from backend.auth_service import AuthService, TokenRules
from backend.errors import BackendError, SignInElsewhere, SignInRefused, TooManyLogins
from backend.login_attempts import LoginAttempts
from backend.model import Account, utc_now
from backend.passwords import Passwords
from backend.sign_in_service import GRACE, Lifetimes, SignInService, Tokens
from tests.fakes.memory_accounts import MemoryAccounts
from tests.fakes.memory_request_counts import MemoryRequestCounts

RIGHT, WRONG = "correct horse battery", "correct horse battery stable"
TRIES = 3


class Rig:
    """The service on fakes, with one account and a clock that stands still."""

    def __init__(self, secret: str | None = "s" * 40) -> None:
        self.at = utc_now()
        self.accounts = MemoryAccounts()
        self.request_counts = MemoryRequestCounts()
        self.passwords = Passwords(memory_kib=8)
        self.auth = AuthService(TokenRules("recorder-backend", "recorder", secret, jwks_url="http://127.0.0.1:9/"))
        self.accounts.add_account(Account("mara", self.passwords.hash(RIGHT), self.at))
        self.service = self.another()

    def another(self, auth: AuthService | None = None) -> SignInService:
        """A second backend on the same database."""
        attempts = LoginAttempts(self.request_counts, TRIES, self._timestamp)
        return SignInService(
            self.accounts, auth or self.auth, attempts, self.passwords, Lifetimes(), now=lambda: self.at
        )

    def _timestamp(self) -> float:
        return self.at.timestamp()

    def login(self, password: str = RIGHT, user: str = "mara", address: str = "192.0.2.1") -> Tokens:
        return self.service.login(user, password, address)

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def refused(rig: Rig, token: str) -> bool:
    try:
        rig.service.refresh(token)
    except SignInRefused:
        return True
    return False


def test_a_right_password_gives_both_tokens(rig: Rig) -> None:
    tokens = rig.login()
    assert rig.auth.user_of(tokens.access_token) == "mara"
    assert tokens.expires_in_s == 900
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)


def test_no_token_is_stored_as_it_is(rig: Rig) -> None:
    first = rig.login().refresh_token
    second = rig.service.refresh(first).refresh_token
    stored = repr([*rig.accounts.sign_ins.items(), *(vars(s) for s in rig.accounts.sign_ins.values())])
    for token in (first, second):
        assert not any(piece in stored for piece in token.split("."))


def test_wrong_password_unknown_user_and_disabled_account_are_one_answer(rig: Rig) -> None:
    rig.accounts.add_account(Account("off", rig.passwords.hash(RIGHT), rig.at, is_disabled=True))
    answers: list[tuple[object, str]] = []
    for user, password in (("mara", WRONG), ("nobody", RIGHT), ("off", RIGHT)):
        with pytest.raises(BackendError) as caught:
            rig.login(password, user, address=user)
        answers.append((type(caught.value), caught.value.message))
    assert set(answers) == {(SignInRefused, answers[0][1])}


class Watched:
    """A hasher that remembers what it compared passwords with."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self.compared: list[str] = []
        self.hash = hasher.hash
        self._verify = hasher.verify

    def verify(self, known: str, password: str) -> bool:
        self.compared.append(known)
        return self._verify(known, password)


def test_an_unknown_user_costs_a_hash_of_the_same_kind(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(rig.passwords._hasher)
    monkeypatch.setattr(rig.passwords, "_hasher", watched)
    for user in ("mara", "nobody"):
        with pytest.raises(SignInRefused):
            rig.login(WRONG, user)
    known, nobodys = (compared.split("$")[:4] for compared in watched.compared)
    assert known == nobodys


def test_a_hash_with_old_parameters_is_renewed_at_the_next_login(rig: Rig) -> None:
    rig.passwords = Passwords(memory_kib=16)
    rig.service = rig.another()
    old = rig.accounts.accounts["mara"].password_hash
    rig.login()
    renewed = rig.accounts.accounts["mara"]
    assert "m=16," in renewed.password_hash
    assert "m=8," in old
    assert renewed.generation == 0
    rig.login()
    assert rig.accounts.accounts["mara"] == renewed


def test_a_refresh_token_is_replaced_and_the_sign_in_goes_on_for_longer(rig: Rig) -> None:
    tokens = rig.login()
    for _ in range(5):
        rig.passes(days=29)
        following = rig.service.refresh(tokens.refresh_token)
        assert following.refresh_token != tokens.refresh_token
        tokens = following


def test_a_refresh_token_runs_out(rig: Rig) -> None:
    token = rig.login().refresh_token
    rig.passes(days=30)
    assert refused(rig, token)


def test_a_lost_answer_is_given_again_for_a_while(rig: Rig) -> None:
    first = rig.login().refresh_token
    lost = rig.service.refresh(first)
    rig.passes(seconds=GRACE.total_seconds())
    again = rig.another().refresh(first)
    assert again.refresh_token == lost.refresh_token
    assert not refused(rig, again.refresh_token)


def test_a_replaced_token_used_later_ends_the_sign_in(rig: Rig) -> None:
    first = rig.login().refresh_token
    second = rig.service.refresh(first).refresh_token
    rig.passes(seconds=GRACE.total_seconds() + 1)
    assert refused(rig, first)
    assert refused(rig, second)


def test_a_token_from_before_the_last_but_one_ends_the_sign_in_at_once(rig: Rig) -> None:
    first = rig.login().refresh_token
    second = rig.service.refresh(first).refresh_token
    third = rig.service.refresh(second).refresh_token
    assert refused(rig, first)
    assert refused(rig, third)


def test_another_sign_in_of_the_same_person_goes_on(rig: Rig) -> None:
    first, other = rig.login().refresh_token, rig.login().refresh_token
    second = rig.service.refresh(first).refresh_token
    rig.service.refresh(second)
    assert refused(rig, first)
    assert not refused(rig, other)


def test_backends_that_refresh_at_once_give_the_same_answer(rig: Rig) -> None:
    token = rig.login().refresh_token
    services = [rig.another() for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda service: service.refresh(token).refresh_token, services))
    assert len(set(answers)) == 1
    assert not refused(rig, answers[0])


def test_a_backend_with_another_secret_cannot_give_a_lost_answer_again(rig: Rig) -> None:
    first = rig.login().refresh_token
    rig.service.refresh(first)
    other = AuthService(TokenRules("recorder-backend", "recorder", "t" * 40))
    with pytest.raises(SignInRefused):
        rig.another(other).refresh(first)


@pytest.mark.parametrize("token", ["x", ".", "a.b", "ü.☃"])
def test_made_up_tokens_are_refused(rig: Rig, token: str) -> None:
    known = rig.login().refresh_token
    assert refused(rig, token)
    rig.service.logout(token)
    assert not refused(rig, known)


def test_logout_ends_this_sign_in_alone(rig: Rig) -> None:
    here, there = rig.login().refresh_token, rig.login().refresh_token
    rig.service.logout(here)
    rig.service.logout(here)
    assert refused(rig, here)
    assert not refused(rig, there)


def test_disabling_ends_every_sign_in_and_enabling_brings_none_back(rig: Rig) -> None:
    token = rig.login().refresh_token
    rig.accounts.set_disabled("mara", True)
    assert refused(rig, token)
    rig.accounts.set_disabled("mara", False)
    assert refused(rig, token)
    assert not refused(rig, rig.login().refresh_token)


def test_another_password_ends_every_sign_in(rig: Rig) -> None:
    token = rig.login().refresh_token
    rig.accounts.set_password("mara", rig.passwords.hash(WRONG))
    assert refused(rig, token)


def test_an_account_that_is_gone_refreshes_nothing(rig: Rig) -> None:
    token = rig.login().refresh_token
    del rig.accounts.accounts["mara"]
    assert refused(rig, token)


def test_s23_tries_are_counted_for_each_name_from_wherever_they_come(rig: Rig) -> None:
    for number in range(TRIES):
        with pytest.raises(SignInRefused):
            rig.login(WRONG, address=f"192.0.2.{number}")
    with pytest.raises(TooManyLogins) as caught:
        rig.another().login("mara", RIGHT, "192.0.2.99")
    assert 1 <= caught.value.retry_after_s <= 60
    rig.passes(seconds=caught.value.retry_after_s)
    assert rig.login().user == "mara"


def test_s23_tries_are_counted_for_each_address_whatever_names_are_tried(rig: Rig) -> None:
    for number in range(TRIES):
        with pytest.raises(SignInRefused):
            rig.login(WRONG, user=f"user {number}")
    with pytest.raises(TooManyLogins):
        rig.login()
    assert rig.login(address="192.0.2.2").user == "mara"


def test_s23_right_passwords_are_not_counted(rig: Rig) -> None:
    for _ in range(3 * TRIES):
        rig.login()


def test_a_name_is_not_kept_where_tries_are_counted(rig: Rig) -> None:
    with pytest.raises(SignInRefused):
        rig.login(WRONG, user="hunter2")
    assert "hunter2" not in repr(rig.request_counts.counts)


def test_where_tokens_come_from_somebody_else_nobody_signs_in() -> None:
    rig = Rig(secret=None)
    for ask in (rig.login, lambda: rig.service.refresh("a.b"), lambda: rig.service.logout("a.b")):
        with pytest.raises(SignInElsewhere):
            ask()


def test_a_sign_in_begun_with_the_old_password_while_it_changes_does_not_count(rig: Rig) -> None:
    known = rig.accounts.accounts["mara"]
    token = rig.login().refresh_token
    rig.accounts.accounts["mara"] = replace(known, generation=known.generation + 1)
    assert refused(rig, token)


def test_times_are_kept_to_the_millisecond(rig: Rig) -> None:
    rig.login()
    kept = next(iter(rig.accounts.sign_ins.values()))
    assert isinstance(kept.expires_at, datetime)
    assert kept.expires_at.microsecond % 1000 == 0
