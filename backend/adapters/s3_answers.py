"""What stores answer, as boto3 hands it over, in the words of the model; with what stores may leave out of it.

What cannot be understood raises LookupError, ValueError or TypeError, see ``s3_errors.readable_answer``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backend.model import ListedObject, OpenUpload, StoredObject, StoredPart, bare_etag, utc_now

_LONG_AGO = datetime.fromtimestamp(0, UTC)


def next_markers(page: Mapping[str, Any]) -> dict[str, str]:
    """Return where the page after this one begins."""
    # WORKAROUND SeaweedFS 4.48 sorts by upload id and names only that: with a key beside it, it leaves out all
    # uploads whose keys come before. S3 sorts by key and names both.
    last = page["Uploads"][-1]
    named = {"KeyMarker": page.get("NextKeyMarker"), "UploadIdMarker": page.get("NextUploadIdMarker")}
    return {name: text for name, text in named.items() if text} or {
        "KeyMarker": last["Key"],
        "UploadIdMarker": last["UploadId"],
    }


def beginning_of(body: Any, length: int) -> bytes:
    """Return so many bytes of a body, or all of a shorter one. A store that does not know ranges sends the whole."""
    content = b""
    # Up to its end where it is shorter, or its being cut off would go unnoticed.
    while len(content) < length and (block := body.read(length - len(content))):
        content += block
    if body.read(1):
        body.close()  # the rest of it would be taken for the next answer
    return content


def open_upload(entry: Mapping[str, Any]) -> OpenUpload:
    """Return an open upload of a listing."""
    # A store that does not say how old an upload is must not have it taken for an old one.
    return OpenUpload(entry["Key"], str(entry["UploadId"]), entry.get("Initiated") or utc_now())


def stored_part(entry: Mapping[str, Any]) -> StoredPart:
    """Return an entry of a listing of parts."""
    modified_at = entry.get("LastModified") or _LONG_AGO
    return StoredPart(
        int(entry["PartNumber"]),
        bare_etag(entry["ETag"]),
        int(entry["Size"]),
        modified_at,
        entry.get("ChecksumCRC64NVME"),
    )


def stored_object(answer: Mapping[str, Any]) -> StoredObject:
    """Return what a HEAD tells."""
    return StoredObject(
        size_bytes=int(answer["ContentLength"]),
        etag=bare_etag(answer.get("ETag", "")),
        modified_at=answer.get("LastModified") or _LONG_AGO,
        crc64nvme=answer.get("ChecksumCRC64NVME"),
        session_id=answer.get("Metadata", {}).get("session-id"),
    )


def listed_object(entry: Mapping[str, Any]) -> ListedObject:
    """Return an entry of a listing of objects."""
    return ListedObject(int(entry["Size"]), bare_etag(entry["ETag"]), entry.get("LastModified") or _LONG_AGO)
