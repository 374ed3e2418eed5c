"""The ContentChecks port on the catalogue in memory."""

from __future__ import annotations

from dataclasses import replace

from backend.model import ContentCheck, Recording
from tests.fakes.memory_catalogue import MemoryCatalogue


class MemoryContentChecks:
    """Shares the recordings of a MemoryCatalogue, and its outages."""

    def __init__(self, catalogue: MemoryCatalogue) -> None:
        self._catalogue = catalogue

    def unchecked(self, limit: int) -> list[Recording]:
        self._catalogue.check()
        pending = [r for r in self._catalogue.recordings.values() if r.content_check is ContentCheck.PENDING]
        return sorted(pending, key=lambda r: (r.created_at, r.recording_id))[:limit]

    def set_checked(self, recording_id: str, outcome: ContentCheck) -> None:
        self._catalogue.check()
        found = self._catalogue.recordings.get(recording_id)
        if found is not None:
            self._catalogue.recordings[recording_id] = replace(found, content_check=outcome)
