"""Runs a program as a whole process, from start to exit, and says what it cost. Linux: reads /proc."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

SAMPLE_INTERVAL_S = 0.05
GRACE_S = 20.0
"""How long a process may take to end once it was interrupted."""

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")

K = TypeVar("K")


class BenchmarkFailed(RuntimeError):
    """An uploader did not do what was to be measured; the message holds the end of its output."""


@dataclass(frozen=True)
class Command:
    """A program with its arguments and its whole environment."""

    args: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Sample:
    """Resident memory at one instant: of the program's own process, and of it and all its descendants together."""

    at_s: float
    rss_bytes: int
    tree_rss_bytes: int


@dataclass(frozen=True)
class Run:
    """What one run cost. `cpu_s`: user and system time of the process and of all descendants that it waited for."""

    began: float
    seconds: float
    cpu_s: float
    exit_code: int
    output: str
    samples: Sequence[Sample] = field(repr=False)

    @property
    def peak_rss_bytes(self) -> int:
        """The most that the program's own process held at a sampled instant."""
        return max((sample.rss_bytes for sample in self.samples), default=0)

    @property
    def peak_tree_rss_bytes(self) -> int:
        """The same with its descendants; pages that they share count for each."""
        return max((sample.tree_rss_bytes for sample in self.samples), default=0)


@dataclass(frozen=True)
class Cost:
    """The medians of several runs, and how far apart the runs were."""

    seconds: float
    fastest_s: float
    slowest_s: float
    cpu_s: float
    peak_rss_bytes: int
    peak_tree_rss_bytes: int


def run(
    command: Command,
    folder: Path,
    *,
    deadline_s: float,
    interrupt_when: Callable[[float], bool] | None = None,
    grace_s: float = GRACE_S,
) -> Run:
    """Run a command to its end, or until `interrupt_when`, asked with the seconds since its start, says yes (SIGINT).

    Output goes to files in `folder`, the working folder. A process that has not ended `grace_s` after its interrupt
    is killed. So is one that outlives `deadline_s`; then BenchmarkFailed is raised.
    """
    with (folder / "stdout").open("wb+") as out, (folder / "stderr").open("wb+") as err:
        began = time.monotonic()
        with _started(command, folder, out.fileno(), err.fileno()) as process:
            samples = list(_watch(process, began, deadline_s, interrupt_when, grace_s))
            _pid, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        printed, complaint = _text(folder / "stdout"), _text(folder / "stderr")
    if seconds > deadline_s:
        raise BenchmarkFailed(f"{command.args[0]} did not end within {deadline_s:.0f} s: {complaint[-2000:]}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Run(began, seconds, cpu_s, process.returncode, printed + complaint, samples)


def run_well(command: Command, folder: Path, *, deadline_s: float) -> Run:
    """Run a command to its end. Raises BenchmarkFailed unless it exits with 0."""
    done = run(command, folder, deadline_s=deadline_s)
    if done.exit_code != 0:
        raise BenchmarkFailed(f"{command.args[0]} exited with {done.exit_code}: {done.output[-2000:]}")
    return done


def run_for(command: Command, folder: Path, seconds: float, *, grace_s: float = GRACE_S) -> Run:
    """Run a command for a while, then interrupt it. Raises BenchmarkFailed if it has ended before."""
    done = run(
        command,
        folder,
        deadline_s=2 * (seconds + grace_s),
        interrupt_when=lambda elapsed_s: elapsed_s >= seconds,
        grace_s=grace_s,
    )
    if done.seconds < seconds:
        raise BenchmarkFailed(f"{command.args[0]} ended with {done.exit_code} too early: {done.output[-2000:]}")
    return done


def interleaved(actions: Mapping[K, Callable[[], Run]], rounds: int) -> dict[K, list[Run]]:
    """Take every action once a round, each round beginning with the next, so that a busy minute meets all alike."""
    names = list(actions)
    taken: dict[K, list[Run]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            done = actions[name]()
            taken[name].append(done)
            print(f"    {name}: {done.seconds:.2f} s, {done.cpu_s:.2f} s of CPU", file=sys.stderr, flush=True)
    return taken


def medians(runs: Sequence[Run]) -> Cost:
    """Summarise the runs of one uploader; each figure is a median of its own."""
    seconds = [each.seconds for each in runs]
    return Cost(
        seconds=median(seconds),
        fastest_s=min(seconds),
        slowest_s=max(seconds),
        cpu_s=median(each.cpu_s for each in runs),
        peak_rss_bytes=int(median(each.peak_rss_bytes for each in runs)),
        peak_tree_rss_bytes=int(median(each.peak_tree_rss_bytes for each in runs)),
    )


def cpu_of(pid: int) -> float:
    """User and system seconds that a running process and its descendants have used so far."""
    return sum(_cpu_of_one(each) for each in tree_of(pid))


def tree_of(pid: int) -> list[int]:
    """A process and all its living descendants."""
    found = [pid]
    for each in found:
        with suppress(OSError):  # ended meanwhile
            for thread in Path(f"/proc/{each}/task").iterdir():
                found.extend(int(child) for child in (thread / "children").read_text().split())
    return found


@contextmanager
def _started(command: Command, folder: Path, out: int, err: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command.args, cwd=folder, env=dict(command.env), stdin=subprocess.DEVNULL, stdout=out, stderr=err
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            _kill_tree(process.pid)
            process.wait()


def _watch(
    process: subprocess.Popen[bytes],
    began: float,
    deadline_s: float,
    interrupt_when: Callable[[float], bool] | None,
    grace_s: float,
) -> Iterator[Sample]:
    """Yield samples until the process has ended; it is not reaped, so that wait4 can tell its CPU time."""
    ends_at = began + deadline_s
    with _exit_of(process.pid) as ended:
        while not ended.poll(SAMPLE_INTERVAL_S * 1000):
            now = time.monotonic()
            yield _sample(process.pid, now - began)
            if now > ends_at:
                _kill_tree(process.pid)
            elif interrupt_when is not None and interrupt_when(now - began):
                process.send_signal(signal.SIGINT)
                interrupt_when, ends_at = None, min(ends_at, now + grace_s)


@contextmanager
def _exit_of(pid: int) -> Iterator[select.poll]:
    """A poll that has something to tell as soon as the process ends."""
    handle = os.pidfd_open(pid)
    try:
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        yield ended
    finally:
        os.close(handle)


def _kill_tree(pid: int) -> None:
    for each in tree_of(pid):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _sample(pid: int, at_s: float) -> Sample:
    tree = [_rss_of(each) for each in tree_of(pid)]
    return Sample(at_s, tree[0], sum(tree))


def _rss_of(pid: int) -> int:
    with suppress(OSError, IndexError):  # ended meanwhile
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _cpu_of_one(pid: int) -> float:
    with suppress(OSError, IndexError):  # ended meanwhile
        # utime, stime and those of reaped children: fields 14 to 17, counted behind the name, which may hold spaces.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / _TICKS_PER_S
    return 0.0


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")
