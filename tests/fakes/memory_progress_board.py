"""The ProgressBoard port in memory, on a MemoryCatalogue. Passes the same contract suite as the real ones."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

from backend.errors import CatalogueUnavailable, ChangesMissed
from backend.model import Progress, UploadStatus
from tests.fakes.memory_catalogue import MemoryCatalogue
from tests.waiting import wait_for


class MemoryProgressBoard:
    """Keeps progress in a dictionary, and counts its ``writes``. It is down when the catalogue is."""

    def __init__(self, catalogue: MemoryCatalogue) -> None:
        self.catalogue = catalogue
        self.progress: dict[str, Progress] = {}
        self.writes = 0
        self._lock = threading.RLock()

    def note(self, progress: Sequence[Progress]) -> list[Progress]:
        self._up()
        with self._lock:
            self.writes += bool(progress)
            return [known for each in progress if (known := self._note(each)) is not None]

    def _note(self, told: Progress) -> Progress | None:
        known = self.progress.get(told.session_id)
        is_better = known is None or known.estimated >= told.estimated
        is_further = known is None or known.bytes_confirmed < told.bytes_confirmed
        if known is not None and not (is_better and (is_further or (known.estimated and not told.estimated))):
            return known
        self.progress[told.session_id] = told
        return None

    def correct(self, progress: Progress) -> None:
        self._up()
        with self._lock:
            self.writes += 1
            self.progress[progress.session_id] = progress

    def statuses(self, owner_ids: Collection[str], session_ids: Collection[str]) -> list[UploadStatus]:
        self._up()
        found = [session for each in session_ids if (session := self.catalogue.sessions.get(each)) is not None]
        return [
            UploadStatus(each, self.progress.get(each.session_id), self.catalogue.recordings.get(each.session_id))
            for each in found
            if each.owner_id in owner_ids
        ]

    def watch(self) -> MemoryChangeWatch:
        return MemoryChangeWatch(self)

    def state(self) -> dict[str, tuple[object, ...]]:
        """Everything that is known, by session, for comparing."""
        self._up()
        catalogue = self.catalogue
        ids = {*catalogue.sessions, *catalogue.recordings, *self.progress}
        kept = (catalogue.sessions, catalogue.recordings, self.progress)
        return {each: tuple(of.get(each) for of in kept) for each in ids}

    def _up(self) -> None:
        if self.catalogue.down:
            raise CatalogueUnavailable("The database cannot be reached.")


class MemoryChangeWatch:
    """Compares what is with what was."""

    def __init__(self, board: MemoryProgressBoard) -> None:
        self._board = board
        self._seen: dict[str, tuple[object, ...]] | None = None

    def next(self, wait_s: float) -> frozenset[str]:
        if self._seen is None:
            self._seen = self._board.state()
            raise ChangesMissed
        try:
            return wait_for(self._changed, timeout_s=wait_s)
        except AssertionError:
            return frozenset()

    def _changed(self) -> frozenset[str]:
        before, self._seen = self._seen or {}, self._board.state()
        return frozenset(each for each, now in self._seen.items() if before.get(each) != now)

    def close(self) -> None:
        self._seen = None
