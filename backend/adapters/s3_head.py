"""HEAD requests that are presigned and sent over botocore's HTTP session, without its client around them.

The client takes three times as long for one, most of it for finding out how to call and what the answer may hold.
Every small file needs one. What is not simply answered is left to the client: retries, redirects and errors are its.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import BotoCoreError

from backend.adapters.s3_presigner import S3Presigner
from backend.model import StoredObject, bare_etag

EXPIRES_IN_S = 60
_HEADERS = {"x-amz-checksum-mode": "ENABLED"}


class S3Head:
    """Looks at objects of one bucket. Any thread may call."""

    def __init__(self, presigner: S3Presigner, session: Any) -> None:
        self._presigner = presigner
        self._session = session

    def stored(self, key: str) -> StoredObject | None:
        """Return the object as the store describes it; None for every other answer and for none at all."""
        url = self._presigner.presign("HEAD", key, {}, _HEADERS, EXPIRES_IN_S)
        try:
            answer = self._session.send(AWSPreparedRequest("HEAD", url, _HEADERS, None, False))
            return _described(answer.headers) if answer.status_code == 200 else None
        except (BotoCoreError, LookupError, ValueError):
            return None


def _described(headers: Mapping[str, str]) -> StoredObject:
    """Return what the headers say. Raises LookupError or ValueError where they do not say it as S3 does."""
    return StoredObject(
        size_bytes=int(headers["Content-Length"]),
        etag=bare_etag(headers["ETag"]),
        modified_at=parsedate_to_datetime(headers["Last-Modified"]),
        crc64nvme=headers.get("x-amz-checksum-crc64nvme"),
        session_id=headers.get("x-amz-meta-session-id"),
    )
