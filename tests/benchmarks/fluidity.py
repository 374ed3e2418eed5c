"""How fluid the window is with a queue of 100,000: how long its event loop keeps waiting, and what it costs."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from recorder_desktop.config import LIMIT_SETTING
from recorder_desktop.core.model import StoredRecording, Upload, UploadState
from recorder_desktop.core.order import GAP
from recorder_desktop.core.recordings import content_type_of
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.transfer.source_file import read_identity
from tests.benchmarks import ours
from tests.benchmarks.bare_clock import BareClock
from tests.benchmarks.fluid_window import BEGAN, IDLE_S
from tests.benchmarks.measuring import BenchmarkFailed, Command, run
from tests.benchmarks.recordings import GIB, make_sparse, ram_folder
from tests.benchmarks.report import Section, Table, megabytes
from tests.benchmarks.sinks import sink
from tests.e2e.display import x_display

ROWS = 100_000
DONE = 1_000
LARGE, LARGE_BYTES = 8, 64 * GIB
DEADLINE_S = 1200.0

KINDS = ("resting", "uploading", "small files", "on a gigabit line", "adding")
_WITH_LARGE = ("uploading", "on a gigabit line")
_UPLOADING = (*_WITH_LARGE, "small files")
_GIGABIT = "110 MB/s"
"""What is left of a gigabit for the bytes of files."""

METHOD = f"""The real app in a process of its own, on an X server without a screen: window, engine, and a SQLite
queue of {ROWS:,} uploads, {DONE:,} of them stored. In one run the others are paused; in another they wait, {LARGE}
of {LARGE_BYTES // GIB} GiB before the small ones, and go at full speed through a backend to the discarding sink, all
on the same processor. In a third run nothing but the small ones goes out, of some 10 to 110 KB each, as fast as they
can. In a fourth the large ones go on under a limit of {_GIGABIT}, as on a line of a gigabit. In a fifth a folder of
{ROWS:,} recordings is added to an empty queue, and uploading begins. A timer in the window's
event loop should come every five milliseconds; by how much it comes late is how long anything else would have
waited: painting, Python's lock held by other threads, and pauses to collect garbage included. Waits are counted for
each tick that was missed, so that a long one weighs as much as it lasts. “own” is the most processor time that the
window's thread took between two ticks. “idle process” is how late another process came that did nothing but sleep
five milliseconds at a time: what the computer itself makes wait. A person's doings are acted out on the real
widgets. The resident memory is that of the window's process at the end of its run; of the
program that moves the bytes of files it is the most that it took."""


@dataclass(frozen=True)
class _Place:
    """What the runs share: the team to upload to, the recordings, and room for homes."""

    team: ours.Team
    recordings: Path
    large: Sequence[Path]
    folder: Path


def measure(rounds: int) -> Section:
    """Take every run `rounds` times."""
    with ExitStack() as stack:
        memory = stack.enter_context(ram_folder())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="recorder-benchmark-")))
        target = stack.enter_context(sink(folder)).target
        large = [make_sparse(memory / f"large-{number}.wav", LARGE_BYTES) for number in range(LARGE)]
        place = _Place(stack.enter_context(ours.team(folder, target)), _make_small(memory / "small"), large, folder)
        found = {kind: [_run(kind, place) for _ in range(rounds)] for kind in KINDS}
    return Section("A queue of 100,000", METHOD, [_waits(found), _others(found)])


def _make_small(folder: Path) -> Path:
    """Recordings of silence, each of another size, that take no room."""
    folder.mkdir()
    for number in range(ROWS):
        path = folder / f"recording {number:06}.wav"
        path.touch()
        os.truncate(path, 10_000 + number)
    return folder


def _run(kind: str, place: _Place) -> dict[str, dict[str, float]]:
    """One run of the app, as the figures of each scenario by its name."""
    with TemporaryDirectory(dir=place.folder) as folder, x_display() as display:
        home = Path(folder, "home")
        rows = ROWS if kind == "adding" else _fill(home, kind, place)
        if kind == "on a gigabit line":
            ours.write_settings(home, {LIMIT_SETTING: _GIGABIT})
        client = place.team.client(home)
        program = [sys.executable, "-m", "tests.benchmarks.fluid_window", kind, str(rows), str(place.recordings)]
        told = {BEGAN: str(time.monotonic()), "DISPLAY": display, "PYTHONPATH": os.getcwd()}  # noqa: PTH109
        clock = BareClock()
        with clock.running():
            done = run(Command(program, dict(client.env) | told), Path(folder), deadline_s=DEADLINE_S)
    said = [json.loads(line) for line in done.output.splitlines() if line.startswith('{"scenario"')]
    if done.exit_code != 0:
        raise BenchmarkFailed(f"exit code {done.exit_code}: {done.output[-3000:]}")
    for each in said:
        if "began" in each:
            began = each.pop("began")
            each["bare_p99_ms"], each["bare_longest_ms"] = clock.between(began, began + each["seconds"])
        print(f"    {kind}: {each}", file=sys.stderr, flush=True)
    return {each.pop("scenario"): each for each in said}


def _fill(home: Path, kind: str, place: _Place) -> int:
    """Write a queue as the app would have left it; returns how many rows it has."""
    paths = RecorderPaths(home)
    paths.create()
    store = SqliteUploadStore(paths.queue_database)
    store.insert(list(_uploads(kind, place)))
    store.close()
    return ROWS


def _uploads(kind: str, place: _Place) -> Iterator[Upload]:
    small = sorted(place.recordings.iterdir())
    large = place.large if kind in _WITH_LARGE else []
    files = [*small[:DONE], *large, *small[DONE:]][:ROWS]
    for position, path in enumerate(files):
        is_done = position < DONE
        waiting = UploadState.QUEUED if kind in _UPLOADING else UploadState.PAUSED
        yield Upload(
            id=f"{position:012x}",
            # Another one in each run: the backend would find what the last run has sent, and have it read again.
            client_upload_id=str(uuid.uuid4()),
            path_text=str(path),
            identity=read_identity(path),
            content_type=content_type_of(path),
            destination=place.team.server.url,
            directory="",
            folder_id=None,
            position=position * GAP,
            created_at="2026-01-01T00:00:00Z",
            state=UploadState.COMPLETED if is_done else waiting,
            duration_s=1.0,
            recording=_recording(path) if is_done else None,
        )


def _recording(path: Path) -> StoredRecording:
    return StoredRecording(
        file_id=path.name,
        file_name=path.name,
        key=f"recordings/{path.name}",
        bucket="recordings",
        file_url=f"https://store.example.org/recordings/{path.name}",
        size_bytes=path.stat().st_size,
        content_type=content_type_of(path),
        crc64nvme="AAAAAAAAAAA=",
        duration_s=1.0,
        created_at="2026-01-01T00:00:00Z",
    )


_Found = dict[str, list[dict[str, dict[str, float]]]]


def _waits(found: _Found) -> Table:
    columns = ["run", "what is done", "s", "CPU s", "median ms", "p99 ms", "longest ms", "own ms", "collector ms"]
    columns += ["idle process: p99 ms", "its longest ms"]
    rows = []
    for kind, rounds in found.items():
        for name, first in rounds[0].items():
            if "p99_ms" in first:
                of = {key: median(each[name][key] for each in rounds) for key in first}
                figures = [of["seconds"], of["cpu_s"], of["median_ms"], of["p99_ms"]]
                figures += [
                    of["longest_ms"],
                    of["own_ms"],
                    of["collecting_ms"],
                    of["bare_p99_ms"],
                    of["bare_longest_ms"],
                ]
                rows.append([kind, name, *(f"{figure:.1f}" for figure in figures)])
    return Table("How long the event loop lets wait", columns, rows)


def _others(found: _Found) -> Table:
    def middle(kind: str, name: str, key: str) -> float:
        return median(each[name][key] for each in found[kind])

    rows = [
        *(
            [f"{words}, {kind}", f"{middle(kind, 'start', key):.2f} s"]
            for kind in ("resting", "uploading")
            for words, key in (
                ("start to a window", "window_s"),
                ("start to the first rows of the list", "usable_s"),
                ("start to a whole list", "listed_s"),
                ("processor time of that", "cpu_s"),
            )
        ),
        ["a folder's first rows", f"{middle('adding', 'added', 'first_s'):.2f} s"],
        [f"all {ROWS:,} of them", f"{middle('adding', 'added', 'all_s'):.1f} s"],
        *(
            [f"stored a second, {kind}", f"{megabytes(middle(kind, 'uploaded', 'bytes_per_s'))} MB"]
            for kind in _UPLOADING
        ),
        [f"processor while idle, over {IDLE_S:.0f} s", f"{100 * middle('resting', 'idle', 'share'):.2f} %"],
        *([f"memory, {kind}", f"{megabytes(middle(kind, 'memory', 'rss_bytes'))} MB"] for kind in KINDS),
        *([f"its peak, {kind}", f"{megabytes(middle(kind, 'memory', 'peak_bytes'))} MB"] for kind in KINDS),
        *(
            [
                f"beside it, {kind}: what moves the bytes",
                f"{megabytes(middle(kind, 'uploaded', 'program_peak_bytes'))} MB",
            ]
            for kind in _UPLOADING
        ),
    ]
    return Table("Start, rest and memory", ["", "median"], rows)
