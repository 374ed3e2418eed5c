"""The answers of the routes under ``/recordings``."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from backend.http.schemas.wire import Answer, iso
from backend.model import ContentCheck, Recording

_VERIFIED = {
    ContentCheck.PENDING: None,
    ContentCheck.MATCH: True,
    ContentCheck.MISMATCH: False,
    ContentCheck.UNKNOWN: False,
}


class RecordingAnswer(Answer):
    """A stored and verified recording."""

    file_id: str
    file_name: str
    file_url: str
    key: str
    bucket: str
    size: int
    crc64nvme: Annotated[str | None, Field(alias="crc64nvme")]
    content_type: str
    folder_id: str | None
    created_at: str
    duration_seconds: float | None
    content_verified: Annotated[
        bool | None, Field(description="Whether the first bytes are of the declared type; null while not looked at")
    ]
    type_mismatch: Annotated[bool, Field(description="Whether the first bytes are certainly of another type")]

    @classmethod
    def of(cls, recording: Recording, file_url: str) -> Self:
        """Return the answer for one recording."""
        return cls(
            file_id=recording.recording_id,
            file_name=recording.file_name,
            file_url=file_url,
            key=recording.key,
            bucket=recording.bucket,
            size=recording.size_bytes,
            crc64nvme=recording.crc64nvme,
            content_type=recording.content_type,
            folder_id=recording.folder_id,
            created_at=iso(recording.created_at),
            duration_seconds=recording.duration_s,
            content_verified=_VERIFIED[recording.content_check],
            type_mismatch=recording.content_check is ContentCheck.MISMATCH,
        )


class RecordingsAnswer(Answer):
    """A page of recordings."""

    items: list[RecordingAnswer]
    next_cursor: str | None


class LinkAnswer(Answer):
    """A URL that downloads a recording for a while."""

    url: str
    expires_in: int
