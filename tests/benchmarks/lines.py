"""Lines that are not this computer's memory: a long one, on which parts must overlap, and a thin one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from recorder_desktop.config import SENDERS_SETTING
from tests.benchmarks import ours
from tests.benchmarks.line_proxy import Line, LineSample, LineShape, line
from tests.benchmarks.measuring import Command, run_for
from tests.benchmarks.peers import FILE_PEERS, PeerSettings
from tests.benchmarks.recordings import GIB, MIB, make_sparse, ram_folder
from tests.benchmarks.report import Section, Table, compare, mib_per_s
from tests.benchmarks.sinks import Target, sink
from tests.servers import free_ports

FIXED_SENDERS = (1, 2, 4, 8)
FILE_BYTES = 16 * GIB
"""Sparse, and never done in the time that it is given."""

LONG = LineShape(round_trip_s=0.1, rate_bytes_per_s=25e6, window_bytes=512 * 1024, queue_s=0.05)
LONG_RUN_S = 15.0
SETTLED_AFTER_S = 10.0
"""What is reached within a run of 15 s is the rate of its last five."""

THIN = LineShape(round_trip_s=0.04, rate_bytes_per_s=250e3, window_bytes=64 * 1024, queue_s=0.25)
THIN_RUN_S = 80.0
"""Longer than any of the uploaders waits for a sign of life, so that a part that is taken for dead shows."""

PEER_SETTINGS = PeerSettings(8, 8 * MIB)

METHOD = f"""Client and store, and client and backend, are at the two ends of a line that a proxy of this benchmark
models: {LONG.round_trip_s * 1000:.0f} ms round trip, {LONG.rate_bytes_per_s * 8 / 1e6:.0f} Mbit/s and windows of
{LONG.window_bytes // 1024} KiB a connection, so that one connection alone cannot fill it; and
{THIN.rate_bytes_per_s * 8 / 1e6:.0f} Mbit/s with {THIN.round_trip_s * 1000:.0f} ms. Bytes count when they arrive at
the far end. On the long line every uploader runs for {LONG_RUN_S:.0f} s, peers with {PEER_SETTINGS}; what it has
reached is its rate from second {SETTLED_AFTER_S:.0f} on. On the thin line this project alone runs for
{THIN_RUN_S:.0f} s, once. A part that was given up before its answer counts as broken."""


def measure(rounds: int) -> Section:
    """Measure both lines."""
    with ExitStack() as stack:
        file = make_sparse(stack.enter_context(ram_folder()) / "silence.wav", FILE_BYTES)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="recorder-benchmark-")))
        long_runs = [_round(folder, file, number) for number in range(rounds)]
        thin_runs = {
            _name_of(senders): _upload(folder, THIN, THIN_RUN_S, _recorder(file, senders)) for senders in (8, None)
        }
    return Section("Lines", METHOD, [_long_table(long_runs), _thin_table(thin_runs)])


@dataclass(frozen=True)
class _Far:
    """What is at the far end of a line, as seen from the near end."""

    team: ours.Team
    backend_url: str
    target: Target
    home: Path


@dataclass(frozen=True)
class _Passage:
    """What passed a line in one run, up to its interruption."""

    samples: Sequence[LineSample]
    seconds: float

    @property
    def end(self) -> LineSample:
        return self.samples[-1]

    def rate_bytes_per_s(self, from_s: float) -> float:
        """The mean rate from a second of the run to its end."""
        before = self._at(from_s)
        return (self.end.part_bytes - before.part_bytes) / (self.end.at - before.at)

    def _at(self, second: float) -> LineSample:
        instant = self.end.at - self.seconds + second
        return max((sample for sample in self.samples if sample.at <= instant), key=lambda sample: sample.at)


def _round(folder: Path, file: Path, number: int) -> Mapping[str, _Passage]:
    starters: dict[str, Callable[[_Far], Command]] = {
        _name_of(senders): _recorder(file, senders) for senders in (*FIXED_SENDERS, None)
    }
    for peer in FILE_PEERS:
        starters[peer.name] = lambda far, peer=peer: peer.upload(file, far.target, PEER_SETTINGS)  # type: ignore[misc]
    names = list(starters)
    first = number % len(names)
    order = names[first:] + names[:first]
    return {name: _upload(folder, LONG, LONG_RUN_S, starters[name]) for name in order}


def _name_of(senders: int | None) -> str:
    return f"{ours.NAME}, {senders} senders" if senders else ours.NAME


def _recorder(file: Path, senders: int | None) -> Callable[[_Far], Command]:
    def start(far: _Far) -> Command:
        ours.write_settings(far.home, {SENDERS_SETTING: str(senders)} if senders else {})
        return far.team.client(far.home, "upload", str(file), "--json", server_url=far.backend_url)

    return start


def _upload(folder: Path, shape: LineShape, seconds: float, starter: Callable[[_Far], Command]) -> _Passage:
    """Run an uploader on a new line for a while."""
    with _far_end(folder, shape) as (passed, far):
        done = run_for(starter(far), folder, seconds, grace_s=5.0)
        samples = [sample for sample in passed.samples() if sample.at <= done.began + seconds]
        return _Passage(samples, seconds)


@contextmanager
def _far_end(folder: Path, shape: LineShape) -> Iterator[tuple[Line, _Far]]:
    with ExitStack() as stack:
        place = stack.enter_context(sink(folder))
        backend_port = free_ports(1)[0]
        ports = [urlsplit(place.target.endpoint_url).port or 80, backend_port]
        passed = stack.enter_context(line(folder, shape, ports))
        store_url, backend_url = passed.urls
        public = {"S3_PUBLIC_ENDPOINT_URL": store_url}
        team = stack.enter_context(ours.team(folder, place.target, public, backend_port))
        home = folder / "home"
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        yield passed, _Far(team, backend_url, replace(place.target, endpoint_url=store_url), home)


def _long_table(rounds: Sequence[Mapping[str, _Passage]]) -> Table:
    passages = {name: [taken[name] for taken in rounds] for name in rounds[0]}
    reached = {
        name: median(each.rate_bytes_per_s(SETTLED_AFTER_S) for each in of_name) for name, of_name in passages.items()
    }
    moved = {name: median(each.end.part_bytes for each in of_name) / MIB for name, of_name in passages.items()}
    rows = [
        [
            name,
            mib_per_s(reached[name], 1),
            f"{moved[name]:.0f}",
            f"{max(each.end.most_at_once for each in passages[name])}",
            f"{max(each.end.broken for each in passages[name])}",
        ]
        for name in sorted(moved, key=lambda name: moved[name], reverse=True)
    ]
    columns = ["uploader", "MiB/s reached", f"MiB in {LONG_RUN_S:.0f} s", "most parts at once", "broken parts"]
    title = f"{LONG.round_trip_s * 1000:.0f} ms, {LONG.rate_bytes_per_s * 8 / 1e6:.0f} Mbit/s"
    of_peers = {peer.name: moved[peer.name] for peer in FILE_PEERS}
    verdict = compare(f"Sent in {LONG_RUN_S:.0f} s", moved[ours.NAME], of_peers, unit="MiB", more_is_better=True)
    return Table(title, columns, rows, [*_fixed_notes(passages, reached), verdict])


def _fixed_notes(passages: Mapping[str, Sequence[_Passage]], reached: Mapping[str, float]) -> list[str]:
    ignored = [
        _name_of(senders)
        for senders in FIXED_SENDERS
        if any(each.end.most_at_once > senders for each in passages[_name_of(senders)])
    ]
    if ignored:
        return [f"More parts at once than told in “{'”, “'.join(ignored)}”: this version does not read the setting."]
    best = max(map(_name_of, FIXED_SENDERS), key=lambda name: reached[name])
    share = reached[ours.NAME] / reached[best]
    return [f"By itself it reaches {share:.0%} of what its best fixed setting does ({best})."]


def _thin_table(passages: Mapping[str, _Passage]) -> Table:
    rows = [
        [
            name,
            f"{passage.rate_bytes_per_s(THIN_RUN_S / 2) / THIN.rate_bytes_per_s:.0%}",
            f"{passage.end.part_bytes / MIB:.1f}",
            f"{passage.end.most_at_once}",
            f"{passage.end.broken}",
        ]
        for name, passage in passages.items()
    ]
    columns = [
        "uploader",
        "of the line, second half",
        f"MiB in {THIN_RUN_S:.0f} s",
        "most parts at once",
        "broken parts",
    ]
    return Table(f"{THIN.rate_bytes_per_s * 8 / 1e6:.0f} Mbit/s", columns, rows)
