"""The ContentChecks port on the MongoDB catalogue's recordings."""

from __future__ import annotations

from backend.adapters.catalogue_rows import row_recording
from backend.adapters.mongo_database import OLDEST_FIRST, MongoDatabase
from backend.model import ContentCheck, Recording


class MongoContentChecks:
    """Reads and writes one field of the recordings."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._recordings = database.collection("recordings")

    def unchecked(self, limit: int) -> list[Recording]:
        """See ContentChecks."""
        pending = {"content_check": ContentCheck.PENDING.value}
        with self._database.mapped_errors():
            return [row_recording(row) for row in self._recordings.find(pending).sort(OLDEST_FIRST).limit(limit)]

    def set_checked(self, recording_id: str, outcome: ContentCheck) -> None:
        """See ContentChecks."""
        with self._database.mapped_errors():
            self._recordings.update_one({"_id": recording_id}, {"$set": {"content_check": outcome.value}})
