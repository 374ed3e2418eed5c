"""The client is killed with -9 while parts flow, and started again until the recording has arrived.

All processes are real: client, backend, store and database, and between client and store a line that counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from backend.model import PROBE_PREFIX
from recorder_desktop.destinations import LOCAL_USER
from recorder_desktop.system.local_stack import BUCKET, LocalStack
from recorder_desktop.system.paths import RecorderPaths
from tests.e2e.counting_proxy import CountingProxy, counting_proxy
from tests.e2e.desktop import Desktop
from tests.e2e.recordings import make_noise
from tests.servers import BackendServer, MongoServer, StoreServer, backend, s3_client
from tests.waiting import wait_for

PART_BYTES = 8 << 20
SENDERS = 4
IN_FLIGHT_BYTES = SENDERS * PART_BYTES
"""What a kill may cost: the parts of all senders."""
RATE_BYTES_PER_S = 64e6
KILLS = 5


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """10 parts, the last one short."""
    folder = tmp_path_factory.mktemp("recording")
    yield make_noise(folder / "noise.wav", duration_s=145)
    shutil.rmtree(folder)


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("RECORDER_TEST_SEED") or secrets.randbits(32))
    print(f"RECORDER_TEST_SEED={seed} chooses the same instants again")  # shown when the test fails
    return random.Random(seed)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A person's home; emptied at once, since recordings are large."""
    yield tmp_path
    shutil.rmtree(tmp_path)


def with_few_senders(desktop: Desktop) -> Desktop:
    """The same person, whose settings say so."""
    desktop.home.mkdir(mode=0o700)
    (desktop.home / "settings.toml").write_text(f"[transfers]\nsenders = {SENDERS}\n")
    return desktop


@dataclass(frozen=True)
class Team:
    """A team's backend, its bucket, and the one line to it that clients have."""

    store: StoreServer
    bucket: str
    server: BackendServer
    line: CountingProxy

    def member(self, folder: Path) -> Desktop:
        """Somebody of the team, signed in."""
        settings = {"RECORDER_SERVER": self.server.url, "RECORDER_TOKEN": self.server.token()}
        return with_few_senders(Desktop(folder, settings))

    def held_bytes(self) -> int:
        """The bytes of all whole parts that the store holds of the one open upload."""
        client = self.store.client()
        (upload,) = open_uploads(client, self.bucket)
        listed = client.list_parts(Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        return sum({part["PartNumber"]: part["Size"] for part in listed.get("Parts", ())}.values())


@contextmanager
def team(store: StoreServer, folder: Path, catalogue: Mapping[str, str]) -> Iterator[Team]:
    bucket = store.create_bucket(f"killed-{secrets.token_hex(4)}")
    with counting_proxy(store.endpoint_url, RATE_BYTES_PER_S) as line:
        settings = {**store.backend_env(bucket), "S3_PUBLIC_ENDPOINT_URL": line.url, **catalogue}
        with backend(settings, folder / "backend") as server:
            yield Team(store, bucket, server, line)


def kill_after(desktop: Desktop, arguments: list[str], line: CountingProxy, count: float) -> None:
    """Start the client, and kill it when it has sent `count` more bytes."""
    enough = line.all_put_bytes() + count
    with desktop.started(*arguments) as client:
        wait_for(lambda: line.all_put_bytes() > enough or client.poll() is not None, "parts on the line", 60.0)
        assert client.poll() is None, "the client ended before it could be killed"
        client.kill()


def assert_stored_once(s3: Any, bucket: str, recording: Path, records: list[dict[str, Any]]) -> None:
    """One object with the recording's bytes, one record of it, and nothing half done."""
    assert [(record["fileName"], record["size"]) for record in records] == [
        (recording.name, recording.stat().st_size)
    ]
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [records[0]["key"]]
    assert open_uploads(s3, bucket) == []
    stored = hashlib.sha256()
    for block in s3.get_object(Bucket=bucket, Key=records[0]["key"])["Body"].iter_chunks(1 << 20):
        stored.update(block)
    with recording.open("rb") as source:
        assert stored.hexdigest() == hashlib.file_digest(source, "sha256").hexdigest()


def open_uploads(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """The multipart uploads in a bucket, without those by which a backend that has just started tries its store."""
    listed = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", ())
    return [upload for upload in listed if not upload["Key"].startswith(PROBE_PREFIX)]


def finish(desktop: Desktop, recording: Path) -> None:
    """Let the client go on until it says that the recording is stored."""
    events = [json.loads(line) for line in desktop.run("resume", "--json").splitlines()]
    assert [(event["event"], event["path"]) for event in events] == [("completed", str(recording))]
    assert [row["state"] for row in desktop.queue()] == ["completed"]


def library(desktop: Desktop) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(desktop.run("library", "--json"))
    return listed


def test_f55_a_client_killed_again_and_again_never_resends_a_part_that_had_arrived(
    store_server: StoreServer, recording: Path, folder: Path, chance: random.Random
) -> None:
    size_bytes = recording.stat().st_size
    arguments = ["upload", str(recording), "--json"]
    held_bytes = 0
    with team(store_server, folder, catalogue={}) as there:
        desktop = there.member(folder)
        for kills in range(1, KILLS + 1):
            most = min(1.5 * IN_FLIGHT_BYTES, (size_bytes - held_bytes) / 2)
            kill_after(desktop, arguments, there.line, chance.uniform(0, most))
            arguments = ["resume", "--json"]
            wait_for(there.line.is_idle, "the end of what was on its way")
            held_bytes = there.held_bytes()
            assert there.line.all_put_bytes() <= held_bytes + kills * IN_FLIGHT_BYTES
        lost_bytes = there.line.all_put_bytes() - held_bytes
        there.line.rate_bytes_per_s = None

        finish(desktop, recording)

        assert there.line.all_put_bytes() <= size_bytes + lost_bytes
        assert_stored_once(store_server.client(), there.bucket, recording, library(desktop))


def test_f55_one_kill_costs_no_more_than_the_parts_that_were_in_flight(
    store_server: StoreServer, mongo_server: MongoServer, recording: Path, folder: Path, chance: random.Random
) -> None:
    size_bytes = recording.stat().st_size
    database = f"killed_{secrets.token_hex(4)}"
    mongo_uri = mongo_server.uri.replace("/?", f"/{database}?")
    with team(store_server, folder, catalogue={"MONGO_URI": mongo_uri}) as there:
        desktop = there.member(folder)
        # So late that sending all of it again would cost far more.
        kill_after(desktop, ["upload", str(recording)], there.line, chance.uniform(0.7, 0.9) * size_bytes)

        finish(desktop, recording)  # at once: bytes of the killed client are still on their way

        assert size_bytes <= there.line.all_put_bytes() <= size_bytes + IN_FLIGHT_BYTES
        assert_stored_once(store_server.client(), there.bucket, recording, library(desktop))


def test_f54_f55_killed_in_local_mode_the_client_takes_its_children_along_and_goes_on_at_the_next_start(
    recording: Path, folder: Path, chance: random.Random
) -> None:
    desktop = with_few_senders(Desktop(folder))
    arguments = ["upload", str(recording), "--json"]
    for _ in range(KILLS):
        # Little, since nothing slows the way to this store.
        enough = desktop.stored_bytes() + chance.uniform(0, PART_BYTES)
        with desktop.started(*arguments) as client:
            wait_for(lambda: desktop.stored_bytes() > enough or client.poll() is not None, "parts in the store", 60.0)  # noqa: B023 - runs within this round
            assert client.poll() is None, "the client ended before it could be killed"
            client.kill()
            client.wait(10)
        wait_for(lambda: not desktop.processes(), "the end of all children", 5.0)
        arguments = ["resume", "--json"]

    finish(desktop, recording)

    assert not desktop.processes()
    with local_stack(desktop) as (s3, records):
        assert_stored_once(s3, BUCKET, recording, records)


@contextmanager
def local_stack(desktop: Desktop) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """A client of the embedded store, and the records of the catalogue beside it."""
    stack = LocalStack(RecorderPaths(desktop.home))
    stack.start()
    try:
        url = stack.wait_ready(30).url
        headers = {"Authorization": f"Bearer {stack.mint_token(LOCAL_USER, 60)}"}
        with urllib3.PoolManager(retries=False) as pool:
            records = pool.request("GET", f"{url}/recordings", headers=headers).json()["items"]
        store = stack._store
        assert store is not None
        yield s3_client(store.endpoint_url, store.keys.access_key, store.keys.secret_key, "us-east-1"), records
    finally:
        stack.stop()
