"""What is answered on the spot is what the framework answers; the rest is left to it, without an effect."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.errors import TooManyRequests
from backend.http.on_the_spot import MAX_CONTENT_BYTES, AtHand, OnTheSpot
from backend.http.routes.progress import progress_spot
from backend.http.routes.uploads import presign_spot
from backend.http.schemas.progress import ProgressBody
from backend.http.schemas.uploads import PresignBody
from backend.model import PartToSign, UploadSession
from tests.fakes.memory_object_store import crc64
from tests.unit.backend.service_rig import Rig, signed_in

Head = list[tuple[bytes, bytes]]
MORE = b"date: today\r\n"


@dataclass
class _Place:
    """The short way on a rig's services, with an upload that is at hand, and what it asked and told others."""

    rig: Rig = field(default_factory=Rig)
    counted: list[str] = field(default_factory=list)
    observed: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session: UploadSession = self.rig.init(file_size_bytes=100)
        self.rig.uploads.sign_parts("alice", self.session.upload_id or "", self.session.key, [PartToSign(1)])
        self.rig.progress.report("alice", self.session.upload_id or "", self.session.key, 1)
        spots = presign_spot(self.rig.uploads), progress_spot(self.rig.progress)
        at_hand = AtHand({"token": "alice"}.get, self._count)
        self.on_the_spot = OnTheSpot(
            spots, at_hand, ["testserver"], lambda *told: self.observed.append((*told[:-1], told[-1] > 0))
        )

    def _count(self, who: str) -> bool:
        self.counted.append(who)
        return len(self.counted) < 3

    def body(self, **more: Any) -> bytes:
        return json.dumps({"uploadId": self.session.upload_id, "key": self.session.key} | more).encode()

    def ask(self, path: str, content: bytes, head: Head | None = None) -> bytes | None:
        begun = self.on_the_spot.begin(path.encode(), _head(content) if head is None else head)
        return None if begun is None else begun.answer(content, MORE)

    def ask_the_framework(self, path: str, content: bytes) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with signed_in(self.rig) as client:
                return await client.post(path, content=content, headers={"Content-Type": "application/json"})

        return asyncio.run(ask())


@pytest.fixture
def place() -> _Place:
    return _Place()


def _head(content: bytes, **changes: bytes | None) -> Head:
    usual: dict[str, bytes | None] = {
        "host": b"testserver:80",
        "authorization": b"Bearer token",
        "content-type": b"application/json",
        "content-length": str(len(content)).encode(),
    }
    named = usual | {name.replace("_", "-"): value for name, value in changes.items()}
    return [(name.encode(), value) for name, value in named.items() if value is not None]


def _read(answer: bytes | None) -> tuple[int, dict[str, str], bytes]:
    assert answer is not None
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), content


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/s3/presign-url", {"partNumber": 2, "contentLength": 7, "checksum": crc64(b"x")}),
        ("/s3/presign-url", {"partNumber": 1}),
        ("/s3/progress", {"bytesConfirmed": 2}),
    ],
)
def test_the_answer_is_the_framework_s(place: _Place, path: str, more: dict[str, Any]) -> None:
    status, headers, content = _read(place.ask(path, place.body(**more)))
    usual = place.ask_the_framework(path, place.body(**more))
    assert (status, content) == (usual.status_code, usual.content)
    assert headers.pop("date") == "today"
    assert headers.keys() == usual.headers.keys()
    varying = {"x-request-id": ""}
    assert headers | varying == dict(usual.headers) | varying
    assert len(headers["x-request-id"]) == len(usual.headers["X-Request-Id"]) == 32


def test_a_request_is_counted_logged_and_observed_as_any_other(
    place: _Place, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "backend.http.request_line"):
        _, headers, _ = _read(place.ask("/s3/presign-url", place.body(partNumber=1)))
        usual = place.ask_the_framework("/s3/presign-url", place.body(partNumber=1))
    lines = [json.loads(f"{{{vars(record)['fields']}}}") for record in caplog.records]
    assert [line.pop("requestId") for line in lines] == [headers["x-request-id"], usual.headers["X-Request-Id"]]
    assert [line.pop("ms") >= 0 for line in lines] == [True, True]
    assert lines[0] == lines[1]
    assert place.counted == ["user:alice"]
    assert place.observed == [("POST", "/s3/presign-url", 200, None, True)]


@pytest.mark.parametrize(
    "changes",
    [
        {"host": b"elsewhere"},
        {"host": None},
        {"authorization": None},
        {"authorization": b"Bearer other"},
        {"authorization": b"Basic token"},
        {"content_type": b"text/plain"},
        {"content_type": None},
        {"content_length": None},
        {"content_length": b"-1"},
        {"content_length": str(MAX_CONTENT_BYTES + 1).encode()},
        {"transfer_encoding": b"chunked"},
        {"expect": b"100-continue"},
        {"origin": b"https://app.test"},
    ],
)
def test_a_head_that_is_not_the_usual_one_is_left_to_the_framework(
    place: _Place, changes: dict[str, bytes | None]
) -> None:
    content = place.body(partNumber=1)
    assert place.ask("/s3/presign-url", content, _head(content, **changes)) is None
    assert place.counted == []


def test_a_header_that_comes_twice_is_left_to_the_framework(place: _Place) -> None:
    content = place.body(partNumber=1)
    twice = [*_head(content), (b"authorization", b"Bearer token")]
    assert place.ask("/s3/presign-url", content, twice) is None


def test_other_routes_are_left_to_the_framework(place: _Place) -> None:
    assert place.ask("/s3/init-upload", b'{"fileName": "a.mp4"}') is None
    assert place.ask("/s3/presign-url?x=1", place.body(partNumber=1)) is None


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/s3/presign-url", {"partNumber": 0}),
        ("/s3/presign-url", {"partNumber": "1"}),
        ("/s3/presign-url", {"partNumber": 1, "checksum": "abcd"}),
        ("/s3/presign-url", {"partNumber": 1, "key": "another.mp4"}),
        ("/s3/presign-url", {"partNumber": 1, "uploadId": "unknown"}),
        ("/s3/progress", {"bytesConfirmed": 101}),
        ("/s3/progress", {"bytesConfirmed": 1, "key": "another.mp4"}),
        ("/s3/progress", {}),
    ],
)
def test_what_is_refused_is_left_to_the_framework_and_not_counted(
    place: _Place, path: str, more: dict[str, Any]
) -> None:
    content = place.body(**more)
    assert place.ask(path, content) is None
    assert place.counted == []
    assert place.observed == []
    assert place.ask_the_framework(path, content).status_code in (404, 422)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 10_000, b"[]"])
def test_what_is_no_body_is_left_to_the_framework(place: _Place, content: bytes) -> None:
    assert place.ask("/s3/presign-url", content) is None


def test_no_url_is_made_for_a_request_too_many(place: _Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_who: str) -> bool:
        raise TooManyRequests(retry_after_s=1)

    signed: list[object] = []
    monkeypatch.setattr(place.rig.store, "presign_part", lambda *asked: signed.append(asked))
    content = place.body(partNumber=1)
    for count in (refuse, lambda _who: False):
        place.on_the_spot._at_hand = AtHand({"token": "alice"}.get, count)
        assert place.ask("/s3/presign-url", content) is None
    assert signed == []


_WORDS = st.text() | st.just("k") | st.integers() | st.none() | st.floats()
_BODIES = st.fixed_dictionaries(
    {"uploadId": _WORDS, "key": _WORDS},
    optional={
        "partNumber": st.integers(-1, 10_001) | _WORDS,
        "contentLength": _WORDS,
        "checksum": st.just("rosUhgp5mIg=") | _WORDS,
        "bytesConfirmed": st.integers() | _WORDS,
        "more": _WORDS,
    },
)


@given(content=_BODIES, as_ascii=st.booleans())
@pytest.mark.parametrize("body", [PresignBody, ProgressBody])
def test_what_is_read_from_a_body_is_what_the_framework_reads(
    body: type[PresignBody | ProgressBody], content: dict[str, Any], as_ascii: bool
) -> None:
    sent = json.dumps(content, ensure_ascii=as_ascii).encode(errors="surrogatepass")
    try:
        read = body.model_validate_json(sent)
    except ValidationError:
        return
    assert read == body.model_validate(json.loads(sent))
