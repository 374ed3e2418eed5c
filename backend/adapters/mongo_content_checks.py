"""The ContentChecks port on the MongoDB catalogue's recordings."""

from __future__ import annotations

from datetime import datetime

from backend.adapters.catalogue_rows import row_recording
from backend.adapters.mongo_database import OLDEST_FIRST, MongoDatabase
from backend.model import ContentCheck, Recording, to_millis


class MongoContentChecks:
    """Reads and writes two fields of the recordings."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._recordings = database.collection("recordings")
        self._is_filled_in = False

    def unchecked(self, now: datetime, limit: int) -> list[Recording]:
        """See ContentChecks."""
        pending = {"content_check": ContentCheck.PENDING.value, "checked_after": {"$not": {"$gt": to_millis(now)}}}
        with self._database.mapped_errors():
            self._fill_in()
            return [row_recording(row) for row in self._recordings.find(pending).sort(OLDEST_FIRST).limit(limit)]

    def _fill_in(self) -> None:
        # Recordings of versions that did not know the field, which the index does not have either. Once a process,
        # and not once for all: an older version may still be at work beside this one.
        if not self._is_filled_in:
            pending = {"content_check": ContentCheck.PENDING.value}
            self._recordings.update_many({"content_check": {"$exists": False}}, {"$set": pending})
            self._is_filled_in = True

    def postpone(self, recording_id: str, until: datetime) -> None:
        """See ContentChecks."""
        with self._database.mapped_errors():
            self._recordings.update_one({"_id": recording_id}, {"$set": {"checked_after": to_millis(until)}})

    def set_checked(self, recording_id: str, outcome: ContentCheck) -> None:
        """See ContentChecks."""
        with self._database.mapped_errors():
            self._recordings.update_one({"_id": recording_id}, {"$set": {"content_check": outcome.value}})
