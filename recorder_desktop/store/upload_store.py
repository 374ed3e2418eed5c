"""Uploads and their confirmed parts as rows: implements core.ports.UploadStore."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from recorder_desktop.core.history import Happened, Happening
from recorder_desktop.core.model import (
    ChecksumAlgorithm,
    ConfirmedPart,
    FileIdentity,
    Problem,
    RemoteUpload,
    StoredRecording,
    Upload,
    UploadState,
)
from recorder_desktop.store.database import open_database, reopen_database
from recorder_desktop.store.group_commit import GroupCommit
from recorder_desktop.store.history_notes import read_history, read_last


class SqliteUploadStore:
    """The queue in one SQLite file. `set_aside` names the damaged file that was found at opening, if any."""

    def __init__(self, path: Path) -> None:
        db, self.set_aside = open_database(path)
        self._writer = GroupCommit(db, reopen=lambda: reopen_database(path))

    @property
    def commits(self) -> int:
        """Transactions committed since opening; tests count them."""
        return self._writer.commits

    def load(self) -> list[Upload]:
        """All uploads in queue order."""
        return self._writer.run(lambda db: [_upload(row) for row in db["uploads"].rows_where(order_by="position")])

    def insert(self, uploads: Sequence[Upload]) -> None:
        """Add rows; survives power loss."""
        rows = [_row(upload) for upload in uploads]
        self._writer.run(lambda db: db.table("uploads").insert_all(rows), survives_power_loss=True)

    def update(self, *uploads: Upload) -> None:
        """Write rows' present values, all or none; survives power loss. bytes_confirmed is left to the parts."""
        rows = [_row(upload) for upload in uploads]
        for row in rows:
            del row["bytes_confirmed"]
        # Not Table.update: it asks for the table's columns and for the row first, at ten times the cost.
        places = ", ".join(f'"{name}" = :{name}' for name in rows[0])
        statement = f"UPDATE uploads SET {places} WHERE id = :id"  # noqa: S608 - the names are _row's

        def action(db: Database) -> None:
            for row in rows:
                db.execute(statement, row)

        self._writer.run(action, survives_power_loss=True)

    def delete(self, upload_ids: Sequence[str]) -> None:
        """Forget rows and their parts."""

        def action(db: Database) -> None:
            for upload_id in upload_ids:
                db.table("uploads").delete_where("id = ?", [upload_id])

        self._writer.run(action, survives_power_loss=True)

    def parts(self, upload_id: str) -> list[ConfirmedPart]:
        """The confirmed parts of one upload by number."""
        return self._writer.run(
            lambda db: [
                ConfirmedPart(row["number"], row["size_bytes"], row["etag"], int(row["crc64nvme"], 16))
                for row in db["parts"].rows_where("upload = ?", [upload_id], order_by="number")
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

        def action(db: Database) -> int:
            db.execute("DELETE FROM parts WHERE upload = ?", [upload_id])
            for part in parts:
                db.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", _part_row(upload_id, part))
            return _count_confirmed(db, upload_id)

        return self._writer.run(action)

    def move(self, positions: Mapping[str, int]) -> None:
        """Give uploads new positions in the queue."""

        def action(db: Database) -> None:
            for upload_id, position in positions.items():
                db.execute("UPDATE uploads SET position = ? WHERE id = ?", [position, upload_id])

        self._writer.run(action)

    def uplinks(self) -> dict[str, float]:
        """The last known rates towards each destination in bytes/s."""
        return self._writer.run(
            lambda db: {row["destination"]: row["rate_bytes_per_s"] for row in db["uplinks"].rows}
        )

    def keep_uplink(self, destination: str, rate_bytes_per_s: float) -> None:
        """Remember how fast bytes went to a destination."""
        row = {"destination": destination, "rate_bytes_per_s": rate_bytes_per_s}
        self._writer.run(lambda db: db.table("uplinks").insert(row, pk="destination", replace=True))

    def replace_attempt(self, fresh: Upload, abandoned: Upload | None) -> None:
        """Write `fresh` over its row, without parts, and add `abandoned` as a row: both or neither."""

        def action(db: Database) -> None:
            db.execute("DELETE FROM parts WHERE upload = ?", [fresh.id])
            db.table("uploads").update(fresh.id, _row(fresh))
            if abandoned is not None:
                db.table("uploads").insert(_row(abandoned))

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


_SIZE_OF_PART = "SELECT size_bytes FROM parts WHERE upload = ? AND number = ?"
_ADD_CONFIRMED = "UPDATE uploads SET bytes_confirmed = bytes_confirmed + ? WHERE id = ? RETURNING bytes_confirmed"


def _confirm(db: Database, upload_id: str, part: ConfirmedPart) -> int:
    counted = db.execute(_SIZE_OF_PART, [upload_id, part.number]).fetchone()
    db.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)", _part_row(upload_id, part))
    # A part that is confirmed twice counts once.
    gained = part.size_bytes - (counted[0] if counted else 0)
    return int(db.execute(_ADD_CONFIRMED, [gained, upload_id]).fetchone()[0])


def _count_confirmed(db: Database, upload_id: str) -> int:
    total: int = db.execute(
        "SELECT COALESCE(SUM(size_bytes), 0) FROM parts WHERE upload = ?", [upload_id]
    ).fetchone()[0]
    db.execute("UPDATE uploads SET bytes_confirmed = ? WHERE id = ?", [total, upload_id])
    return total


def _part_row(upload_id: str, part: ConfirmedPart) -> tuple[str, int, int, str, str]:
    return upload_id, part.number, part.size_bytes, part.etag, f"{part.crc64nvme:016x}"


def _row(upload: Upload) -> dict[str, Any]:
    identity, problem, remote = upload.identity, upload.problem, upload.remote
    return {
        "id": upload.id,
        "client_upload_id": upload.client_upload_id,
        "path": os.fsencode(upload.path),
        "size_bytes": identity.size_bytes,
        "mtime_ns": identity.mtime_ns,
        "ctime_ns": identity.ctime_ns,
        "device": str(identity.device),
        "file_id": str(identity.file_id),
        "content_type": upload.content_type,
        "destination": upload.destination,
        "directory": upload.directory,
        "folder_id": upload.folder_id,
        "position": upload.position,
        "created_at": upload.created_at,
        "state": upload.state.value,
        "problem_code": problem and problem.code,
        "problem_message": problem and problem.message,
        "upload_id": remote and remote.upload_id,
        "key": remote and remote.key,
        "bucket": remote and remote.bucket,
        "part_size_bytes": remote and remote.part_size_bytes,
        "checksum_algorithm": remote and remote.checksum_algorithm and remote.checksum_algorithm.value,
        "bytes_confirmed": upload.bytes_confirmed,
        "duration_s": upload.duration_s,
        "recording": upload.recording and json.dumps(asdict(upload.recording)),
        "maybe_open": upload.maybe_open,
        "forgotten": upload.forgotten,
        "owner": upload.owner,
    }


def _upload(row: Mapping[str, Any]) -> Upload:
    return Upload(
        id=row["id"],
        client_upload_id=row["client_upload_id"],
        path=Path(os.fsdecode(row["path"])),
        identity=FileIdentity(
            size_bytes=row["size_bytes"],
            mtime_ns=row["mtime_ns"],
            ctime_ns=row["ctime_ns"],
            device=int(row["device"]),
            file_id=int(row["file_id"]),
        ),
        content_type=row["content_type"],
        destination=row["destination"],
        directory=row["directory"],
        folder_id=row["folder_id"],
        position=row["position"],
        created_at=row["created_at"],
        state=UploadState(row["state"]),
        problem=Problem(row["problem_code"], row["problem_message"]) if row["problem_code"] else None,
        remote=_remote(row) if row["upload_id"] else None,
        bytes_confirmed=row["bytes_confirmed"],
        duration_s=row["duration_s"],
        recording=StoredRecording(**json.loads(row["recording"])) if row["recording"] else None,
        maybe_open=bool(row["maybe_open"]),
        forgotten=bool(row["forgotten"]),
        owner=row["owner"],
    )


def _remote(row: Mapping[str, Any]) -> RemoteUpload:
    algorithm = row["checksum_algorithm"]
    return RemoteUpload(
        upload_id=row["upload_id"],
        key=row["key"],
        bucket=row["bucket"],
        part_size_bytes=row["part_size_bytes"],
        checksum_algorithm=ChecksumAlgorithm(algorithm) if algorithm else None,
    )
