"""A thousand small recordings into a real store: ours with a record of each in MongoDB, the peers' without."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import ours
from tests.benchmarks.measuring import BenchmarkFailed, Command, Cost, Run, interleaved, medians, run, run_well
from tests.benchmarks.peers import FOLDER_PEERS, FolderPeer
from tests.benchmarks.recordings import MIB, make_noise, ram_folder
from tests.benchmarks.report import Section, Table, compare, megabytes, mib_per_s, shown
from tests.benchmarks.sinks import BUCKET, Target
from tests.servers import MongoServer, mongod_replica_set, seaweedfs

FILES = 1000
FILE_BYTES = 1 * MIB
DEADLINE_S = 900.0

METHOD = f"""{FILES:,} recordings of 1 MiB in one folder in memory are sent to a SeaweedFS on the disk, empty before
each run. Ours stores a record of each in a MongoDB replica set and checks every one; playing times are looked for
with what uploads leave of the processor, and are not waited for. The peers store the bytes. The processor time of the
backend is included, that of SeaweedFS and MongoDB is not. Afterwards the objects in the bucket are counted."""


def measure(rounds: int) -> Section:
    """Measure ours and every peer that can send a folder."""
    with ExitStack() as stack:
        recordings = stack.enter_context(ram_folder()) / "recordings"
        recordings.mkdir()
        for number in range(FILES):
            make_noise(recordings / f"recording-{number:04}.wav", FILE_BYTES)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="recorder-benchmark-")))
        mongo = stack.enter_context(mongod_replica_set(folder / "mongo"))
        bench = _Bench(recordings, folder, mongo)
        actions: dict[str, Callable[[], Run]] = {ours.NAME: bench.recorder}
        for peer in FOLDER_PEERS:
            actions[peer.name] = lambda peer=peer: bench.peer(peer)  # type: ignore[misc]
        costs = {name: medians(runs) for name, runs in interleaved(actions, rounds).items()}
    return Section("Many files", METHOD, [_table(costs)], bench.commands)


def _table(costs: Mapping[str, Cost]) -> Table:
    columns = ["uploader", "s", "fastest to slowest", "MiB/s", "CPU s", "RSS MB", "with children"]
    rows = [
        [
            name,
            f"{cost.seconds:.1f}",
            f"{cost.fastest_s:.1f} to {cost.slowest_s:.1f}",
            mib_per_s(FILES * FILE_BYTES, cost.seconds),
            f"{cost.cpu_s:.1f}",
            megabytes(cost.peak_rss_bytes),
            megabytes(cost.peak_tree_rss_bytes),
        ]
        for name, cost in sorted(costs.items(), key=lambda item: item[1].seconds)
    ]
    seconds = {name: cost.seconds for name, cost in costs.items()}
    cpu = {name: cost.cpu_s for name, cost in costs.items()}
    verdicts = [
        compare("Time", seconds.pop(ours.NAME), seconds, unit="s", more_is_better=False),
        compare("Processor time", cpu.pop(ours.NAME), cpu, unit="s", more_is_better=False),
    ]
    return Table(f"{FILES:,} x 1 MiB", columns, rows, verdicts)


class _Bench:
    """A folder to upload, and a store of its own for every upload. `commands`: what was run, by uploader."""

    def __init__(self, recordings: Path, folder: Path, mongo: MongoServer) -> None:
        self.commands: dict[str, str] = {}
        self._recordings = recordings
        self._folder = folder
        self._mongo = mongo
        self._numbers = count()

    def recorder(self) -> Run:
        """Upload as this project does, with a new home and an empty database."""
        number = next(self._numbers)
        catalogue = {"MONGO_URI": self._mongo.uri.replace("/?", f"/benchmark{number}?")}
        home = self._folder / f"home-{number}"
        with self._store() as target, ours.team(self._folder, target, catalogue) as team:
            command = team.client(home, "upload", str(self._recordings), "--json")
            self._show(f"{ours.NAME}, with RECORDER_SERVER and RECORDER_TOKEN", command, target)
            before_s = team.backend_cpu_s()
            done = run(command, self._folder, deadline_s=DEADLINE_S)
            backend_s = team.backend_cpu_s() - before_s
        shutil.rmtree(home)
        return ours.with_backend(ours.require_completed(done, FILES), backend_s)

    def peer(self, peer: FolderPeer) -> Run:
        """Upload as a peer does."""
        with self._store() as target:
            command = peer.upload_folder(self._recordings, target)
            self._show(f"{peer.name} {peer.version()}", command, target)
            return run_well(command, self._folder, deadline_s=DEADLINE_S)

    @contextmanager
    def _store(self) -> Iterator[Target]:
        """An empty store, in which every recording must be when the block ends."""
        os.sync()  # what the last run left to be written must not slow down this one
        with seaweedfs(self._folder / "store") as store:
            yield Target.of(store, store.create_bucket(BUCKET))
            pages = store.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
            sizes = [listed["Size"] for page in pages for listed in page.get("Contents", ())]
        if sizes != [FILE_BYTES] * FILES:
            raise BenchmarkFailed(f"the bucket holds {len(sizes)} objects of {sum(sizes)} bytes")

    def _show(self, name: str, command: Command, target: Target) -> None:
        names = {target.endpoint_url: "$STORE", str(self._recordings): self._recordings.name}
        self.commands[name] = shown(command, names)
