"""An object store under test, and how a client sends a part to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from backend.adapters.s3_clients import S3Connection
from backend.adapters.s3_object_store import ChecksumSetting, S3ObjectStore, StoreOptions
from backend.model import PartToSign, SignedPart, UploadSession, bare_etag
from backend.ports import ObjectStore
from tests.fakes.memory_object_store import MemoryObjectStore
from tests.servers import StoreServer, free_ports

http = urllib3.PoolManager(retries=False, timeout=10.0)


@dataclass(frozen=True)
class StoreUnderTest:
    """The store, ``send`` for a part (session, upload id, part number, bytes) and ``put`` for a whole file.

    Both return the ETag.
    """

    store: ObjectStore
    send: Callable[[UploadSession, str, int, bytes], str]
    put: Callable[[UploadSession, bytes], str]


def s3_store(server: StoreServer, bucket: str, checksum: ChecksumSetting = "auto") -> S3ObjectStore:
    """Return the adapter on a bucket of a real SeaweedFS."""
    connection = S3Connection(server.access_key, server.secret_key, server.region, server.endpoint_url)
    return S3ObjectStore(StoreOptions(connection, bucket, checksum))


def memory_harness() -> StoreUnderTest:
    """Return the fake and its own way of sending."""
    store = MemoryObjectStore()
    return StoreUnderTest(
        store, lambda _, upload_id, number, body: store.put_part(upload_id, number, body), store.put_whole
    )


def presigned_harness(store: ObjectStore) -> StoreUnderTest:
    """Return a store whose parts are sent by presigned PUTs, as clients do."""

    def send(session: UploadSession, upload_id: str, number: int, body: bytes) -> str:
        return send_signed(store.presign_part(session, upload_id, PartToSign(number, len(body)), 60), body)

    def put(session: UploadSession, body: bytes) -> str:
        return send_signed(store.presign_put(session, 60), body)

    def send_signed(signed: SignedPart, body: bytes) -> str:
        answer = http.request("PUT", signed.url, body=body, headers=dict(signed.headers))
        assert answer.status == 200, answer.data
        return bare_etag(answer.headers["ETag"])

    return StoreUnderTest(store, send, put)


@contextmanager
def moto_store(bucket: str) -> Iterator[S3ObjectStore]:
    """Yield the adapter on moto's server: right in shape, lenient in everything else."""
    from moto.server import ThreadedMotoServer

    port = free_ports(1)[0]
    server: Any = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        connection = S3Connection("key", "secret", "us-east-1", f"http://127.0.0.1:{port}")
        store = S3ObjectStore(StoreOptions(connection, bucket))
        store.create_bucket()
        yield store
    finally:
        server.stop()
