"""Recordings are looked into in the background, whatever happens to the store meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.content_service import PATIENCE_S, ContentService
from backend.errors import BackendError, BucketMissing, NotPlayable, StoreFailed, StoreRefused, StoreSlowDown
from backend.model import ContentCheck, Disposition, Recording, utc_now
from backend.recording_service import OPAQUE_TYPE
from tests.fakes.memory_content_checks import MemoryContentChecks
from tests.fakes.memory_object_store import away
from tests.servers import wait_until
from tests.unit.backend.service_rig import Rig

MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(100)


@contextmanager
def looking(rig: Rig) -> Iterator[ContentService]:
    service = ContentService(rig.store, MemoryContentChecks(rig.catalogue), quiet_s=0)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def stored(rig: Rig, body: bytes) -> Recording:
    session = rig.init(client_upload_id=None)
    return rig.complete(session, rig.send(session, body))


def check(rig: Rig, recording: Recording) -> ContentCheck:
    return rig.catalogue.recordings[recording.recording_id].content_check


@pytest.mark.parametrize(
    ("body", "outcome"),
    [(MP4, ContentCheck.MATCH), (b"<html><script>", ContentCheck.MISMATCH), (b"", ContentCheck.UNKNOWN)],
)
def test_a_recording_that_was_added_is_looked_into(body: bytes, outcome: ContentCheck) -> None:
    rig = Rig()
    recording = stored(rig, body)
    with looking(rig) as service:
        service.add(recording)
        wait_until(lambda: check(rig, recording) is outcome, "the outcome", 5)


def test_s28_only_what_is_as_declared_is_served_under_its_type() -> None:
    rig = Rig()
    good, bad = stored(rig, MP4), stored(rig, b"<html><script>")

    def link(recording: Recording) -> str:
        return rig.recordings.link("alice", recording.recording_id)

    assert all(link(recording).endswith(f"&type={OPAQUE_TYPE}") for recording in (good, bad))
    with looking(rig) as service:
        service.pick_up()
        wait_until(lambda: ContentCheck.PENDING not in (check(rig, good), check(rig, bad)), "both", 5)
    assert "type=" not in link(good)
    assert link(bad).endswith(f"&type={OPAQUE_TYPE}")


def test_only_what_was_found_to_be_what_it_says_is_played_in_a_page() -> None:
    rig = Rig()
    good, bad, empty = stored(rig, MP4), stored(rig, b"<html><script>"), stored(rig, b"")

    def refusal(recording: Recording) -> str:
        with pytest.raises(NotPlayable) as caught:
            rig.recordings.link("alice", recording.recording_id, Disposition.INLINE)
        return caught.value.message

    assert all("still being checked" in refusal(each) for each in (good, bad, empty))
    with looking(rig) as service:
        service.pick_up()
        wait_until(lambda: ContentCheck.PENDING not in [check(rig, each) for each in (good, bad, empty)], "all", 5)
    assert all("not known to be what its type says" in refusal(each) for each in (bad, empty))
    assert "type=" not in rig.recordings.link("alice", good.recording_id, Disposition.INLINE)


def test_a_recording_stays_pending_while_the_store_is_away() -> None:
    rig = Rig()
    recording = stored(rig, MP4)
    rig.store.failures["read_range"] = [away()]
    with looking(rig) as service:
        service.add(recording)
        wait_until(lambda: not rig.store.failures["read_range"], "a try", 5)
        assert check(rig, recording) is ContentCheck.PENDING
        service.pick_up()
        wait_until(lambda: check(rig, recording) is ContentCheck.MATCH, "the next try", 5)


def test_a_recording_that_is_deleted_meanwhile_is_no_trouble(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    gone, there = stored(rig, MP4), stored(rig, MP4)
    rig.recordings.delete("alice", gone.recording_id)
    with looking(rig) as service:
        service.add(gone)
        service.add(there)
        wait_until(lambda: check(rig, there) is ContentCheck.MATCH, "the other", 5)
    assert gone.recording_id not in rig.catalogue.recordings
    assert not caplog.records


def test_a_recording_whose_object_is_gone_is_not_looked_for_again() -> None:
    rig = Rig()
    gone = stored(rig, MP4)
    del rig.store.objects[gone.key]
    with looking(rig) as service:
        service.pick_up()
        wait_until(lambda: check(rig, gone) is ContentCheck.UNKNOWN, "the outcome", 5)


@pytest.mark.parametrize("refusal", [StoreRefused("in cold storage"), StoreFailed("who knows"), ValueError("a bug")])
def test_a_recording_that_cannot_be_read_lets_the_others_pass(
    refusal: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.content_service.QUEUE_LIMIT", 1)
    rig = Rig()
    cold, other = stored(rig, MP4), stored(rig, MP4)
    rig.store.failures["read_range"] = [refusal]
    checks = MemoryContentChecks(rig.catalogue)
    service = ContentService(rig.store, checks, quiet_s=0)
    service.start()
    service.add(cold)
    wait_until(lambda: cold.recording_id in checks.postponed, "the postponement", 5)
    service.pick_up()
    wait_until(lambda: check(rig, other) is ContentCheck.MATCH, "the other", 5)
    service.stop()
    assert check(rig, cold) is ContentCheck.PENDING
    assert checks.postponed[cold.recording_id] > utc_now()


@pytest.mark.parametrize("trouble", [away(), StoreSlowDown("busy"), BucketMissing("not there")])
def test_trouble_with_the_whole_store_postpones_nothing(trouble: BackendError) -> None:
    rig = Rig()
    recording = stored(rig, MP4)
    rig.store.failures["read_range"] = [trouble]
    checks = MemoryContentChecks(rig.catalogue)
    service = ContentService(rig.store, checks, quiet_s=0)
    service.start()
    service.add(recording)
    service.add(recording)
    wait_until(lambda: check(rig, recording) is ContentCheck.MATCH, "the second try", 5)
    service.stop()
    assert checks.postponed == {}


def test_while_uploads_follow_one_another_it_waits_and_then_looks_into_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    service = ContentService(rig.store, MemoryContentChecks(rig.catalogue), quiet_s=3600)
    waits: list[float] = []

    def wait(patience_s: float, _stopping: object) -> None:
        waits.append(patience_s)

    monkeypatch.setattr(service._quiet, "wait", wait)
    recordings = [stored(rig, MP4) for _ in range(3)]
    for recording in recordings:
        service.add(recording)
    service.start()
    wait_until(lambda: {check(rig, each) for each in recordings} == {ContentCheck.MATCH}, "all", 5)
    service.stop()
    assert waits == [PATIENCE_S]
