"""What stores leave out of their answers, or do not do at all, is noticed and not taken for given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.adapters.s3_checksum_probe import refuses_wrong_checksums
from backend.adapters.s3_clients import S3Connection
from backend.adapters.s3_object_store import S3ObjectStore, StoreOptions
from backend.errors import ChecksumMismatch, StoreUnclear


@pytest.fixture
def store() -> S3ObjectStore:
    return S3ObjectStore(StoreOptions(S3Connection("key", "secret", "us-east-1", "http://127.0.0.1:9"), "recordings"))


def listing(store: S3ObjectStore, entry: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(store, "_call", lambda *_args, **_named: {"Contents": [{"Key": "a/b.wav", **entry}]})
    return store.list_objects("a/b.wav", "a/c.wav", 10)


def test_a_listing_without_times_tells_the_rest(store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = listing(store, {"Size": 5, "ETag": '"e"'}, monkeypatch)["a/b.wav"]
    assert (listed.size_bytes, listed.etag) == (5, "e")


def test_an_object_without_an_etag_is_not_told(store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert listing(store, {"Size": 5}, monkeypatch) == {}


def test_a_listing_without_sizes_is_no_answer(store: S3ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreUnclear):
        listing(store, {"ETag": '"e"'}, monkeypatch)


class Refusing:
    """A store that refuses a wrong checksum in these requests alone."""

    def __init__(self, *requests: str) -> None:
        self._requests = requests
        self.left: set[str] = set()

    def call(self, request: str, **named: Any) -> dict[str, str]:
        wrong = named.get("ChecksumCRC64NVME", "AAAAAAAAAAA=") != "AAAAAAAAAAA="
        if wrong and request in self._requests:
            raise ChecksumMismatch("wrong")
        changes: dict[str, Callable[[str], None]] = {
            "put_object": self.left.add,
            "create_multipart_upload": self.left.add,
        }
        changes |= {"delete_object": self.left.discard, "abort_multipart_upload": self.left.discard}
        if (change := changes.get(request)) is not None:
            change(named["Key"])
        return {"UploadId": "u", "ETag": '"e"'}

    def complete(self, key: str, _upload_id: str, _parts: object, checksum: str) -> None:
        self.call("complete_multipart_upload", Key=key, ChecksumCRC64NVME=checksum)


ALL = ("put_object", "upload_part", "complete_multipart_upload")


@pytest.mark.parametrize("unchecked", ["", *ALL])
def test_a_store_counts_as_checking_only_if_it_does_so_everywhere(unchecked: str) -> None:
    store = Refusing(*(request for request in ALL if request != unchecked))
    assert refuses_wrong_checksums(store.call, store.complete) is (unchecked == "")
    assert store.left == set()
