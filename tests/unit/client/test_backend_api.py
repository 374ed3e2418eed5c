"""The backend's routes as they go over the wire, and what the client makes of the answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from recorder_desktop.client.backend_api import BackendApi
from recorder_desktop.client.backend_values import display_name
from recorder_desktop.core.digest import PartToSign
from recorder_desktop.core.errors import (
    FileReplaced,
    Offline,
    PartsMismatch,
    Refused,
    SignInRequired,
    SlowDown,
    TransientFailure,
    Unavailable,
    UploadError,
    UploadGone,
)
from recorder_desktop.core.library import RecordingOrder
from recorder_desktop.core.model import (
    ChecksumAlgorithm,
    ConfirmedPart,
    RemotePart,
    RemoteUpload,
    SignedPart,
    StoredRecording,
)
from recorder_desktop.core.ports import CompleteRequest, InitRequest, OpenedUpload
from tests.fakes.uploads import an_upload
from tests.unit.client.certificates import SelfSigned
from tests.unit.client.local_servers import Answer, AnsweringServer, Request, answering, scripted

MIB = 1024 * 1024
REMOTE = RemoteUpload("u1", "talks/talk-1.mp4", "bucket", 8 * MIB, ChecksumAlgorithm.CRC64NVME)
REQUEST = InitRequest("c1", "talk.mp4", "video/mp4", 123, "talks/2026", "folder-1", 8 * MIB)
OPENED = {
    "uploadId": "u1",
    "key": "talks/talk-1.mp4",
    "bucket": "bucket",
    "partSize": 8 * MIB,
    "checksumAlgorithm": "CRC64NVME",
    "state": "uploading",
    "urls": None,
}
ADDRESS = "https://store.example.org/bucket/k?partNumber=2"
SIGNED = {
    "presignedUrl": ADDRESS,
    "headers": {"Content-Length": "9"},
    "expiresIn": 900,
}
RECORDING = {
    "fileId": "f1",
    "fileName": "talk.mp4",
    "fileUrl": "https://store.example.org/talk.mp4",
    "key": "talks/talk-1.mp4",
    "bucket": "bucket",
    "size": 123,
    "crc64nvme": "AAAAAAAAAAA=",
    "contentType": "video/mp4",
    "folderId": None,
    "createdAt": "2026-01-01T00:00:00.000Z",
    "durationSeconds": 61.5,
}
STORED = StoredRecording(
    file_id="f1",
    file_name="talk.mp4",
    key="talks/talk-1.mp4",
    bucket="bucket",
    file_url="https://store.example.org/talk.mp4",
    size_bytes=123,
    content_type="video/mp4",
    crc64nvme="AAAAAAAAAAA=",
    duration_s=61.5,
    created_at="2026-01-01T00:00:00.000Z",
)


class Tokens:
    """Implements TokenSource over a list; renewing takes the next one."""

    def __init__(self, *tokens: str) -> None:
        self.left = list(tokens)
        self.refused: list[str] = []

    def token(self) -> str:
        return self.left[0]

    def renew(self, refused: str) -> bool:
        self.refused.append(refused)
        if len(self.left) > 1:
            del self.left[0]
            return True
        return False


def token_of(user: str) -> str:
    """A token that says whom it speaks for; who signed it does not matter here."""
    payload = base64.urlsafe_b64encode(json.dumps({"sub": user}).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


def refusal(status: int, code: str, **headers: str) -> Answer:
    return as_json({"code": code, "message": "It did not work.", "requestId": "r1"}, status, **headers)


@contextmanager
def backend(*answers: Answer, tokens: Tokens | None = None) -> Iterator[tuple[BackendApi, AnsweringServer]]:
    with answering(*answers) as server, closing(BackendApi(server.url, tokens or Tokens("token-1"))) as api:
        yield api, server


def body_of(server: AnsweringServer) -> Any:
    return json.loads(server.received[-1].body)


def query_of(request: Request) -> tuple[str, dict[str, str]]:
    """Path and query as a server reads them."""
    parts = urlsplit(request.path)
    return parts.path, dict(parse_qsl(parts.query, strict_parsing=True))


def open_upload(api: BackendApi) -> RemoteUpload:
    return api.init_upload(REQUEST).remote


def presign(api: BackendApi) -> SignedPart:
    return api.presign_parts(REMOTE, [PartToSign(2, 9, None)])[0]


def complete(api: BackendApi) -> StoredRecording:
    return api.complete_upload(REMOTE, an_upload(size_bytes=123), [ConfirmedPart(1, 123, '"e1"', 7)], None)


# --- what goes out -----------------------------------------------------------------------------------------------


def test_init_names_the_file_the_attempt_and_what_can_be_computed() -> None:
    with backend(as_json(OPENED)) as (api, server):
        assert open_upload(api) == REMOTE
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/s3/init-upload")
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["content-type"] == "application/json"
    assert body_of(server) == {
        "fileName": "talk.mp4",
        "contentType": "video/mp4",
        "directory": "talks/2026",
        "folderId": "folder-1",
        "clientUploadId": "c1",
        "fileSize": 123,
        "partSizeHint": 8 * MIB,
        "checksumAlgorithms": ["CRC64NVME", "MD5"],
    }


def test_init_leaves_out_what_was_not_said_but_not_a_size_of_zero() -> None:
    request = replace(REQUEST, size_bytes=0, directory="", folder_id=None, part_size_hint_bytes=None)
    with backend(as_json(OPENED)) as (api, server):
        api.init_upload(request)
    assert body_of(server)["fileSize"] == 0
    assert body_of(server).keys().isdisjoint({"directory", "folderId", "partSizeHint"})


@pytest.mark.parametrize(
    ("named", "algorithm"),
    [("CRC64NVME", ChecksumAlgorithm.CRC64NVME), ("MD5", ChecksumAlgorithm.MD5), (None, None)],
)
def test_the_backend_chooses_the_checksum(named: str | None, algorithm: ChecksumAlgorithm | None) -> None:
    with backend(as_json({**OPENED, "checksumAlgorithm": named})) as (api, _server):
        assert open_upload(api).checksum_algorithm is algorithm


@pytest.mark.parametrize("checksum", ["AAAAAAAAAAA=", None])
def test_presign_asks_for_exactly_these_bytes_as_this_part(checksum: str | None) -> None:
    with backend(as_json(SIGNED)) as (api, server):
        (signed,) = api.presign_parts(REMOTE, [PartToSign(2, 9, checksum)])
    assert signed == SignedPart(ADDRESS, {"Content-Length": "9"}, 900.0)
    assert (server.received[0].method, server.received[0].path) == ("POST", "/s3/presign-url")
    expected = {"uploadId": "u1", "key": "talks/talk-1.mp4", "partNumber": 2, "contentLength": 9}
    assert body_of(server) == ({**expected, "checksum": checksum} if checksum else expected)


def test_several_parts_are_signed_in_one_call_and_come_back_in_order() -> None:
    urls = [{**SIGNED, "partNumber": number, "presignedUrl": f"{ADDRESS}&n={number}"} for number in (2, 1)]
    with backend(as_json({"urls": urls})) as (api, server):
        signed = api.presign_parts(REMOTE, [PartToSign(1, 5, "AAAAAAAAAAA="), PartToSign(2, 4, "AAAAAAAAAAE=")])
    assert [part.url for part in signed] == [f"{ADDRESS}&n=1", f"{ADDRESS}&n=2"]
    assert server.received[0].path == "/s3/presign-urls"
    assert body_of(server)["parts"] == [
        {"partNumber": 1, "contentLength": 5, "checksum": "AAAAAAAAAAA="},
        {"partNumber": 2, "contentLength": 4, "checksum": "AAAAAAAAAAE="},
    ]


def test_an_answer_that_leaves_out_a_part_says_to_update() -> None:
    with backend(as_json({"urls": []})) as (api, _server), pytest.raises(Refused) as caught:
        api.presign_parts(REMOTE, [PartToSign(1, 5, None), PartToSign(2, 4, None)])
    assert caught.value.code == "server_mismatch"


def test_the_first_urls_come_with_the_opening() -> None:
    first = PartToSign(1, 123, "AAAAAAAAAAA=")
    with backend(as_json({**OPENED, "urls": [{**SIGNED, "partNumber": 1}]})) as (api, server):
        opened = api.init_upload(replace(REQUEST, first_parts=(first,)))
    assert opened.remote == REMOTE
    assert opened.signed == {1: SignedPart(ADDRESS, {"Content-Length": "9"}, 900.0)}
    assert body_of(server)["parts"] == [{"partNumber": 1, "contentLength": 123, "checksum": "AAAAAAAAAAA="}]


WHOLE = PartToSign(1, 123, "AAAAAAAAAAA=")


@pytest.mark.parametrize(
    ("first_parts", "asked"),
    [
        ((WHOLE,), True),
        ((replace(WHOLE, size_bytes=100),), None),
        ((replace(WHOLE, checksum=None),), None),
        ((WHOLE, PartToSign(2, 0, "AAAAAAAAAAA=")), None),
        ((), None),
    ],
)
def test_one_put_is_asked_for_where_the_first_part_is_the_whole_file(
    first_parts: tuple[PartToSign, ...], asked: bool | None
) -> None:
    with backend(as_json({**OPENED, "method": "put", "uploadId": "put-1"})) as (api, server):
        assert api.init_upload(replace(REQUEST, first_parts=first_parts)).remote == replace(REMOTE, upload_id="put-1")
    assert body_of(server).get("singlePut") is asked


def test_an_upload_opened_for_other_bytes_starts_from_zero() -> None:
    with backend(refusal(409, "checksum_mismatch")) as (api, _server), pytest.raises(FileReplaced, match="changed"):
        presign(api)


def test_f36_nothing_is_asked_for_one_person_while_another_is_signed_in() -> None:
    tokens = Tokens(token_of("nils"))
    with backend(as_json(SIGNED), tokens=tokens) as (api, server):
        assert api.signed_in_as() == "nils"
        with pytest.raises(SignInRequired, match="mara"):
            presign(api.on_behalf_of("mara"))
        presign(api.on_behalf_of("nils"))
    assert len(server.received) == 1


def test_a_token_that_is_none_is_not_taken_for_somebody_else() -> None:
    with backend(as_json(SIGNED), tokens=Tokens("abc")) as (api, server):
        with pytest.raises(SignInRequired, match=r"does not accept your sign-in\. Sign in again, or"):
            presign(api.on_behalf_of("mara"))
        assert server.received == []


def test_a_token_that_the_server_refuses_is_said_to_be_not_valid() -> None:
    with (
        backend(refusal(401, "unauthenticated"), tokens=Tokens(token_of("mara"))) as (api, _server),
        pytest.raises(SignInRequired, match=r"does not accept your sign-in\. Sign in again, or"),
    ):
        presign(api.on_behalf_of("mara"))


def test_parts_are_listed_with_the_checksums_where_the_store_has_them() -> None:
    listed = [
        {"PartNumber": 1, "ETag": '"e1"', "Size": 5, "ChecksumCRC64NVME": "AAAAAAAAAAA="},
        {"PartNumber": 2, "ETag": '"e2"', "Size": 4},
    ]
    with backend(as_json({"parts": listed})) as (api, server):
        assert api.list_parts(replace(REMOTE, key="a b/ü&x.mp4")) == [
            RemotePart(1, 5, '"e1"', "AAAAAAAAAAA="),
            RemotePart(2, 4, '"e2"'),
        ]
    assert server.received[0].method == "GET"
    assert query_of(server.received[0]) == ("/s3/parts", {"uploadId": "u1", "key": "a b/ü&x.mp4"})


def test_complete_names_every_part_the_file_and_its_checksum() -> None:
    upload = replace(an_upload(Path("/recordings/talk.mp4"), 14), folder_id="folder-1")
    parts = [ConfirmedPart(1, 8, '"e1"', 7), ConfirmedPart(2, 6, '"e2"', 8)]
    with backend(as_json(RECORDING)) as (api, server):
        assert api.complete_upload(REMOTE, upload, parts, "AAAAAAAAAAA=") == STORED
    assert (server.received[0].method, server.received[0].path) == ("POST", "/s3/complete-upload")
    assert body_of(server) == {
        "uploadId": "u1",
        "key": "talks/talk-1.mp4",
        "parts": [{"PartNumber": 1, "ETag": '"e1"'}, {"PartNumber": 2, "ETag": '"e2"'}],
        "fileName": "talk.mp4",
        "contentType": "video/mp4",
        "fileSize": 14,
        "folderId": "folder-1",
        "checksum": "AAAAAAAAAAA=",
    }


def test_complete_leaves_out_what_is_not_known() -> None:
    with backend(as_json({**RECORDING, "crc64nvme": None, "durationSeconds": None})) as (api, server):
        recording = complete(api)
    assert (recording.crc64nvme, recording.duration_s) == (None, None)
    assert body_of(server).keys().isdisjoint({"folderId", "checksum"})


PROBLEM = {"status": 413, "code": "file_too_large", "message": "The file is over 9 bytes."}


def test_several_are_opened_in_one_call_and_each_has_its_answer_or_its_error() -> None:
    items = [{"upload": {**OPENED, "urls": [{**SIGNED, "partNumber": 1}]}}, {"error": PROBLEM}]
    other = replace(REQUEST, file_name="other.mp4")
    with backend(as_json({"items": items})) as (api, server):
        opened, refused = api.init_uploads([REQUEST, other])
    assert isinstance(opened, OpenedUpload)
    assert (opened.remote, list(opened.signed)) == (REMOTE, [1])
    assert isinstance(refused, Refused)
    assert refused.code == "file_too_large"
    assert (server.received[0].method, server.received[0].path) == ("POST", "/s3/init-uploads")
    assert [each["fileName"] for each in body_of(server)["uploads"]] == [REQUEST.file_name, "other.mp4"]


def test_several_are_completed_in_one_call_and_each_has_its_record_or_its_error() -> None:
    gone = {"status": 404, "code": "upload_gone", "message": "It is gone."}
    upload = an_upload(Path("/recordings/talk.mp4"), 14)
    request = CompleteRequest(REMOTE, upload, [ConfirmedPart(1, 14, '"e1"', 7)], "AAAAAAAAAAA=")
    with backend(as_json({"items": [{"recording": RECORDING}, {"error": gone}]})) as (api, server):
        stored, lost = api.complete_uploads([request, request])
    assert stored == STORED
    assert isinstance(lost, UploadGone)
    assert server.received[0].path == "/s3/complete-uploads"
    assert body_of(server)["uploads"][0] == {
        "uploadId": "u1",
        "key": "talks/talk-1.mp4",
        "parts": [{"PartNumber": 1, "ETag": '"e1"'}],
        "fileName": "talk.mp4",
        "contentType": "video/mp4",
        "fileSize": 14,
        "checksum": "AAAAAAAAAAA=",
    }


@pytest.mark.parametrize(
    "answer", [{"items": []}, {"items": [{}]}, {"items": {}}, {}, {"items": [{"error": {"code": "x"}}]}]
)
def test_an_answer_for_several_that_is_not_understood_says_to_update(answer: dict[str, Any]) -> None:
    with backend(as_json(answer)) as (api, _server), pytest.raises(Refused) as caught:
        api.init_uploads([REQUEST])
    assert caught.value.code == "server_mismatch"


def test_abort_names_the_upload_and_is_content_with_no_content() -> None:
    with backend(Answer(204)) as (api, server):
        api.abort_upload(REMOTE)
    assert (server.received[0].method, server.received[0].path) == ("POST", "/s3/abort-upload")
    assert body_of(server) == {"uploadId": "u1", "key": "talks/talk-1.mp4"}


def test_progress_is_told_of_the_upload_by_id_and_key() -> None:
    with backend(Answer(204)) as (api, server):
        api.report_progress(REMOTE, 7)
    assert (server.received[0].method, server.received[0].path) == ("POST", "/s3/progress")
    assert body_of(server) == {"uploadId": "u1", "key": "talks/talk-1.mp4", "bytesConfirmed": 7}


def test_the_library_is_read_page_by_page() -> None:
    pages = [as_json({"items": [RECORDING], "nextCursor": "c 2"}), as_json({"items": [], "nextCursor": None})]
    with backend(*pages) as (api, server):
        first = api.recordings("täglich & mehr", limit=10)
        last = api.recordings("x", first.next_cursor, order=RecordingOrder.LONGEST)
    assert first.items == (STORED,)
    assert (first.next_cursor, last.next_cursor, last.items) == ("c 2", None, ())
    assert [query_of(request) for request in server.received] == [
        ("/recordings", {"query": "täglich & mehr", "limit": "10"}),
        ("/recordings", {"query": "x", "cursor": "c 2", "limit": "100", "sort": "-duration"}),
    ]


def test_an_empty_cursor_ends_the_library_too() -> None:
    with backend(as_json({"items": [], "nextCursor": ""})) as (api, _server):
        assert api.recordings().next_cursor is None


@pytest.mark.parametrize(
    ("file_id", "path"),
    [("f1", "/recordings/f1"), ("../x?y#z", "/recordings/..%2Fx%3Fy%23z"), ("\udcff", "/recordings/%3F")],
)
def test_one_recording_is_asked_for_by_its_id_whatever_that_holds(file_id: str, path: str) -> None:
    with backend(as_json(RECORDING), as_json({"url": "https://store.example.org/k?s=1", "expiresIn": 60})) as (
        api,
        server,
    ):
        assert api.recording(file_id) == STORED
        assert api.recording_url(file_id) == "https://store.example.org/k?s=1"
    assert [request.path for request in server.received] == [path, f"{path}/url"]


def test_calls_in_a_row_share_one_connection() -> None:
    with backend(as_json(SIGNED)) as (api, server):
        for _ in range(5):
            presign(api)
        assert len(server.accepted) == 1


# --- names that are not text -------------------------------------------------------------------------------------


def test_f21_a_file_name_with_bytes_that_are_not_text_shows_question_marks() -> None:
    assert display_name("caf\udce9.mp4") == "caf?.mp4"
    assert display_name("\ud83d half an emoji") == "? half an emoji"
    assert display_name("Vortrag über 日本 🎬.mp4") == "Vortrag über 日本 🎬.mp4"


def test_f21_such_a_file_is_opened_and_completed_under_the_same_name() -> None:
    path = Path("/recordings/caf\udce9.mp4")
    with backend(as_json(OPENED), as_json(RECORDING)) as (api, server):
        api.init_upload(replace(REQUEST, file_name=path.name))
        opened = body_of(server)["fileName"]
        api.complete_upload(REMOTE, an_upload(path), [ConfirmedPart(1, 123, '"e1"', 7)], None)
        assert opened == body_of(server)["fileName"] == "caf?.mp4"


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.init_upload(replace(REQUEST, directory="caf\udce9")),
        lambda api: api.init_upload(replace(REQUEST, folder_id="\ud800")),
        lambda api: api.recordings("caf\udce9"),
    ],
)
def test_other_text_that_cannot_be_sent_is_refused_before_it_is(call: Callable[[BackendApi], object]) -> None:
    with backend(as_json(OPENED)) as (api, server):
        with pytest.raises(Refused) as caught:
            call(api)
        assert server.received == []
    assert caught.value.code == "invalid_field"


# --- signing in --------------------------------------------------------------------------------------------------


def test_f35_an_expired_token_is_renewed_once_and_the_call_made_again() -> None:
    tokens = Tokens("old", "new")
    with backend(refusal(401, "unauthenticated"), as_json(SIGNED), tokens=tokens) as (api, server):
        presign(api)
    assert [request.headers["authorization"] for request in server.received] == ["Bearer old", "Bearer new"]
    assert server.received[0].body == server.received[1].body
    assert tokens.refused == ["old"]


def test_f36_a_token_that_cannot_be_renewed_asks_for_a_sign_in() -> None:
    with backend(refusal(401, "unauthenticated")) as (api, server):
        with pytest.raises(SignInRequired):
            presign(api)
        assert len(server.received) == 1


def test_f36_a_renewed_token_that_is_refused_as_well_is_not_renewed_again() -> None:
    tokens = Tokens("old", "new", "newer")
    with backend(refusal(401, "unauthenticated"), tokens=tokens) as (api, server):
        with pytest.raises(SignInRequired):
            presign(api)
        assert len(server.received) == 2


# --- answers other than hoped for --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (refusal(404, "upload_not_found"), UploadGone, "upload_not_found"),
        (refusal(409, "parts_mismatch"), PartsMismatch, "parts_mismatch"),
        (refusal(422, "invalid_field"), Refused, "invalid_field"),
        (refusal(503, "store_unavailable"), Unavailable, "store_unavailable"),
        (refusal(429, "rate_limited"), SlowDown, "slow_down"),
        (Answer(502, b"<html>Bad gateway</html>"), Unavailable, "server_trouble"),
        (Answer(404, b"<html>Not found</html>"), Refused, "server_mismatch"),
    ],
)
def test_a_refusal_is_sorted_by_what_the_backend_says(answer: Answer, error: type[UploadError], code: str) -> None:
    with backend(answer) as (api, _server), pytest.raises(error) as caught:
        presign(api)
    assert caught.value.code == code


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (503, "store_slow_down")])
def test_s23_the_pause_that_the_server_names_is_passed_on(status: int, code: str) -> None:
    with backend(refusal(status, code, **{"Retry-After": "7"})) as (api, _server), pytest.raises(SlowDown) as caught:
        presign(api)
    assert caught.value.retry_after_s == 7.0


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>Welcome to the hotel</html>", {"Content-Type": "text/html"}),
        Answer(200, b""),
        Answer(200, b"null"),
        Answer(200, b"\xff\xfe"),
        Answer(200, b"[" * 100_000),
        Answer(302, headers={"Location": "/sign-in"}),
    ],
)
def test_f27_a_sign_in_page_is_no_answer_and_no_redirect_is_followed(answer: Answer) -> None:
    with backend(answer) as (api, server):
        for call in (open_upload, presign, complete, lambda api: api.recordings()):
            with pytest.raises(Offline) as caught:
                call(api)
            assert caught.value.code == "captive_portal"
        assert len(server.received) == 4


@pytest.mark.parametrize(
    ("call", "right", "field"),
    [
        *[(open_upload, OPENED, field) for field in ("uploadId", "key", "bucket", "partSize", "checksumAlgorithm")],
        *[(presign, SIGNED, field) for field in SIGNED],
        *[(complete, RECORDING, field) for field in RECORDING if field != "folderId"],
    ],
)
def test_f39_an_answer_without_a_field_or_with_nonsense_in_it_says_to_update(
    call: Callable[[BackendApi], object], right: dict[str, object], field: str
) -> None:
    without = {name: value for name, value in right.items() if name != field}
    nonsense = [without, *({**right, field: value} for value in ({"x": 1}, [1, 2], {1: None}))]
    with backend(*map(as_json, nonsense)) as (api, server):
        for _ in nonsense:
            with pytest.raises(Refused) as caught:
                call(api)
            assert caught.value.code == "server_mismatch"
        assert len(server.received) == len(nonsense)


@pytest.mark.parametrize(
    ("call", "nonsense"),
    [
        (open_upload, {**OPENED, "uploadId": None}),
        (open_upload, {**OPENED, "partSize": "8388608"}),
        (open_upload, {**OPENED, "partSize": 0}),
        (open_upload, {**OPENED, "partSize": -1}),
        (open_upload, {**OPENED, "checksumAlgorithm": "SHA256"}),
        (presign, {**SIGNED, "presignedUrl": "javascript:alert(1)"}),
        (presign, {**SIGNED, "presignedUrl": "http://[broken/"}),
        (presign, {**SIGNED, "presignedUrl": "https:///no-host"}),
        (presign, {**SIGNED, "headers": {"Content-Length": 9}}),
        (presign, {**SIGNED, "headers": None}),
        (presign, {**SIGNED, "expiresIn": "soon"}),
        (complete, {**RECORDING, "size": "123"}),
        (complete, {**RECORDING, "durationSeconds": "1:01"}),
        (complete, [RECORDING]),
        (lambda api: api.list_parts(REMOTE), {"parts": [{"PartNumber": 1}]}),
        (lambda api: api.list_parts(REMOTE), {"parts": [{"PartNumber": 1, "Size": 5, "ETag": None}]}),
        (lambda api: api.list_parts(REMOTE), {"parts": None}),
        (lambda api: api.list_parts(REMOTE), {"parts": ["x"]}),
        (lambda api: api.recordings(), {"items": [5], "nextCursor": None}),
        (lambda api: api.recordings(), {"items": [], "nextCursor": 5}),
        (lambda api: api.recording_url("f1"), {"url": "file:///etc/passwd"}),
        (lambda api: api.recording_url("f1"), 5),
    ],
)
def test_f39_nonsense_of_every_kind_says_to_update(call: Callable[[BackendApi], object], nonsense: object) -> None:
    with backend(as_json(nonsense)) as (api, _server), pytest.raises(Refused) as caught:
        call(api)
    assert caught.value.code == "server_mismatch"


def test_f39_no_content_where_an_answer_was_due_says_to_update() -> None:
    with backend(Answer(204)) as (api, _server), pytest.raises(Refused) as caught:
        presign(api)
    assert caught.value.code == "server_mismatch"


def test_f39_fields_of_a_later_version_do_no_harm() -> None:
    with backend(as_json({**OPENED, "fromTheFuture": [1]})) as (api, _server):
        assert open_upload(api) == REMOTE


# --- the way there -----------------------------------------------------------------------------------------------


def test_f26_a_backend_that_is_not_there_means_offline() -> None:
    with answering(Answer(200)) as gone:
        url = gone.url
    with closing(BackendApi(url, Tokens("token-1"))) as api, pytest.raises(Offline):
        presign(api)


def test_a_backend_that_hangs_up_is_asked_again() -> None:
    with (
        scripted(lambda _connection, _over: None) as server,
        closing(BackendApi(server.url, Tokens("token-1"))) as api,
        pytest.raises(TransientFailure),
    ):
        presign(api)


def test_an_answer_that_cannot_be_unpacked_is_asked_for_again() -> None:
    garbage = Answer(200, b"not gzip", {"Content-Encoding": "gzip"})
    with backend(garbage) as (api, _server), pytest.raises(TransientFailure):
        presign(api)


def test_f29_an_untrusted_certificate_stops_before_the_token_is_sent(certificate: SelfSigned) -> None:
    with (
        answering(as_json(SIGNED), tls=certificate.server_context()) as server,
        closing(BackendApi(server.url, Tokens("token-1"))) as api,
        pytest.raises(Refused) as caught,
    ):
        presign(api)
    assert caught.value.code == "tls_untrusted"
    assert server.received == []


def test_f29_a_certificate_in_ssl_cert_file_is_trusted(trusted: SelfSigned) -> None:
    with (
        answering(as_json(SIGNED), tls=trusted.server_context()) as server,
        closing(BackendApi(server.url, Tokens("token-1"))) as api,
    ):
        presign(api)
    assert len(server.received) == 1


def test_s25_loopback_goes_around_the_proxy_and_never_reads_netrc(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login alice password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with answering(Answer(502)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with backend(as_json(SIGNED)) as (api, server):
            presign(api)
        assert proxy.accepted == []
    assert server.received[0].headers["authorization"] == "Bearer token-1"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_f28_a_proxy_that_wants_a_password_is_named_plainly(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    with answering(Answer(407, headers={"Proxy-Authenticate": "Basic"})) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
        with (
            closing(BackendApi(f"{scheme}://recorder.example.test", Tokens("token-1"))) as api,
            pytest.raises(Refused) as caught,
        ):
            presign(api)
    assert caught.value.code == "proxy_password"


def test_a_proxy_of_an_unusable_kind_is_named_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(Refused) as caught:
        BackendApi("https://recorder.example.test", Tokens("token-1"))
    assert caught.value.code == "proxy_unusable"


@pytest.mark.parametrize(
    "address",
    ["http://[broken", "http://host:99999999", "recorder.example.test", "ftp://recorder.example.test", "http://"],
)
def test_what_is_no_server_address_is_named_plainly(address: str) -> None:
    with pytest.raises(Refused) as caught, closing(BackendApi(address, Tokens("token-1"))) as api:
        presign(api)
    assert caught.value.code == "server_mismatch"
