"""An upload as a row of the queue's table, and back."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import fields
from functools import lru_cache
from typing import NamedTuple

from recorder_desktop.core.model import (
    ChecksumAlgorithm,
    FileIdentity,
    Problem,
    RemoteUpload,
    StoredRecording,
    Upload,
    UploadState,
)


class UploadRow(NamedTuple):
    """A row as SQLite has it, its columns in no order that matters."""

    id: str
    client_upload_id: str
    path: bytes
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    device: str
    file_id: str
    content_type: str
    destination: str
    directory: str
    folder_id: str | None
    position: int
    created_at: str
    state: str
    problem_code: str | None
    problem_message: str | None
    upload_id: str | None
    key: str | None
    bucket: str | None
    part_size_bytes: int | None
    checksum_algorithm: str | None
    bytes_confirmed: int
    duration_s: float | None
    recording: str | None
    maybe_open: int
    forgotten: int
    owner: str | None


_RECORDING = [field.name for field in fields(StoredRecording)]
_SHARED = ("key", "bucket", "content_type")
"""What a recording has in common with others, or with the upload that it was."""

_NAMES = ", ".join(f'"{name}"' for name in UploadRow._fields)
_PLACES = ", ".join(f'"{name}" = :{name}' for name in UploadRow._fields if name != "bytes_confirmed")

# Not sqlite_utils' own: it makes a dictionary of each row, looks at every value of every new one, and asks for table
# and row before an update; that is most of the time that a long queue takes.
SELECT = f"SELECT {_NAMES} FROM uploads WHERE (position, id) > (?, ?) ORDER BY position, id LIMIT ?"  # noqa: S608 - the names are UploadRow's, also below
"""So many rows in queue order, behind the one with this position and id."""

INSERT = f"INSERT INTO uploads ({_NAMES}) VALUES ({', '.join('?' * len(UploadRow._fields))})"  # noqa: S608
UPDATE = f"UPDATE uploads SET {_PLACES} WHERE id = :id"  # noqa: S608
"""Everything but bytes_confirmed, which is left to the parts; takes names."""


def row_of(upload: Upload) -> UploadRow:
    """The row of an upload."""
    identity, problem, remote = upload.identity, upload.problem, upload.remote
    algorithm = remote.checksum_algorithm if remote else None
    return UploadRow(
        id=upload.id,
        client_upload_id=upload.client_upload_id,
        path=os.fsencode(upload.path_text),
        size_bytes=identity.size_bytes,
        mtime_ns=identity.mtime_ns,
        ctime_ns=identity.ctime_ns,
        device=str(identity.device),
        file_id=str(identity.file_id),
        content_type=upload.content_type,
        destination=upload.destination,
        directory=upload.directory,
        folder_id=upload.folder_id,
        position=upload.position,
        created_at=upload.created_at,
        state=upload.state.value,
        problem_code=problem.code if problem else None,
        problem_message=problem.message if problem else None,
        upload_id=remote.upload_id if remote else None,
        key=remote.key if remote else None,
        bucket=remote.bucket if remote else None,
        part_size_bytes=remote.part_size_bytes if remote else None,
        checksum_algorithm=algorithm.value if algorithm else None,
        bytes_confirmed=upload.bytes_confirmed,
        duration_s=upload.duration_s,
        recording=_recording_text(upload.recording) if upload.recording else None,
        maybe_open=upload.maybe_open,
        forgotten=upload.forgotten,
        owner=upload.owner,
    )


def _recording_text(recording: StoredRecording) -> str:
    # asdict() would copy every text first: a tenth of what a small file takes of the processor.
    return json.dumps({name: getattr(recording, name) for name in _RECORDING})


def upload_of(row: UploadRow) -> Upload:
    """The upload of a row. Texts that many rows share are kept once."""
    return Upload(
        id=row.id,
        client_upload_id=row.client_upload_id,
        path_text=os.fsdecode(row.path),
        identity=FileIdentity(
            size_bytes=row.size_bytes,
            mtime_ns=row.mtime_ns,
            ctime_ns=row.ctime_ns,
            device=_device(row.device),
            file_id=int(row.file_id),
        ),
        content_type=sys.intern(row.content_type),
        destination=sys.intern(row.destination),
        directory=sys.intern(row.directory),
        folder_id=row.folder_id,
        position=row.position,
        created_at=sys.intern(row.created_at),
        state=UploadState(row.state),
        problem=Problem(row.problem_code, row.problem_message or "") if row.problem_code else None,
        remote=_remote(row),
        bytes_confirmed=row.bytes_confirmed,
        duration_s=row.duration_s,
        recording=_recording(row.recording) if row.recording else None,
        maybe_open=bool(row.maybe_open),
        forgotten=bool(row.forgotten),
        owner=None if row.owner is None else sys.intern(row.owner),
    )


_device = lru_cache(maxsize=16)(int)


def _recording(text: str) -> StoredRecording:
    values = json.loads(text)
    return StoredRecording(**values | {name: sys.intern(values[name]) for name in _SHARED})


def _remote(row: UploadRow) -> RemoteUpload | None:
    if row.upload_id is None or row.key is None or row.bucket is None or row.part_size_bytes is None:
        return None
    algorithm = ChecksumAlgorithm(row.checksum_algorithm) if row.checksum_algorithm else None
    return RemoteUpload(row.upload_id, sys.intern(row.key), sys.intern(row.bucket), row.part_size_bytes, algorithm)
