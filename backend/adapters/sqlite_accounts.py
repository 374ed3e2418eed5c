"""Accounts and sign-ins in the SQLite catalogue's file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from backend.adapters.sqlite_database import SqliteDatabase
from backend.errors import AccountExists, AccountNotFound
from backend.model import Account, SignIn, from_millis, to_millis, utc_now

_INSERT_ACCOUNT = """
INSERT INTO accounts (user, password_hash, created_at, is_disabled, generation)
VALUES (:user, :password_hash, :created_at, :is_disabled, :generation)
"""
_INSERT_SIGN_IN = """
INSERT INTO sign_ins (family, user, generation, token_hash, previous_hash, rotated_at, expires_at)
VALUES (:family, :user, :generation, :token_hash, :previous_hash, :rotated_at, :expires_at)
"""
_ROTATE = """
UPDATE sign_ins SET token_hash = ?, previous_hash = ?, rotated_at = ?, expires_at = ?
WHERE family = ? AND token_hash = ?
"""


class SqliteAccounts:
    """The Accounts port on one database file."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def add_account(self, account: Account) -> None:
        """See Accounts."""
        row = asdict(account) | {"created_at": to_millis(account.created_at)}
        with self._database.transaction() as db:
            try:
                db.execute(_INSERT_ACCOUNT, row)
            except sqlite3.IntegrityError as exc:
                raise AccountExists(account.user) from exc

    def find_account(self, user: str) -> Account | None:
        """See Accounts."""
        rows = self._database.rows("SELECT * FROM accounts WHERE user = ?", user)
        return _account(rows[0]) if rows else None

    def disabled_among(self, users: Collection[str]) -> frozenset[str]:
        """See Accounts."""
        query = "SELECT user FROM accounts WHERE is_disabled = 1 AND user IN (SELECT value FROM json_each(?))"
        return frozenset(row["user"] for row in self._database.rows(query, json.dumps(list(users))))

    def list_accounts(self, after: str, limit: int) -> list[Account]:
        """See Accounts."""
        query = "SELECT * FROM accounts WHERE user > ? ORDER BY user LIMIT ?"
        return [_account(row) for row in self._database.rows(query, after, limit)]

    def set_disabled(self, user: str, is_disabled: bool) -> None:
        """See Accounts."""
        self._change(user, "is_disabled = ?, generation = generation + ?", int(is_disabled), 1 if is_disabled else 0)

    def set_password(self, user: str, password_hash: str) -> None:
        """See Accounts."""
        self._change(user, "password_hash = ?, generation = generation + 1", password_hash)

    def renew_hash(self, account: Account, password_hash: str) -> None:
        """See Accounts."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE accounts SET password_hash = ? WHERE user = ? AND password_hash = ?",
                (password_hash, account.user, account.password_hash),
            )

    def add_sign_in(self, sign_in: SignIn) -> None:
        """See Accounts."""
        times = {"rotated_at": to_millis(sign_in.rotated_at), "expires_at": to_millis(sign_in.expires_at)}
        with self._database.transaction() as db:
            db.execute("DELETE FROM sign_ins WHERE expires_at < ?", (to_millis(utc_now()),))
            db.execute(_INSERT_SIGN_IN, asdict(sign_in) | times)

    def find_sign_in(self, family: str) -> SignIn | None:
        """See Accounts."""
        rows = self._database.rows("SELECT * FROM sign_ins WHERE family = ?", family)
        return _sign_in(rows[0]) if rows else None

    def rotate_sign_in(self, old: SignIn, new: SignIn) -> bool:
        """See Accounts."""
        values = (new.token_hash, new.previous_hash, to_millis(new.rotated_at), to_millis(new.expires_at))
        with self._database.transaction() as db:
            return db.execute(_ROTATE, (*values, old.family, old.token_hash)).rowcount == 1

    def delete_sign_in(self, family: str) -> None:
        """See Accounts."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM sign_ins WHERE family = ?", (family,))

    def _change(self, user: str, assignments: str, *values: object) -> None:
        with self._database.transaction() as db:
            # Only the two methods above name the columns.
            changed = db.execute(f"UPDATE accounts SET {assignments} WHERE user = ?", (*values, user))  # noqa: S608
            if changed.rowcount == 0:
                raise AccountNotFound(user)


def _account(row: dict[str, Any]) -> Account:
    changes = {"created_at": from_millis(row["created_at"]), "is_disabled": bool(row["is_disabled"])}
    return Account(**(row | changes))


def _sign_in(row: dict[str, Any]) -> SignIn:
    times = {name: from_millis(row[name]) for name in ("rotated_at", "expires_at")}
    return SignIn(**(row | times))
