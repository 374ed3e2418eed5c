"""The words of commands and of --json: uploads and recordings as plain objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recorder_desktop.core.model import StoredRecording, Upload, UploadView

Message = dict[str, Any]


def queue_row(upload: Upload) -> Message:
    """One upload as `queue --json` lists it."""
    return {
        "id": upload.id,
        "path": upload.path_text,
        "state": upload.state.value,
        "size": upload.size_bytes,
        "bytesConfirmed": upload.bytes_confirmed,
        "error": upload.problem and {"code": upload.problem.code, "message": upload.problem.message},
    }


def progress_row(view: UploadView) -> Message:
    """One upload as a progress bar needs it."""
    return {
        **queue_row(view.upload),
        "event": "progress",
        "bytesInFlight": view.bytes_in_flight,
        "rate": view.rate_bytes_per_s,
        "secondsLeft": view.seconds_left,
    }


def recording_row(recording: StoredRecording) -> Message:
    """One stored recording as `library --json` lists it."""
    return {
        "fileId": recording.file_id,
        "fileName": recording.file_name,
        "key": recording.key,
        "bucket": recording.bucket,
        "fileUrl": recording.file_url,
        "size": recording.size_bytes,
        "crc64nvme": recording.crc64nvme,
        "durationSeconds": recording.duration_s,
        "contentType": recording.content_type,
        "createdAt": recording.created_at,
    }


def completed(upload: Upload, recording: StoredRecording) -> Message:
    """The `completed` event."""
    row = recording_row(recording)
    del row["contentType"], row["createdAt"]
    duration_s = recording.duration_s if recording.duration_s is not None else upload.duration_s
    return {"event": "completed", "path": upload.path_text, **row, "durationSeconds": duration_s}


def failed(path: Path | str, code: str, message: str) -> Message:
    """The `failed` event."""
    return {"event": "failed", "path": str(path), "code": code, "message": message}
