"""What the desktop reads off the wire: the backend's JSON, the store's answers to a PUT, and raw HTTP."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast
from unittest.mock import patch

import urllib3
from hypothesis import strategies as st

from recorder_desktop.client import sign_in_api
from recorder_desktop.client.auth import subject_of
from recorder_desktop.client.backend_api import BackendApi
from recorder_desktop.client.error_mapping import etag_of
from recorder_desktop.client.sign_in_api import SignInApi
from recorder_desktop.core.digest import PartToSign
from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.model import ChecksumAlgorithm, ConfirmedPart, RemoteUpload
from recorder_desktop.core.ports import InitRequest
from tests.fakes.uploads import an_upload
from tests.fuzz.answers import JSON, TEXT, cut, json_like
from tests.fuzz.soundness import assert_sound
from tests.fuzz.targets import Target

SERVER = "http://recorder.example.org"
MIB = 1024 * 1024
REMOTE = RemoteUpload("u1", "talks/talk-1.mp4", "bucket", 8 * MIB, ChecksumAlgorithm.CRC64NVME)
REQUEST = InitRequest("c1", "talk.mp4", "video/mp4", 123, "", None, 8 * MIB)
SIGNED = {"presignedUrl": "https://store.example.org/b/k?partNumber=2", "headers": {"a": "b"}, "expiresIn": 900}
NUMBERED = [SIGNED | {"partNumber": number} for number in (1, 2)]
OPENED = {
    "uploadId": "u1", "key": "talks/talk-1.mp4", "bucket": "b", "partSize": 8 * MIB, "method": "multipart",
    "checksumAlgorithm": "CRC64NVME", "state": "uploading", "urls": NUMBERED,
}  # fmt: skip
RECORDING = {
    "fileId": "f1", "fileName": "talk.mp4", "fileUrl": "https://store.example.org/t", "key": "k", "bucket": "b",
    "size": 123, "crc64nvme": "AAAAAAAAAAA=", "contentType": "video/mp4", "folderId": None,
    "createdAt": "2026-01-01T00:00:00.000Z", "durationSeconds": 61.5,
}  # fmt: skip
OPEN = {
    "uploadId": "u1", "method": "multipart", "key": "k", "clientUploadId": "c1", "fileName": "talk.mp4",
    "contentType": "video/mp4", "folderId": None, "fileSize": 9, "partSize": 8 * MIB,
    "checksumAlgorithm": None, "state": "uploading", "createdAt": "2026-01-01T00:00:00.000Z",
}  # fmt: skip
PARTS = [ConfirmedPart(1, 123, '"e"', 5)]
REFUSED = {
    "code": "parts_mismatch", "message": "No.", "requestId": "r", "details": {"missing": [1], "superseded": [2]},
}  # fmt: skip


class Told:
    """Connections on which every request gets this answer."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self._answer = (status, body, headers)

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def request(self, *_: Any, **settings: Any) -> urllib3.HTTPResponse:
        status, body, headers = self._answer
        return urllib3.HTTPResponse(
            io.BytesIO(body), headers, status, preload_content=settings.get("preload_content", True)
        )


class Token:
    """A token that is never another one."""

    def token(self) -> str:
        return "t"

    def renew(self, refused: str) -> bool:
        return False


Call = Callable[[BackendApi], object]
CALLS: dict[str, tuple[Any, Call]] = {
    "init": (OPENED, lambda api: api.init_upload(REQUEST)),
    "presign one": (SIGNED, lambda api: api.presign_parts(REMOTE, [PartToSign(1, 9, None)])),
    "presign two": (
        {"urls": NUMBERED},
        lambda api: api.presign_parts(REMOTE, [PartToSign(number, 9, None) for number in (1, 2)]),
    ),
    "list parts": (
        {"parts": [{"PartNumber": 1, "ETag": '"e"', "Size": 9, "ChecksumCRC64NVME": None}]},
        lambda api: api.list_parts(REMOTE),
    ),
    "open uploads": ({"items": [OPEN], "nextCursor": None}, lambda api: api.open_uploads()),
    "complete": (RECORDING, lambda api: api.complete_upload(REMOTE, an_upload(), PARTS, None)),
    "recordings": ({"items": [RECORDING], "nextCursor": None}, lambda api: api.recordings()),
    "recording": (RECORDING, lambda api: api.recording("f1")),
    "recording url": ({"url": SIGNED["presignedUrl"]}, lambda api: api.recording_url("f1")),
    "abort": ({}, lambda api: api.abort_upload(REMOTE)),
}  # fmt: skip
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Retry-After": st.one_of(st.text("0123456789.-e٣", max_size=12), TEXT),
        "Date": st.one_of(cut(b"Thu, 26 Nov 2026 04:00:00 GMT").map(lambda text: text.decode("latin-1")), TEXT),
        "ETag": st.one_of(st.just('"abc"'), TEXT),
        "Content-Encoding": st.sampled_from(["gzip", "br", "deflate", "zstd", "x"]),
    },
)
STATUSES = st.one_of(st.sampled_from([200, 200, 200, 204, 400, 401, 404, 409, 429, 500, 503]), st.integers(100, 999))


def _call_backend(call: Call, told: tuple[int, bytes, dict[str, str]]) -> None:
    api = BackendApi(SERVER, Token(), connections=cast("urllib3.PoolManager", Told(*told)))
    with suppress(UploadError):
        assert_sound(call(api))


_SIGN_IN_CALLS: tuple[Callable[[SignInApi], object], ...] = (
    lambda api: api.login("mara", "p"),
    lambda api: api.refresh("r"),
    lambda api: api.logout("r"),
)


def _sign_in(told: tuple[int, bytes, dict[str, str]]) -> None:
    with patch.object(sign_in_api, "connections_to", lambda _url, **_settings: Told(*told)):
        for call in _SIGN_IN_CALLS:
            with suppress(UploadError):
                assert_sound(call(SignInApi(SERVER)))


def _part_answer(told: tuple[int, bytes, dict[str, str]]) -> None:
    status, body, headers = told
    with suppress(UploadError):
        assert_sound(etag_of(status, urllib3.HTTPHeaderDict(headers), body))


def _subject(token: str) -> None:
    assert_sound(subject_of(token))


def _answers(valid: Any) -> st.SearchStrategy[Any]:
    refused = json_like(REFUSED)
    return st.one_of(
        st.tuples(st.just(200), json_like(valid), st.just({})),
        st.tuples(STATUSES, st.one_of(refused, json_like(valid)), HEADERS),
    )


def _as_token(claims: bytes) -> str:
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.x"


S3_ERROR = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>m</Message></Error>'
TARGETS = [
    *(
        Target(f"backend: {name}", _answers(valid), partial(_call_backend, call))
        for name, (valid, call) in CALLS.items()
    ),
    Target("sign-in", _answers({"accessToken": "a", "refreshToken": "r", "expiresIn": 900}), _sign_in),
    Target(
        "store: answer to a PUT",
        st.tuples(STATUSES, st.one_of(cut(S3_ERROR), st.binary(max_size=300)), HEADERS),
        _part_answer,
    ),
    Target(
        "token: whom it names",
        st.one_of(TEXT, json_like({"sub": "mara"}).map(_as_token), JSON.map(str)),
        _subject,
    ),
]
