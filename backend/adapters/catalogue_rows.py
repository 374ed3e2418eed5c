"""Sessions, recordings, progress and folders as flat rows of plain values, the same names in both databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from backend.model import (
    ChecksumAlgorithm,
    ContentCheck,
    Folder,
    Progress,
    Recording,
    SessionState,
    UploadMethod,
    UploadSession,
    from_millis,
    to_millis,
)

_SESSION_NAMES = [field.name for field in fields(UploadSession)]
_RECORDING_NAMES = [field.name for field in fields(Recording)]
_PROGRESS_NAMES = [field.name for field in fields(Progress)]
_FOLDER_NAMES = [field.name for field in fields(Folder)]


def session_row(session: UploadSession) -> dict[str, Any]:
    """Return the session's columns; times as milliseconds, enums as text."""
    row = dict(vars(session))
    row["created_at"] = to_millis(session.created_at)
    row["active_at"] = to_millis(session.active_at)
    row["sweep_at"] = session.sweep_at and to_millis(session.sweep_at)
    row["state"] = session.state.value
    row["method"] = session.method.value
    row["checksum_algorithm"] = session.checksum_algorithm and session.checksum_algorithm.value
    return row


def row_session(row: Mapping[str, Any]) -> UploadSession:
    """Return the session of a row; the inverse of ``session_row``."""
    # Not every document in a MongoDB is as new as this program.
    values: dict[str, Any] = {name: row.get(name) for name in _SESSION_NAMES}
    values["created_at"] = from_millis(row["created_at"])
    values["active_at"] = from_millis(row.get("active_at") or row["created_at"])
    values["sweep_at"] = row.get("sweep_at") and from_millis(row["sweep_at"])
    values["method"] = UploadMethod(row.get("method") or UploadMethod.MULTIPART)
    values["state"] = SessionState(row["state"])
    values["checksum_algorithm"] = row["checksum_algorithm"] and ChecksumAlgorithm(row["checksum_algorithm"])
    return UploadSession(**values)


def recording_row(recording: Recording) -> dict[str, Any]:
    """Return the recording's columns and its name folded for searching."""
    row = dict(vars(recording))
    row["created_at"] = to_millis(recording.created_at)
    row["search_name"] = recording.file_name.casefold()
    row["content_check"] = recording.content_check.value
    return row


def row_recording(row: Mapping[str, Any]) -> Recording:
    """Return the recording of a row; the inverse of ``recording_row``."""
    values: dict[str, Any] = {name: row.get(name) for name in _RECORDING_NAMES}
    values["created_at"] = from_millis(row["created_at"])
    values["duration_pending"] = bool(row["duration_pending"])
    values["content_check"] = ContentCheck(row.get("content_check") or ContentCheck.PENDING)
    return Recording(**values)


def folder_row(folder: Folder) -> dict[str, Any]:
    """Return the folder's columns."""
    return vars(folder) | {"created_at": to_millis(folder.created_at)}


def row_folder(row: Mapping[str, Any]) -> Folder:
    """Return the folder of a row; the inverse of ``folder_row``."""
    values = {name: row[name] for name in _FOLDER_NAMES}
    return Folder(**(values | {"created_at": from_millis(row["created_at"])}))


def progress_row(progress: Progress) -> dict[str, Any]:
    """Return the progress's columns."""
    return dict(vars(progress)) | {"updated_at": to_millis(progress.updated_at)}


def row_progress(row: Mapping[str, Any]) -> Progress:
    """Return the progress of a row; the inverse of ``progress_row``."""
    values = {name: row[name] for name in _PROGRESS_NAMES}
    return Progress(**values | {"estimated": bool(row["estimated"]), "updated_at": from_millis(row["updated_at"])})
