"""An example of every field by its name on the wire, where one name means one thing, for the documentation."""

from __future__ import annotations

from typing import Any

_KEY = "lectures/talk-3f2a9c1b5d7e4f60.mp4"
_SIGNED = (
    "https://recordings.s3.eu-central-1.amazonaws.com/" + _KEY + "?partNumber=1&uploadId=VXBsb2Fk&X-Amz-Signature=…"
)

EXAMPLES: dict[str, Any] = {
    "ETag": '"d41d8cd98f00b204e9800998ecf8427e"',
    "ChecksumCRC64NVME": "rosUhgp5mIg=",
    "PartNumber": 1,
    "Size": 16_777_216,
    "accessToken": "eyJhbGciOiJIUzI1NiIs…",
    "bucket": "recordings",
    "bytesConfirmed": 52_428_800,
    "checksum": "rosUhgp5mIg=",
    "checksumAlgorithm": "CRC64NVME",
    "checksumAlgorithms": ["CRC64NVME", "MD5"],
    "clientUploadId": "0e7d9d0c-6a55-4a3c-9a3e-0d1e6b1b6c1a",
    "code": "upload_not_found",
    "contentLength": 16_777_216,
    "contentType": "video/mp4",
    "contentVerified": True,
    "crc64nvme": "rosUhgp5mIg=",
    "createdAt": "2026-11-26T09:30:00.000Z",
    "details": {"field": "fileName"},
    "directory": "lectures",
    "durationSeconds": 3120.5,
    "expiresIn": 3600,
    "fileId": "6a59db6739134ae9a0355df249458bad",
    "fileName": "talk.mp4",
    "fileSize": 104_857_600,
    "fileUrl": "https://recordings.s3.eu-central-1.amazonaws.com/" + _KEY,
    "folderId": "9b1f0c2a7d3e4f60b5d73f2a9c1b5d7e",
    "headers": {"content-length": "16777216", "x-amz-checksum-crc64nvme": "rosUhgp5mIg="},
    "id": "9b1f0c2a7d3e4f60b5d73f2a9c1b5d7e",
    "key": _KEY,
    "message": "No such upload.",
    "method": "multipart",
    "name": "Lectures",
    "nextCursor": "eyJhdCI6MTc5NTY1MTIwMDAwMH0",
    "parentId": "5d7e3f2a9c1b4f60b5d79b1f0c2a7d3e",
    "partNumber": 1,
    "partSize": 16_777_216,
    "partSizeHint": 16_777_216,
    "password": "correct horse battery staple",
    "presignedUrl": _SIGNED,
    "refreshToken": "3q2-7wAAAAAAAAAAAAAAAA.S29uc3RhbnRpbm9wbGUgaXMgbm93IElzdGFuYnVsLCBpc24",
    "requestId": "8ed8cb4b1290421c9d97d09d76e2b6de",
    "singlePut": False,
    "size": 104_857_600,
    "state": "uploading",
    "status": "ok",
    "typeMismatch": False,
    "uploadId": "VXBsb2Fk",
    "url": _SIGNED,
    "username": "mara",
}


def with_examples(schema: dict[str, Any]) -> None:
    """Put the examples into a model's schema, but for fields with their own; lists show those of their items."""
    for name, field in schema.get("properties", {}).items():
        if name in EXAMPLES and "examples" not in field:
            field["examples"] = [EXAMPLES[name]]
