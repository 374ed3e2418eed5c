"""The RequestCounts port in MongoDB."""

from __future__ import annotations

from datetime import UTC, datetime

from pymongo import ReturnDocument
from pymongo.write_concern import WriteConcern

from backend.adapters.mongo_database import MongoDatabase


class MongoRequestCounts:
    """One document a name and minute, which the server forgets."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        # Not durable for sure: after an election somebody may ask for a little more than allowed.
        self._counts = database.collection("request_counts").with_options(write_concern=WriteConcern(1))

    def count_requests(self, who: str, minute: int, count: int) -> int:
        """See RequestCounts."""
        over_at = datetime.fromtimestamp((minute + 1) * 60, UTC)
        change = {"$inc": {"count": count}, "$setOnInsert": {"over_at": over_at}}
        with self._database.mapped_errors():
            counted = self._counts.find_one_and_update(
                {"_id": {"minute": minute, "who": who}}, change, upsert=True, return_document=ReturnDocument.AFTER
            )
        return int(counted["count"]) if counted else count
