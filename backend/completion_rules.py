"""What makes a stored object the file that a session was opened for, and a recording of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.checksum import check_checksum
from backend.errors import InvalidField
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    ListedObject,
    Recording,
    StoredObject,
    StoredPart,
    UploadMethod,
    UploadSession,
    utc_now,
)


@dataclass(frozen=True)
class Completion:
    """What the client says about the whole file; None keeps what init said."""

    parts: Sequence[CompletedPart]
    file_name: str | None = None
    file_size_bytes: int | None = None
    folder_id: str | None = None
    crc64nvme: str | None = None


def put_parts(stored: StoredObject | None) -> list[StoredPart]:
    """Return an object that one PUT left in the form of a part list."""
    if stored is None:
        return []
    return [StoredPart(1, stored.etag, stored.size_bytes, stored.modified_at, stored.crc64nvme)]


def expected_session(session: UploadSession, completion: Completion) -> UploadSession:
    """Return the session with what complete adds. Raises InvalidField."""
    if completion.crc64nvme is not None:
        check_checksum("checksum", ChecksumAlgorithm.CRC64NVME, completion.crc64nvme)
    numbers = [part.part_number for part in completion.parts]
    if len(set(numbers)) != len(numbers):
        raise InvalidField("parts", "a part number occurs twice")
    size = session.file_size_bytes if completion.file_size_bytes is None else completion.file_size_bytes
    return replace(
        session,
        file_name=completion.file_name or session.file_name,
        folder_id=completion.folder_id or session.folder_id,
        file_size_bytes=size,
        crc64nvme=completion.crc64nvme or session.crc64nvme,
    )


def difference(session: UploadSession, stored: StoredObject) -> str | None:
    """Return in what the object is not the session's file, None when nothing known speaks against it."""
    # Not every store keeps the mark of a multipart upload; the one of a PUT is signed into its URL.
    is_marked = stored.session_id is not None or session.method is UploadMethod.PUT
    if is_marked and stored.session_id != session.session_id:
        return "it belongs to another upload"
    if session.file_size_bytes is not None and stored.size_bytes != session.file_size_bytes:
        return f"{stored.size_bytes} bytes instead of {session.file_size_bytes}"
    if None not in (session.crc64nvme, stored.crc64nvme) and stored.crc64nvme != session.crc64nvme:
        return "its checksum differs"
    return None


def vouched_for(session: UploadSession, listed: ListedObject) -> StoredObject:
    """Return an object that a PUT of the session left, of which a listing tells size and ETag, as a HEAD would.

    Nothing but the session's bytes, with its mark, was ever signed for its key, which no other session has; and
    before any was signed, the store was seen to refuse a PUT of bytes that do not fit its checksum, unless whoever
    set S3_CHECKSUM vouches for that.
    """
    return StoredObject(
        listed.size_bytes, listed.etag, listed.modified_at, session.crc64nvme, session_id=session.session_id
    )


def recording_of(session: UploadSession, stored: StoredObject, bucket: str) -> Recording:
    """Return the record of a session's file."""
    return Recording(
        recording_id=session.session_id,
        owner_id=session.owner_id,
        upload_id=session.upload_id or "",
        bucket=bucket,
        key=session.key,
        file_name=session.file_name,
        content_type=session.content_type,
        folder_id=session.folder_id,
        size_bytes=stored.size_bytes,
        crc64nvme=stored.crc64nvme or session.crc64nvme,
        created_at=utc_now(),
    )
