"""Disabled accounts are noticed in time, and seldom asked for."""

from __future__ import annotations

import pytest

from backend.account_standing import LAPSES_S, AccountStanding
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
    rig.now += LAPSES_S
    assert not rig.request()
    assert not rig.request()
    assert rig.accounts.found == 3


def test_of_those_who_go_on_asking_a_disabled_one_is_refused_sooner(rig: Rig) -> None:
    rig.accounts.add_account(Account("zoe", "hash", utc_now()))
    for user in ("mara", "zoe", "with a token only") * 2:
        assert rig.request(user)
    rig.accounts.set_disabled("mara", True)
    rig.now += LAPSES_S / 2
    rig.standing.answers.renew()
    assert rig.accounts.found == 4
    assert not rig.request("mara")
    rig.now += LAPSES_S * 3 / 4
    assert rig.request("zoe")
    assert rig.request("with a token only")
    assert rig.accounts.found == 5  # the disabled one was asked for


def test_an_enabled_account_counts_again_at_once(rig: Rig) -> None:
    rig.accounts.set_disabled("mara", True)
    assert not rig.request()
    rig.accounts.set_disabled("mara", False)
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


def test_nobody_waits_while_the_database_is_away_for_long(rig: Rig) -> None:
    assert rig.request()
    assert rig.request()
    rig.accounts.down = True
    for _ in range(20):
        rig.now += LAPSES_S / 2
        rig.standing.answers.renew()
        assert rig.standing.take("mara")
