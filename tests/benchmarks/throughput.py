"""One large file from memory to a discarding sink, plain and TLS: as fast as this computer moves bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import ours
from tests.benchmarks.measuring import BenchmarkFailed, Cost, Run, interleaved, medians, run, run_well
from tests.benchmarks.peers import CHECKING_PEERS, FILE_PEERS, Peer, PeerSettings
from tests.benchmarks.recordings import GIB, MIB, make_noise, ram_folder
from tests.benchmarks.report import Section, Table, compare, megabytes, mib_per_s, shown
from tests.benchmarks.sinks import Sink, sink

SIZES_BYTES = (1 * GIB, 4 * GIB)
TRIED_SETTINGS = [PeerSettings(parts, size * MIB) for parts, size in product((2, 4, 8), (8, 16, 64))]
TUNED_FROM_ROUNDS = 3
"""With fewer rounds this is a quick look, and peers keep their usual settings."""
DEADLINE_S = 300.0

METHOD = """A file in memory is sent to a sink that throws it away, over plain HTTP and over TLS. Before the rounds
every peer is tried with 2, 4 and 8 parts at once of 8, 16 and 64 MiB on the smaller file, and keeps what was fastest;
this project chooses for itself. What it does besides, most peers leave out: a checksum of every part, which the store
is asked to check (the sink only notes it), a record, and a look at the object afterwards. Two rows “with CRC64” have
parts checked as well. Memory is the peak of the uploader's own process, and of it and its children together
(ours runs ffprobe only for what is not a plain WAV or MP4)."""


@dataclass(frozen=True)
class _Bench:
    """A sink with everybody who may upload to it."""

    place: Sink
    team: ours.Team
    folder: Path
    numbers: count[int]

    def recorder(self, file: Path) -> Run:
        """Upload as this project does, with a new home, the backend's processor time included."""
        home = self.folder / f"home-{next(self.numbers)}"
        before_s = self.team.backend_cpu_s()
        done = run(self.team.client(home, "upload", str(file), "--json"), self.folder, deadline_s=DEADLINE_S)
        backend_s = self.team.backend_cpu_s() - before_s
        shutil.rmtree(home)
        return ours.with_backend(ours.require_completed(done, 1), backend_s)

    def peer(self, peer: Peer, file: Path, settings: PeerSettings) -> Run:
        """Upload as a peer does."""
        done = run_well(peer.upload(file, self.place.target, settings), self.folder, deadline_s=DEADLINE_S)
        if self.place.stored_bytes(file.name) != file.stat().st_size:
            raise BenchmarkFailed(f"{peer.name} did not upload all of it")
        return done

    def best_settings(self, peer: Peer, file: Path) -> PeerSettings:
        """What this peer is fastest with on this computer."""
        return min(TRIED_SETTINGS, key=lambda settings: self.peer(peer, file, settings).seconds)


def measure(rounds: int) -> Section:
    """Measure every size on both transports."""
    tables: list[Table] = []
    commands: dict[str, str] = {}
    with ram_folder() as memory:
        warm_up = make_noise(memory / "warm-up.wav", 16 * MIB)
        files = [make_noise(memory / f"recording-{size // GIB}-gib.wav", size) for size in SIZES_BYTES]
        for tls in (False, True):
            measured, commands = _transport(files, warm_up, rounds, tls=tls)
            tables += measured
    return Section("Throughput", METHOD, tables, commands)


def _transport(files: Sequence[Path], warm_up: Path, rounds: int, *, tls: bool) -> tuple[list[Table], dict[str, str]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="recorder-benchmark-")))
        place = stack.enter_context(sink(folder, tls=tls))
        bench = _Bench(place, stack.enter_context(ours.team(folder, place.target)), folder, count())
        # A program that was never read from the disk would pay for that in its first round.
        bench.recorder(warm_up)
        for peer in FILE_PEERS:
            bench.peer(peer, warm_up, PeerSettings())
        tuned = rounds >= TUNED_FROM_ROUNDS
        settings = {p.name: bench.best_settings(p, files[0]) if tuned else PeerSettings() for p in FILE_PEERS}
        tables = [_table(bench, file, settings, rounds, "TLS" if tls else "plain HTTP") for file in files]
        return tables, _commands(bench, files[0], settings)


def _table(bench: _Bench, file: Path, settings: Mapping[str, PeerSettings], rounds: int, transport: str) -> Table:
    actions: dict[str, Callable[[], Run]] = {ours.NAME: lambda: bench.recorder(file)}
    for peer in FILE_PEERS:
        actions[peer.name] = lambda peer=peer: bench.peer(peer, file, settings[peer.name])  # type: ignore[misc]
    costs = {name: medians(runs) for name, runs in interleaved(actions, rounds).items()}
    size = file.stat().st_size
    title = f"{size // GIB} GiB, {transport}"
    columns = ["uploader", "parts", "MiB/s", "slowest to fastest", "CPU s", "RSS MB", "with children"]
    ranked = sorted(costs, key=lambda name: costs[name].seconds)
    rows = [_row(name, costs[name], size, str(settings.get(name, "its own choice"))) for name in ranked]
    return Table(title, columns, rows, _verdicts(costs, size))


def _row(name: str, cost: Cost, size: int, settings: str) -> list[str]:
    spread = f"{mib_per_s(size, cost.slowest_s)} to {mib_per_s(size, cost.fastest_s)}"
    memory = [megabytes(cost.peak_rss_bytes), megabytes(cost.peak_tree_rss_bytes)]
    return [name, settings, mib_per_s(size, cost.seconds), spread, f"{cost.cpu_s:.2f}", *memory]


def _verdicts(costs: Mapping[str, Cost], size: int) -> list[str]:
    rates = {name: size / cost.seconds / MIB for name, cost in costs.items()}
    cpu = {name: cost.cpu_s for name, cost in costs.items()}
    our_rate, our_cpu = rates.pop(ours.NAME), cpu.pop(ours.NAME)
    checking = {peer.name: rates[peer.name] for peer in CHECKING_PEERS}
    return [
        compare("Rate", our_rate, rates, unit="MiB/s", more_is_better=True),
        compare("Rate of those that have parts checked", our_rate, checking, unit="MiB/s", more_is_better=True),
        compare("Processor time", our_cpu, cpu, unit="s", more_is_better=False),
    ]


def _commands(bench: _Bench, file: Path, settings: Mapping[str, PeerSettings]) -> dict[str, str]:
    target = bench.place.target
    names = {target.endpoint_url: "$SINK", str(file): file.name, str(target.authority): "$AUTHORITY"}
    client = bench.team.client(Path("home"), "upload", str(file), "--json")
    commands = {f"{ours.NAME}, with RECORDER_SERVER and RECORDER_TOKEN": shown(client, names)}
    for peer in FILE_PEERS:
        command = peer.upload(file, target, settings[peer.name])
        commands[f"{peer.name} {peer.version()}"] = shown(command, names)
    return commands
