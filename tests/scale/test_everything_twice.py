"""A database primary, a backend and a volume server die while 50 recordings are on their way. All of them arrive.

Two backends behind a round-robin proxy, a MongoDB replica set of three and a SeaweedFS with three volume servers that
keeps everything twice. Four people upload, so that 50 recordings are at work at once.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from tests.e2e.command_line import Ended, end_of
from tests.e2e.counting_proxy import CountingProxy, counting_proxy
from tests.e2e.desktop import Desktop
from tests.scale.balancer import balancer
from tests.scale.store_cluster import StoreCluster, seaweedfs_cluster
from tests.servers import BackendServer, MongoServer, backend, mongod_replica_set
from tests.waiting import wait_for

RECORDINGS_OF = {"ada": 13, "bob": 13, "cleo": 12, "dan": 12}
SIZES_BYTES = (5 << 20, 9 << 20)
"""From a single PUT to two parts. All of a person's together leave each of them a place at work."""
THIN_BYTES_PER_S = 1e6
"""Until all are at work."""
RATE_BYTES_PER_S = 24e6
"""Slow enough that all three deaths fall into the uploads."""
DEADLINE_S = 150.0


@dataclass(frozen=True)
class Installation:
    """Everything that a team runs."""

    url: str
    backends: list[BackendServer]
    mongo: MongoServer
    cluster: StoreCluster
    bucket: str
    line: CountingProxy = field(repr=False)

    def database(self, client: Any) -> Any:
        return client.get_database("recorder")

    def kill_primary(self) -> None:
        """Kill the node that takes the writes."""
        with self.mongo.admin() as client:
            client.admin.command("ping")
            port = client.primary[1]
        self.mongo.kill(self.mongo.ports.index(port))

    def kill_backend(self) -> None:
        self.backends[0].kill()

    def kill_volume_server(self) -> None:
        self.cluster.kill_volume_server(self.cluster.busiest_volume_server())


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        cluster = stack.enter_context(seaweedfs_cluster(tmp_path / "store"))
        mongo = stack.enter_context(mongod_replica_set(tmp_path / "mongo", nodes=3))
        bucket = cluster.store.create_bucket(f"team-{secrets.token_hex(4)}")
        line = stack.enter_context(counting_proxy(cluster.store.endpoint_url, THIN_BYTES_PER_S))
        settings = cluster.store.backend_env(bucket) | {
            "MONGO_URI": mongo.uri,
            "S3_PUBLIC_ENDPOINT_URL": line.url,
            "JWT_SECRET": secrets.token_hex(32),
        }
        backends = [
            stack.enter_context(backend(settings, tmp_path / f"backend{number}", ready=number == 1))
            for number in range(2)
        ]
        url = stack.enter_context(balancer(tmp_path / "balancer", [each.url for each in backends]))
        yield Installation(url, backends, mongo, cluster, bucket, line)


@dataclass(frozen=True)
class Person:
    """Somebody who uploads a folder of recordings."""

    name: str
    desktop: Desktop
    recordings: dict[str, str]  # file name to SHA-256

    @property
    def folder(self) -> Path:
        return self.desktop.folder / self.name

    @contextmanager
    def uploading(self) -> Iterator[Popen[str]]:
        arguments = ["upload", str(self.folder), "--directory", self.name, "--json"]
        with self.desktop.started(*arguments) as process:
            yield process


def test_fifty_uploads_outlive_a_primary_a_backend_and_a_volume_server(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [_person(installation, tmp_path, name, count) for name, count in RECORDINGS_OF.items()]
    total_bytes = sum(file.stat().st_size for person in people for file in person.folder.iterdir())
    began = time.monotonic()
    deaths: list[str] = []

    def kill_when(share: float, what: str, kill: Callable[[], None]) -> None:
        wait_for(lambda: installation.line.all_put_bytes() > share * total_bytes, f"{share:.0%} sent", DEADLINE_S)
        kill()
        deaths.append(f"{what} killed with {share:.0%} sent and {_at_work(people)} recordings at work")

    with ExitStack() as stack:
        processes = [stack.enter_context(person.uploading()) for person in people]
        wait_for(lambda: _at_work(people) == sum(RECORDINGS_OF.values()), "50 recordings at work", DEADLINE_S)
        installation.line.rate_bytes_per_s = RATE_BYTES_PER_S
        kill_when(0.1, "volume server", installation.kill_volume_server)
        kill_when(0.3, "database primary", installation.kill_primary)
        kill_when(0.5, "backend", installation.kill_backend)
        ended = [end_of(process, DEADLINE_S) for process in processes]
    took_s = time.monotonic() - began

    assert [each.code for each in ended] == [0] * len(people), [each.complaint[-1000:] for each in ended]
    mismatches = sum(_mismatches(installation, *pair) for pair in zip(people, ended, strict=True))
    resent_bytes = installation.line.all_put_bytes() - total_bytes
    with capsys.disabled():
        print("", *deaths, sep="\n  ")
        print(f"  files: {sum(RECORDINGS_OF.values())}, {total_bytes / 1e6:.0f} MB in {took_s:.0f} s", end=", ")
        print(f"sent again: {resent_bytes / 1e6:.0f} MB, mismatches: {mismatches}")
    assert mismatches == 0
    assert _open_uploads(installation) == []


def _person(installation: Installation, tmp_path: Path, name: str, count: int) -> Person:
    token = installation.backends[1].token(user=name)
    desktop = Desktop(tmp_path / name, {"RECORDER_SERVER": installation.url, "RECORDER_TOKEN": token})
    folder = desktop.folder / name
    folder.mkdir(parents=True)
    made = {}
    for number in range(count):
        smallest, biggest = SIZES_BYTES
        content = secrets.token_bytes(smallest + (biggest - smallest) * number // count)
        (folder / f"{name} {number}.wav").write_bytes(content)
        made[f"{name} {number}.wav"] = hashlib.sha256(content).hexdigest()
    return Person(name, desktop, made)


def _at_work(people: list[Person]) -> int:
    return sum(state in ("uploading", "finalising") for person in people for state in person.desktop.states())


def _open_uploads(installation: Installation) -> list[str]:
    client = installation.cluster.store.client()
    uploads = client.list_multipart_uploads(Bucket=installation.bucket).get("Uploads", [])
    return [upload["Key"] for upload in uploads]


def _mismatches(installation: Installation, person: Person, ended: Ended) -> int:
    """How many of a person's recordings are not, once and whole, in the store and in the catalogue."""
    client = installation.cluster.store.client()
    completed = {event["fileName"]: event for event in ended.events}
    with installation.mongo.admin() as mongo:
        recorded = list(installation.database(mongo).recordings.find({"owner_id": person.name}))
    wrong = abs(len(recorded) - len(person.recordings))
    for name, expected in person.recordings.items():
        stored = client.get_object(Bucket=installation.bucket, Key=completed[name]["key"])["Body"].read()
        records = [record for record in recorded if record["key"] == completed[name]["key"]]
        wrong += hashlib.sha256(stored).hexdigest() != expected or len(records) != 1
    return wrong
