"""What only a store that checks can show: SeaweedFS refuses what was not signed or does not match."""

from __future__ import annotations

import base64
import hashlib
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.httpsession import URLLib3Session

from backend.adapters.s3_clients import S3Connection
from backend.adapters.s3_head import S3Head
from backend.adapters.s3_object_store import S3ObjectStore, StoreOptions
from backend.errors import (
    BucketMissing,
    ChecksumMismatch,
    PartTooSmall,
    StoreRefused,
    StoreUnavailable,
    StoreUnclear,
    UploadGone,
)
from backend.model import ChecksumAlgorithm, CompletedPart, PartToSign, SignedPart, UploadSession, bare_etag, utc_now
from tests.contract.store_harness import http, presigned_harness, s3_store
from tests.contract.stub_store import answering
from tests.fakes.backend_values import a_put_session, a_session
from tests.fakes.memory_object_store import crc64
from tests.servers import StoreServer, free_ports, seaweedfs, wait_until

BODY = b"recorded" * 100


@pytest.fixture(scope="module")
def store(store_server: StoreServer) -> S3ObjectStore:
    return s3_store(store_server, store_server.create_bucket(f"strict-{uuid.uuid4().hex}"))


def put(signed: SignedPart, body: bytes, headers: Mapping[str, str] | None = None, method: str = "PUT") -> int:
    return http.request(method, signed.url, body=body, headers=dict(signed.headers) | dict(headers or {})).status


def signed_part(store: S3ObjectStore, session: UploadSession, ttl_s: int = 60) -> tuple[str, SignedPart]:
    upload_id = store.open_upload(session)
    checksum = {
        ChecksumAlgorithm.CRC64NVME: crc64(BODY),
        ChecksumAlgorithm.MD5: base64.b64encode(hashlib.md5(BODY).digest()).decode(),
        None: None,
    }[session.checksum_algorithm]
    return upload_id, store.presign_part(session, upload_id, PartToSign(1, len(BODY), checksum), ttl_s)


def test_the_store_is_found_to_check_crc64nvme(store: S3ObjectStore) -> None:
    assert store.checksum_support() == {ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.MD5}


def test_the_checksum_probe_is_aborted(store: S3ObjectStore, store_server: StoreServer) -> None:
    store.checksum_support()
    open_uploads = store_server.client().list_multipart_uploads(Bucket=store.bucket, Prefix=".recorder-probe/")
    assert open_uploads.get("Uploads", []) == []


@pytest.mark.parametrize("algorithm", [ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.MD5])
def test_f30_a_flipped_byte_is_refused(store: S3ObjectStore, algorithm: ChecksumAlgorithm) -> None:
    _, signed = signed_part(store, a_session(checksum_algorithm=algorithm))
    assert put(signed, b"R" + BODY[1:]) == 400
    assert put(signed, BODY) == 200


@pytest.mark.parametrize("body", [BODY[:-1], BODY + b"x", b""])
def test_s21_another_length_is_refused(store: S3ObjectStore, body: bytes) -> None:
    _, signed = signed_part(store, a_session(checksum_algorithm=None))
    headers = {"Content-Length": str(len(body))}
    assert put(signed, body, headers) == 403


def test_s21_another_part_method_or_header_is_refused(store: S3ObjectStore) -> None:
    _, signed = signed_part(store, a_session(checksum_algorithm=None))
    other = SignedPart(2, signed.url.replace("partNumber=1", "partNumber=2"), signed.headers, 60)
    assert other.url != signed.url
    assert put(other, BODY) == 403
    assert put(signed, BODY, method="POST") == 403
    assert put(signed, BODY, {"x-amz-meta-owner": "bob"}) == 403


def test_f33_a_url_past_its_time_is_refused(store: S3ObjectStore) -> None:
    session = a_session(checksum_algorithm=None)
    _, signed = signed_part(store, session, ttl_s=1)
    assert put(signed, BODY) == 200
    wait_until(lambda: put(signed, BODY) == 403, "expiry", 10)


def md5_put_session() -> UploadSession:
    checksum = base64.b64encode(hashlib.md5(BODY).digest()).decode()
    return a_put_session(BODY, checksum_algorithm=ChecksumAlgorithm.MD5, put_checksum=checksum, crc64nvme=None)


@pytest.mark.parametrize("session", [a_put_session(BODY), md5_put_session()], ids=["crc64nvme", "md5"])
def test_f30_a_put_with_a_flipped_byte_is_refused_and_leaves_nothing(
    store: S3ObjectStore, session: UploadSession
) -> None:
    signed = store.presign_put(session, 60)
    assert put(signed, b"R" + BODY[1:]) == 400
    assert store.head(session.key) is None
    assert put(signed, BODY) == 200


@pytest.mark.parametrize("body", [BODY[:-1], BODY + b"x", b""])
def test_s21_a_put_of_another_length_is_refused(store: S3ObjectStore, body: bytes) -> None:
    session = a_put_session(BODY)
    assert put(store.presign_put(session, 60), body, {"Content-Length": str(len(body))}) == 403
    assert store.head(session.key) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"x-amz-meta-session-id": "another"},
        {"x-amz-meta-user-id": "bob"},
        {"x-amz-meta-extra": "x"},
        {"Content-Type": "text/html"},
        {"x-amz-checksum-crc64nvme": "AAAAAAAAAAE="},
        {"x-amz-tagging": "a=b"},
    ],
)
def test_s21_a_put_with_another_mark_type_or_header_is_refused(store: S3ObjectStore, changes: dict[str, str]) -> None:
    session = a_put_session(BODY)
    signed = store.presign_put(session, 60)
    assert put(signed, BODY, changes) == 403
    assert store.head(session.key) is None


@pytest.mark.parametrize("name", ["x-amz-meta-session-id", "x-amz-checksum-crc64nvme", "Content-Type"])
def test_s21_a_put_that_leaves_a_header_out_is_refused(store: S3ObjectStore, name: str) -> None:
    session = a_put_session(BODY)
    signed = store.presign_put(session, 60)
    fewer = {header: value for header, value in signed.headers.items() if header != name}
    assert put(SignedPart(1, signed.url, fewer, 60), BODY) == 403
    assert store.head(session.key) is None


def test_s21_a_puts_url_is_good_for_no_other_key_or_method(store: S3ObjectStore) -> None:
    session = a_put_session(BODY)
    signed = store.presign_put(session, 60)
    assert put(SignedPart(1, signed.url.replace("recordings/", "elsewhere/"), signed.headers, 60), BODY) == 403
    assert put(signed, BODY) == 200
    for method in ("DELETE", "GET"):
        assert put(signed, BODY, method=method) == 403
    assert store.head(session.key) is not None


def test_f33_a_put_past_its_urls_time_is_refused(store: S3ObjectStore) -> None:
    signed = store.presign_put(a_put_session(BODY), 1)
    wait_until(lambda: put(signed, BODY) == 403, "expiry", 10)


def test_a_head_of_what_was_put_is_one_request_and_tells_what_boto3_tells(
    store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = a_put_session(BODY)
    assert put(store.presign_put(session, 60), BODY) == 200
    sent: list[str] = []
    send = URLLib3Session.send

    def counted(self: Any, request: Any) -> Any:
        sent.append(request.method)
        return send(self, request)

    monkeypatch.setattr(URLLib3Session, "send", counted)
    stored = store.head(session.key)
    assert sent == ["HEAD"]
    assert stored is not None
    assert (stored.size_bytes, stored.crc64nvme, stored.session_id) == (len(BODY), crc64(BODY), session.session_id)
    monkeypatch.setattr(S3Head, "stored", lambda *_: None)
    assert store.head(session.key) == stored


def test_a_wrong_whole_file_checksum_is_refused_and_the_upload_stays(store: S3ObjectStore) -> None:
    session = a_session()
    upload_id, signed = signed_part(store, session)
    etag = bare_etag(http.request("PUT", signed.url, body=BODY, headers=dict(signed.headers)).headers["ETag"])
    parts = [CompletedPart(1, etag)]
    with pytest.raises(ChecksumMismatch):
        store.complete_upload(session.key, upload_id, parts, crc64(b"something else"))
    store.complete_upload(session.key, upload_id, parts, crc64(BODY))
    stored = store.head(session.key)
    assert stored is not None
    assert stored.crc64nvme == crc64(BODY)


def test_f40_complete_of_an_aborted_upload_says_it_is_gone(store: S3ObjectStore) -> None:
    session = a_session()
    upload_id = store.open_upload(session)
    store.abort_upload(session.key, upload_id)
    with pytest.raises(UploadGone):
        store.complete_upload(session.key, upload_id, [CompletedPart(1, "0" * 32)], None)


def test_a_small_part_before_the_last_is_named_too_small(store: S3ObjectStore) -> None:
    under_test, session = presigned_harness(store), a_session(checksum_algorithm=None)
    upload_id = store.open_upload(session)
    parts = [CompletedPart(n, under_test.send(session, upload_id, n, b"x")) for n in (1, 2)]
    with pytest.raises(PartTooSmall):
        store.complete_upload(session.key, upload_id, parts, None)


def test_f20_part_numbers_around_ten_thousand_are_all_listed(store: S3ObjectStore) -> None:
    under_test, session = presigned_harness(store), a_session(checksum_algorithm=None)
    upload_id = store.open_upload(session)
    for number in range(8_990, 10_001, 10):
        under_test.send(session, upload_id, number, b"x")
    listed = sorted(part.part_number for part in store.list_parts(session.key, upload_id))
    assert listed == list(range(8_990, 10_001, 10))


def test_more_open_uploads_than_a_page_are_all_found(store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.adapters.s3_object_store.PAGE_LIMIT", 2)
    session = a_session()
    opened = {store.open_upload(session) for _ in range(5)}
    assert set(store.open_upload_ids(session.key)) == opened


def test_all_open_uploads_of_the_bucket_are_found_page_after_page(
    store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.adapters.s3_object_store.PAGE_LIMIT", 2)
    before = {upload.upload_id for upload in store.open_uploads()}
    keys = [f"theirs/{number}.bin" for number in range(3)] + [f"recordings/{number}/ours.mp4" for number in range(4)]
    opened = {(key, store.open_upload(a_session(key=key))) for key in (*keys, *keys)}
    found = [upload for upload in store.open_uploads() if upload.upload_id not in before]
    assert {(upload.key, upload.upload_id) for upload in found} == opened
    assert len(found) == 14
    assert all(abs(utc_now() - upload.opened_at) < timedelta(minutes=10) for upload in found)


def test_an_open_upload_without_a_time_is_not_an_old_one() -> None:
    listed = b"<Upload><Key>recordings/a.mp4</Key><UploadId>u1</UploadId></Upload>"
    with answering(200, b"<ListMultipartUploadsResult>" + listed + b"</ListMultipartUploadsResult>") as store:
        (found,) = store.open_uploads()
    assert (found.key, found.upload_id) == ("recordings/a.mp4", "u1")
    assert abs(utc_now() - found.opened_at) < timedelta(minutes=10)


def test_f42_a_missing_bucket_is_named_and_can_be_created(store_server: StoreServer) -> None:
    missing = s3_store(store_server, f"missing-{uuid.uuid4().hex}")
    attempts: list[Callable[[], object]] = [
        missing.check,
        lambda: missing.head("a.mp4"),
        lambda: missing.read_range("a.mp4", 0, 4),
        lambda: missing.open_upload(a_session()),
    ]
    for attempt in attempts:
        with pytest.raises(BucketMissing, match=missing.bucket):
            attempt()
    missing.create_bucket()
    missing.check()


@pytest.mark.parametrize(("key", "secret"), [("wrong", "wrong"), (None, "wrong")])
def test_refused_keys_are_named(store_server: StoreServer, key: str | None, secret: str) -> None:
    connection = S3Connection(key or store_server.access_key, secret, "us-east-1", store_server.endpoint_url)
    with pytest.raises(StoreRefused, match="AWS_SECRET_KEY"):
        S3ObjectStore(StoreOptions(connection, "any-bucket")).check()


def test_an_outage_during_the_checksum_probe_pins_nothing(tmp_path: Path) -> None:
    with seaweedfs(tmp_path / "weed") as server:
        store = s3_store(server, server.create_bucket("recordings"))
        server.kill()
        with pytest.raises(StoreUnavailable):
            store.checksum_support()
        server.restart()
        assert ChecksumAlgorithm.CRC64NVME in store.checksum_support()


def test_f53_acknowledged_parts_survive_a_killed_store(tmp_path: Path) -> None:
    with seaweedfs(tmp_path / "weed") as server:
        store = s3_store(server, server.create_bucket("recordings"))
        session = a_session(checksum_algorithm=None)
        upload_id = store.open_upload(session)
        etag = presigned_harness(store).send(session, upload_id, 1, BODY)
        server.kill()
        server.restart()
        assert [part.etag for part in store.list_parts(session.key, upload_id)] == [etag]


@pytest.mark.parametrize("body", [b"", b"<html>log in to the network</html>"])
def test_f44_a_200_without_etag_is_not_success(body: bytes) -> None:
    with answering(200, body) as store, pytest.raises(StoreUnclear):
        store.complete_upload("a.mp4", "u", [CompletedPart(1, "0" * 32)], None)


def test_f43_an_error_inside_a_200_is_an_error() -> None:
    error = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>sorry</Message></Error>"
    with answering(200, error) as store, pytest.raises(StoreUnavailable):
        store.complete_upload("a.mp4", "u", [CompletedPart(1, "0" * 32)], None)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_store_is_unavailable(status: int) -> None:
    with answering(status, b"") as store, pytest.raises(StoreUnavailable):
        store.list_parts("a.mp4", "u")


def test_what_a_head_alone_does_not_tell_is_asked_as_ever(store_server: StoreServer) -> None:
    with answering(503, b"") as failing, pytest.raises(StoreUnavailable):
        failing.head("a.mp4")
    with pytest.raises(BucketMissing):
        s3_store(store_server, f"missing-{uuid.uuid4().hex}").head("a.mp4")


def test_nobody_listening_is_unavailable() -> None:
    connection = S3Connection("key", "secret", "us-east-1", f"http://127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(StoreUnavailable):
        S3ObjectStore(StoreOptions(connection, "any-bucket")).check()


def test_s25_a_proxy_of_the_environment_sees_no_loopback_call(
    store: S3ObjectStore, store_server: StoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, dead)
    s3_store(store_server, store.bucket).check()


def test_clients_are_built_once_whoever_comes_first(store: S3ObjectStore, store_server: StoreServer) -> None:
    fresh = s3_store(store_server, store.bucket)
    threads = [threading.Thread(target=fresh.check) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fresh._clients) == 1
