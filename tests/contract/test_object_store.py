"""What every object store does, moto and the services' fake included: the shape of the port."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from backend.errors import PartsMismatch, StoreFailed, UploadGone
from backend.model import ChecksumAlgorithm, CompletedPart, UploadSession
from tests.contract.store_harness import StoreUnderTest, memory_harness, moto_store, presigned_harness, s3_store
from tests.fakes.backend_values import a_put_session, a_session
from tests.fakes.memory_object_store import crc64

FIVE_MIB = 5 * 1024 * 1024


@pytest.fixture(scope="module", params=["memory", "moto", "seaweedfs"])
def under_test(request: pytest.FixtureRequest) -> Iterator[StoreUnderTest]:
    if request.param == "memory":
        yield memory_harness()
    elif request.param == "moto":
        with moto_store("shape") as store:
            yield presigned_harness(store)
    else:
        server = request.getfixturevalue("store_server")
        yield presigned_harness(s3_store(server, server.create_bucket(f"shape-{uuid.uuid4().hex}")))


def test_a_fresh_bucket_passes_the_check(under_test: StoreUnderTest) -> None:
    under_test.store.check()
    under_test.store.create_bucket()


def test_parts_become_one_object_that_carries_its_sessions_mark(under_test: StoreUnderTest) -> None:
    store, session = under_test.store, plain_session(owner_id="Ünï code")
    upload_id = store.open_upload(session)
    bodies = {1: b"a" * FIVE_MIB, 2: b"b" * 10}
    etags = {number: under_test.send(session, upload_id, number, body) for number, body in bodies.items()}
    listed = store.list_parts(session.key, upload_id)
    assert sorted((part.part_number, part.size_bytes) for part in listed) == [(1, FIVE_MIB), (2, 10)]
    store.complete_upload(session.key, upload_id, [CompletedPart(n, etags[n]) for n in (1, 2)], None)
    stored = store.head(session.key)
    assert stored is not None
    assert (stored.size_bytes, stored.session_id) == (FIVE_MIB + 10, session.session_id)
    assert store.read_range(session.key, FIVE_MIB - 2, 4) == b"aabb"
    assert store.read_range(session.key, FIVE_MIB + 8, 100) == b"bb"


def test_an_empty_file_is_one_empty_part(under_test: StoreUnderTest) -> None:
    store, session = under_test.store, plain_session()
    upload_id = store.open_upload(session)
    etag = under_test.send(session, upload_id, 1, b"")
    store.complete_upload(session.key, upload_id, [CompletedPart(1, etag)], None)
    stored = store.head(session.key)
    assert stored is not None
    assert stored.size_bytes == 0


def test_open_uploads_are_found_under_exactly_their_key(under_test: StoreUnderTest) -> None:
    store, session = under_test.store, plain_session()
    neighbour = plain_session(key=session.key + "x")
    mine = {store.open_upload(session), store.open_upload(session)}
    store.open_upload(neighbour)
    assert set(store.open_upload_ids(session.key)) == mine


def test_an_aborted_upload_is_gone_and_may_be_aborted_again(under_test: StoreUnderTest) -> None:
    store, session = under_test.store, plain_session()
    upload_id = store.open_upload(session)
    for _ in range(2):
        store.abort_upload(session.key, upload_id)
    assert store.open_upload_ids(session.key) == []
    with pytest.raises(UploadGone):
        store.list_parts(session.key, upload_id)


def test_an_unknown_part_at_complete_leaves_the_upload_open(under_test: StoreUnderTest) -> None:
    store, session = under_test.store, plain_session()
    upload_id = store.open_upload(session)
    under_test.send(session, upload_id, 1, b"a")
    with pytest.raises((PartsMismatch, StoreFailed)):
        store.complete_upload(session.key, upload_id, [CompletedPart(1, "0" * 32)], None)
    assert store.open_upload_ids(session.key) == [upload_id]


def test_a_missing_object_has_no_head_and_no_bytes_and_can_be_deleted(under_test: StoreUnderTest) -> None:
    store = under_test.store
    assert store.head("no/such.mp4") is None
    assert store.read_range("no/such.mp4", 0, 10) == b""
    store.delete_object("no/such.mp4")


def test_objects_are_listed_from_one_key_to_another_and_nothing_below_or_beside(under_test: StoreUnderTest) -> None:
    store, here = under_test.store, f"listed {uuid.uuid4().hex}"
    keys = [f"{here}/{name}" for name in ("a-1.wav", "a-1.wav2", "b-2.wav", "b-2/inside.wav", "c-3.wav", "c-4.wav")]
    bodies = {key: key.encode() for key in keys}
    etags = {key: under_test.put(a_put_session(body, key=key), body) for key, body in bodies.items()}
    under_test.put(a_put_session(b"beside", key=f"{here}2/b.wav"), b"beside")

    listed = store.list_objects(keys[0], keys[4], 100)

    assert sorted(listed) == [*keys[:3], keys[4]]
    assert {key: (each.size_bytes, each.etag) for key, each in listed.items()} == {
        key: (len(bodies[key]), etags[key].strip('"')) for key in listed
    }
    assert sorted(store.list_objects(keys[0], keys[4], 2)) == keys[:2]
    assert store.list_objects(f"{here}/x", f"{here}/y", 100) == {}


def test_a_deleted_object_is_gone(under_test: StoreUnderTest) -> None:
    store, session = under_test.store, plain_session()
    upload_id = store.open_upload(session)
    etag = under_test.send(session, upload_id, 1, b"a")
    store.complete_upload(session.key, upload_id, [CompletedPart(1, etag)], None)
    store.delete_object(session.key)
    assert store.head(session.key) is None


def test_the_checksum_probe_leaves_nothing_behind(under_test: StoreUnderTest) -> None:
    assert ChecksumAlgorithm.MD5 in under_test.store.checksum_support()


def test_one_put_leaves_an_object_that_carries_its_sessions_mark(under_test: StoreUnderTest) -> None:
    store, body = under_test.store, b"a whole recording"
    session = a_put_session(body, owner_id="Ünï code", content_type="video/mp4; codecs=avc1")
    etag = under_test.put(session, body)
    stored = store.head(session.key)
    assert stored is not None
    assert (stored.size_bytes, stored.etag, stored.session_id) == (len(body), etag, session.session_id)
    assert stored.crc64nvme in (None, crc64(body))
    assert store.read_range(session.key, 0, 100) == body
    assert store.open_upload_ids(session.key) == []


def test_an_empty_file_can_be_put(under_test: StoreUnderTest) -> None:
    session = a_put_session(b"")
    etag = under_test.put(session, b"")
    stored = under_test.store.head(session.key)
    assert stored is not None
    assert (stored.size_bytes, stored.etag) == (0, etag)


def test_a_put_names_all_headers_that_it_must_carry(under_test: StoreUnderTest) -> None:
    session = a_put_session(b"abc")
    signed = under_test.store.presign_put(session, 60)
    assert (signed.part_number, signed.expires_in_s) == (1, 60)
    assert signed.headers == {
        "Content-Length": "3",
        "Content-Type": "video/mp4",
        "x-amz-checksum-crc64nvme": crc64(b"abc"),
        "x-amz-meta-user-id": "alice",
        "x-amz-meta-session-id": session.session_id,
    }


def plain_session(**changes: object) -> UploadSession:
    """Return a session that no checksum protects, the least that every store can do."""
    return a_session(checksum_algorithm=None, **changes)
