"""What the backend reads of others: the store's XML and headers, ffprobe's JSON, what callers and recordings say."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from typing import Any, cast

from botocore.awsrequest import AWSResponse
from hypothesis import strategies as st

from backend.adapters.s3_bucket_setup import S3BucketSetup
from backend.adapters.s3_clients import S3Connection
from backend.adapters.s3_head import S3Head
from backend.adapters.s3_object_store import S3ObjectStore, StoreOptions
from backend.adapters.s3_presigner import S3Presigner
from backend.content_type import compare_content
from backend.cursor import decode_cursor
from backend.errors import BackendError
from backend.media_probe import _duration_of, _find_moov
from backend.model import CompletedPart, Recording
from tests.fakes.backend_values import a_session
from tests.fuzz.answers import TEXT, cut, json_like
from tests.fuzz.soundness import assert_sound
from tests.fuzz.targets import Target

KEY = "recordings/talk-1.mp4"
XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
ERROR = "<Error><Code>NoSuchUpload</Code><Message>m</Message></Error>"
LIST_PARTS = f"""<ListPartsResult {XMLNS}><IsTruncated>false</IsTruncated>
<NextPartNumberMarker>1</NextPartNumberMarker><Part><PartNumber>1</PartNumber><LastModified>2026-11-26T04:00:00.000Z</LastModified><ETag>"e"</ETag><Size>9</Size>
<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME></Part></ListPartsResult>"""
LIST_UPLOADS = f"""<ListMultipartUploadsResult {XMLNS}><IsTruncated>false</IsTruncated><Upload><Key>{KEY}</Key>
<UploadId>u1</UploadId><Initiated>2026-11-26T04:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>"""
OPENED = f"<InitiateMultipartUploadResult {XMLNS}><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
COMPLETED = f'<CompleteMultipartUploadResult {XMLNS}><ETag>"e-1"</ETag></CompleteMultipartUploadResult>'
LISTED = f"<ListBucketResult {XMLNS}><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
OBJECTS = (
    "<ListBucketResult><Contents><Key>recordings/a.mp4</Key><Size>9</Size><ETag>&quot;e&quot;</ETag>"
    "<LastModified>2026-11-26T04:00:00.000Z</LastModified></Contents></ListBucketResult>"
)
HEAD = {
    "Content-Length": "9",
    "ETag": '"e"',
    "Last-Modified": "Thu, 26 Nov 2026 04:00:00 GMT",
    "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=",
    "x-amz-meta-session-id": "s1",
    "Date": "Thu, 26 Nov 2026 04:00:00 GMT",
}
Told = tuple[int, bytes, dict[str, str]]
Call = Callable[[Any], object]
CALLS: dict[str, tuple[str, Call]] = {
    "open": (OPENED, lambda store: store.open_upload(a_session())),
    "open upload ids": (LIST_UPLOADS, lambda store: store.open_upload_ids(KEY)),
    "open uploads": (LIST_UPLOADS, lambda store: _some(store.open_uploads())),
    "list parts": (LIST_PARTS, lambda store: store.list_parts(KEY, "u1")),
    "complete": (COMPLETED, lambda store: store.complete_upload(KEY, "u1", [CompletedPart(1, "e")], None)),
    "abort": ("", lambda store: store.abort_upload(KEY, "u1")),
    "head": ("", lambda store: store._thorough_head(KEY)),
    "read": ("123456789", lambda store: _at_most(store.read_range(KEY, 0, 5), 5)),
    "delete": ("", lambda store: store.delete_object(KEY)),
    "bucket": (LISTED, lambda store: store.check()),
    "objects": (OBJECTS, lambda store: store.list_objects(KEY, f"{KEY}x", 5)),
    "checksums": (OPENED, lambda store: store.checksum_support()),
}


def _some(uploads: Iterator[object]) -> list[object]:
    """A store that names page after page for ever is asked no more than this."""
    return [upload for upload, _ in zip(uploads, range(10), strict=False)]


def _at_most(content: bytes, size_bytes: int) -> bytes:
    assert len(content) <= size_bytes, "a store that ignores the range must not fill the memory"
    return content


class Raw(io.BytesIO):
    """What botocore reads an answer's body from."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def _response(told: Told) -> AWSResponse:
    status, body, headers = told
    return AWSResponse("https://store.example.org/", status, _Headers(headers), Raw(body))


class _Headers(dict[str, str]):
    """Found whatever their case, as botocore's are."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__({name.lower(): text for name, text in headers.items()})

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


CONNECTION = S3Connection("key", "secret", "us-east-1", "http://127.0.0.1:9")


class Answering:
    """Answers every request of a client with the same, as often as it asks."""

    def __init__(self) -> None:
        self.told: Told = (200, b"", {})

    def __call__(self, **_: Any) -> AWSResponse:
        return _response(self.told)


@cache
def _store() -> tuple[S3ObjectStore, Answering]:
    store = S3ObjectStore(StoreOptions(CONNECTION, "bucket"))
    answering = Answering()
    for purpose in ("calls", "probe"):
        client = store._client(cast("Any", purpose))
        client.meta.events.register("before-send.s3", answering)
    # The pauses between tries are botocore's to test.
    store._client("calls").meta.events.unregister("needs-retry.s3", unique_id="retry-config-s3")
    return store, answering


def _call_store(call: Call, told: Told) -> None:
    store, answering = _store()
    answering.told = told
    store._support = None
    with suppress(BackendError):
        assert_sound(call(store))


@cache
def _setup() -> tuple[S3BucketSetup, Answering]:
    setup, answering = S3BucketSetup(CONNECTION, "bucket"), Answering()
    setup._client.meta.events.register("before-send.s3", answering)
    return setup, answering


def _set_up(told: Told) -> None:
    setup, answering = _setup()
    answering.told = told
    for look in (setup.clock_ahead_s, setup.abort_rules, lambda: setup.refused_origins(["https://a.example.org"])):
        with suppress(BackendError):
            look()


class OneAnswer:
    """botocore's HTTP session where every answer is this one."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def send(self, _request: object) -> AWSResponse:
        return _response(self._told)


def _quick_head(told: Told) -> None:
    class Presigner:
        def presign(self, *_: object) -> str:
            return "http://127.0.0.1:9/"

    assert_sound(S3Head(cast("S3Presigner", Presigner()), OneAnswer(told)).stored(KEY))


def _ffprobe(answer: bytes) -> None:
    assert_sound(_duration_of(answer))


def _boxes(content: bytes) -> None:
    class Stored:
        def read_range(self, _key: str, start: int, length: int) -> bytes:
            return content[start : start + length]

    recording = cast("Recording", type("R", (), {"key": KEY, "size_bytes": len(content)})())
    found = _find_moov(cast("Any", Stored()), recording, content[:64])
    if found is not None:
        assert 0 <= found[0] <= found[0] + found[1] <= len(content)


def _content(told: tuple[str, bytes]) -> None:
    compare_content(*told)


def _cursor(text: str) -> None:
    with suppress(BackendError):
        decode_cursor(text)


def _answers(valid: str) -> st.SearchStrategy[Told]:
    bodies = st.one_of(cut(valid.encode()), cut(valid.encode()), cut(ERROR.encode()), st.binary(max_size=200))
    return st.tuples(
        st.sampled_from([200, 200, 200, 204, 206, 301, 400, 403, 404, 409, 416, 500, 503]), bodies, _HEADERS
    )


_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(st.just(valid), cut(valid.encode()).map(lambda text: text.decode("latin-1")), TEXT)
        for name, valid in HEAD.items()
    },
)
BOX = st.tuples(
    st.one_of(st.integers(0, 40), st.integers(0, 2**32 - 1)), st.sampled_from([b"ftyp", b"moov", b"mdat"])
)
BOXES = st.lists(st.tuples(BOX, st.binary(max_size=30)), max_size=6).map(
    lambda boxes: b"".join(length.to_bytes(4, "big") + kind + rest for (length, kind), rest in boxes)
)
FFPROBE = {"format": {"duration": "61.5", "size": "9"}}
TARGETS = [
    *(Target(f"store: {name}", _answers(valid), partial(_call_store, call)) for name, (valid, call) in CALLS.items()),
    Target("store: how the bucket is set up", _answers(LISTED), _set_up),
    Target("store: HEAD without boto3", st.tuples(st.just(200), st.just(b""), _HEADERS), _quick_head),
    Target("ffprobe: what it tells the backend", json_like(FFPROBE), _ffprobe),
    Target("boxes of a recording", st.one_of(BOXES, st.binary(max_size=200)), _boxes),
    Target("first bytes of a recording", st.tuples(TEXT, st.binary(max_size=200)), _content),
    Target("cursor", st.one_of(TEXT, st.text("MTYzOjA-_=", max_size=30)), _cursor),
]
