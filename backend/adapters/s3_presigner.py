"""Presigns URLs as botocore's own signer does, with what a day's URLs have in common computed once.

botocore's client builds, validates and signs a whole request for every URL, which takes it about a millisecond.
What differs between two URLs is worth some hundredth of that. The URLs are botocore's own; the tests compare them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from botocore.auth import SIGV4_TIMESTAMP, UNSIGNED_PAYLOAD, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.compat import get_current_datetime
from botocore.credentials import Credentials

from backend.adapters.s3_clients import S3Connection

# How long botocore's word counts on where a bucket is. It may learn better, from a redirect to another region.
PLACE_LIFE = timedelta(minutes=1)
_EXAMPLE_KEY = "k"


@dataclass(frozen=True)
class _Constants:
    """What all URLs share for a while: where the bucket is, and the day's signing key."""

    asked_at: datetime
    date: str
    origin: str
    base_path: str
    host: str
    scope: str
    credential: str
    signing_key: bytes


class S3Presigner(S3SigV4QueryAuth):  # type: ignore[misc]  # botocore is untyped
    """Signs URLs for one bucket, as reached by a boto3 client. Any thread may call."""

    def __init__(self, credentials: Credentials, client: Any, bucket: str) -> None:
        super().__init__(credentials, "s3", client.meta.region_name)
        self._client = client
        self._bucket = bucket
        self._token = f"&X-Amz-Security-Token={_quoted(credentials.token)}" if credentials.token else ""
        self._constants: _Constants | None = None  # replaced as a whole

    def presign(
        self, method: str, key: str, query: Mapping[str, str], headers: Mapping[str, str], expires_in_s: int
    ) -> str:
        """Return a URL for a request with exactly this query and these headers, besides Host.

        The names of both are in small letters: with others, S3 would sort them into another place.
        """
        now = get_current_datetime()
        timestamp = now.strftime(SIGV4_TIMESTAMP)
        shared = self._constants_at(now, timestamp[:8])
        path = f"{shared.base_path}/{_quoted_path(key)}"
        signed = sorted([("host", shared.host), *((name, " ".join(text.split())) for name, text in headers.items())])
        names = [name for name, _ in signed]
        begin = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={shared.credential}&X-Amz-Date={timestamp}"
        begin = f"{begin}&X-Amz-Expires={expires_in_s}"
        end = f"&X-Amz-SignedHeaders={'%3B'.join(names)}"
        asked = [f"{name}={_quoted(text)}" for name, text in query.items()]
        # Sorted by name, as the signature wants it, capitals first.
        canonical_query = "&".join([f"{begin}{self._token}{end}", *sorted(asked)])
        lines = [method, path, canonical_query, *(f"{name}:{text}" for name, text in signed)]
        canonical = "\n".join([*lines, "", ";".join(names), UNSIGNED_PAYLOAD])
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{timestamp}\n{shared.scope}\n{digest}"
        signature = hmac.digest(shared.signing_key, to_sign.encode(), "sha256").hex()
        return f"{shared.origin}{path}?{'&'.join([*asked, begin])}{end}{self._token}&X-Amz-Signature={signature}"

    def origin(self) -> str:
        """Return the scheme, host and port of these URLs as they are now."""
        now = get_current_datetime()
        return self._constants_at(now, now.strftime(SIGV4_TIMESTAMP)[:8]).origin

    def _constants_at(self, now: datetime, date: str) -> _Constants:
        known = self._constants
        if known is None or known.date != date or not timedelta(0) <= now - known.asked_at < PLACE_LIFE:
            known = self._constants = self._ask_botocore(now, date)
        return known

    def _ask_botocore(self, now: datetime, date: str) -> _Constants:
        """Find out from a URL of the client's own where the bucket is: by name, by path, behind an endpoint."""
        url = self._client.generate_presigned_url("get_object", Params={"Bucket": self._bucket, "Key": _EXAMPLE_KEY})
        parts = urlsplit(url)
        region = parse_qs(parts.query)["X-Amz-Credential"][0].split("/")[-3]
        scope = f"{date}/{region}/s3/aws4_request"
        return _Constants(
            asked_at=now,
            date=date,
            origin=f"{parts.scheme}://{parts.netloc}",
            base_path=parts.path.removesuffix(f"/{_EXAMPLE_KEY}"),
            host=self.headers_to_sign(AWSRequest("GET", url))["host"],
            scope=scope,
            credential=_quoted(f"{self.credentials.access_key}/{scope}"),
            signing_key=self._signing_key(date, region),
        )

    def _signing_key(self, date: str, region: str) -> bytes:
        key = f"AWS4{self.credentials.secret_key}".encode()
        for text in (date, region, "s3", "aws4_request"):
            key = hmac.digest(key, text.encode(), "sha256")
        return key


def presigner_for(connection: S3Connection, client: Any, bucket: str) -> S3Presigner:
    """Return a presigner with the connection's keys, for the place that the client calls."""
    keys = Credentials(connection.access_key, connection.secret_key, connection.session_token)
    return S3Presigner(keys, client, bucket)


# Keys, upload ids and sizes come again with each part of a file.
@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return quote(text, safe="-._~")


@lru_cache(maxsize=4096)
def _quoted_path(key: str) -> str:
    return quote(key, safe="/~")
