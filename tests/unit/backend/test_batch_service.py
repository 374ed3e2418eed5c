"""Several uploads in one request: each as it would be alone, at the cost of one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from backend.batch_service import WORTH_A_LISTING, SentUpload
from backend.completion_rules import Completion
from backend.errors import (
    CatalogueUnavailable,
    ContentTypeRefused,
    FileTooLarge,
    FolderNotFound,
    PartsMismatch,
    StoredNotRecorded,
    StoreError,
    StoreFailed,
    StoreSlowDown,
    StoreUnavailable,
    UploadAborted,
    UploadNotFound,
)
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    PartToSign,
    Recording,
    SessionState,
    StoredObject,
    UploadMethod,
)
from backend.upload_service import NewUpload, OpenedUpload, UploadPolicy
from tests.fakes.memory_object_store import crc64
from tests.unit.backend.service_rig import Rig, signed_in

COUNT = 2 * WORTH_A_LISTING
POLICY = UploadPolicy(max_file_bytes=1000, content_types=frozenset({"audio/wav"}))


def body_of(number: int) -> bytes:
    return b"a recording" + bytes(number)


def asking(number: int, **changes: Any) -> NewUpload:
    body = body_of(number)
    new = NewUpload(
        file_name=f"{number}.wav",
        content_type="audio/wav",
        client_upload_id=str(uuid.uuid4()),
        file_size_bytes=len(body),
        checksum_algorithms=(ChecksumAlgorithm.CRC64NVME,),
        parts=(PartToSign(1, len(body), crc64(body)),),
        single_put=True,
    )
    return replace(new, **changes)


def opened(rig: Rig, count: int = COUNT) -> list[OpenedUpload]:
    answers = rig.batches.init("alice", [asking(number) for number in range(count)])
    return [answer for answer in answers if isinstance(answer, OpenedUpload)]


def sent(rig: Rig, uploads: Sequence[OpenedUpload], **changes: Any) -> list[SentUpload]:
    return [
        SentUpload(
            upload.session.upload_id or "",
            upload.session.key,
            Completion([CompletedPart(1, rig.store.put_whole(upload.session, body_of(number)))], **changes),
        )
        for number, upload in enumerate(uploads)
    ]


def calls(rig: Rig, monkeypatch: pytest.MonkeyPatch, *names: str) -> list[str]:
    """Return a list that fills with the names of these methods of store and catalogue as the service calls them."""
    called: list[str] = []
    is_inside = False  # a fake does for many what it does for one
    for name in names:
        owner = rig.store if hasattr(rig.store, name) else rig.catalogue
        method = getattr(owner, name)

        def noted(*args: Any, name: str = name, method: Any = method) -> Any:
            nonlocal is_inside
            if is_inside:
                return method(*args)
            called.append(name)
            is_inside = True
            try:
                return method(*args)
            finally:
                is_inside = False

        monkeypatch.setattr(owner, name, noted)
    return called


def test_new_files_of_one_part_are_opened_with_one_command_and_get_urls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    called = calls(rig, monkeypatch, "reserve_session", "reserve_sessions", "open_upload", "head")

    uploads = opened(rig)

    assert called == ["reserve_sessions"]
    assert [upload.session.file_name for upload in uploads] == [f"{number}.wav" for number in range(COUNT)]
    assert all(upload.session.method is UploadMethod.PUT and upload.urls for upload in uploads)


def test_asked_again_each_is_the_upload_that_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    wanted = [asking(number) for number in range(COUNT)]
    first = rig.batches.init("alice", wanted[:3])

    again = rig.batches.init("alice", [*wanted, wanted[0]])

    assert [each for each in again[:3] if isinstance(each, OpenedUpload)] == first
    assert again[-1] == first[0]
    assert len(rig.catalogue.sessions) == COUNT


def test_what_one_is_refused_for_keeps_no_other_from_being_opened() -> None:
    rig = Rig(policy=POLICY)
    wanted = [
        asking(0),
        asking(1, file_size_bytes=2000, parts=(PartToSign(1, 2000, crc64(b"")),)),
        asking(2, content_type="text/html"),
        asking(3, folder_id="somebody-elses"),
        asking(4, single_put=False, parts=()),
        asking(5),
    ]

    answers = rig.batches.init("alice", wanted)

    kinds = [OpenedUpload, FileTooLarge, ContentTypeRefused, FolderNotFound, OpenedUpload, OpenedUpload]
    assert [type(answer) for answer in answers] == kinds
    large = answers[4]
    assert isinstance(large, OpenedUpload)
    assert large.session.method is UploadMethod.MULTIPART


def test_files_that_were_sent_are_recorded_with_one_listing_and_one_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    there = sent(rig, opened(rig), file_name="Über.wav")
    called = calls(
        rig, monkeypatch, "find_session", "find_sessions", "list_objects", "head", "complete_session",
        "complete_open_sessions",
    )  # fmt: skip

    answers = rig.batches.complete("alice", there)

    assert called == ["find_sessions", "list_objects", "complete_open_sessions"]
    recordings = [answer for answer in answers if isinstance(answer, Recording)]
    assert [recording.size_bytes for recording in recordings] == [len(body_of(number)) for number in range(COUNT)]
    assert [recording.crc64nvme for recording in recordings] == [crc64(body_of(number)) for number in range(COUNT)]
    assert {recording.file_name for recording in recordings} == {"Über.wav"}
    assert rig.recorded == recordings
    assert {session.state for session in rig.catalogue.sessions.values()} == {SessionState.COMPLETED}
    assert rig.batches.complete("alice", there) == recordings


def test_each_of_a_few_is_looked_at_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    there = sent(rig, opened(rig, WORTH_A_LISTING - 1))
    called = calls(rig, monkeypatch, "list_objects", "head")
    assert all(isinstance(answer, Recording) for answer in rig.batches.complete("alice", there))
    assert called == ["head"] * (WORTH_A_LISTING - 1)


@pytest.mark.parametrize("failure", ["others", "store"])
def test_what_a_listing_does_not_tell_is_looked_at_by_itself(failure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    there = sent(rig, opened(rig))
    if failure == "store":
        rig.store.failures["list_objects"] = [StoreFailed("not known here")]
    else:
        first = min(each.key for each in there)
        rig.store.objects |= {f"{first}-{number:04}": (b"another's", "another") for number in range(1000)}
    called = calls(rig, monkeypatch, "head", "complete_open_sessions")
    assert all(isinstance(answer, Recording) for answer in rig.batches.complete("alice", there))
    assert called.count("complete_open_sessions") == 1
    assert called.count("head") == (COUNT if failure == "store" else COUNT - 1)


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), StoreSlowDown("busy")])
def test_a_store_that_is_away_is_asked_once(failure: StoreError, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    there = sent(rig, opened(rig))
    rig.store.failures["list_objects"] = [failure]
    called = calls(rig, monkeypatch, "list_objects", "head", "complete_open_sessions")
    assert rig.batches.complete("alice", there) == [failure] * COUNT
    assert called == ["list_objects"]
    assert all(isinstance(answer, Recording) for answer in rig.batches.complete("alice", there))


def test_a_store_that_goes_away_meanwhile_keeps_nothing_from_being_recorded_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig()
    there = sent(rig, opened(rig))
    monkeypatch.setattr(rig.store, "list_objects", lambda *_: {})
    head, heads = rig.store.head, list[str]()

    def away_at_the_third(key: str) -> StoredObject | None:
        heads.append(key)
        if len(heads) > 2:
            raise StoreUnavailable("away")
        return head(key)

    monkeypatch.setattr(rig.store, "head", away_at_the_third)
    answers = rig.batches.complete("alice", there)
    assert [type(answer) for answer in answers] == [Recording] * 2 + [StoreUnavailable] * (COUNT - 2)
    assert len(heads) == 3


def test_what_is_wrong_with_one_holds_up_no_other() -> None:
    rig = Rig()
    uploads = opened(rig)
    there = sent(rig, uploads)
    del rig.store.objects[there[1].key]
    there[2] = replace(there[2], completion=Completion([CompletedPart(1, "0" * 32)]))
    there[3] = replace(there[3], key=there[4].key)
    rig.uploads.abort("alice", there[5].upload_id, there[5].key)
    there.append(SentUpload("unknown", "unknown", Completion([])))
    there.append(there[0])

    answers = rig.batches.complete("alice", there)

    expected: list[type] = [Recording, PartsMismatch, PartsMismatch, UploadNotFound, Recording, UploadAborted]
    expected += [Recording] * (COUNT - 6) + [UploadNotFound, Recording]
    assert [type(answer) for answer in answers] == expected
    assert answers[0] == answers[-1]
    assert len(rig.catalogue.recordings) == COUNT - 4


def test_s07_nobody_completes_what_is_anothers() -> None:
    rig = Rig()
    answers = rig.batches.complete("bob", sent(rig, opened(rig)))
    assert {type(answer) for answer in answers} == {UploadNotFound}
    assert rig.catalogue.recordings == {}


def test_f49_a_database_that_is_away_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    there = sent(rig, opened(rig))
    asked: list[object] = []

    def away(_completed: object) -> bool:
        asked.append(_completed)
        raise CatalogueUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(rig.catalogue, "complete_open_sessions", away)
        answers = rig.batches.complete("alice", there)
    assert {type(answer) for answer in answers} == {StoredNotRecorded}
    assert len(asked) == 1
    assert all(isinstance(answer, Recording) for answer in rig.batches.complete("alice", there))


def test_over_http_each_has_its_answer_or_its_error() -> None:
    rig = Rig(policy=POLICY)
    body = body_of(0)
    part = {"partNumber": 1, "contentLength": len(body), "checksum": crc64(body)}
    ask = {"contentType": "audio/wav", "fileSize": len(body), "checksumAlgorithms": ["CRC64NVME"], "singlePut": True}
    ask |= {"fileName": "a.wav", "parts": [part]}
    good = ask | {"clientUploadId": str(uuid.uuid4())}
    bad = ask | {"clientUploadId": str(uuid.uuid4()), "contentType": "text/html"}

    async def upload() -> tuple[Any, Any, int]:
        async with signed_in(rig) as alice:
            first, second = (await alice.post("/s3/init-uploads", json={"uploads": [good, bad]})).json()["items"]
            [session] = rig.catalogue.sessions.values()
            etag = rig.store.put_whole(session, body)
            place = {"uploadId": first["upload"]["uploadId"], "key": first["upload"]["key"]}
            named = {"parts": [{"PartNumber": 1, "ETag": etag}]}
            unknown = {"uploadId": "unknown", "key": "unknown"}
            many = {"uploads": [unknown | named, place | named]}
            done = (await alice.post("/s3/complete-uploads", json=many)).json()["items"]
            too_many = await alice.post("/s3/init-uploads", json={"uploads": [good] * 101})
            assert set(first) == {"upload"}
            return second, done, too_many.status_code

    second, done, too_many = asyncio.run(upload())
    assert second == {
        "error": {
            "status": 422,
            "code": "content_type_refused",
            "message": "contentType: text/html is not accepted by this server.",
        }
    }
    assert [item.get("error", {}).get("status") for item in done] == [404, None]
    assert done[1]["recording"]["size"] == len(body)
    assert too_many == 422
