"""The log of a whole upload, errors and outages included: a JSON line a request, and never a secret."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.integration.backend_client import Client, client, place
from tests.servers import BackendServer, StoreServer, backend, seaweedfs, wait_until

METRICS_TOKEN = secrets.token_hex(16)
NEEDLE = "what-a-caller-put-where-it-does-not-belong"


@dataclass
class Told:
    """What was answered, by request id; and what no line of the log may hold."""

    answers: dict[str, httpx.Response] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def note(self, answer: httpx.Response) -> None:
        self.answers[answer.headers["X-Request-Id"]] = answer

    def hide_url(self, url: str) -> None:
        query = parse_qs(urlsplit(url).query)
        self.hidden |= {url, urlsplit(url).path, query["X-Amz-Signature"][0], query["X-Amz-Credential"][0]}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """A store of its own: it is killed."""
    with seaweedfs(tmp_path_factory.mktemp("weed") / "store") as server:
        yield server


@pytest.fixture(scope="module")
def server(store: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendServer]:
    env = store.backend_env("logged") | {"METRICS_TOKEN": METRICS_TOKEN}
    with backend(env, tmp_path_factory.mktemp("home") / "h", ["--create-bucket"]) as running:
        yield running


def upload(alice: Client, told: Told) -> dict[str, Any]:
    opened = alice.init(fileSize=5)
    part = {"partNumber": 1, "contentLength": 5}
    signed = alice.http.post("/s3/presign-url", json=place(opened) | part).json()
    many = alice.http.post("/s3/presign-urls", json=place(opened) | {"parts": [part]}).json()
    for each in (signed, many["urls"][0]):
        told.hide_url(each["presignedUrl"])
    etag = alice.store.put(signed["presignedUrl"], content=b"12345", headers=signed["headers"]).headers["ETag"]
    named = [{"PartNumber": 1, "ETag": etag}]
    alice.http.get("/s3/parts", params=place(opened))
    alice.http.get("/s3/uploads")
    alice.complete(opened, [{"PartNumber": 1, "ETag": "not-it"}])
    recording = dict(alice.complete(opened, named).json())
    alice.complete(opened, named)
    told.hidden |= {opened["uploadId"], opened["key"], etag.strip('"')}
    told.hide_url(alice.http.get(f"/recordings/{recording['fileId']}/url").json()["url"])
    return recording


def mistakes(alice: Client, token: str) -> None:
    alice.http.get(f"/recordings/{token}", params={"token": token, "query": NEEDLE})
    alice.http.get(f"/{NEEDLE}", params={"access_token": token})
    alice.http.post(f"/s3/{NEEDLE}", json={token: token})
    alice.http.post("/s3/init-upload", json={"fileName": [token], token: NEEDLE})
    alice.http.post("/s3/init-upload", content=token, headers={"Content-Type": "text/plain"})
    alice.http.post("/s3/init-upload", content=f'{{"{token}', headers={"Content-Type": "application/json"})
    alice.http.post("/s3/abort-upload", json={"uploadId": NEEDLE, "key": token})
    alice.http.get("/recordings", params={"cursor": token})
    alice.http.get("/recordings", headers={"Authorization": f"Basic {NEEDLE}"})
    alice.http.get("/recordings", headers={"Authorization": f"Bearer {token}x"})
    alice.http.get("/recordings", headers={"Host": f"{NEEDLE}.test"})
    alice.http.get("/metrics", headers={"Authorization": f"Bearer {NEEDLE}"})
    alice.http.put("/folders", json={"name": token})


def test_s24_a_whole_upload_its_errors_and_an_outage_leave_no_secret_in_the_log(
    server: BackendServer, store: StoreServer
) -> None:
    told = Told()
    with client(server) as alice:
        alice.http.timeout = httpx.Timeout(60)
        alice.http.event_hooks = {"response": [told.note]}
        token = alice.http.headers["Authorization"].removeprefix("Bearer ")
        recording = upload(alice, told)
        mistakes(alice, token)
        for path in ("/healthz", "/readyz", "/openapi.json", "/recordings", "/folders"):
            alice.http.get(path)
        alice.http.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        half = alice.init()
        store.kill()
        alice.complete(half, [{"PartNumber": 1, "ETag": "x"}])
        alice.http.get("/readyz")
        store.restart()
        alice.http.delete(f"/recordings/{recording['fileId']}")
        told.hidden |= {half["uploadId"], half["key"]}
    told.hidden |= {token, token.rpartition(".")[2], NEEDLE, METRICS_TOKEN, server.env["JWT_SECRET"]}
    told.hidden |= {store.secret_key, store.access_key, "X-Amz-Signature"}

    last = next(reversed(told.answers))
    wait_until(lambda: last in server.log(), "the last line", 5)
    lines = [json.loads(line) for line in server.log().splitlines()]
    log = server.log()
    assert [secret for secret in told.hidden if secret in log] == []
    assert {answer.status_code for answer in told.answers.values()} >= {
        200,
        204,
        400,
        401,
        404,
        405,
        409,
        415,
        422,
        503,
    }
    by_id = {line["requestId"]: line for line in lines if line["message"] == "request"}
    for request_id, answer in told.answers.items():
        line = by_id[request_id]
        assert line["status"] == answer.status_code
        assert line["method"] == answer.request.method
        assert line["user"] in ("alice", None)
        assert line["ms"] >= 0
        assert line["time"].endswith("Z")
        wrong = answer.status_code >= 400
        assert line["code"] == (answer.json()["code"] if wrong else None)
    assert len(by_id) == sum(line["message"] == "request" for line in lines)


def test_s24_the_password_of_a_database_that_refuses_it_is_not_in_the_log(
    store_server: StoreServer, tmp_path: Path
) -> None:
    password = secrets.token_hex(8)
    env = store_server.backend_env("any-bucket")
    env["MONGO_URI"] = f"mongodb://recorder:{password}@127.0.0.1:1/recorder?replicaSet=rs0&timeoutMS=500"
    with backend(env, tmp_path / "home", ready=False) as server:
        answer = httpx.get(server.url + "/readyz", trust_env=False, timeout=30)
        assert answer.status_code == 503
        assert password not in answer.text
        wait_until(lambda: "not ready" in server.log(), "a line about it", 10)
        assert password not in server.log()
