"""The guard as a real program with a real child: what ends the child, and what the app gets to know."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recorder_desktop.system.child_guard import guard_command, start_mark
from recorder_desktop.system.leftovers import end_leftover
from tests.unit.system.waiting import runs, wait_until

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time; "
    "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "print(p.pid, flush=True); time.sleep(60)"
)


class Guarded:
    """A guard and its child; `said` is the child's first line."""

    def __init__(self, record: Path, source: str, grace_s: float = 1.0) -> None:
        self.record = record
        self.guard = subprocess.Popen(
            guard_command([sys.executable, "-c", source], record, grace_s),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.guard.stdout is not None
        self.said = self.guard.stdout.readline().decode().strip()
        wait_until(record.exists, "the record")
        self.child_pid = int(json.loads(record.read_text())["pid"])

    def close_input(self) -> None:
        assert self.guard.stdin is not None
        self.guard.stdin.close()

    def finish(self) -> int:
        try:
            return self.guard.wait(10)
        finally:
            self.close_input()
            assert self.guard.stdout is not None
            self.guard.stdout.close()


def test_closed_input_ends_the_child(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path / "record.json", SLEEPER)
    assert runs(guarded.child_pid)

    guarded.close_input()

    assert guarded.finish() != 0
    assert not runs(guarded.child_pid)
    assert not guarded.record.exists()


def test_the_record_of_a_successor_is_left_alone(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path / "record.json", SLEEPER)
    guarded.record.write_text(json.dumps({"pid": 1, "mark": "successor"}))

    guarded.close_input()
    guarded.finish()

    assert guarded.record.exists()


def test_sigterm_to_the_guard_ends_the_child(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path / "record.json", SLEEPER)

    guarded.guard.send_signal(signal.SIGTERM)
    guarded.finish()

    assert not runs(guarded.child_pid)


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path / "record.json", DEAF, grace_s=0.1)

    guarded.close_input()
    guarded.finish()

    assert not runs(guarded.child_pid)


def test_what_the_child_started_ends_with_it(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path / "record.json", PARENT)
    grandchild = int(guarded.said)
    assert runs(grandchild)

    guarded.close_input()
    guarded.finish()

    wait_until(lambda: not runs(grandchild), "the grandchild's end")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child together with a killed guard")
def test_f54_a_killed_guard_leaves_no_child(tmp_path: Path) -> None:
    guarded = Guarded(tmp_path / "record.json", SLEEPER)

    guarded.guard.kill()
    guarded.finish()

    wait_until(lambda: not runs(guarded.child_pid), "the child's end")


def test_the_guard_ends_with_the_childs_code_and_passes_its_output_on(tmp_path: Path) -> None:
    command = guard_command([sys.executable, "-c", "print('said'); raise SystemExit(7)"], tmp_path / "r.json", 1.0)

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as guard:
        assert guard.stdout is not None
        assert guard.stdout.read().strip() == b"said"
        assert guard.wait(10) == 7


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    command = guard_command([str(tmp_path / "nowhere")], tmp_path / "r.json", 1.0)

    told = subprocess.run(command, capture_output=True, check=False, timeout=10)

    assert told.returncode == 127
    assert b"nowhere" in told.stderr


def test_a_leftover_child_is_found_by_its_record_and_ended(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    with subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True) as child:
        record.write_text(json.dumps({"pid": child.pid, "mark": start_mark(child.pid)}))

        assert end_leftover(record)

        assert child.wait(5) == -signal.SIGTERM
    assert not record.exists()


def test_a_stranger_with_the_recorded_number_is_left_alone(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    record.write_text(json.dumps({"pid": os.getpid(), "mark": "another boot 1 /usr/bin/weed"}))

    assert not end_leftover(record)
    assert not record.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}', '{"pid": 1, "mark": null}'])
def test_a_damaged_record_is_forgotten(tmp_path: Path, content: str) -> None:
    record = tmp_path / "record.json"
    record.write_text(content)

    assert not end_leftover(record)
    assert not record.exists()
