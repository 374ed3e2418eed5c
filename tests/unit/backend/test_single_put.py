"""Files of one part that go into the store with one PUT: the same promises as a multipart upload's."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.errors import (
    ChecksumMismatch,
    InvalidField,
    ObjectMismatch,
    PartsMismatch,
    StoredNotRecorded,
    UploadAborted,
    UploadCompleted,
    UploadGone,
    UploadNotFound,
)
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    PartToSign,
    SessionState,
    UploadMethod,
    UploadSession,
    utc_now,
)
from backend.part_size import MIB
from backend.reaper_service import ReaperService
from backend.upload_service import NewUpload, OpenedUpload
from tests.fakes.memory_object_store import crc64
from tests.unit.backend.service_rig import CLIENT_ID, Rig

BODY = b"a recording"
OTHER = b"other bytes"


def opened(rig: Rig, body: bytes = BODY, owner_id: str = "alice", **changes: Any) -> OpenedUpload:
    values: dict[str, Any] = {
        "file_name": "talk.mp4",
        "content_type": "video/mp4",
        "client_upload_id": CLIENT_ID,
        "file_size_bytes": len(body),
        "checksum_algorithms": (ChecksumAlgorithm.CRC64NVME,),
        "parts": (PartToSign(1, len(body), crc64(body)),),
        "single_put": True,
    }
    return rig.uploads.init(owner_id, NewUpload(**(values | changes)))


def put(rig: Rig, body: bytes = BODY) -> tuple[UploadSession, list[CompletedPart]]:
    session = opened(rig, body).session
    return session, [CompletedPart(1, rig.store.put_whole(session, body))]


def calls_of(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that fills with the names of the store's methods as they are called."""
    called: list[str] = []
    for name in ("head", "open_upload", "open_upload_ids", "list_parts", "complete_upload", "check", "delete_object"):
        method = getattr(rig.store, name)

        def noted(*args: Any, name: str = name, method: Any = method) -> Any:
            called.append(name)
            return method(*args)

        monkeypatch.setattr(rig.store, name, noted)
    return called


def test_a_file_of_one_part_is_opened_without_asking_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    called = calls_of(rig, monkeypatch)
    upload = opened(rig)
    assert called == []
    assert (upload.session.method, upload.session.upload_id is not None) == (UploadMethod.PUT, True)
    assert (upload.session.upload_id or "").startswith("put-")
    assert upload.urls is not None
    [signed] = upload.urls
    assert signed.headers["x-amz-meta-session-id"] == upload.session.session_id
    assert signed.headers["Content-Length"] == str(len(BODY))


def test_completing_costs_one_call_of_the_store_and_gives_a_verified_record(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    session, parts = put(rig)
    called = calls_of(rig, monkeypatch)
    recording = rig.complete(session, parts, crc64nvme=crc64(BODY), file_name="new.mp4")
    assert called == ["head"]
    assert (recording.size_bytes, recording.crc64nvme) == (len(BODY), crc64(BODY))
    assert (recording.upload_id, recording.file_name) == (session.upload_id, "new.mp4")
    assert rig.recorded == [recording]
    assert rig.catalogue.sessions[session.session_id].state is SessionState.COMPLETED


@pytest.mark.parametrize(
    ("changes", "support"),
    [
        ({"single_put": False}, ["CRC64NVME", "MD5"]),
        ({}, ["MD5"]),
        ({"checksum_algorithms": (ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.MD5)}, ["MD5"]),
        ({}, []),
        ({"file_size_bytes": 9 * MIB, "parts": (PartToSign(1, 9 * MIB, crc64(BODY)),)}, ["CRC64NVME"]),
    ],
)
def test_what_does_not_come_out_as_assumed_is_a_multipart_upload(changes: dict[str, Any], support: list[str]) -> None:
    rig = Rig()
    rig.store.support = frozenset(ChecksumAlgorithm(name) for name in support)
    upload = opened(rig, **changes)
    assert (upload.session.method, upload.urls) == (UploadMethod.MULTIPART, None)
    assert list(rig.store.uploads) == [upload.session.upload_id]


def test_a_file_as_large_as_a_part_still_fits_one_put() -> None:
    part = PartToSign(1, 8 * MIB, crc64(BODY))
    assert opened(Rig(), file_size_bytes=8 * MIB, parts=(part,)).session.method is UploadMethod.PUT


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_upload_id": None}, "clientUploadId"),
        ({"file_size_bytes": None}, "fileSize"),
        ({"checksum_algorithms": ()}, "checksumAlgorithms"),
        ({"parts": ()}, "parts"),
        ({"parts": (PartToSign(2, len(BODY), crc64(BODY)),)}, "parts"),
        ({"parts": (PartToSign(1, len(BODY) + 1, crc64(BODY)),)}, "parts"),
        ({"parts": (PartToSign(1, None, crc64(BODY)),)}, "parts"),
        ({"parts": (PartToSign(1, len(BODY)),)}, "parts"),
        ({"parts": (PartToSign(1, len(BODY), crc64(BODY)),) * 2}, "parts"),
        ({"parts": (PartToSign(1, len(BODY), "AAAA"),)}, "checksum"),
    ],
)
def test_a_put_that_lacks_something_is_refused_and_opens_nothing(changes: dict[str, Any], field: str) -> None:
    rig = Rig()
    with pytest.raises(InvalidField, match=f"^{field}:"):
        opened(rig, **changes)
    assert (rig.catalogue.sessions, rig.store.uploads) == ({}, {})


def test_f02_a_repeated_init_returns_the_same_upload_with_a_fresh_url() -> None:
    rig = Rig()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: opened(rig), range(16)))
    assert len({(answer.session.upload_id, answer.session.key) for answer in answers}) == 1
    assert all(answer.urls and answer.urls[0].url == answers[0].urls[0].url for answer in answers if answers[0].urls)
    assert len(rig.catalogue.sessions) == 1


def test_a_repeated_init_of_a_completed_put_answers_as_before_without_a_url() -> None:
    rig = Rig()
    session, parts = put(rig)
    rig.complete(session, parts)
    again = opened(rig)
    assert (again.session.upload_id, again.session.state) == (session.upload_id, SessionState.COMPLETED)
    assert again.urls is None


def test_a_repeated_init_for_other_bytes_gets_the_upload_but_no_url() -> None:
    rig = Rig()
    session = opened(rig).session
    again = opened(rig, OTHER)
    assert (again.session.upload_id, again.urls) == (session.upload_id, None)


@pytest.mark.parametrize("part", [PartToSign(1), PartToSign(1, len(BODY)), PartToSign(1, len(BODY), crc64(BODY))])
def test_part_1_is_signed_again_as_the_whole_put(part: PartToSign) -> None:
    rig = Rig()
    upload = opened(rig)
    session = upload.session
    [signed] = rig.uploads.sign_parts("alice", session.upload_id or "", session.key, [part])
    assert upload.urls is not None
    assert (signed.url, signed.headers) == (upload.urls[0].url, upload.urls[0].headers)


@pytest.mark.parametrize(
    ("part", "error"),
    [
        (PartToSign(2, len(BODY), crc64(BODY)), InvalidField),
        (PartToSign(1, len(BODY) + 1, crc64(BODY)), InvalidField),
        (PartToSign(1, len(BODY), "AAAA"), InvalidField),
        (PartToSign(1, len(BODY), crc64(OTHER)), ChecksumMismatch),
    ],
)
def test_nothing_but_the_bytes_it_was_opened_for_is_signed(part: PartToSign, error: type[Exception]) -> None:
    rig = Rig()
    session = opened(rig).session
    with pytest.raises(error):
        rig.uploads.sign_parts("alice", session.upload_id or "", session.key, [part])


def listed(rig: Rig, session: UploadSession) -> Sequence[object]:
    found = rig.uploads.list_parts("alice", session.upload_id or "", session.key)
    return [(part.part_number, part.etag, part.size_bytes, part.crc64nvme) for part in found]


def test_the_part_is_listed_once_its_object_is_there_and_is_this_sessions() -> None:
    rig = Rig()
    session = opened(rig).session
    assert listed(rig, session) == []
    rig.store.objects[session.key] = (BODY, "another-session")
    assert listed(rig, session) == []
    etag = rig.store.put_whole(session, BODY)
    assert listed(rig, session) == [(1, etag, len(BODY), crc64(BODY))]
    rig.complete(session, [CompletedPart(1, etag)])
    with pytest.raises(UploadCompleted):
        listed(rig, session)


def test_completing_before_the_put_landed_names_part_1_and_can_be_asked_again() -> None:
    rig = Rig()
    session = opened(rig).session
    with pytest.raises(PartsMismatch) as caught:
        rig.complete(session, [CompletedPart(1, "0" * 32)])
    assert caught.value.details is not None
    assert caught.value.details["missing"] == [1]
    assert rig.complete(session, [CompletedPart(1, rig.store.put_whole(session, BODY))]).size_bytes == len(BODY)


def test_an_etag_that_is_not_the_objects_and_parts_that_never_were_are_named() -> None:
    rig = Rig()
    session, parts = put(rig)
    with pytest.raises(PartsMismatch) as caught:
        rig.complete(session, [CompletedPart(1, "0" * 32), CompletedPart(2, "0" * 32)])
    assert caught.value.details is not None
    assert (caught.value.details["superseded"], caught.value.details["missing"]) == ([1], [2])
    assert rig.complete(session, parts)


@pytest.mark.parametrize(
    ("stored", "mark", "error"),
    [(OTHER, "own", ObjectMismatch), (BODY + b"x", "own", PartsMismatch), (BODY, "another", PartsMismatch)],
)
def test_an_object_that_is_not_the_file_is_not_recorded(stored: bytes, mark: str, error: type[Exception]) -> None:
    rig = Rig()
    session, _ = put(rig)
    etag = rig.store.put_whole(session, stored)
    if mark != "own":
        rig.store.objects[session.key] = (stored, mark)
    with pytest.raises(error):
        rig.complete(session, [CompletedPart(1, etag)])
    assert rig.catalogue.recordings == {}


def test_a_whole_file_checksum_that_differs_is_refused() -> None:
    rig = Rig()
    session, parts = put(rig)
    with pytest.raises(ObjectMismatch):
        rig.complete(session, parts, crc64nvme=crc64(OTHER))
    assert rig.complete(session, parts, crc64nvme=crc64(BODY))


def test_f45_and_f46_completing_again_and_at_once_gives_one_record() -> None:
    rig = Rig()
    session, parts = put(rig)
    with ThreadPoolExecutor(8) as pool:
        records = set(pool.map(lambda _: rig.complete(session, parts), range(16)))
    assert len(records) == len(rig.catalogue.recordings) == 1
    assert rig.complete(session, parts) in records


def test_f49_a_database_that_is_away_at_the_record_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    session, parts = put(rig)
    head = rig.store.head

    def head_then_lose_database(key: str) -> Any:
        rig.catalogue.down = True
        return head(key)

    with monkeypatch.context() as patch:
        patch.setattr(rig.store, "head", head_then_lose_database)
        with pytest.raises(StoredNotRecorded):
            rig.complete(session, parts)
    rig.catalogue.down = False
    assert rig.complete(session, parts).size_bytes == len(BODY)


def test_s07_and_s08_another_owner_or_key_finds_no_upload() -> None:
    rig = Rig()
    session, parts = put(rig)
    upload_id = session.upload_id or ""
    for owner, key in (("bob", session.key), ("alice", "recordings/other.mp4")):
        for attempt in (rig.uploads.list_parts, rig.uploads.abort):
            with pytest.raises(UploadNotFound):
                attempt(owner, upload_id, key)
        with pytest.raises(UploadNotFound):
            rig.uploads.sign_parts(owner, upload_id, key, [PartToSign(1)])
        with pytest.raises(UploadNotFound):
            rig.complete(replace(session, owner_id=owner, key=key), parts)
    assert session.key in rig.store.objects


def test_an_abort_deletes_the_object_and_ends_the_upload() -> None:
    rig = Rig()
    session, parts = put(rig)
    upload_id = session.upload_id or ""
    for _ in range(2):
        rig.uploads.abort("alice", upload_id, session.key)
    assert rig.store.objects == {}
    with pytest.raises(UploadAborted):
        rig.complete(session, parts)
    with pytest.raises(UploadAborted):
        rig.uploads.sign_parts("alice", upload_id, session.key, [PartToSign(1)])
    with pytest.raises(UploadAborted):
        opened(rig)
    with pytest.raises(UploadGone):
        rig.uploads.list_parts("alice", upload_id, session.key)


def test_an_abort_leaves_a_completed_object_and_one_that_is_not_its_own() -> None:
    rig = Rig()
    session, parts = put(rig)
    rig.complete(session, parts)
    with pytest.raises(UploadCompleted):
        rig.uploads.abort("alice", session.upload_id or "", session.key)
    other = opened(rig, client_upload_id="f" * 8).session
    rig.store.objects[other.key] = (BODY, "another-session")
    rig.uploads.abort("alice", other.upload_id or "", other.key)
    assert set(rig.store.objects) == {session.key, other.key}


def test_an_abort_between_the_head_and_the_record_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    session, parts = put(rig)
    complete = rig.catalogue.complete_session

    def aborted_first(*args: Any) -> Any:
        rig.uploads.abort("alice", session.upload_id or "", session.key)
        return complete(*args)

    monkeypatch.setattr(rig.catalogue, "complete_session", aborted_first)
    with pytest.raises(UploadAborted):
        rig.complete(session, parts)
    assert (rig.catalogue.recordings, rig.store.objects) == ({}, {})


def reaper(rig: Rig) -> ReaperService:
    return ReaperService(rig.catalogue, rig.completion, rig.aborts, timedelta(hours=24))


def change(rig: Rig, session: UploadSession, **changes: Any) -> None:
    rig.catalogue.sessions[session.session_id] = replace(rig.catalogue.sessions[session.session_id], **changes)


def test_a_put_that_lands_after_the_abort_is_deleted_once_its_url_has_expired() -> None:
    rig = Rig()
    session = opened(rig).session
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    rig.store.put_whole(session, BODY)
    rig.store.objects["recordings/foreign.mp4"] = (BODY, session.session_id)
    reaper(rig).reap()
    assert session.key in rig.store.objects
    sweep_at = rig.catalogue.sessions[session.session_id].sweep_at
    assert sweep_at is not None
    assert sweep_at > utc_now() + timedelta(seconds=rig.policy.presign_ttl_s)
    change(rig, session, sweep_at=utc_now())
    reaper(rig).reap()
    assert list(rig.store.objects) == ["recordings/foreign.mp4"]
    assert rig.catalogue.sessions[session.session_id].sweep_at is None


def test_an_idle_put_is_recorded_when_it_landed_and_given_up_when_not() -> None:
    rig = Rig()
    landed, _ = put(rig)
    missing = opened(rig, client_upload_id="f" * 8).session
    for session in (landed, missing):
        change(rig, session, active_at=utc_now() - timedelta(hours=26))
    assert reaper(rig).reap() == 2
    assert list(rig.catalogue.recordings) == [landed.session_id]
    assert rig.catalogue.sessions[missing.session_id].state is SessionState.ABORTED
    assert landed.key in rig.store.objects


def test_a_put_may_be_protected_by_md5() -> None:
    rig = Rig()
    rig.store.support = frozenset({ChecksumAlgorithm.MD5})
    checksum = "1B2M2Y8AsgTpgAmY7PhCfg=="
    upload = opened(rig, b"", checksum_algorithms=(ChecksumAlgorithm.MD5,), parts=(PartToSign(1, 0, checksum),))
    assert upload.urls is not None
    assert upload.urls[0].headers["Content-MD5"] == checksum
    session = upload.session
    assert (session.method, session.crc64nvme) == (UploadMethod.PUT, None)
    assert rig.complete(session, [CompletedPart(1, rig.store.put_whole(session, b""))]).size_bytes == 0
