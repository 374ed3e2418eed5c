"""Commands while parts are on their way: interrupted, paused, cancelled, and several of them on one queue."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from recorder_desktop.system.owner_channel import NoOwner, OwnerGone, call_owner
from recorder_desktop.system.paths import RecorderPaths
from tests.e2e.command_line import end_of, queue_states, run
from tests.e2e.desktop import ROOT, Desktop
from tests.e2e.team import Team
from tests.waiting import wait_for

PART_BYTES = 8 << 20
TALK_BYTES = 4 * PART_BYTES + 100_000
"""Two whole parts and a short one, which is confirmed long before the others."""
SLOW_BYTES_PER_S = 4e6


@pytest.fixture
def member(member: Desktop, server: Team) -> Iterator[Desktop]:
    """Somebody of the team with a thin line."""
    server.line.rate_bytes_per_s = SLOW_BYTES_PER_S
    yield member
    server.line.rate_bytes_per_s = None


def noise(path: Path, size_bytes: int) -> Path:
    path.write_bytes(os.urandom(size_bytes))
    return path


@contextmanager
def in_mid_upload(member: Desktop, path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A running `upload --json` of which at least one part is confirmed and others are not."""
    with member.started("upload", str(path), *options, "--json") as process:
        wait_for(lambda: is_in_the_middle(row_of(member, path)), "a confirmed part")
        yield process


def row_of(member: Desktop, path: Path) -> dict[str, Any]:
    """An upload as the present owner of the queue tells it; empty where there is none."""
    try:
        rows = list(call_owner(RecorderPaths(member.home), {"do": "queue"}))
    except (NoOwner, OwnerGone):
        return {}
    return next((row for row in rows if row["path"] == str(path)), {})


def is_in_the_middle(row: dict[str, Any]) -> bool:
    return bool(0 < row.get("bytesConfirmed", 0) < row.get("size", 0))


def test_an_interrupted_upload_ends_with_130_and_goes_on_with_resume(
    member: Desktop, server: Team, tmp_path: Path
) -> None:
    talk = noise(tmp_path / "talk.mp4", TALK_BYTES)

    with in_mid_upload(member, talk) as process:
        process.send_signal(signal.SIGINT)
        ended = end_of(process, 10.0)
    (kept,) = member.queue()
    server.line.rate_bytes_per_s = None
    wait_for(server.line.is_idle, "the last bytes that were on their way")
    before = server.line.all_put_bytes()
    resumed = run(member, "resume", "--json")

    assert (ended.code, ended.printed) == (130, "")
    assert ended.complaint == "Interrupted. What is unfinished goes on with “recorder-desktop resume”.\n"
    assert is_in_the_middle(kept)
    assert (resumed.code, resumed.event["size"]) == (0, TALK_BYTES)
    assert server.line.all_put_bytes() - before <= TALK_BYTES - kept["bytesConfirmed"]


def test_on_a_terminal_there_are_progress_bars_and_ctrl_c_interrupts(member: Desktop, tmp_path: Path) -> None:
    talk = noise(tmp_path / "Über\tuns.mp4", TALK_BYTES)

    with on_a_terminal(member, "upload", str(talk)) as (process, terminal):
        wait_for(lambda: "Über\\tuns.mp4" in terminal.text() and "/32.1 MiB" in terminal.text(), "a bar")
        wait_for(lambda: is_in_the_middle(row_of(member, talk)), "a confirmed part")
        terminal.press(b"\x03")
        wait_for(lambda: "Interrupted." in terminal.text(), "the last word")  # read all along, or it waits to write
        code = process.wait(10)

    assert code == 130
    assert "Traceback" not in terminal.text()


def test_on_a_terminal_the_result_stays_when_the_bar_goes(member: Desktop, server: Team, tmp_path: Path) -> None:
    server.line.rate_bytes_per_s = None
    talk = noise(tmp_path / "talk.mp4", 100_000)

    with on_a_terminal(member, "upload", str(talk), str(tmp_path / "missing.mp4")) as (process, terminal):
        code = process.wait(30)
        wait_for(lambda: "verified, safe to delete your copy" in terminal.text(), "the result")

    assert code == 1
    assert "There is nothing at" in terminal.text()


def test_a_second_upload_reaches_the_first_and_each_reports_its_own_paths(
    member: Desktop, server: Team, tmp_path: Path
) -> None:
    first_talk, second_talk = noise(tmp_path / "a.mp4", TALK_BYTES), noise(tmp_path / "b.mp4", 50_000)

    with in_mid_upload(member, first_talk) as first:
        with member.started("upload", str(second_talk), "--json") as second:
            wait_for(lambda: row_of(member, second_talk), "the second file in the first one's queue")
            assert owner_pid(member) == first.pid
            second_end = end_of(second)
        server.line.rate_bytes_per_s = None
        first_end = end_of(first)

    assert (second_end.code, second_end.event["path"]) == (0, str(second_talk))
    assert (first_end.code, first_end.event["path"]) == (0, str(first_talk))


def test_a_second_upload_takes_over_when_the_first_is_interrupted(
    member: Desktop, server: Team, tmp_path: Path
) -> None:
    first_talk, second_talk = noise(tmp_path / "a.mp4", TALK_BYTES), noise(tmp_path / "b.mp4", TALK_BYTES)

    with in_mid_upload(member, first_talk) as first, member.started("upload", str(second_talk), "--json") as second:
        wait_for(lambda: row_of(member, second_talk), "the second file in the first one's queue")
        first.send_signal(signal.SIGINT)
        first_end = end_of(first)
        wait_for(lambda: owner_pid(member) == second.pid, "the new owner")
        server.line.rate_bytes_per_s = None
        second_end = end_of(second)

    assert (first_end.code, first_end.printed) == (130, "")
    assert (second_end.code, second_end.event["path"]) == (0, str(second_talk))


def owner_pid(member: Desktop) -> int:
    try:
        return int(json.loads((member.home / "owner.json").read_text())["pid"])
    except FileNotFoundError:  # between two owners
        return 0


def test_another_command_pauses_an_upload_and_resume_goes_on(member: Desktop, server: Team, tmp_path: Path) -> None:
    talk = noise(tmp_path / "talk.mp4", TALK_BYTES)

    with in_mid_upload(member, talk) as process:
        paused = run(member, "pause", row_of(member, talk)["id"])
        ended = end_of(process)
    state = queue_states(member)
    server.line.rate_bytes_per_s = None
    resumed = run(member, "resume", "--json")

    assert (paused.code, "paused" in paused.printed) == (0, True)
    assert (ended.code, ended.event["event"], ended.event["code"]) == (1, "failed", "paused")
    assert state == {"talk.mp4": "paused"}
    assert (resumed.code, resumed.event["event"]) == (0, "completed")


def test_a_cancelled_upload_leaves_nothing_open_in_the_store(member: Desktop, server: Team, tmp_path: Path) -> None:
    talk = noise(tmp_path / "talk.mp4", TALK_BYTES)

    with in_mid_upload(member, talk, "--directory", "cancelled") as process:
        cancelled = run(member, "cancel", row_of(member, talk)["id"])
        ended = end_of(process)

    assert (cancelled.code, "cancelled" in cancelled.printed) == (0, True)
    assert (ended.code, ended.event["code"]) == (1, "cancelled")
    assert server.open_uploads("cancelled") == 0
    assert queue_states(member) == {"talk.mp4": "cancelled"}


def test_an_upload_cancelled_after_its_run_ended_is_aborted_by_the_next_run(
    member: Desktop, server: Team, tmp_path: Path
) -> None:
    talk = noise(tmp_path / "talk.mp4", TALK_BYTES)
    with in_mid_upload(member, talk, "--directory", "given-up") as process:
        process.send_signal(signal.SIGTERM)
        assert end_of(process).code == 130
    assert server.open_uploads("given-up") == 1

    run(member, "cancel", member.queue()[0]["id"])
    resumed = run(member, "resume", "--json")

    assert (resumed.code, resumed.printed) == (0, "")
    assert server.open_uploads("given-up") == 0


# --- a terminal --------------------------------------------------------------------------------------------------


class Terminal:
    """The far end of a pseudo-terminal: what a person sees and presses."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._seen = b""
        os.set_blocking(descriptor, False)

    def text(self) -> str:
        """All that has been shown so far."""
        try:
            while block := os.read(self._descriptor, 65536):
                self._seen += block
        except (BlockingIOError, OSError):  # nothing more now, or nobody at the other end
            pass
        return self._seen.decode(errors="replace")

    def press(self, keys: bytes) -> None:
        os.write(self._descriptor, keys)


@contextmanager
def on_a_terminal(desktop: Desktop, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Terminal]]:
    """A command that owns a terminal of 160 columns."""
    far, near = pty.openpty()
    command = ["setsid", "--ctty", sys.executable, "-m", "recorder_desktop", *arguments]
    environment = desktop.environment | {"TERM": "xterm", "COLUMNS": "160"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=near, stdout=near, stderr=near)
    os.close(near)
    try:
        yield process, Terminal(far)
    finally:
        process.kill()
        process.wait(10)
        os.close(far)
