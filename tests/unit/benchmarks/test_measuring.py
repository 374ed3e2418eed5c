"""What a whole process costs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.benchmarks.measuring import BenchmarkFailed, Command, Run, interleaved, medians, run, run_well
from tests.waiting import wait_for

SPIN = "import time\nwhile time.process_time() < {seconds}: pass\n"
MIB = 1 << 20


def python(program: str) -> Command:
    return Command([sys.executable, "-c", program], {"PATH": os.defpath})


def test_the_processor_time_of_a_child_counts(tmp_path: Path) -> None:
    child = SPIN.format(seconds=0.3)

    done = run_well(
        python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"), tmp_path, deadline_s=60
    )

    assert done.cpu_s >= 0.3


def test_memory_is_sampled_while_the_process_runs(tmp_path: Path) -> None:
    done = run_well(python(f"block = b'x' * {64 * MIB}\n" + SPIN.format(seconds=0.5)), tmp_path, deadline_s=60)

    assert done.peak_rss_bytes >= 64 * MIB
    assert done.peak_tree_rss_bytes >= done.peak_rss_bytes


def test_a_run_can_be_interrupted_and_tells_what_it_printed(tmp_path: Path) -> None:
    program = """
import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    raise SystemExit(7)
"""

    done = run(
        python(program),
        tmp_path,
        deadline_s=50,
        interrupt_when=lambda _elapsed_s: (tmp_path / "stdout").read_text() == "ready\n",
    )

    assert (done.exit_code, done.output) == (7, "ready\n")


def test_a_process_that_does_not_end_is_killed(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkFailed, match="did not end"):
        run(python("import time; time.sleep(60)"), tmp_path, deadline_s=0.2)


def test_what_heeds_no_interrupt_is_killed_with_its_children(tmp_path: Path) -> None:
    program = """
import signal, subprocess
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"])
print(child.pid, flush=True)
child.wait()
"""

    done = run(
        python(program),
        tmp_path,
        deadline_s=50,
        interrupt_when=lambda _elapsed_s: bool((tmp_path / "stdout").read_text()),
        grace_s=0.0,
    )

    wait_for(lambda: not is_alive(int(done.output)), "the end of the child")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]


def test_a_failing_uploader_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkFailed, match="no such bucket"):
        run_well(python("raise SystemExit('no such bucket')"), tmp_path, deadline_s=60)


def test_every_round_begins_with_another(capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []

    def take(name: str) -> Run:
        order.append(name)
        return Run(0.0, float(len(order)), 0.0, 0, "", [])

    taken = interleaved({name: lambda name=name: take(name) for name in "abc"}, 2)  # type: ignore[misc]

    assert "".join(order) == "abcbca"
    assert medians(taken["a"]).seconds == (1 + 6) / 2
    assert "a: 1.00 s" in capsys.readouterr().err
