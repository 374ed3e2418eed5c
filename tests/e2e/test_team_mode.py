"""Uploads to a team's server, and to a bucket and database of one's own: what is said is what is stored."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import queue_states, run
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team, team
from tests.servers import MongoServer, StoreServer, backend, free_ports
from tests.waiting import wait_for

DATABASE = f"team_{secrets.token_hex(4)}"
OWN_DATABASE = f"own_{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def mongo_team(
    store_server: StoreServer, mongo_server: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    settings = {"MONGO_URI": address_of(mongo_server, DATABASE)}
    with team(store_server, tmp_path_factory.mktemp("mongo-team") / "home", settings) as running:
        yield running


@pytest.fixture
def own(alone: Desktop, store_server: StoreServer, mongo_server: MongoServer) -> Desktop:
    """The same person with a bucket and a database of their own."""
    bucket = store_server.create_bucket(f"own-{secrets.token_hex(4)}")
    database = {"MONGO_URI": address_of(mongo_server, OWN_DATABASE)}
    return Desktop(alone.folder, store_server.backend_env(bucket) | database)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "talk.mkv"
    source = ["-f", "lavfi", "-i", "testsrc2=duration=2:size=320x180"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-c:v", "mpeg4", str(path)], check=True, timeout=60)
    return path


def with_settings(desktop: Desktop, **changes: str) -> Desktop:
    """The same person with other settings."""
    return Desktop(desktop.folder, {**desktop.settings, **changes})


def address_of(mongo: MongoServer, database: str) -> str:
    return mongo.uri.replace("/?", f"/{database}?")


def record_of(mongo: MongoServer, database: str, event: dict[str, Any]) -> dict[str, Any]:
    """The only record of a recording, once its playing time has been looked for."""

    def found() -> dict[str, Any] | None:
        with mongo.admin() as client:
            (record,) = client[database].recordings.find({"key": event["key"]})
        return None if record["duration_pending"] else dict(record)

    record = wait_for(found, "the playing time in the record")
    assert record is not None
    return record


def test_the_record_in_the_database_and_the_object_are_what_the_command_said(
    mongo_team: Team, mongo_server: MongoServer, alone: Desktop, video: Path
) -> None:
    member = mongo_team.member(alone.folder, mongo_team.new_token("alice"))

    uploaded = run(member, "upload", str(video), "--directory", "talks", "--json")

    event = uploaded.event
    record = record_of(mongo_server, DATABASE, event)
    stored = mongo_team.store.client().get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    assert (uploaded.code, event["event"], event["path"]) == (0, "completed", str(video))
    assert {
        "fileId": record["recording_id"],
        "fileName": record["file_name"],
        "key": record["key"],
        "bucket": record["bucket"],
        "size": record["size_bytes"],
        "crc64nvme": record["crc64nvme"],
        "durationSeconds": pytest.approx(record["duration_s"], abs=0.05),
    }.items() <= event.items()
    assert (record["owner_id"], record["content_type"]) == ("alice", "video/matroska")
    assert event["fileUrl"].endswith(f"/{event['bucket']}/{event['key']}")
    assert stored == video.read_bytes()


def test_what_one_member_stores_is_not_in_anothers_library(mongo_team: Team, alone: Desktop, video: Path) -> None:
    alice = mongo_team.member(alone.folder, mongo_team.server.token("alice"))
    file_id = run(alice, "upload", str(video), "--json").event["fileId"]
    bob = mongo_team.member(alone.folder, mongo_team.server.token("bob"))

    listed, fetched = run(bob, "library", "--json"), run(bob, "get", file_id)

    assert (listed.code, listed.printed) == (0, "[]\n")
    assert (fetched.code, fetched.complaint.count("\n")) == (1, 1)


def test_the_named_server_counts_more_than_a_bucket_of_ones_own(server: Team, own: Desktop, video: Path) -> None:
    signed_in = with_settings(own, RECORDER_TOKEN=server.server.token())

    ended = run(signed_in, "upload", str(video), "--server", server.server.url + "/", "--json")

    assert (ended.code, ended.event["bucket"]) == (0, server.bucket)


def test_f42_a_team_bucket_that_is_not_there_fails_with_one_sentence(
    store_server: StoreServer, alone: Desktop, video: Path
) -> None:
    with backend(store_server.backend_env("not-there"), alone.folder / "server", ready=False) as server:
        member = Desktop(alone.folder, {"RECORDER_SERVER": server.url, "RECORDER_TOKEN": server.token()})
        ended = run(member, "upload", str(video), "--json")

    assert (ended.code, ended.complaint) == (1, "")
    assert (ended.event["event"], ended.event["path"], ended.event["code"]) == (
        "failed",
        str(video),
        "bucket_missing",
    )
    assert ended.event["message"].startswith('The bucket "not-there" does not exist')


# --- a bucket of one's own ---------------------------------------------------------------------------------------


def test_ones_own_bucket_and_database_are_served_by_the_bundled_backend(
    own: Desktop, store_server: StoreServer, mongo_server: MongoServer, video: Path
) -> None:
    uploaded = run(own, "upload", str(video), "--json")

    event = uploaded.event
    with mongo_server.admin() as client:
        record = client[OWN_DATABASE].recordings.find_one({"recording_id": event["fileId"]})
    stored = store_server.client().get_object(Bucket=own.settings["S3_BUCKET"], Key=event["key"])["Body"].read()
    assert (uploaded.code, uploaded.complaint) == (0, "")
    assert (event["bucket"], event["durationSeconds"]) == (own.settings["S3_BUCKET"], pytest.approx(2.0, abs=0.1))
    assert [record[name] for name in ("key", "bucket", "size_bytes", "crc64nvme")] == [
        event[name] for name in ("key", "bucket", "size", "crc64nvme")
    ]
    assert stored == video.read_bytes()
    assert (own.home / "logs" / "backend.log").exists()
    assert not (own.home / "logs" / "store.log").exists()
    assert not list(own.home.glob("catalogue*"))


def test_f42_a_bucket_of_ones_own_that_is_not_there_is_not_made(
    own: Desktop, store_server: StoreServer, video: Path
) -> None:
    mistyped = with_settings(own, S3_BUCKET="mistyped")

    ended = run(mistyped, "upload", str(video), "--json")

    assert (ended.code, ended.complaint, ended.event["code"]) == (1, "", "bucket_missing")
    assert "mistyped" in ended.event["message"]
    assert "mistyped" not in [bucket["Name"] for bucket in store_server.client().list_buckets()["Buckets"]]


def test_wrong_keys_of_ones_own_bucket_are_named_at_once(own: Desktop, video: Path) -> None:
    mistyped = with_settings(own, AWS_SECRET_KEY="mistyped")

    ended = run(mistyped, "upload", str(video), "--json")

    assert (ended.code, ended.complaint, ended.event["code"]) == (1, "", "store_refused")
    assert "secret key" in ended.event["message"]


def test_f26_a_store_that_never_answers_fails_and_the_file_stays_queued(own: Desktop, video: Path) -> None:
    (port,) = free_ports(1)
    absent = with_settings(own, S3_ENDPOINT_URL=f"http://127.0.0.1:{port}", MONGO_URI="")

    ended = run(absent, "upload", str(video), "--json")

    assert (ended.code, ended.event["code"]) == (1, "server_unreachable")
    assert list(queue_states(absent).values()) == ["queued"]


def test_a_setting_that_the_backend_refuses_is_named(own: Desktop, video: Path) -> None:
    mistyped = with_settings(own, S3_CHECKSUM="nonsense")

    ended = run(mistyped, "upload", str(video), "--json")

    assert (ended.code, ended.event["code"]) == (1, "bad_settings")
    assert "S3_CHECKSUM" in ended.event["message"]
