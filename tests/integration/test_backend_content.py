"""What a recording really is, found out after its upload, over HTTP on either catalogue and a real store."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.backend_client import Client, client, problem
from tests.servers import BackendServer, MongoServer, StoreServer, backend, wait_until

LIMIT = 4096
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(100)
HTML = b"<!DOCTYPE html><html><script>alert(document.domain)</script></html>"


@pytest.fixture(scope="module", params=["sqlite", "mongo"])
def server(
    request: pytest.FixtureRequest, store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendServer]:
    env = store_server.backend_env(f"content-{uuid.uuid4().hex}")
    env |= {"MAX_FILE_SIZE": str(LIMIT), "ALLOWED_CONTENT_TYPES": "video/mp4, audio/flac"}
    if request.param == "mongo":
        mongo: MongoServer = request.getfixturevalue("mongo_server")
        env["MONGO_URI"] = mongo.uri.replace("/?", f"/t{uuid.uuid4().hex}?")
    with backend(env, tmp_path_factory.mktemp("home") / "h", ["--create-bucket"]) as running:
        yield running


def looked_into(alice: Client, recording: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def done() -> bool:
        items = alice.http.get("/recordings").json()["items"]
        seen.update(next(item for item in items if item["fileId"] == recording["fileId"]))
        return seen["contentVerified"] is not None

    wait_until(done, "the first bytes to be looked at", 20)
    return seen


def fetched(alice: Client, recording: dict[str, Any]) -> httpx.Response:
    link = alice.http.get(f"/recordings/{recording['fileId']}/url").json()
    return alice.store.get(link["url"])


def test_a_recording_that_is_what_it_says_is_verified(alice: Client) -> None:
    recording = alice.upload(MP4)
    assert (recording["contentVerified"], recording["typeMismatch"]) in ((None, False), (True, False))
    seen = looked_into(alice, recording)
    assert (seen["contentVerified"], seen["typeMismatch"]) == (True, False)
    answer = fetched(alice, recording)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, MP4, "video/mp4")


def test_s28_a_web_page_that_says_it_is_a_video_is_flagged_and_never_shown(alice: Client) -> None:
    recording = alice.upload(HTML)
    seen = looked_into(alice, recording)
    assert (seen["contentVerified"], seen["typeMismatch"]) == (False, True)
    answer = fetched(alice, recording)
    assert (answer.status_code, answer.content) == (200, HTML)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    inline = alice.http.get(f"/recordings/{recording['fileId']}/url", params={"disposition": "inline"})
    assert problem(inline) == (409, "not_playable")


def test_a_type_that_is_not_accepted_is_refused_at_init(alice: Client) -> None:
    body = {"fileName": "page.html", "contentType": "text/html"}
    assert problem(alice.http.post("/s3/init-upload", json=body)) == (422, "content_type_refused")


@pytest.mark.parametrize("told", [True, False])
def test_a_file_that_is_too_large_is_refused_at_init_or_where_its_size_was_not_told_at_complete(
    alice: Client, told: bool
) -> None:
    size = {"fileSize": LIMIT + 1} if told else {}
    body = {"fileName": "talk.mp4", "contentType": "video/mp4", "checksumAlgorithms": ["CRC64NVME"]}
    answer = alice.http.post("/s3/init-upload", json=body | size)
    if not told:
        opened = answer.json()
        answer = alice.complete(opened, [alice.send(opened, bytes(LIMIT + 1))])
        assert alice.http.get("/recordings", params={"query": "too-large"}).json()["items"] == []
    assert problem(answer) == (413, "file_too_large")


def test_someone_else_sees_nothing_of_it(server: BackendServer, alice: Client) -> None:
    recording = alice.upload(HTML)
    with client(server, "bob") as bob:
        assert bob.http.get(f"/recordings/{recording['fileId']}/url").status_code == 404
