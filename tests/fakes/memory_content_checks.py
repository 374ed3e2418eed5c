"""The ContentChecks port on the catalogue in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from backend.model import ContentCheck, Recording
from tests.fakes.memory_catalogue import MemoryCatalogue


class MemoryContentChecks:
    """Shares the recordings of a MemoryCatalogue, and its outages."""

    def __init__(self, catalogue: MemoryCatalogue) -> None:
        self._catalogue = catalogue
        self.postponed: dict[str, datetime] = {}

    def unchecked(self, now: datetime, limit: int) -> list[Recording]:
        self._catalogue.check()
        pending = [r for r in self._catalogue.recordings.values() if r.content_check is ContentCheck.PENDING]
        due = [r for r in pending if r.recording_id not in self.postponed or self.postponed[r.recording_id] <= now]
        return sorted(due, key=lambda r: (r.created_at, r.recording_id))[:limit]

    def postpone(self, recording_id: str, until: datetime) -> None:
        self._catalogue.check()
        self.postponed[recording_id] = until

    def set_checked(self, recording_id: str, outcome: ContentCheck) -> None:
        self._catalogue.check()
        found = self._catalogue.recordings.get(recording_id)
        if found is not None:
            self._catalogue.recordings[recording_id] = replace(found, content_check=outcome)
