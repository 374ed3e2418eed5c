"""Sessions and recordings for tests, every field a plain default unless a test says otherwise."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.model import ChecksumAlgorithm, Recording, SessionState, UploadMethod, UploadSession
from tests.fakes.memory_object_store import crc64

EPOCH = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)


def a_session(**changes: Any) -> UploadSession:
    """Return a new session with unique ids."""
    session_id = uuid.uuid4().hex
    session = UploadSession(
        session_id=session_id,
        owner_id="alice",
        client_upload_id=str(uuid.uuid4()),
        upload_id=None,
        key=f"recordings/talk-{session_id}.mp4",
        file_name="talk.mp4",
        content_type="video/mp4",
        folder_id=None,
        file_size_bytes=1000,
        part_size_bytes=5 * 1024 * 1024,
        checksum_algorithm=ChecksumAlgorithm.CRC64NVME,
        crc64nvme=None,
        state=SessionState.UPLOADING,
        created_at=EPOCH,
        active_at=changes.get("created_at", EPOCH),
    )
    return replace(session, **changes)


def a_put_session(body: bytes, **changes: Any) -> UploadSession:
    """Return a new session whose file these bytes are, sent with one PUT."""
    checksum = crc64(body)
    put: dict[str, Any] = {"method": UploadMethod.PUT, "upload_id": f"put-{uuid.uuid4().hex}"}
    put |= {"file_size_bytes": len(body), "put_checksum": checksum, "crc64nvme": checksum}
    return a_session(**(put | changes))


def a_recording(session: UploadSession | None = None, **changes: Any) -> Recording:
    """Return the recording of a session, or of one made up here."""
    session = session or a_session()
    recording = Recording(
        recording_id=session.session_id,
        owner_id=session.owner_id,
        upload_id=session.upload_id or uuid.uuid4().hex,
        bucket="bucket",
        key=session.key,
        file_name=session.file_name,
        content_type=session.content_type,
        folder_id=None,
        size_bytes=1000,
        crc64nvme="AAAAAAAAAAA=",
        created_at=EPOCH,
    )
    return replace(recording, **changes)


def later(minutes: int) -> datetime:
    """Return a time some minutes after the usual one."""
    return EPOCH + timedelta(minutes=minutes)
