"""The Leases port in MongoDB: for all instances that share the database."""

from __future__ import annotations

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from backend.adapters.mongo_database import MongoDatabase
from backend.model import to_millis


class MongoLeases:
    """One document a lease."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._leases = database.collection("leases")

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """See Leases."""
        free = {"_id": name, "$or": [{"holder": holder}, {"until": {"$lte": to_millis(now)}}]}
        change = {"$set": {"holder": holder, "until": to_millis(until)}}
        with self._database.mapped_errors():
            try:
                self._leases.update_one(free, change, upsert=True)
            except DuplicateKeyError:  # there is one, and it is not free
                return False
        return True

    def report(self, name: str, holder: str, found: int, until: datetime) -> None:
        """See Leases."""
        with self._database.mapped_errors():
            self._leases.update_one({"_id": name}, {"$set": {"found": found}})
            self._leases.update_one({"_id": name, "holder": holder}, {"$set": {"until": to_millis(until)}})

    def found(self, name: str) -> int | None:
        """See Leases."""
        with self._database.mapped_errors():
            known = self._leases.find_one({"_id": name})
        return None if known is None else known.get("found")
