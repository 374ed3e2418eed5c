from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from backend.errors import (
    ChecksumMismatch,
    FolderNotFound,
    InvalidField,
    ObjectMismatch,
    PartsMismatch,
    StoredNotRecorded,
    StoreUnavailable,
    StoreUnclear,
    UploadAborted,
    UploadLost,
    UploadNotFound,
)
from backend.model import CompletedPart, SessionState, StoredPart
from tests.fakes.memory_object_store import away, crc64
from tests.unit.backend.service_rig import Rig


def test_a_completed_upload_is_recorded_with_what_the_store_says() -> None:
    rig = Rig()
    session = rig.init()
    recording = rig.complete(
        session,
        rig.send(session, b"abc", b"de")[::-1],
        file_name="new.mp4",
        file_size_bytes=5,
        crc64nvme=crc64(b"abcde"),
    )
    assert (recording.recording_id, recording.size_bytes) == (session.session_id, 5)
    assert (recording.file_name, recording.crc64nvme) == ("new.mp4", crc64(b"abcde"))
    assert rig.recorded == [recording]


def test_f45_complete_asked_again_returns_the_same_record() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    assert rig.complete(session, parts) == rig.complete(session, parts)


def test_f45_complete_works_when_the_stores_answer_was_lost() -> None:
    rig = Rig()
    session = rig.init()
    rig.store.failures_after["complete_upload"] = [away()]
    assert rig.complete(session, rig.send(session, b"abc")).size_bytes == 3


def test_f44_an_unclear_answer_is_asked_again_and_then_looked_up() -> None:
    rig = Rig()
    session = rig.init()
    rig.store.failures["complete_upload"] = [StoreUnclear("no ETag")]
    assert rig.complete(session, rig.send(session, b"abc")).size_bytes == 3


def test_f43_a_store_that_never_confirms_leaves_the_upload_to_be_completed_again() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    rig.store.failures["complete_upload"] = [StoreUnclear("no ETag"), StoreUnclear("no ETag")]
    with pytest.raises(StoreUnavailable):
        rig.complete(session, parts)
    assert rig.complete(session, parts).size_bytes == 3


def test_f46_concurrent_completes_make_one_record() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    with ThreadPoolExecutor(8) as pool:
        records = set(pool.map(lambda _: rig.complete(session, parts).recording_id, range(16)))
    assert len(records) == len(rig.catalogue.recordings) == 1


def test_f47_missing_and_superseded_parts_are_named_and_nothing_is_assembled() -> None:
    rig = Rig()
    session = rig.init()
    old = rig.send(session, b"abc")
    rig.send(session, b"xyz")
    with pytest.raises(PartsMismatch) as caught:
        rig.complete(session, [*old, CompletedPart(2, "0" * 32)], file_size_bytes=3)
    assert caught.value.details is not None
    assert (caught.value.details["superseded"], caught.value.details["missing"]) == ([1], [2])
    assert rig.store.objects == {}
    assert rig.catalogue.sessions[session.session_id].state is SessionState.UPLOADING


def test_s15_parts_that_do_not_make_the_size_of_init_are_refused() -> None:
    rig = Rig()
    session = rig.init(file_size_bytes=4)
    with pytest.raises(PartsMismatch):
        rig.complete(session, rig.send(session, b"abc"))


def test_a_refused_checksum_leaves_the_upload_open_for_a_repair() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    with pytest.raises(ChecksumMismatch):
        rig.complete(session, parts, crc64nvme=crc64(b"xyz"))
    assert rig.complete(session, parts, crc64nvme=crc64(b"abc")).size_bytes == 3


def test_f49_database_down_after_the_store_has_it_all_is_finished_later(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    complete = rig.store.complete_upload

    def complete_then_lose_database(*args: object) -> None:
        complete(*args)  # type: ignore[arg-type]
        rig.catalogue.down = True

    monkeypatch.setattr(rig.store, "complete_upload", complete_then_lose_database)
    with pytest.raises(StoredNotRecorded):
        rig.complete(session, parts, file_name="kept.mp4")
    rig.catalogue.down = False
    assert rig.catalogue.sessions[session.session_id].state is SessionState.COMPLETING
    assert rig.completion.reconcile_completing() == 1
    assert rig.complete(session, parts).file_name == "kept.mp4"
    assert len(rig.catalogue.recordings) == 1


def test_reconciling_leaves_sessions_alone_whose_object_is_not_there() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    rig.store.failures["complete_upload"] = [away(), away()]
    with pytest.raises(StoreUnavailable):
        rig.complete(session, parts)
    assert rig.completion.reconcile_completing() == 0
    assert rig.complete(session, parts).size_bytes == 3


def test_reconciling_goes_on_after_a_session_that_fails() -> None:
    rig = Rig()
    for body in (b"a", b"b"):
        session = rig.init(client_upload_id=None)
        rig.store.failures["head"] = [away()]
        with pytest.raises(StoreUnavailable):
            rig.complete(session, rig.send(session, body))
    rig.store.failures["head"] = [away()]
    assert rig.completion.reconcile_completing() == 1
    assert rig.completion.reconcile_completing() == 1


def test_f40_no_upload_and_no_object_is_lost() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    rig.store.uploads.clear()
    with pytest.raises(UploadLost) as caught:
        rig.complete(session, parts)
    assert caught.value.code == "upload_gone"


@pytest.mark.parametrize(
    ("body", "mark", "completion"),
    [(b"abcd", "own", {"file_size_bytes": 3}), (b"xyz", "own", {"crc64nvme": crc64(b"abc")}), (b"abc", "other", {})],
)
def test_f40_an_object_that_is_not_the_file_is_not_taken_for_it(
    body: bytes, mark: str, completion: dict[str, object]
) -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    rig.store.uploads.clear()
    rig.store.objects[session.key] = (body, session.session_id if mark == "own" else "another-session")
    with pytest.raises(UploadLost):
        rig.complete(session, parts, **completion)
    assert rig.catalogue.recordings == {}


def test_an_assembled_object_that_differs_is_never_recorded() -> None:
    rig = Rig()
    session = rig.init(checksum_algorithms=())
    with pytest.raises(ObjectMismatch):
        rig.complete(session, rig.send(session, b"abc"), crc64nvme=crc64(b"xyz"))
    assert rig.catalogue.recordings == {}
    again = rig.init(checksum_algorithms=())
    assert (again.key, again.state) == (session.key, SessionState.UPLOADING)
    assert rig.complete(again, rig.send(again, b"xyz"), crc64nvme=crc64(b"xyz")).size_bytes == 3


def test_completing_an_aborted_upload_is_refused() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    rig.uploads.abort("alice", session.upload_id or "", session.key)
    with pytest.raises(UploadAborted):
        rig.complete(session, parts)


def test_completing_after_the_recording_was_deleted_does_not_bring_it_back() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    recording = rig.complete(session, parts)
    rig.store.delete_object(recording.key)
    rig.catalogue.delete_recording(recording, rig.aborts.sweep_time())
    with pytest.raises(UploadAborted):
        rig.complete(session, parts)


def test_s07_another_owner_cannot_complete() -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    with pytest.raises(UploadNotFound):
        rig.complete(replace(session, owner_id="bob"), parts)


def test_s09_a_folder_at_complete_must_be_the_callers() -> None:
    rig = Rig()
    session = rig.init()
    with pytest.raises(FolderNotFound):
        rig.complete(session, rig.send(session, b"abc"), folder_id="someone-elses")


def test_a_file_may_be_put_into_another_folder_at_complete() -> None:
    rig = Rig()
    folder = rig.folders.create("alice", "talks", None)
    session = rig.init()
    assert rig.complete(session, rig.send(session, b"abc"), folder_id=folder.folder_id).folder_id == folder.folder_id


def test_s14_a_part_named_twice_is_refused() -> None:
    rig = Rig()
    session = rig.init()
    with pytest.raises(InvalidField, match="parts"):
        rig.complete(session, rig.send(session, b"abc") * 2)


def test_f46_a_part_list_that_shrinks_under_another_complete_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    session = rig.init()
    parts = rig.send(session, b"abc")
    list_parts = rig.store.list_parts

    def other_request_is_assembling(key: str, upload_id: str) -> list[StoredPart]:
        monkeypatch.setattr(rig.store, "list_parts", list_parts)
        other = threading.Timer(0.2, lambda: rig.complete(session, parts))
        rig.catalogue.sessions[session.session_id] = replace(session, state=SessionState.COMPLETING)
        other.start()
        return []

    monkeypatch.setattr(rig.store, "list_parts", other_request_is_assembling)
    assert rig.complete(session, parts).recording_id == session.session_id
    assert len(rig.catalogue.recordings) == 1


def test_f47_parts_that_vanished_before_a_crashed_complete_are_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("backend.completion_service.MEANWHILE_INTERVAL_S", 0.0)
    rig = Rig()
    session = rig.init()
    rig.catalogue.sessions[session.session_id] = replace(session, state=SessionState.COMPLETING)
    with pytest.raises(PartsMismatch):
        rig.complete(session, [CompletedPart(1, "0" * 32)])
    assert rig.catalogue.sessions[session.session_id].state is SessionState.UPLOADING
