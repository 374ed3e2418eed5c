"""How much memory the client takes, for a file of 1 GiB and for one of 100 GiB, sampled while it sends."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from recorder_desktop.config import SENDERS_SETTING
from tests.benchmarks import ours
from tests.benchmarks.measuring import BenchmarkFailed, Run, Sample, run
from tests.benchmarks.recordings import GIB, make_sparse, ram_folder
from tests.benchmarks.report import Section, Table, megabytes, shown
from tests.benchmarks.sinks import sink

SENDERS = 8
SIZES_BYTES = (1 * GIB, 100 * GIB)
LONGEST_S = 60.0
"""A run that is not done by then is interrupted (SIGINT): what it takes by then, it takes for ever."""
SHOWN_EVERY_S = 5.0
INTERRUPTED = 130

METHOD = f"""Sparse recordings are sent to the discarding sink over plain HTTP with {SENDERS} senders. A run that is
not done after {LONGEST_S:.0f} s is interrupted. Memory is resident memory, sampled twenty times a second: of the
client's own process, and of it and its children (ffprobe and the program that asks it) together. What several
processes share counts for each."""


def measure(rounds: int) -> Section:
    """Measure each size; the samples that are shown are those of the first round."""
    with ExitStack() as stack:
        memory = stack.enter_context(ram_folder())
        files = [make_sparse(memory / f"silence-{size // GIB}-gib.wav", size) for size in SIZES_BYTES]
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="recorder-benchmark-")))
        place = stack.enter_context(sink(folder))
        team = stack.enter_context(ours.team(folder, place.target))
        runs = {file: [_upload(team, file, folder) for _ in range(rounds)] for file in files}
        command = shown(team.client(folder / "home", "upload", str(files[-1]), "--json"), {str(memory): "."})
    columns = ["file", "peak MB", "peak MB with children", "median MB", "after s"]
    rows = [_row(file, of_file) for file, of_file in runs.items()]
    text = "\n".join(_series(file, of_file[0].samples) for file, of_file in runs.items())
    return Section("Memory", METHOD, [Table("Resident memory", columns, rows)], {ours.NAME: command}, text)


def _upload(team: ours.Team, file: Path, folder: Path) -> Run:
    home = folder / "home"
    ours.write_settings(home, {SENDERS_SETTING: str(SENDERS)})
    done = run(
        team.client(home, "upload", str(file), "--json"),
        folder,
        deadline_s=2 * LONGEST_S,
        interrupt_when=lambda elapsed_s: elapsed_s >= LONGEST_S,
    )
    shutil.rmtree(home)
    if done.exit_code not in (0, INTERRUPTED):
        raise BenchmarkFailed(f"exit code {done.exit_code}: {done.output[-2000:]}")
    return done


def _row(file: Path, runs: Sequence[Run]) -> list[str]:
    return [
        file.name,
        megabytes(median(run.peak_rss_bytes for run in runs)),
        megabytes(median(run.peak_tree_rss_bytes for run in runs)),
        megabytes(median(sample.rss_bytes for run in runs for sample in run.samples)),
        f"{median(run.seconds for run in runs):.1f}",
    ]


def _series(file: Path, samples: Sequence[Sample]) -> str:
    """The samples of one run, one in `SHOWN_EVERY_S`."""
    kept: list[Sample] = []
    for sample in samples:
        if not kept or sample.at_s >= kept[-1].at_s + SHOWN_EVERY_S:
            kept.append(sample)
    points = "  ".join(f"{sample.at_s:.0f} s {megabytes(sample.rss_bytes)} MB" for sample in kept)
    return f"{file.name}: {points}"
