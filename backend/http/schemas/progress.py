"""The body of ``POST /s3/progress``, and the messages of ``WS /ws/progress``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import Field

from backend.http.schemas.recordings import RecordingAnswer
from backend.http.schemas.uploads import FileSize, UploadBody
from backend.http.schemas.wire import Answer, iso
from backend.model import Recording, SessionState, UploadStatus


class ProgressBody(UploadBody):
    """``POST /s3/progress``."""

    bytes_confirmed: Annotated[FileSize, Field(description="How much of the file the store has acknowledged.")]


class LiveUpload(Answer):
    """One upload as a watcher sees it. ``file_id`` is there once it is completed."""

    upload_id: str | None
    key: str
    file_name: str
    file_size: int | None
    bytes_confirmed: int
    estimated: bool
    state: SessionState
    updated_at: str
    file_id: str | None = None

    @classmethod
    def of(cls, status: UploadStatus) -> Self:
        """Return what is told of an upload; a recorded one is complete, whatever was heard of its progress."""
        session, progress, recording = status.session, status.progress, status.recording
        if recording is not None:
            return cls._completed(recording)
        return cls(
            upload_id=session.upload_id,
            key=session.key,
            file_name=session.file_name,
            file_size=session.file_size_bytes,
            bytes_confirmed=progress.bytes_confirmed if progress else 0,
            estimated=progress.estimated if progress else True,
            state=session.state,
            updated_at=iso(progress.updated_at if progress else session.created_at),
        )

    @classmethod
    def _completed(cls, recording: Recording) -> Self:
        return cls(
            upload_id=recording.upload_id,
            key=recording.key,
            file_name=recording.file_name,
            file_size=recording.size_bytes,
            bytes_confirmed=recording.size_bytes,
            estimated=False,
            state=SessionState.COMPLETED,
            updated_at=iso(recording.created_at),
            file_id=recording.recording_id,
        )


def snapshot_message(statuses: Sequence[UploadStatus]) -> dict[str, Any]:
    """Return what a watcher is told first: everything under way, and what was completed lately."""
    return {"type": "snapshot", "uploads": [_shown(status) for status in statuses if _is_opened(status)]}


def change_messages(status: UploadStatus, file_url: Callable[[Recording], str]) -> Iterator[dict[str, Any]]:
    """Yield what a watcher is told of a change: the upload, and the recording that came of it or is gone."""
    if not _is_opened(status):
        return
    session, recording = status.session, status.recording
    yield {"type": "upload", "upload": _shown(status)}
    if recording is not None:
        item = RecordingAnswer.of(recording, file_url(recording))
        yield {"type": "recording", **item.model_dump(mode="json", by_alias=True)}
    elif session.state is SessionState.ABORTED:
        yield {"type": "removed", "uploadId": session.upload_id, "key": session.key, "fileId": session.session_id}


def _is_opened(status: UploadStatus) -> bool:
    # Without an upload id the store has yet to open it: there is nothing that a client could name.
    return status.session.upload_id is not None


def _shown(status: UploadStatus) -> dict[str, Any]:
    without = None if status.recording else {"file_id"}
    return LiveUpload.of(status).model_dump(mode="json", by_alias=True, exclude=without)
