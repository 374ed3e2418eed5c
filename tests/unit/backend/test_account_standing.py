"""Disabled accounts are noticed in time, and seldom asked for."""

from __future__ import annotations

import pytest

from backend import account_standing
from backend.account_standing import ASKED_EVERY_S, LAPSES_S, AccountStanding
from backend.errors import CatalogueUnavailable, NotSignedIn
from backend.model import Account, utc_now
from tests.fakes.memory_accounts import MemoryAccounts


class Rig:
    """Accounts, a clock in seconds, and the requests of the event loop."""

    def __init__(self) -> None:
        self.now = 100.0
        self.accounts = MemoryAccounts()
        self.accounts.add_account(Account("mara", "hash", utc_now()))
        self.standing = AccountStanding(self.accounts, lambda: self.now)

    def request(self, user: str = "mara") -> bool:
        """Return whether a request of this user is let through."""
        try:
            if not self.standing.take(user):
                self.standing.ask(user)
        except NotSignedIn:
            return False
        return True


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_many_requests_ask_once(rig: Rig) -> None:
    assert all(rig.request() for _ in range(100))
    assert rig.accounts.found == 1


def test_who_has_no_account_is_let_through(rig: Rig) -> None:
    assert rig.request("with a token only")


def test_a_disabled_account_is_refused_in_time(rig: Rig) -> None:
    assert rig.request()
    rig.accounts.set_disabled("mara", True)
    rig.now += ASKED_EVERY_S
    assert not rig.request()
    assert not rig.request()
    assert rig.accounts.found == 2


def test_one_request_asks_while_the_others_go_on(rig: Rig) -> None:
    assert rig.request()
    rig.now += ASKED_EVERY_S
    assert not rig.standing.take("mara")
    assert all(rig.standing.take("mara") for _ in range(10))


def test_an_answer_that_never_came_lapses(rig: Rig) -> None:
    assert rig.request()
    rig.now += ASKED_EVERY_S
    assert not rig.standing.take("mara")
    rig.now += LAPSES_S - ASKED_EVERY_S
    assert not rig.standing.take("mara")
    assert not rig.standing.take("mara")


def test_an_enabled_account_counts_again(rig: Rig) -> None:
    rig.accounts.set_disabled("mara", True)
    assert not rig.request()
    rig.accounts.set_disabled("mara", False)
    rig.now += ASKED_EVERY_S
    assert rig.request()


def test_while_the_database_is_away_the_last_answer_counts(rig: Rig) -> None:
    rig.accounts.add_account(Account("off", "hash", utc_now(), is_disabled=True))
    assert rig.request()
    assert not rig.request("off")
    rig.accounts.down = True
    rig.now += LAPSES_S
    assert rig.request()
    assert not rig.request("off")
    with pytest.raises(CatalogueUnavailable):
        rig.request("never seen")


def test_one_long_wait_for_the_database_is_enough_for_a_while(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rig.request()
    waits = []

    def never_answers(user: str) -> Account | None:
        waits.append(user)
        rig.now += 20
        raise CatalogueUnavailable("The database cannot be reached.")

    monkeypatch.setattr(rig.accounts, "find_account", never_answers)
    rig.now += LAPSES_S
    assert all(rig.request() for _ in range(10))
    assert waits == ["mara"]


def test_a_late_answer_is_no_news(rig: Rig) -> None:
    rig.accounts.set_disabled("mara", True)
    assert not rig.request()
    rig.standing._remember("mara", account_standing._Answer(False, rig.now - 1, rig.now - 1))
    assert not rig.request()


def test_however_many_there_are_what_is_remembered_has_a_limit(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_standing, "MOST_REMEMBERED", 3)
    for number in range(20):
        assert rig.request(f"user {number}")
    assert len(rig.standing._answers) <= 3
