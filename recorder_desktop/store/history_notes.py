"""The history of uploads as rows: notes wait for the next commit, whoever it is made for, and share it."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Sequence

from recorder_desktop.core.history import KEPT, Happened, Happening

_WAITING_AT_MOST = 10_000
"""While the disk takes nothing, the oldest notes are lost rather than the memory filled."""

_NEXT = "(SELECT COALESCE(MAX(number), 0) + 1 FROM history WHERE upload = :upload)"
# Only of uploads that are there: one may have left the queue since it was noted.
_INSERT = (
    "INSERT INTO history (upload, number, at, kind, detail, lasted_s) "  # noqa: S608 - nothing of it comes from outside
    f"SELECT id, {_NEXT}, :at, :kind, :detail, :lasted_s FROM uploads WHERE id = :upload"
)
_BOUND = f"DELETE FROM history WHERE upload = :upload AND number <= {_NEXT} - 1 - :kept"  # noqa: S608 - as above
_LAST = "SELECT kind FROM history WHERE upload = ? ORDER BY number DESC LIMIT 1"


class HistoryNotes:
    """Happenings that are not written yet. Safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, Happening]] = deque()  # guarded by _lock

    def add(self, upload_id: str, happening: Happening) -> None:
        """Have this written with the next commit."""
        with self._lock:
            self._waiting.append((upload_id, happening))
            while len(self._waiting) > _WAITING_AT_MOST:
                self._waiting.popleft()

    def __bool__(self) -> bool:
        """Whether anything waits."""
        with self._lock:
            return bool(self._waiting)

    def take(self) -> list[tuple[str, Happening]]:
        """What waits, which is then this caller's to write or to give back."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
            return taken

    def give_back(self, taken: list[tuple[str, Happening]]) -> None:
        """It could not be written."""
        with self._lock:
            self._waiting.extendleft(reversed(taken))


def write_notes(db: sqlite3.Connection, notes: list[tuple[str, Happening]]) -> None:
    """Insert notes into the open transaction; of each upload the last ones stay."""
    if not notes:
        return
    rows = [
        {
            "upload": upload_id,
            "at": happening.at,
            "kind": happening.what.value,
            "detail": happening.detail,
            "lasted_s": happening.lasted_s,
        }
        for upload_id, happening in notes
    ]
    db.executemany(_INSERT, rows)
    bounds = [{"upload": upload_id, "kept": KEPT} for upload_id in {upload_id for upload_id, _ in notes}]
    db.executemany(_BOUND, bounds)


def prepare_reading() -> None:
    """Load what reading takes, while nobody waits: it keeps Python from every other thread for some 50 ms."""
    import sqlite_utils  # noqa: F401 - for what it loads


def read_history(db: sqlite3.Connection, upload_id: str) -> list[Happening]:
    """What happened to an upload, oldest first."""
    from sqlite_utils import Database  # here: what every start loads takes time

    rows = Database(db)["history"].rows_where("upload = ?", [upload_id], order_by="number")
    return [Happening(row["at"], Happened(row["kind"]), row["detail"], row["lasted_s"]) for row in rows]


def read_last(db: sqlite3.Connection, upload_ids: Sequence[str]) -> dict[str, Happened]:
    """What happened last to each of these that has a history."""
    found = ((upload_id, db.execute(_LAST, [upload_id]).fetchone()) for upload_id in upload_ids)
    return {upload_id: Happened(row[0]) for upload_id, row in found if row is not None}
