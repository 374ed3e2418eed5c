"""Accounts and sign-ins in MongoDB."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC

import pymongo
from pymongo.errors import DuplicateKeyError

from backend.adapters.mongo_database import Document, MongoDatabase
from backend.errors import AccountExists, AccountNotFound
from backend.model import Account, SignIn, from_millis, to_millis


class MongoAccounts:
    """The Accounts port on one database. Every step is one document's change, durable on a majority."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._accounts = database.collection("accounts")
        self._sign_ins = database.collection("sign_ins")

    def add_account(self, account: Account) -> None:
        """See Accounts."""
        row = asdict(account) | {"_id": account.user, "created_at": to_millis(account.created_at)}
        del row["user"]
        with self._database.mapped_errors():
            try:
                self._accounts.insert_one(row)
            except DuplicateKeyError as exc:
                raise AccountExists(account.user) from exc

    def find_account(self, user: str) -> Account | None:
        """See Accounts."""
        with self._database.mapped_errors():
            found = self._accounts.find_one({"_id": user})
        return None if found is None else _account(found)

    def disabled_among(self, users: Collection[str]) -> frozenset[str]:
        """See Accounts."""
        condition = {"_id": {"$in": list(users)}, "is_disabled": True}
        with self._database.mapped_errors():
            return frozenset(found["_id"] for found in self._accounts.find(condition, {"_id": 1}))

    def list_accounts(self, after: str, limit: int) -> list[Account]:
        """See Accounts."""
        with self._database.mapped_errors():
            found = self._accounts.find({"_id": {"$gt": after}}).sort("_id", pymongo.ASCENDING).limit(limit)
            return [_account(document) for document in found]

    def set_disabled(self, user: str, is_disabled: bool) -> None:
        """See Accounts."""
        self._change(user, {"$set": {"is_disabled": is_disabled}, "$inc": {"generation": 1 if is_disabled else 0}})

    def set_password(self, user: str, password_hash: str) -> None:
        """See Accounts."""
        self._change(user, {"$set": {"password_hash": password_hash}, "$inc": {"generation": 1}})

    def renew_hash(self, account: Account, password_hash: str) -> None:
        """See Accounts."""
        unchanged = {"_id": account.user, "password_hash": account.password_hash}
        with self._database.mapped_errors():
            self._accounts.update_one(unchanged, {"$set": {"password_hash": password_hash}})

    def add_sign_in(self, sign_in: SignIn) -> None:
        """See Accounts."""
        row = asdict(sign_in) | {"_id": sign_in.family, "rotated_at": to_millis(sign_in.rotated_at)}
        del row["family"]
        with self._database.mapped_errors():
            self._sign_ins.insert_one(row)

    def find_sign_in(self, family: str) -> SignIn | None:
        """See Accounts."""
        with self._database.mapped_errors():
            found = self._sign_ins.find_one({"_id": family})
        return None if found is None else _sign_in(found)

    def rotate_sign_in(self, old: SignIn, new: SignIn) -> bool:
        """See Accounts."""
        change = {
            "token_hash": new.token_hash,
            "previous_hash": new.previous_hash,
            "rotated_at": to_millis(new.rotated_at),
            "expires_at": new.expires_at,
        }
        present = {"_id": old.family, "token_hash": old.token_hash}
        with self._database.mapped_errors():
            return self._sign_ins.update_one(present, {"$set": change}).matched_count == 1

    def delete_sign_in(self, family: str) -> None:
        """See Accounts."""
        with self._database.mapped_errors():
            self._sign_ins.delete_one({"_id": family})

    def _change(self, user: str, change: Document) -> None:
        with self._database.mapped_errors():
            if self._accounts.update_one({"_id": user}, change).matched_count == 0:
                raise AccountNotFound(user)


def _account(found: Document) -> Account:
    # By name: a document may be newer than this program, and have fields that it does not know.
    return Account(
        user=found["_id"],
        password_hash=found["password_hash"],
        created_at=from_millis(found["created_at"]),
        is_disabled=found["is_disabled"],
        generation=found["generation"],
    )


def _sign_in(found: Document) -> SignIn:
    return SignIn(
        family=found["_id"],
        user=found["user"],
        generation=found["generation"],
        token_hash=found["token_hash"],
        previous_hash=found["previous_hash"],
        rotated_at=from_millis(found["rotated_at"]),
        # A date, by which the server forgets expired ones; read back it has no time zone.
        expires_at=found["expires_at"].replace(tzinfo=UTC),
    )
