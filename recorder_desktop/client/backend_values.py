"""What the backend's routes are asked, and what their answers hold.

A value that is not as expected raises what `understood_answer` turns into the message to update.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from recorder_desktop.client.answer_values import seconds, text, text_or_none, typed, whole
from recorder_desktop.core.digest import PartToSign
from recorder_desktop.core.model import ChecksumAlgorithm, RemotePart, RemoteUpload, SignedPart, StoredRecording
from recorder_desktop.core.parts import MIN_PART_SIZE_BYTES
from recorder_desktop.core.ports import CompleteRequest, InitRequest, OpenedUpload, OpenUpload

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
"""What a request can carry. Source: RFC 9110, 5.1 and 5.5."""


def display_name(file_name: str) -> str:
    """A file name that JSON can carry: bytes that are not text become question marks."""
    return file_name.encode("utf-8", "replace").decode("utf-8")


def init_body(request: InitRequest) -> dict[str, Any]:
    """What `init-upload` is asked."""
    body: dict[str, Any] = {
        "fileName": display_name(request.file_name),
        "contentType": request.content_type,
        "directory": request.directory,
        "folderId": request.folder_id,
        "clientUploadId": request.client_upload_id,
        "fileSize": request.size_bytes,
        "partSizeHint": request.part_size_hint_bytes,
        "checksumAlgorithms": [algorithm.value for algorithm in ChecksumAlgorithm],
    }
    if request.first_parts:
        body["parts"] = [part_body(part) for part in request.first_parts]
    if request.may_be_one_put:
        body["singlePut"] = True
    return {name: value for name, value in body.items() if value not in (None, "")}


def part_body(part: PartToSign) -> dict[str, Any]:
    """What names a part to be signed."""
    body = {"partNumber": part.number, "contentLength": part.size_bytes, "checksum": part.checksum}
    return body if part.checksum else {name: value for name, value in body.items() if name != "checksum"}


def signed_of(answer: Mapping[str, Any]) -> SignedPart:
    """The leave to send a part that an answer holds."""
    return SignedPart(address(answer["presignedUrl"]), _headers(answer["headers"]), seconds(answer["expiresIn"]))


def names_of(remote: RemoteUpload) -> dict[str, str]:
    """What names an upload."""
    return {"uploadId": remote.upload_id, "key": remote.key}


def _algorithm(name: str | None) -> ChecksumAlgorithm | None:
    return ChecksumAlgorithm(name) if name else None


def complete_body(request: CompleteRequest) -> dict[str, Any]:
    """What `complete-upload` is asked."""
    upload = request.upload
    return {
        **names_of(request.remote),
        "parts": [{"PartNumber": part.number, "ETag": part.etag} for part in request.parts],
        "fileName": display_name(upload.file_name),
        "contentType": upload.content_type,
        "fileSize": upload.size_bytes,
        **({"folderId": upload.folder_id} if upload.folder_id else {}),
        **({"checksum": request.crc64nvme} if request.crc64nvme else {}),
    }


def opened_of(answer: Any) -> OpenedUpload:
    """An upload as `init-upload` answers it."""
    remote = RemoteUpload(
        upload_id=text(answer["uploadId"]),
        # Once for this and its recording: a hundred thousand are kept.
        key=sys.intern(text(answer["key"])),
        bucket=sys.intern(text(answer["bucket"])),
        part_size_bytes=_part_size(answer["partSize"]),
        checksum_algorithm=_algorithm(answer["checksumAlgorithm"]),
    )
    urls = answer.get("urls") or ()
    return OpenedUpload(remote, {whole(url["partNumber"]): signed_of(url) for url in urls})


def recording_of(answer: Any) -> StoredRecording:
    """A stored recording."""
    return StoredRecording(
        file_id=text(answer["fileId"]),
        file_name=text(answer["fileName"]),
        key=sys.intern(text(answer["key"])),
        bucket=sys.intern(text(answer["bucket"])),
        file_url=text(answer["fileUrl"]),
        size_bytes=whole(answer["size"]),
        content_type=sys.intern(text(answer["contentType"])),
        crc64nvme=text_or_none(answer["crc64nvme"]),
        duration_s=_duration(answer["durationSeconds"]),
        created_at=text(answer["createdAt"]),
    )


def _part_size(value: Any) -> int:
    size_bytes = whole(value)
    if size_bytes < MIN_PART_SIZE_BYTES:
        raise ValueError("below the store's minimum")
    return size_bytes


def address(value: Any) -> str:
    """A web address."""
    parts = urlsplit(text(value))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("not a web address")
    return str(value)


def _headers(value: Any) -> dict[str, str]:
    headers = {name: text(written) for name, written in typed(value, dict).items()}
    if not all(
        _HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(written) for name, written in headers.items()
    ):
        raise ValueError("not a header")
    return headers


def _duration(value: Any) -> float | None:
    return None if value is None else seconds(value)


def remote_part(part: Any) -> RemotePart:
    """A part as `parts` lists it."""
    return RemotePart(
        number=whole(part["PartNumber"]),
        size_bytes=whole(part["Size"]),
        etag=text(part["ETag"]),
        crc64nvme=text_or_none(part.get("ChecksumCRC64NVME")),
    )


def takes_parts(item: Any) -> bool:
    """Whether an open upload is a multipart upload that was named by whoever opened it."""
    is_whole = isinstance(item["clientUploadId"], str) and isinstance(item["fileSize"], int)
    return is_whole and item["method"] == "multipart" and item["state"] == "uploading"


def open_upload_of(item: Any) -> OpenUpload:
    """An open upload as `uploads` lists it."""
    return OpenUpload(
        client_upload_id=text(item["clientUploadId"]),
        key=text(item["key"]),
        file_name=text(item["fileName"]),
        size_bytes=whole(item["fileSize"]),
        content_type=text(item["contentType"]),
        folder_id=text_or_none(item["folderId"]),
    )
