"""Live progress over a real WebSocket, on either catalogue: what a watcher is told, and when."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.backend_client import BODY, Client, client, place, problem
from tests.integration.live_watcher import watching
from tests.servers import BackendServer, MongoServer, StoreServer, backend

PART = 5 * 1024 * 1024


@pytest.fixture(scope="module", params=["sqlite", "mongo"])
def instances(
    request: pytest.FixtureRequest, store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BackendServer, BackendServer]]:
    """Two instances on one catalogue; with SQLite they share its file."""
    env = store_server.backend_env(f"live-{uuid.uuid4().hex}")
    env["JWT_SECRET"] = "s" * 40
    if request.param == "mongo":
        mongo: MongoServer = request.getfixturevalue("mongo_server")
        env["MONGO_URI"] = mongo.uri.replace("/?", f"/t{uuid.uuid4().hex}?")
    home = tmp_path_factory.mktemp("home") / "h"
    with backend(env, home, ["--create-bucket"]) as first, backend(env, home) as second:
        yield first, second


@pytest.fixture
def server(instances: tuple[BackendServer, BackendServer]) -> BackendServer:
    return instances[0]


@pytest.fixture
def other(instances: tuple[BackendServer, BackendServer]) -> BackendServer:
    return instances[1]


def report(user: Client, upload: dict[str, Any], size: int) -> int:
    return user.http.post("/s3/progress", json=place(upload) | {"bytesConfirmed": size}).status_code


def test_a_watcher_on_another_instance_sees_an_upload_from_beginning_to_end(
    alice: Client, other: BackendServer
) -> None:
    with watching(other) as watcher:
        watcher.snapshot()
        opened = alice.init(fileSize=len(BODY))
        told = watcher.upload(opened["uploadId"], state="uploading")
        assert told == {
            "uploadId": opened["uploadId"],
            "key": opened["key"],
            "fileName": "talk.mp4",
            "fileSize": len(BODY),
            "bytesConfirmed": 0,
            "estimated": True,
            "state": "uploading",
            "updatedAt": told["updatedAt"],
        }
        assert report(alice, opened, 300) == 204
        assert watcher.upload(opened["uploadId"], bytesConfirmed=300)["estimated"] is False

        stored = alice.complete(opened, [alice.send(opened)]).json()

        told = watcher.upload(opened["uploadId"], state="completed")
        assert (told["fileId"], told["bytesConfirmed"]) == (stored["fileId"], len(BODY))
        item = watcher.until(lambda message: message["type"] == "recording" and message["fileId"] == stored["fileId"])
        found_later = {"contentVerified", "typeMismatch", "durationSeconds"}
        at_once = stored.keys() - found_later
        assert {name: item[name] for name in at_once} == {name: stored[name] for name in at_once}
        assert alice.http.delete(f"/recordings/{stored['fileId']}").status_code == 204
        assert watcher.until(lambda message: message["type"] == "removed")["fileId"] == stored["fileId"]


def test_a_snapshot_holds_what_is_under_way_and_what_was_completed_lately(
    alice: Client, server: BackendServer
) -> None:
    opened, stored, given_up = alice.init(fileSize=1000), alice.upload(), alice.init(fileSize=5)
    assert report(alice, opened, 1000) == 204
    assert alice.http.post("/s3/abort-upload", json=place(given_up)).status_code == 204
    with watching(server) as watcher:
        first = {each["uploadId"]: each["bytesConfirmed"] for each in watcher.snapshot()}
        if first[opened["uploadId"]] != 1000:
            watcher.upload(opened["uploadId"], bytesConfirmed=1000)
    with watching(server) as watcher:
        uploads = {each["uploadId"]: each for each in watcher.snapshot()}
    assert uploads[opened["uploadId"]]["state"] == "uploading"
    done = [each for each in uploads.values() if each.get("fileId") == stored["fileId"]]
    assert [(each["state"], each["key"]) for each in done] == [("completed", stored["key"])]
    assert given_up["uploadId"] not in uploads


def test_s07_nobody_is_told_of_other_peoples_uploads(alice: Client, server: BackendServer) -> None:
    with watching(server, "bob") as bobs, watching(server) as hers, client(server, "bob") as bob:
        bobs.snapshot()
        hers.snapshot()
        secret = alice.init(fileName="secret.mp4", fileSize=9)
        assert report(bob, secret, 1) == 404
        hers.upload(secret["uploadId"])
        mine = bob.init(fileSize=9)
        bobs.upload(mine["uploadId"])
        assert "secret" not in json.dumps(bobs.messages)


def test_progress_follows_presigned_parts_until_the_client_says_more(alice: Client, server: BackendServer) -> None:
    with watching(server) as watcher:
        watcher.snapshot()
        opened = alice.init(fileSize=4 * PART, partSizeHint=PART)
        assert opened["partSize"] == PART
        asked = alice.http.post("/s3/presign-url", json=place(opened) | {"partNumber": 3})
        assert asked.status_code == 200
        watcher.upload(opened["uploadId"], bytesConfirmed=2 * PART, estimated=True)
        assert report(alice, opened, PART) == 204
        watcher.upload(opened["uploadId"], bytesConfirmed=PART, estimated=False)


def test_the_last_of_many_words_in_a_second_is_not_lost(alice: Client, server: BackendServer) -> None:
    opened = alice.init(fileSize=1000)
    with watching(server) as watcher:
        watcher.snapshot()
        for size in range(1, 51):
            assert report(alice, opened, size) == 204
        watcher.upload(opened["uploadId"], bytesConfirmed=50)
        uploads = [each["upload"] for each in watcher.messages if each["type"] == "upload"]
        told = [each["bytesConfirmed"] for each in uploads if each["uploadId"] == opened["uploadId"]]
        assert told == sorted(told)


def test_progress_goes_back_only_when_the_store_has_less(alice: Client, server: BackendServer) -> None:
    body = b"r" * PART
    opened = alice.init(fileSize=2 * PART)
    alice.send(opened, body)
    with watching(server) as watcher:
        watcher.snapshot()
        assert report(alice, opened, 2 * PART) == 204
        watcher.upload(opened["uploadId"], bytesConfirmed=2 * PART)
        assert report(alice, opened, 10) == 204
        watcher.upload(opened["uploadId"], bytesConfirmed=PART)
        assert all(message.get("upload", {}).get("bytesConfirmed") != 10 for message in watcher.messages)


@pytest.mark.parametrize("size", [-1, 1001, 1.5, "7", None, 2**63, True])
def test_numbers_of_bytes_that_cannot_be(alice: Client, size: Any) -> None:
    opened = alice.init(fileSize=1000)
    for _ in range(2):  # not known to the process yet, and known
        answer = alice.http.post("/s3/progress", json=place(opened) | {"bytesConfirmed": size})
        assert problem(answer) == (422, "invalid_field")
        assert answer.json()["details"] == {"field": "bytesConfirmed"}
        report(alice, opened, 1)


def test_s08_an_upload_is_named_by_id_and_key_together(alice: Client) -> None:
    first, second = alice.init(fileSize=10), alice.init(fileSize=10)
    mixed = {"uploadId": first["uploadId"], "key": second["key"]}
    assert report(alice, mixed, 1) == 404
    assert report(alice, first, 1) == 204
    assert report(alice, mixed, 1) == 404


def test_words_on_an_upload_that_is_over_change_nothing(alice: Client, server: BackendServer) -> None:
    opened = alice.init(fileSize=len(BODY))
    stored = alice.complete(opened, [alice.send(opened)]).json()
    assert report(alice, opened, 1) == 204
    with watching(server) as watcher:
        [mine] = [each for each in watcher.snapshot() if each["uploadId"] == opened["uploadId"]]
    assert (mine["state"], mine["bytesConfirmed"], mine["fileId"]) == ("completed", len(BODY), stored["fileId"])
