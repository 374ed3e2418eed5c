"""The Accounts port in memory, for tests of the services. Passes the same contract suite as the real ones."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from backend.errors import AccountExists, AccountNotFound, CatalogueUnavailable
from backend.model import Account, SignIn


class MemoryAccounts:
    """Keeps accounts and sign-ins in dictionaries. ``down`` makes every call fail; ``found`` counts look-ups."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.sign_ins: dict[str, SignIn] = {}
        self.down = False
        self.found = 0
        self._lock = threading.RLock()

    def add_account(self, account: Account) -> None:
        self._up()
        with self._lock:
            if account.user in self.accounts:
                raise AccountExists(account.user)
            self.accounts[account.user] = account

    def find_account(self, user: str) -> Account | None:
        self._up()
        self.found += 1
        return self.accounts.get(user)

    def disabled_among(self, users: Collection[str]) -> frozenset[str]:
        self._up()
        self.found += 1
        return frozenset(user for user in users if user in self.accounts and self.accounts[user].is_disabled)

    def list_accounts(self, after: str, limit: int) -> list[Account]:
        self._up()
        return [self.accounts[user] for user in sorted(self.accounts) if user > after][:limit]

    def set_disabled(self, user: str, is_disabled: bool) -> None:
        generations = 1 if is_disabled else 0
        self._change(user, lambda a: {"is_disabled": is_disabled, "generation": a.generation + generations})

    def set_password(self, user: str, password_hash: str) -> None:
        self._change(user, lambda a: {"password_hash": password_hash, "generation": a.generation + 1})

    def renew_hash(self, account: Account, password_hash: str) -> None:
        self._up()
        with self._lock:
            present = self.accounts.get(account.user)
            if present is not None and present.password_hash == account.password_hash:
                self.accounts[account.user] = replace(present, password_hash=password_hash)

    def add_sign_in(self, sign_in: SignIn) -> None:
        self._up()
        self.sign_ins[sign_in.family] = sign_in

    def find_sign_in(self, family: str) -> SignIn | None:
        self._up()
        return self.sign_ins.get(family)

    def rotate_sign_in(self, old: SignIn, new: SignIn) -> bool:
        self._up()
        with self._lock:
            present = self.sign_ins.get(old.family)
            if present is None or present.token_hash != old.token_hash:
                return False
            self.sign_ins[old.family] = new
            return True

    def delete_sign_in(self, family: str) -> None:
        self._up()
        self.sign_ins.pop(family, None)

    def _change(self, user: str, changes: Any) -> None:
        self._up()
        with self._lock:
            if user not in self.accounts:
                raise AccountNotFound(user)
            self.accounts[user] = replace(self.accounts[user], **changes(self.accounts[user]))

    def _up(self) -> None:
        if self.down:
            raise CatalogueUnavailable("The database cannot be reached.")
