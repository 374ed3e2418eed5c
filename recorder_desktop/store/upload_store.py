"""Uploads and their confirmed parts as rows: implements core.ports.UploadStore."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from recorder_desktop.core.history import Happened, Happening
from recorder_desktop.core.model import ConfirmedPart, Upload
from recorder_desktop.core.precedence import unhurried
from recorder_desktop.store.database import open_database, reopen_database
from recorder_desktop.store.group_commit import GroupCommit
from recorder_desktop.store.history_notes import read_history, read_last
from recorder_desktop.store.upload_rows import INSERT, SELECT, UPDATE, UploadRow, row_of, upload_of

FIRST_LOT = 200
LOT = 1000
_BEFORE_ALL = (-math.inf, "")


class SqliteUploadStore:
    """The queue in one SQLite file. `set_aside` names the damaged file that was found at opening, if any."""

    def __init__(self, path: Path) -> None:
        db, self.set_aside = open_database(path)
        self._writer = GroupCommit(db, reopen=lambda: reopen_database(path))

    @property
    def commits(self) -> int:
        """Transactions committed since opening; tests count them."""
        return self._writer.commits

    def load(self) -> Iterator[list[Upload]]:
        """All uploads in queue order, a lot at a time; the first is a small one, for somebody waits for it."""
        lot = self._read(_BEFORE_ALL, FIRST_LOT)
        yield lot
        limit = FIRST_LOT
        while len(lot) == limit:
            limit = LOT
            lot = self._read((lot[-1].position, lot[-1].id), limit)
            yield lot

    def _read(self, behind: tuple[float, str], limit: int) -> list[Upload]:
        rows = self._writer.run(lambda db: db.execute(SELECT, (*behind, limit)).fetchall())
        return [upload_of(UploadRow._make(row)) for row in rows]

    def insert(self, uploads: Sequence[Upload]) -> None:
        """Add rows; survives power loss."""
        rows = [row_of(upload) for upload in uploads]
        self._writer.run(lambda db: _write_all(db, INSERT, rows), survives_power_loss=True)

    def update(self, *uploads: Upload) -> None:
        """Write rows' present values, all or none; survives power loss. bytes_confirmed is left to the parts."""
        rows = [row_of(upload)._asdict() for upload in unhurried(uploads)]
        self._writer.run(lambda db: _write_all(db, UPDATE, rows), survives_power_loss=True)

    def delete(self, upload_ids: Sequence[str]) -> None:
        """Forget rows and their parts."""
        rows = [(upload_id,) for upload_id in upload_ids]
        statement = "DELETE FROM uploads WHERE id = ?"
        self._writer.run(lambda db: _write_all(db, statement, rows), survives_power_loss=True)

    def parts(self, upload_id: str) -> list[ConfirmedPart]:
        """The confirmed parts of one upload by number."""
        return self._writer.run(
            lambda db: [
                ConfirmedPart(number, size_bytes, etag, int(crc, 16))
                for number, size_bytes, etag, crc in db.execute(_PARTS, [upload_id])
            ]
        )

    def confirm_part(self, upload_id: str, part: ConfirmedPart) -> int:
        """Keep an acknowledged part; survives a crash of the process. Returns the upload's confirmed bytes."""
        return self._writer.run(lambda db: _confirm(db, upload_id, part))

    def confirm_parts(self, parts: Mapping[str, ConfirmedPart]) -> dict[str, int]:
        """The same for one part each of several uploads, by upload: all or none."""
        return self._writer.run(
            lambda db: {upload_id: _confirm(db, upload_id, part) for upload_id, part in parts.items()}
        )

    def replace_parts(self, upload_id: str, parts: Sequence[ConfirmedPart]) -> int:
        """Make these the only confirmed parts. Returns the upload's confirmed bytes."""

        def action(db: sqlite3.Connection) -> int:
            db.execute("DELETE FROM parts WHERE upload = ?", [upload_id])
            for part in parts:
                db.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", _part_row(upload_id, part))
            return _count_confirmed(db, upload_id)

        return self._writer.run(action)

    def move(self, positions: Mapping[str, int]) -> None:
        """Give uploads new positions in the queue."""
        rows = [(position, upload_id) for upload_id, position in positions.items()]
        self._writer.run(lambda db: _write_all(db, "UPDATE uploads SET position = ? WHERE id = ?", rows))

    def uplinks(self) -> dict[str, float]:
        """The last known rates towards each destination in bytes/s."""
        return self._writer.run(lambda db: dict(db.execute("SELECT destination, rate_bytes_per_s FROM uplinks")))

    def keep_uplink(self, destination: str, rate_bytes_per_s: float) -> None:
        """Remember how fast bytes went to a destination."""
        self._writer.run(
            lambda db: _write_all(
                db, "INSERT OR REPLACE INTO uplinks VALUES (?, ?)", [(destination, rate_bytes_per_s)]
            )
        )

    def replace_attempts(self, attempts: Sequence[tuple[Upload, Upload | None]]) -> None:
        """Write new attempts over their rows, without parts, and add the abandoned ones as rows: all or none."""
        fresh = [row_of(new)._asdict() for new, _ in attempts]
        abandoned = [row_of(old) for _, old in attempts if old is not None]

        def action(db: sqlite3.Connection) -> None:
            _write_all(db, "DELETE FROM parts WHERE upload = ?", [(row["id"],) for row in fresh])
            _write_all(db, UPDATE, fresh)
            _write_all(db, "UPDATE uploads SET bytes_confirmed = 0 WHERE id = ?", [(row["id"],) for row in fresh])
            _write_all(db, INSERT, abandoned)

        self._writer.run(action, survives_power_loss=True)

    def note(self, upload_id: str, happening: Happening) -> None:
        """Add to an upload's history, with the next commit."""
        self._writer.notes.add(upload_id, happening)

    def history(self, upload_id: str) -> list[Happening]:
        """What happened to an upload, oldest first."""
        return self._writer.run(lambda db: read_history(db, upload_id))

    def last_happenings(self, upload_ids: Sequence[str]) -> dict[str, Happened]:
        """What happened last to each of these that has a history."""
        return self._writer.run(lambda db: read_last(db, upload_ids)) if upload_ids else {}

    def close(self) -> None:
        """Finish pending writes and let go of the file."""
        self._writer.close()


_PARTS = "SELECT number, size_bytes, etag, crc64nvme FROM parts WHERE upload = ? ORDER BY number"
_SIZE_OF_PART = "SELECT size_bytes FROM parts WHERE upload = ? AND number = ?"
_ADD_CONFIRMED = "UPDATE uploads SET bytes_confirmed = bytes_confirmed + ? WHERE id = ? RETURNING bytes_confirmed"


def _write_all(db: sqlite3.Connection, statement: str, rows: Sequence[Sequence[object] | dict[str, object]]) -> None:
    db.executemany(statement, rows)  # its cursor goes no further, see GroupCommit.run


def _confirm(db: sqlite3.Connection, upload_id: str, part: ConfirmedPart) -> int:
    counted = db.execute(_SIZE_OF_PART, [upload_id, part.number]).fetchone()
    db.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)", _part_row(upload_id, part))
    # A part that is confirmed twice counts once.
    gained = part.size_bytes - (counted[0] if counted else 0)
    return int(db.execute(_ADD_CONFIRMED, [gained, upload_id]).fetchone()[0])


def _count_confirmed(db: sqlite3.Connection, upload_id: str) -> int:
    total: int = db.execute(
        "SELECT COALESCE(SUM(size_bytes), 0) FROM parts WHERE upload = ?", [upload_id]
    ).fetchone()[0]
    db.execute("UPDATE uploads SET bytes_confirmed = ? WHERE id = ?", [total, upload_id])
    return total


def _part_row(upload_id: str, part: ConfirmedPart) -> tuple[str, int, int, str, str]:
    return upload_id, part.number, part.size_bytes, part.etag, f"{part.crc64nvme:016x}"
