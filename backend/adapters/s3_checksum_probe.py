"""Tries out on a tiny upload, which is always aborted, what a store does with a wrong checksum."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from typing import Any

from backend.errors import ChecksumMismatch, PartsMismatch, StoreFailed, UploadGone
from backend.model import PROBE_PREFIX, CompletedPart, bare_etag

# The CRC64-NVME of no bytes at all, and one that is wrong for them.
_RIGHT_CRC64, _WRONG_CRC64 = "AAAAAAAAAAA=", "AAAAAAAAAAE="

Call = Callable[..., Any]


def refuses_wrong_checksums(call: Call, complete: Call) -> bool:
    """Whether the store checks CRC64-NVME on arrival: of a PUT, of a part and of a whole file.

    ``call`` makes a request by its boto3 name, ``complete`` completes an upload; an outage is raised.
    """
    key = f"{PROBE_PREFIX}{uuid.uuid4().hex}"
    if not _refused(lambda: call("put_object", Key=key, Body=b"", ChecksumCRC64NVME=_WRONG_CRC64)):
        call("delete_object", Key=key)
        return False
    try:
        upload = call("create_multipart_upload", Key=key, ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT")
    except StoreFailed:
        return False
    upload_id = str(upload["UploadId"])
    try:
        return _try_out(call, complete, key, upload_id)
    finally:
        with contextlib.suppress(UploadGone):
            call("abort_multipart_upload", Key=key, UploadId=upload_id)


def _try_out(call: Call, complete: Call, key: str, upload_id: str) -> bool:
    part = {"Key": key, "UploadId": upload_id, "PartNumber": 1, "Body": b""}
    if not _refused(lambda: call("upload_part", **part, ChecksumCRC64NVME=_WRONG_CRC64)):
        return False
    etag = call("upload_part", **part, ChecksumCRC64NVME=_RIGHT_CRC64)["ETag"]
    parts = [CompletedPart(1, bare_etag(etag))]
    if _refused(lambda: complete(key, upload_id, parts, _WRONG_CRC64)):
        return True
    call("delete_object", Key=key)
    return False


def _refused(attempt: Callable[[], object]) -> bool:
    """Whether the store refused, as opposed to being away, which is raised."""
    try:
        attempt()
    except (ChecksumMismatch, PartsMismatch, StoreFailed):
        return True
    return False
