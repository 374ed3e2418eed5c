from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from backend.errors import (
    CatalogueUnavailable,
    ContentTypeRefused,
    FileTooLarge,
    FolderNotFound,
    InvalidField,
    StoreUnavailable,
    UploadAborted,
    UploadCompleted,
    UploadGone,
    UploadNotFound,
)
from backend.model import ChecksumAlgorithm, PartToSign, SessionState, UploadSession
from backend.part_size import MIB
from backend.upload_service import NewUpload, UploadPolicy
from tests.fakes.memory_object_store import MemoryObjectStore, away, crc64
from tests.unit.backend.service_rig import CLIENT_ID, Rig


def test_f02_a_repeated_init_returns_the_same_upload() -> None:
    rig = Rig()
    first = rig.init()
    assert rig.init() == first
    assert list(rig.store.uploads) == [first.upload_id]


def test_f02_an_open_whose_answer_was_lost_is_adopted() -> None:
    rig = Rig()
    rig.store.failures_after["open_upload"] = [away()]
    with pytest.raises(StoreUnavailable):
        rig.init()
    assert list(rig.store.uploads) == [rig.init().upload_id]


def test_f03_an_id_that_was_not_saved_is_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()

    def fail(*_: object) -> UploadSession:
        raise CatalogueUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(rig.catalogue, "swap_session", fail)
        with pytest.raises(CatalogueUnavailable):
            rig.init()
    assert list(rig.store.uploads) == [rig.init().upload_id]


def test_f02_concurrent_inits_leave_one_multipart_upload() -> None:
    rig = Rig()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: rig.init().upload_id, range(32)))
    assert rig.init().upload_id in answers
    assert list(rig.store.uploads) == [rig.init().upload_id]
    assert len(set(answers)) == 1


def test_extra_uploads_under_the_own_key_are_aborted_and_others_left_alone() -> None:
    rig = Rig()
    session = rig.init()
    rig.store.open_upload(session)
    foreign = rig.store.open_upload(replace(session, key=session.key + "x"))
    rig.init()
    assert set(rig.store.uploads) == {session.upload_id, foreign}


def test_f41_an_upload_that_the_store_lost_is_opened_anew_under_the_same_key() -> None:
    rig = Rig()
    first = rig.init()
    rig.store.uploads.clear()
    again = rig.init()
    assert (again.key, again.state) == (first.key, SessionState.UPLOADING)
    assert again.upload_id not in (None, first.upload_id)
    assert list(rig.store.uploads) == [again.upload_id]


def test_f40_an_upload_that_is_finished_in_the_store_is_recorded_at_init() -> None:
    rig = Rig()
    session = rig.init(file_size_bytes=3)
    parts = rig.send(session, b"abc")
    rig.store.complete_upload(session.key, session.upload_id or "", parts, None)
    assert rig.init().state is SessionState.COMPLETED
    assert [recording.size_bytes for recording in rig.recorded] == [3]


def test_a_repeated_init_of_a_completed_upload_answers_as_before() -> None:
    rig = Rig()
    session = rig.init()
    rig.complete(session, rig.send(session, b"abc"))
    again = rig.init()
    assert (again.upload_id, again.key, again.state) == (session.upload_id, session.key, SessionState.COMPLETED)


def test_a_repeated_init_of_an_aborted_upload_is_refused() -> None:
    rig = Rig()
    session = rig.init()
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    with pytest.raises(UploadAborted):
        rig.init()


def test_two_owners_with_one_client_upload_id_have_two_uploads() -> None:
    rig = Rig()
    assert rig.init("alice").key != rig.init("bob").key


@pytest.mark.parametrize(
    ("offered", "supported", "chosen"),
    [
        (["CRC64NVME", "MD5"], ["CRC64NVME", "MD5"], "CRC64NVME"),
        (["MD5", "CRC64NVME"], ["CRC64NVME", "MD5"], "MD5"),
        (["CRC64NVME", "MD5"], ["MD5"], "MD5"),
        (["CRC64NVME"], [], None),
        ([], ["CRC64NVME", "MD5"], None),
    ],
)
def test_the_first_offered_algorithm_that_the_store_has_is_chosen(
    offered: list[str], supported: list[str], chosen: str | None
) -> None:
    rig = Rig()
    rig.store.support = frozenset(ChecksumAlgorithm(name) for name in supported)
    session = rig.init(checksum_algorithms=[ChecksumAlgorithm(name) for name in offered])
    assert session.checksum_algorithm == chosen


def test_a_caller_who_offers_no_checksum_does_not_wait_for_the_probe() -> None:
    rig = Rig()
    rig.store.failures["checksum_support"] = [away()]
    assert rig.init(checksum_algorithms=()).checksum_algorithm is None


@pytest.mark.parametrize(
    ("changes", "signed"),
    [({}, True), ({"part_size_hint_bytes": 3 * MIB}, False), ({"part_size_hint_bytes": None}, False)],
)
def test_init_signs_the_parts_it_was_given_only_when_they_were_cut_as_decided(
    changes: dict[str, Any], signed: bool
) -> None:
    rig = Rig()
    values: dict[str, Any] = {
        "file_name": "talk.mp4",
        "content_type": "video/mp4",
        "part_size_hint_bytes": 8 * MIB,
        "checksum_algorithms": [ChecksumAlgorithm.CRC64NVME],
        "parts": [PartToSign(1, 3, crc64(b"abc"))],
    }
    opened = rig.uploads.init("alice", NewUpload(**(values | changes)))
    assert (opened.urls is not None) is signed


@pytest.mark.parametrize(
    ("policy", "changes", "error"),
    [
        (UploadPolicy(max_file_bytes=10), {"file_size_bytes": 11}, FileTooLarge),
        (UploadPolicy(), {"file_size_bytes": 2**63 - 1}, FileTooLarge),
        (UploadPolicy(content_types=frozenset({"audio/flac"})), {}, ContentTypeRefused),
        (UploadPolicy(), {"folder_id": "someone-elses"}, FolderNotFound),
        (UploadPolicy(), {"directory": "../x"}, InvalidField),
    ],
)
def test_a_refused_init_opens_nothing(policy: UploadPolicy, changes: dict[str, Any], error: type[Exception]) -> None:
    rig = Rig(policy=policy)
    with pytest.raises(error):
        rig.init(**changes)
    assert (rig.store.uploads, rig.catalogue.sessions) == ({}, {})


def test_what_is_open_already_goes_on_when_it_would_no_longer_be_accepted() -> None:
    rig = Rig()
    session = rig.init(file_size_bytes=11)
    stricter = Rig(rig.store, rig.catalogue, policy=UploadPolicy(max_file_bytes=10))
    assert stricter.init(file_size_bytes=11) == session


def test_an_allowed_content_type_may_carry_parameters() -> None:
    rig = Rig(policy=UploadPolicy(content_types=frozenset({"video/mp4"})))
    assert rig.init(content_type="Video/MP4; codecs=avc1").content_type == "Video/MP4; codecs=avc1"


def test_a_signed_part_carries_length_and_checksum() -> None:
    rig = Rig()
    session = rig.init()
    part = PartToSign(1, 3, crc64(b"abc"))
    [signed] = rig.uploads.sign_parts("alice", session.upload_id or "", session.key, [part])
    assert signed.headers == {"Content-Length": "3", "x-amz-checksum-crc64nvme": crc64(b"abc")}
    assert signed.expires_in_s == 3600


@pytest.mark.parametrize("checksum", ["AAAA", "AAAAAAAAAAAAAAAAAAAAAA==", "A"])
def test_a_checksum_of_another_length_is_refused(checksum: str) -> None:
    rig = Rig()
    session = rig.init()
    with pytest.raises(InvalidField, match="checksum"):
        rig.uploads.sign_parts("alice", session.upload_id or "", session.key, [PartToSign(1, 3, checksum)])


def test_a_checksum_without_an_agreed_algorithm_is_refused() -> None:
    rig = Rig()
    session = rig.init(checksum_algorithms=())
    with pytest.raises(InvalidField, match="checksum"):
        rig.uploads.sign_parts("alice", session.upload_id or "", session.key, [PartToSign(1, 3, crc64(b""))])


def test_s07_and_s08_another_owner_or_key_finds_no_upload() -> None:
    rig = Rig()
    session = rig.init()
    for owner, key in (("bob", session.key), ("alice", "recordings/other.mp4")):
        for attempt in (rig.uploads.list_parts, rig.uploads.abort):
            with pytest.raises(UploadNotFound):
                attempt(owner, session.upload_id or "", key)
        with pytest.raises(UploadNotFound):
            rig.uploads.sign_parts(owner, session.upload_id or "", key, [PartToSign(1)])
    assert list(rig.store.uploads) == [session.upload_id]


def test_a_finished_upload_signs_and_lists_no_more() -> None:
    rig = Rig()
    session = rig.init()
    upload_id = session.upload_id or ""
    rig.complete(session, rig.send(session, b"abc"))
    with pytest.raises(UploadCompleted):
        rig.uploads.list_parts("alice", upload_id, session.key)
    with pytest.raises(UploadCompleted):
        rig.uploads.sign_parts("alice", upload_id, session.key, [PartToSign(1)])
    with pytest.raises(UploadCompleted):
        rig.uploads.abort("alice", upload_id, session.key)
    assert session.key in rig.store.objects


def test_an_aborted_upload_signs_no_more_and_its_parts_are_gone() -> None:
    rig = Rig()
    session = rig.init()
    upload_id = session.upload_id or ""
    for _ in range(2):
        rig.uploads.abort("alice", upload_id, session.key)
    with pytest.raises(UploadAborted):
        rig.uploads.sign_parts("alice", upload_id, session.key, [PartToSign(1)])
    with pytest.raises(UploadGone):
        rig.uploads.list_parts("alice", upload_id, session.key)


class _StubbornStore(MemoryObjectStore):
    """Forgets the first two aborts, as a store does when parts land late."""

    aborts = 0

    def abort_upload(self, key: str, upload_id: str) -> None:
        self.aborts += 1
        if self.aborts > 2:
            super().abort_upload(key, upload_id)


def test_f52_an_abort_is_repeated_until_the_parts_are_gone() -> None:
    rig = Rig(store=_StubbornStore())
    session = rig.init()
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    assert rig.store.uploads == {}


def test_f52_an_abort_that_failed_can_be_asked_again() -> None:
    rig = Rig()
    session = rig.init()
    rig.store.failures["abort_upload"] = [away()]
    with pytest.raises(StoreUnavailable):
        rig.uploads.abort("alice", session.upload_id or "", session.key)
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    assert rig.store.uploads == {}


def test_an_abort_that_meets_a_finished_object_records_it_instead() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    rig.store.failures["head"] = [away()]
    with pytest.raises(StoreUnavailable):
        rig.complete(session, parts)
    with pytest.raises(UploadCompleted):
        rig.uploads.abort("alice", session.upload_id or "", session.key)
    assert len(rig.recorded) == 1


def test_an_abort_ends_a_completing_upload_that_never_was_assembled() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    rig.store.failures["complete_upload"] = [away(), away()]
    with pytest.raises(StoreUnavailable):
        rig.complete(session, parts)
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    assert rig.store.uploads == {}
    assert rig.catalogue.sessions[session.session_id].state is SessionState.ABORTED


def test_open_uploads_are_listed_page_by_page() -> None:
    rig = Rig()
    made = {rig.init(client_upload_id=None).session_id for _ in range(5)}
    rig.init("bob")
    seen: list[str] = []
    cursor = None
    while True:
        page = rig.uploads.list_open("alice", cursor, 2)
        seen += [session.session_id for session in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert (len(seen), set(seen)) == (5, made)


@pytest.mark.parametrize("cursor", ["x", "!!!", "bm8=", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6YQ==", "é"])
def test_a_cursor_that_was_not_made_here_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidField, match="cursor"):
        Rig().uploads.list_open("alice", cursor, 2)


def test_a_client_upload_id_is_what_names_an_upload() -> None:
    rig = Rig()
    assert rig.init(client_upload_id=CLIENT_ID) == rig.init(client_upload_id=CLIENT_ID)
    assert rig.init(client_upload_id=None) != rig.init(client_upload_id=None)
