"""What every keeper of accounts promises: SQLite on a real file, MongoDB on a real server, and the fake."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.errors import AccountExists, AccountNotFound
from backend.model import Account, SignIn, utc_now
from backend.ports import Accounts

NOW = utc_now()


def kept(accounts: Accounts, user: str = "mara", password_hash: str = "hash") -> Account:
    account = Account(user, password_hash, NOW)
    accounts.add_account(account)
    return account


def begun(accounts: Accounts, token_hash: str = "first", expires_in_s: float = 60) -> SignIn:
    sign_in = SignIn(uuid.uuid4().hex, "mara", 3, token_hash, None, NOW, NOW + timedelta(seconds=expires_in_s))
    accounts.add_sign_in(sign_in)
    return sign_in


def followed(sign_in: SignIn, token_hash: str) -> SignIn:
    later = sign_in.rotated_at + timedelta(seconds=5)
    return replace(
        sign_in,
        token_hash=token_hash,
        previous_hash=sign_in.token_hash,
        rotated_at=later,
        expires_at=later + timedelta(days=1),
    )


def test_an_account_is_found_by_exactly_its_name(accounts: Accounts) -> None:
    account = kept(accounts, "Mära $x.y")
    assert accounts.find_account("Mära $x.y") == account
    assert accounts.find_account("mära $x.y") is None
    assert accounts.find_account("") is None


def test_a_name_is_given_once(accounts: Accounts) -> None:
    account = kept(accounts)
    with pytest.raises(AccountExists, match="mara"):
        kept(accounts, password_hash="other")
    assert accounts.find_account("mara") == account


def test_the_disabled_among_some_are_told(accounts: Accounts) -> None:
    for user in ("anna", "Mära $x.y", "zoe"):
        kept(accounts, user)
    for user in ("Mära $x.y", "zoe"):
        accounts.set_disabled(user, True)
    assert accounts.disabled_among(["anna", "Mära $x.y", "nobody"]) == {"Mära $x.y"}
    assert accounts.disabled_among([]) == frozenset()


def test_accounts_are_listed_by_name_in_pages(accounts: Accounts) -> None:
    made = {user: kept(accounts, user) for user in ("zoe", "Anna", "mara", "öde")}
    first = accounts.list_accounts("", 3)
    assert [*first, *accounts.list_accounts(first[-1].user, 3)] == [made[user] for user in sorted(made)]
    assert accounts.list_accounts("öde", 3) == []


def test_disabling_begins_a_generation_and_enabling_does_not(accounts: Accounts) -> None:
    account = kept(accounts)
    accounts.set_disabled("mara", True)
    assert accounts.find_account("mara") == replace(account, is_disabled=True, generation=1)
    accounts.set_disabled("mara", False)
    assert accounts.find_account("mara") == replace(account, generation=1)


def test_another_password_begins_a_generation(accounts: Accounts) -> None:
    account = kept(accounts)
    accounts.set_password("mara", "other")
    assert accounts.find_account("mara") == replace(account, password_hash="other", generation=1)


def test_what_is_not_there_cannot_be_changed(accounts: Accounts) -> None:
    with pytest.raises(AccountNotFound, match="nobody"):
        accounts.set_disabled("nobody", True)
    with pytest.raises(AccountNotFound, match="nobody"):
        accounts.set_password("nobody", "hash")


def test_a_renewed_hash_never_replaces_another_password(accounts: Accounts) -> None:
    account = kept(accounts)
    accounts.renew_hash(account, "renewed")
    assert accounts.find_account("mara") == replace(account, password_hash="renewed")
    accounts.renew_hash(account, "late")
    accounts.renew_hash(replace(account, user="nobody"), "late")
    assert accounts.find_account("mara") == replace(account, password_hash="renewed")


def test_a_sign_in_is_found_as_it_was_stored(accounts: Accounts) -> None:
    sign_in = begun(accounts)
    assert accounts.find_sign_in(sign_in.family) == sign_in
    assert accounts.find_sign_in("another") is None


def test_a_sign_in_is_rotated_from_the_token_that_counts_alone(accounts: Accounts) -> None:
    first = begun(accounts)
    second = followed(first, "second")
    assert accounts.rotate_sign_in(first, second)
    assert accounts.find_sign_in(first.family) == second
    assert not accounts.rotate_sign_in(first, followed(first, "third"))
    assert accounts.find_sign_in(first.family) == second


def test_of_many_rotations_at_once_one_takes_place(accounts: Accounts) -> None:
    first = begun(accounts)
    together = threading.Barrier(8)

    def rotate(number: int) -> bool:
        together.wait()
        return accounts.rotate_sign_in(first, followed(first, f"next {number}"))

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(rotate, range(8))) == [False] * 7 + [True]


def test_a_sign_in_that_ended_is_not_rotated(accounts: Accounts) -> None:
    first = begun(accounts)
    accounts.delete_sign_in(first.family)
    accounts.delete_sign_in(first.family)
    assert not accounts.rotate_sign_in(first, followed(first, "second"))
    assert accounts.find_sign_in(first.family) is None


def test_other_sign_ins_stay_when_one_ends(accounts: Accounts) -> None:
    first, other = begun(accounts), begun(accounts, "other")
    accounts.delete_sign_in(first.family)
    assert accounts.find_sign_in(other.family) == other
