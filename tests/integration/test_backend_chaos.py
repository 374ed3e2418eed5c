"""What goes wrong between client, backend and store: answers lost, replaced or damaged, before the real store."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.chaos.faults import SLOW_DOWN, DropAnswer, Fault, Flip, Replace, Reset
from tests.chaos.proxy import ChaosProxy, chaos_proxy
from tests.fakes.memory_object_store import crc64
from tests.integration.backend_client import BODY, Client, client, place, problem
from tests.servers import BackendServer, StoreServer, backend

ERROR_IN_200 = b'<?xml version="1.0"?>\n<Error><Code>InternalError</Code><Message>One.</Message></Error>'
COMPLETE = r"\?uploadId="
"""How a POST to the store that completes an upload looks; one that opens it has ?uploads."""


@pytest.fixture(scope="module")
def line(store_server: StoreServer) -> Iterator[ChaosProxy]:
    """The way from backend and clients to the store."""
    with chaos_proxy(store_server.endpoint_url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def bucket(store_server: StoreServer) -> str:
    return store_server.create_bucket(f"chaos-{uuid.uuid4().hex}")


@pytest.fixture(scope="module")
def server(
    store_server: StoreServer, line: ChaosProxy, bucket: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendServer]:
    env = store_server.backend_env(bucket) | {"S3_ENDPOINT_URL": line.url}
    with backend(env, tmp_path_factory.mktemp("home") / "h") as running:
        yield running


@pytest.fixture(scope="module")
def way(server: BackendServer) -> Iterator[ChaosProxy]:
    """The way from clients to the backend."""
    with chaos_proxy(server.url) as proxy:
        yield proxy


@pytest.fixture
def alice(server: BackendServer) -> Iterator[Client]:
    with client(server) as made:
        yield made


def open_keys(store: StoreServer, bucket: str, folder: str) -> list[str]:
    listed = store.client().list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return [upload["Key"] for upload in listed if upload["Key"].startswith(f"{folder}/")]


def is_stored_once(alice: Client, store: StoreServer, bucket: str, answer: dict[str, Any], folder: str) -> None:
    """One object with the bytes, one record of it, nothing open."""
    stored = store.client().get_object(Bucket=bucket, Key=answer["key"])["Body"].read()
    assert stored == BODY
    items = alice.http.get("/recordings", params={"limit": 100}).json()["items"]
    assert [item["fileId"] for item in items if item["key"].startswith(f"{folder}/")] == [answer["fileId"]]
    assert open_keys(store, bucket, folder) == []


def test_f02_an_open_whose_answer_the_backend_never_got_is_adopted_and_not_opened_twice(
    alice: Client, line: ChaosProxy, store_server: StoreServer, bucket: str
) -> None:
    lost = line.inject(DropAnswer(method="POST", target=r"/f02/.*\?uploads"))
    named = {"clientUploadId": str(uuid.uuid4()), "fileSize": len(BODY), "directory": "f02"}

    upload = alice.init(**named)  # the backend tries again by itself
    again = alice.init(**named)

    assert lost.hits == 1
    assert (upload["uploadId"], upload["key"]) == (again["uploadId"], again["key"])
    assert len(open_keys(store_server, bucket, "f02")) == 1
    answer = alice.complete(upload, [alice.send(upload)], checksum=crc64(BODY)).json()
    is_stored_once(alice, store_server, bucket, answer, "f02")


def test_f02_an_answer_that_the_client_never_got_is_the_same_when_it_asks_again(
    alice: Client, server: BackendServer, way: ChaosProxy, store_server: StoreServer, bucket: str
) -> None:
    way.inject(DropAnswer(method="POST", target="/s3/init-upload"))
    named = {"fileName": "talk.mp4", "clientUploadId": str(uuid.uuid4()), "directory": "f02b"}
    with httpx.Client(base_url=way.url, headers=server.auth(), trust_env=False) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/s3/init-upload", json=named)
        assert len(open_keys(store_server, bucket, "f02b")) == 1
        upload = http.post("/s3/init-upload", json=named).json()
    assert open_keys(store_server, bucket, "f02b") == [upload["key"]]


@pytest.mark.parametrize(
    ("folder", "fault"),
    [
        ("f43", Replace(method="POST", target="/f43/.*" + COMPLETE, status=200, body=ERROR_IN_200)),
        ("f43b", Replace(method="POST", target="/f43b/.*" + COMPLETE, status=200, body=ERROR_IN_200, is_asked=True)),
        ("f44", Replace(method="POST", target="/f44/.*" + COMPLETE, status=200)),
        ("f44b", Replace(method="POST", target="/f44b/.*" + COMPLETE, status=200, body=b"<html>Welcome</html>")),
        ("f44c", Replace(method="POST", target="/f44c/.*" + COMPLETE, status=200, is_asked=True)),
        ("f45", DropAnswer(method="POST", target="/f45/.*" + COMPLETE)),
        ("f25", Replace(method="POST", target="/f25/.*" + COMPLETE, status=503, body=SLOW_DOWN)),
        ("f22", Reset(method="POST", target="/f22/.*" + COMPLETE)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_f43_f44_f45_whatever_the_store_says_of_a_complete_there_is_one_object_and_one_record(
    alice: Client, line: ChaosProxy, store_server: StoreServer, bucket: str, folder: str, fault: Fault
) -> None:
    upload = alice.init(clientUploadId=str(uuid.uuid4()), fileSize=len(BODY), directory=folder)
    part = alice.send(upload)
    injected = line.inject(fault)

    answer = alice.complete(upload, [part], checksum=crc64(BODY))
    if answer.status_code == 503:  # it may take another word; what it must not be is a false yes
        answer = alice.complete(upload, [part], checksum=crc64(BODY))

    assert injected.hits == 1
    assert answer.status_code == 200, answer.text
    is_stored_once(alice, store_server, bucket, answer.json(), folder)


@pytest.mark.parametrize("body", [b"", b"<html>Welcome</html>", ERROR_IN_200])
def test_f43_f44_a_store_that_never_proves_it_is_never_believed(
    alice: Client, line: ChaosProxy, store_server: StoreServer, bucket: str, body: bytes
) -> None:
    folder = f"f44-{len(body)}"
    upload = alice.init(clientUploadId=str(uuid.uuid4()), fileSize=len(BODY), directory=folder)
    part = alice.send(upload)
    lying = line.inject(Replace(method="POST", target=f"/{folder}/.*{COMPLETE}", status=200, body=body, times=None))

    refused = alice.complete(upload, [part], checksum=crc64(BODY))
    in_between = alice.http.get("/recordings", params={"limit": 100}).json()["items"]
    lying.lift()
    answer = alice.complete(upload, [part], checksum=crc64(BODY))

    assert problem(refused) == (503, "store_unavailable")
    assert not [item for item in in_between if item["key"] == upload["key"]]
    is_stored_once(alice, store_server, bucket, answer.json(), folder)


def test_f45_a_complete_whose_answer_the_client_never_got_gives_the_same_record_again(
    alice: Client, server: BackendServer, way: ChaosProxy, store_server: StoreServer, bucket: str
) -> None:
    upload = alice.init(clientUploadId=str(uuid.uuid4()), fileSize=len(BODY), directory="f45b")
    body = place(upload) | {"parts": [alice.send(upload)], "checksum": crc64(BODY)}
    way.inject(DropAnswer(method="POST", target="/s3/complete-upload"))
    with httpx.Client(base_url=way.url, headers=server.auth(), trust_env=False, timeout=30) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/s3/complete-upload", json=body)
        answers = [http.post("/s3/complete-upload", json=body).json() for _ in range(2)]
    assert answers[0]["fileId"] == answers[1]["fileId"]
    is_stored_once(alice, store_server, bucket, answers[0], "f45b")


@pytest.mark.parametrize("lost", ["answer", "request"])
def test_f52_an_abort_that_got_lost_on_either_way_is_asked_again_and_frees_everything(
    alice: Client, line: ChaosProxy, store_server: StoreServer, bucket: str, lost: str
) -> None:
    folder = f"f52-{lost}"
    upload = alice.init(directory=folder)
    alice.send(upload)
    fault = DropAnswer if lost == "answer" else Reset
    injected = line.inject(fault(method="DELETE", target=f"/{folder}/"))

    answers = [alice.http.post("/s3/abort-upload", json=place(upload)).status_code for _ in range(2)]

    assert injected.hits == 1
    assert answers[-1] == 204
    assert open_keys(store_server, bucket, folder) == []


def test_f30_a_part_with_a_flipped_bit_is_refused_and_the_same_bytes_are_taken_afterwards(
    alice: Client, line: ChaosProxy, store_server: StoreServer, bucket: str
) -> None:
    upload = alice.init(clientUploadId=str(uuid.uuid4()), fileSize=len(BODY), directory="f30")
    ask = place(upload) | {"partNumber": 1, "contentLength": len(BODY), "checksum": crc64(BODY)}
    signed = alice.http.post("/s3/presign-url", json=ask).json()
    line.inject(Flip(method="PUT", target="/f30/", at_byte=17))

    damaged = alice.store.put(signed["presignedUrl"], content=BODY, headers=signed["headers"])
    whole = alice.store.put(signed["presignedUrl"], content=BODY, headers=signed["headers"])

    assert (damaged.status_code, whole.status_code) == (400, 200), damaged.text
    part = {"PartNumber": 1, "ETag": whole.headers["ETag"]}
    is_stored_once(alice, store_server, bucket, alice.complete(upload, [part]).json(), "f30")
