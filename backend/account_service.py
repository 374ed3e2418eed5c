"""Keeps the accounts of those who sign in with a password: for the command line, not for routes."""

from __future__ import annotations

from collections.abc import Iterator

from backend.auth_service import MAX_SUBJECT_CHARS
from backend.errors import InvalidField
from backend.model import Account, normal_name, utc_now
from backend.passwords import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, Passwords
from backend.ports import Accounts

_PAGE = 500


class AccountService:
    """Every method may raise CatalogueUnavailable."""

    def __init__(self, accounts: Accounts, passwords: Passwords) -> None:
        self._accounts = accounts
        self._passwords = passwords

    def add(self, user: str, password: str) -> None:
        """Make an account. Raises InvalidField, AccountExists."""
        user = normal_name(user)
        if not user.strip() or user != user.strip() or len(user) > MAX_SUBJECT_CHARS or not user.isprintable():
            raise InvalidField(
                "name", f"must be 1 to {MAX_SUBJECT_CHARS} printable characters without spaces around them"
            )
        self._accounts.add_account(Account(user, self._hash(password), utc_now()))

    def list(self) -> Iterator[Account]:
        """Yield all accounts by name."""
        after = ""
        while page := self._accounts.list_accounts(after, _PAGE):
            yield from page
            after = page[-1].user

    def set_disabled(self, user: str, is_disabled: bool) -> None:
        """Disable, which ends every sign-in of this user, or enable. Raises AccountNotFound."""
        self._accounts.set_disabled(normal_name(user), is_disabled)

    def set_password(self, user: str, password: str) -> None:
        """Give another password, which ends every sign-in before. Raises InvalidField, AccountNotFound."""
        self._accounts.set_password(normal_name(user), self._hash(password))

    def _hash(self, password: str) -> str:
        if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
            raise InvalidField("password", f"must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters")
        if any("\ud800" <= char <= "\udfff" for char in password):
            raise InvalidField("password", "is not text in UTF-8")
        return self._passwords.hash(password)
