"""How much one core of the backend does: `python -m tests.benchmarks.backend_load`.

One backend process is kept on one core, and whoever asks it, its store and its database on the other. Requests come
at a steady rate whether or not earlier ones were answered, and latency counts from the instant at which a request was
due. A rate is held when every request succeeds and 99 of 100 are answered within 100 ms. Processor time is that of
the backend alone, at a rate that it holds with ease. What init and complete add is the time of the route less that of
every call that they make to store and database, made directly, in turn.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from backend.adapters.mongo_catalogue import MongoCatalogue
from backend.adapters.mongo_database import MongoDatabase
from backend.adapters.s3_clients import S3Connection
from backend.adapters.s3_object_store import S3ObjectStore, StoreOptions
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    PartToSign,
    Recording,
    SessionState,
    UploadSession,
    from_millis,
)
from tests.benchmarks.measuring import cpu_of
from tests.benchmarks.open_loop import Call, Load, send_at
from tests.benchmarks.report import Section, Table
from tests.fakes.memory_object_store import crc64
from tests.integration.backend_client import Client, place
from tests.servers import BackendServer, MongoServer, StoreServer, backend_program, mongod_replica_set, seaweedfs

ROUNDS = 3
BACKEND_CORE, OTHER_CORE = 0, 1
SECONDS = 4.0
SINGLE_RATES = (500, 1000, 1250, 1500, 1750, 2000, 2500, 3000)
BATCH = 100
BATCH_RATES = (25, 50, 75, 100, 125, 150, 200)
HELD_MS = 100.0
DESKTOPS = 200
PAIRS = 60
BODY = b"recorded" * 1024
A_LARGE_FILE = {"fileName": "talk.mp4", "fileSize": 10_000_000_000, "checksumAlgorithms": ["CRC64NVME", "MD5"]}


def measure(rounds: int) -> Section:
    """Measure with each catalogue."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="recorder-benchmark-")))
        store = stack.enter_context(seaweedfs(folder / "store"))
        mongo = stack.enter_context(mongod_replica_set(folder / "mongo"))
        for server in (store.process, *mongo.nodes):
            os.sched_setaffinity(server.pid, {OTHER_CORE})
        capacity, steady, cpu = [], [], []
        for name, settings in {"SQLite": {}, "MongoDB": {"MONGO_URI": mongo.uri}}.items():
            with _backend(store, folder, settings) as running:
                loads = _Loads(running)
                capacity.append([name, *(_spread(loads.most(kind), rounds) for kind in (loads.single, loads.batch))])
                steady.append([name, *_latencies(loads, rounds)])
                cpu.append([name, *_cpu_ms(loads, rounds)])
        added = _added(store, mongo, folder, rounds)
    method = (__doc__ or "").partition("\n\n")[2].strip().replace("\n", " ")
    return Section(
        "The backend on one core",
        method,
        [
            Table(
                "Presigning over HTTP", ["catalogue", "requests/s held", f"URLs/s in batches of {BATCH}"], capacity
            ),
            Table("Processor time of a request", ["catalogue", "one URL ms", f"{BATCH} URLs ms", "progress ms"], cpu),
            Table(f"{DESKTOPS} desktops, 200 requests/s", ["catalogue", "median ms", "p99 ms", "worst ms"], steady),
            Table("What a route adds", ["route", "route ms", "store and database alone ms", "added ms"], added),
        ],
    )


@contextmanager
def _backend(store: StoreServer, folder: Path, settings: Mapping[str, str]) -> Iterator[BackendServer]:
    bucket = store.create_bucket(f"load-{uuid.uuid4().hex[:8]}")
    env = store.backend_env(bucket) | {"RATE_LIMIT_PER_MINUTE": "0"} | dict(settings)
    with backend_program(env, folder / f"home-{uuid.uuid4().hex}") as running:
        os.sched_setaffinity(running.process.pid, {BACKEND_CORE})
        for thread in Path(f"/proc/{running.process.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {BACKEND_CORE})
        yield running


class _Loads:
    """The calls of 200 desktops, each with an open upload of its own."""

    def __init__(self, server: BackendServer) -> None:
        self.server = server
        self.single: list[Call] = []
        self.batch: list[Call] = []
        self.progress: list[Call] = []
        with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as http:
            for number in range(DESKTOPS):
                token = server.token(f"desktop-{number}")
                opened = http.post(
                    "/s3/init-upload", json=A_LARGE_FILE, headers={"Authorization": f"Bearer {token}"}
                ).json()
                part = {"contentLength": opened["partSize"], "checksum": "rosUhgp5mIg="}
                self.single.append(Call("/s3/presign-url", token, place(opened) | part | {"partNumber": 1 + number}))
                parts = [part | {"partNumber": 1 + each} for each in range(BATCH)]
                self.batch.append(Call("/s3/presign-urls", token, place(opened) | {"parts": parts}))
                self.progress.append(Call("/s3/progress", token, place(opened) | {"bytesConfirmed": number}))

    def send(self, calls: Sequence[Call], rate: float, seconds: float, connections: int) -> Load:
        return send_at(self.server.url, calls, rate, seconds, connections, OTHER_CORE)

    def most(self, calls: Sequence[Call]) -> Callable[[], float]:
        """Return what finds the highest rate that is held, counted in URLs."""
        rates, urls = (SINGLE_RATES, 1) if calls is self.single else (BATCH_RATES, BATCH)

        def find() -> float:
            held = 0.0
            for rate in rates:
                load = self.send(calls, rate, SECONDS, 16)
                if load.failed or load.percentile_ms(0.99) > HELD_MS:
                    break
                held = rate * urls
            return held

        return find


def _spread(find: Callable[[], float], rounds: int) -> str:
    found = sorted(find() for _ in range(rounds))
    return f"{median(found):,.0f}" + (f" ({found[0]:,.0f} to {found[-1]:,.0f})" if rounds > 1 else "")


def _latencies(loads: _Loads, rounds: int) -> list[str]:
    taken = [loads.send(loads.single, 200, 10.0, DESKTOPS) for _ in range(rounds)]
    if any(load.failed for load in taken):
        raise RuntimeError("some requests failed at 200 a second")
    return [f"{median(load.percentile_ms(share) for load in taken):.1f}" for share in (0.5, 0.99, 1.0)]


def _cpu_ms(loads: _Loads, rounds: int) -> list[str]:
    """The backend's processor time for a request of each kind, with all that it does beside them."""
    found = []
    for calls, rate in ((loads.single, 400), (loads.batch, 20), (loads.progress, 400)):
        taken = []
        for _ in range(rounds):
            before_s = cpu_of(loads.server.process.pid)
            if loads.send(calls, rate, SECONDS, 16).failed:
                raise RuntimeError(f"some requests failed at {rate} a second")
            taken.append((cpu_of(loads.server.process.pid) - before_s) / (rate * SECONDS) * 1000)
        found.append(f"{median(taken):.2f}")
    return found


def _added(store: StoreServer, mongo: MongoServer, folder: Path, rounds: int) -> list[list[str]]:
    with _backend(store, folder, {"MONGO_URI": mongo.uri}) as server:
        direct = _Direct(store, server.env["S3_BUCKET"], mongo)
        client = Client(server)
        times: dict[str, list[float]] = {"init": [], "init alone": [], "complete": [], "complete alone": []}
        for _ in range(PAIRS * rounds):
            with _timed(times["init"]):
                opened = client.init(clientUploadId=str(uuid.uuid4()), fileSize=len(BODY))
            part = client.send(opened, BODY)
            with _timed(times["complete"]):
                answer = client.complete(opened, [part], checksum=crc64(BODY))
            assert answer.status_code == 200, answer.text
            session = direct.session()
            with _timed(times["init alone"]):
                upload = direct.open(session)
            etag = direct.send(upload, client)
            with _timed(times["complete alone"]):
                direct.complete(upload, etag)
        client.close()
        direct.close()
    found = {name: median(each) for name, each in times.items()}
    return [
        [name, f"{found[name]:.1f}", f"{found[f'{name} alone']:.1f}", f"{found[name] - found[f'{name} alone']:.1f}"]
        for name in ("init", "complete")
    ]


class _Direct:
    """The calls to store and database that init and complete make, without the backend."""

    def __init__(self, store: StoreServer, bucket: str, mongo: MongoServer) -> None:
        connection = S3Connection(store.access_key, store.secret_key, store.region, store.endpoint_url)
        self._store = S3ObjectStore(StoreOptions(connection, bucket, "crc64nvme"))
        self._bucket = bucket
        self._catalogue = MongoCatalogue(MongoDatabase(mongo.uri.replace("/?", f"/direct{uuid.uuid4().hex}?")))

    def session(self) -> UploadSession:
        name, now = uuid.uuid4().hex, from_millis(int(time.time() * 1000))
        return UploadSession(
            session_id=name, owner_id="direct", client_upload_id=name, upload_id=None, key=f"direct/{name}.mp4",
            file_name="talk.mp4", content_type="video/mp4", folder_id=None, file_size_bytes=len(BODY),
            part_size_bytes=5 << 20, checksum_algorithm=ChecksumAlgorithm.CRC64NVME, crc64nvme=None,
            state=SessionState.UPLOADING, created_at=now, active_at=now,
        )  # fmt: skip

    def open(self, session: UploadSession) -> UploadSession:
        self._catalogue.reserve_session(session)
        upload_id = self._store.open_upload(session)
        return self._catalogue.swap_session(session, replace(session, upload_id=upload_id))

    def send(self, session: UploadSession, client: Client) -> str:
        signed = self._store.presign_part(
            session, session.upload_id or "", PartToSign(1, len(BODY), crc64(BODY)), 600
        )
        answer = client.store.put(signed.url, content=BODY, headers=dict(signed.headers))
        assert answer.status_code == 200, answer.text
        return str(answer.headers["ETag"]).strip('"')

    def complete(self, session: UploadSession, etag: str) -> None:
        upload_id = session.upload_id or ""
        self._catalogue.find_session("direct", upload_id)
        self._store.list_parts(session.key, upload_id)
        begun = replace(session, state=SessionState.COMPLETING, crc64nvme=crc64(BODY))
        self._catalogue.swap_session(session, begun)
        self._store.complete_upload(session.key, upload_id, [CompletedPart(1, etag)], crc64(BODY))
        self._store.head(session.key)
        recording = Recording(
            recording_id=session.session_id, owner_id="direct", upload_id=upload_id, bucket=self._bucket,
            key=session.key, file_name=session.file_name, content_type=session.content_type, folder_id=None,
            size_bytes=len(BODY), crc64nvme=crc64(BODY), created_at=session.created_at,
        )  # fmt: skip
        self._catalogue.complete_session(begun, recording)

    def close(self) -> None:
        self._catalogue.close()


@contextmanager
def _timed(times: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    times.append((time.perf_counter() - began) * 1000)


def main() -> None:
    """Print the tables."""
    for table in measure(ROUNDS).tables:
        print(table.title, *table.columns, sep=" | ")
        for row in table.rows:
            print("  ", *row, sep=" | ")


if __name__ == "__main__":
    main()
