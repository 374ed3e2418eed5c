"""Our URLs beside botocore's: the same string as its own signer writes, the same request as its client signs."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import botocore.auth
import botocore.crt.auth
import pytest
from botocore.auth import S3SigV4QueryAuth

from backend.adapters import s3_presigner
from backend.adapters.s3_clients import S3Connection, client_for
from backend.adapters.s3_presigner import presigner_for

KEYS = [
    "recordings/talk-1767225600000-1f0c2a9b7d3e.mp4",
    "a b/c+d%2F&=~!'()*.mp4",
    "Übung/日本 \U0001f3a5.mp4",
    "deep/er/and//double.mp4",
    "100%/x;y,z:@$.mp4",
]
# Without a zone, as botocore counts: UTC.
TIMES = [
    datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC).replace(tzinfo=None),
    datetime(2024, 2, 29, 9, 5, 3, tzinfo=UTC).replace(tzinfo=None),
]
PLACES = [
    ("recordings", None),
    ("recordings.with.dots", None),
    ("recordings", "http://127.0.0.1:8333"),
    ("recordings", "https://S3.Example.org/base/"),
    ("recordings", "https://s3.example.org:443"),
    ("recordings", "http://[::1]:9000"),
]
TOKENS = [None, "tok+en/with=signs=="]
CHECKSUMS: list[dict[str, Any]] = [
    {},
    {"ContentLength": 8 * 1024 * 1024},
    {"ContentLength": 0, "ChecksumCRC64NVME": "rosUhgp5mIg="},
    {"ContentLength": 17, "ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="},
    {"ChecksumCRC64NVME": "+/+/+/+/+/8="},
]
HEADERS = {
    "ContentLength": "content-length",
    "ChecksumCRC64NVME": "x-amz-checksum-crc64nvme",
    "ContentMD5": "content-md5",
    "ContentType": "content-type",
}


class Pair:
    """botocore's client and ours for the same bucket."""

    def __init__(self, bucket: str, endpoint_url: str | None, token: str | None) -> None:
        connection = S3Connection("AKIAEXAMPLE", "secret/key+", "eu-central-1", endpoint_url, token)
        self.bucket = bucket
        self.client = client_for(connection, None, retries=True)
        self.ours = presigner_for(connection, self.client, bucket)

    def theirs(self, operation: str, **params: Any) -> str:
        return str(
            self.client.generate_presigned_url(operation, Params={"Bucket": self.bucket} | params, ExpiresIn=97)
        )


@pytest.fixture(scope="module", params=itertools.product(PLACES, TOKENS), ids=str)
def pair(request: pytest.FixtureRequest) -> Pair:
    (bucket, endpoint_url), token = request.param
    return Pair(bucket, endpoint_url, token)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [TIMES[0]]
    for module in (botocore.auth, botocore.crt.auth, s3_presigner):
        monkeypatch.setattr(module, "get_current_datetime", lambda *_, **__: now[0])
    return now


def headers_of(params: dict[str, Any]) -> dict[str, str]:
    metadata = {f"x-amz-meta-{name}": str(value) for name, value in params.get("Metadata", {}).items()}
    return {HEADERS[name]: str(value) for name, value in params.items() if name in HEADERS} | metadata


def same_request(first: str, second: str) -> bool:
    """Whether two URLs are the same but for the order of their query, which nothing depends on."""
    one, two = urlsplit(first), urlsplit(second)
    return one[:3] == two[:3] and sorted(parse_qsl(one.query)) == sorted(parse_qsl(two.query))


@pytest.mark.parametrize("moment", TIMES, ids=str)
def test_parts_are_signed_as_botocores_client_signs_them(pair: Pair, clock: list[datetime], moment: datetime) -> None:
    clock[0] = moment
    for key, number, params in itertools.product(KEYS, (1, 10_000), CHECKSUMS):
        upload = {"uploadId": "id+with/signs=~ and blank", "partNumber": str(number)}
        ours = pair.ours.presign("PUT", key, upload, headers_of(params), 97)
        theirs = pair.theirs("upload_part", Key=key, UploadId=upload["uploadId"], PartNumber=number, **params)
        assert same_request(ours, theirs)


def test_objects_are_signed_as_botocores_client_signs_them(pair: Pair, clock: list[datetime]) -> None:
    for key, params in itertools.product(KEYS, CHECKSUMS):
        put = {
            "ContentType": "video/mp4; codecs=avc1",
            "Metadata": {"user-id": "a%20b", "session-id": "1f0c"},
        } | params
        assert same_request(
            pair.ours.presign("PUT", key, {}, headers_of(put), 97), pair.theirs("put_object", Key=key, **put)
        )
        shown = "attachment; filename*=UTF-8''%C3%9Cbung%20%281%29.mp4"
        ours = pair.ours.presign("GET", key, {"response-content-disposition": shown}, {}, 97)
        assert same_request(ours, pair.theirs("get_object", Key=key, ResponseContentDisposition=shown))


def test_urls_are_written_as_botocores_plain_signer_writes_them(
    pair: Pair, clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    # With awscrt installed the client signs with that, in another order of the query.
    monkeypatch.setitem(botocore.auth.AUTH_TYPE_MAPS, "s3v4-query", S3SigV4QueryAuth)
    plain = Pair(pair.bucket, pair.client.meta.endpoint_url, pair.ours.credentials.token)
    for key, params in itertools.product(KEYS, CHECKSUMS):
        ours = plain.ours.presign("PUT", key, {"uploadId": "u/1", "partNumber": "7"}, headers_of(params), 97)
        assert ours == plain.theirs("upload_part", Key=key, UploadId="u/1", PartNumber=7, **params)


def test_the_day_of_the_signing_key_changes_at_midnight(pair: Pair, clock: list[datetime]) -> None:
    for moment in (TIMES[1], TIMES[1] + timedelta(seconds=1), TIMES[1]):
        clock[0] = moment
        assert same_request(pair.ours.presign("GET", "a", {}, {}, 97), pair.theirs("get_object", Key="a"))


def test_where_the_bucket_is_is_asked_again_from_time_to_time(clock: list[datetime]) -> None:
    pair = Pair("recordings", None, None)
    assert "eu-central-1" in pair.ours.presign("GET", "a", {}, {}, 97)
    elsewhere = S3Connection("AKIAEXAMPLE", "secret/key+", "eu-north-1")
    # As after a redirect, which botocore's client remembers.
    pair.client = pair.ours._client = client_for(elsewhere, None, retries=True)
    assert "eu-central-1" in pair.ours.presign("GET", "a", {}, {}, 97)
    clock[0] += s3_presigner.PLACE_LIFE
    assert same_request(pair.ours.presign("GET", "a", {}, {}, 97), pair.theirs("get_object", Key="a"))
