"""A disk that is full under RECORDER_HOME: one clear sentence, exit code 1, nothing lost, and on it goes with room.

The disk is a small tmpfs, so these tests need the right to mount one; without it they fail.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from recorder_desktop.system.owner_channel import NoOwner, call_owner
from recorder_desktop.system.paths import RecorderPaths
from tests.e2e.command_line import end_of, queue_states, run
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team
from tests.waiting import wait_for

PART_BYTES = 8 << 20
QUEUE_DISK_FULL = (
    "The disk that holds the upload queue is full, so uploads were paused. Free some space, then resume.\n"
)


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own under a RECORDER_HOME."""

    folder: Path

    def fill(self) -> None:
        """Take every free byte."""
        with (self.folder / "others").open("ab") as file:
            while room := self._free_bytes():
                file.write(bytes(room))
                file.flush()

    def free(self) -> None:
        """Give them back."""
        (self.folder / "others").unlink()

    def grow(self, size: str) -> None:
        """Make the disk larger, with everything on it."""
        subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], check=True)

    def _free_bytes(self) -> int:
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[SmallDisk]:
    folder.mkdir(mode=0o700, parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder], check=True)
    try:
        yield SmallDisk(folder)
    finally:
        unmount = ["umount", str(folder)]
        wait_for(lambda: subprocess.run(unmount, check=False).returncode == 0, "the end of the small disk")


@pytest.fixture
def disk(member: Desktop) -> Iterator[SmallDisk]:
    with small_disk(member.home, "2m") as mounted:
        yield mounted


def noise(path: Path, size_bytes: int) -> Path:
    path.write_bytes(os.urandom(size_bytes))
    return path


def test_f06_commands_on_a_full_disk_say_so_and_work_when_there_is_room(
    member: Desktop, disk: SmallDisk, tmp_path: Path
) -> None:
    talk, late = noise(tmp_path / "talk.mp4", 100_000), noise(tmp_path / "late.mp4", 100_000)

    disk.fill()
    unborn = run(member, "upload", str(late), "--json")
    disk.free()
    run(member, "add", str(talk))
    disk.fill()
    ends = [run(member, *arguments) for arguments in (["resume", "--json"], ["add", str(late)], ["queue"])]

    for ended in (unborn, *ends):
        assert (ended.code, ended.printed, ended.complaint) == (1, "", QUEUE_DISK_FULL)

    disk.free()
    assert queue_states(member) == {"talk.mp4": "queued"}
    resumed = run(member, "resume", "--json")

    assert (resumed.code, resumed.event["event"], resumed.event["path"]) == (0, "completed", str(talk))


def test_f06_a_disk_that_fills_up_in_mid_upload_stops_it_and_confirmed_parts_stay(
    member: Desktop, server: Team, disk: SmallDisk, tmp_path: Path
) -> None:
    talk = noise(tmp_path / "talk.mp4", 2 * PART_BYTES + 100_000)
    server.line.rate_bytes_per_s = 1e6

    with member.started("upload", str(talk), "--json") as process:
        wait_for(lambda: confirmed_bytes(member), "the short last part")
        disk.fill()
        server.line.rate_bytes_per_s = None
        ended = end_of(process)

    assert (ended.code, ended.complaint) == (1, "")
    assert (ended.event["event"], ended.event["code"]) == ("failed", "disk_full")
    assert ended.event["message"] == QUEUE_DISK_FULL.strip()

    disk.free()
    (row,) = member.queue()
    assert row["bytesConfirmed"] >= 100_000
    resumed = run(member, "resume", "--json")
    run(member, "get", resumed.event["fileId"], "-o", str(tmp_path / "again.mp4"))

    assert (resumed.code, resumed.event["event"]) == (0, "completed")
    assert (tmp_path / "again.mp4").read_bytes() == talk.read_bytes()


def confirmed_bytes(member: Desktop) -> int:
    try:
        return sum(row["bytesConfirmed"] for row in call_owner(RecorderPaths(member.home), {"do": "queue"}))
    except NoOwner:  # not yet
        return 0


def test_f06_a_computer_without_room_for_a_stored_copy_says_so_and_stores_it_when_there_is(
    alone: Desktop, tmp_path: Path
) -> None:
    talk = noise(tmp_path / "talk.mp4", 12 << 20)

    with small_disk(alone.home, "10m") as disk:
        ended = run(alone, "upload", str(talk), "--json")
        disk.grow("300m")
        resumed = run(alone, "resume", "--json")
        wait_for(lambda: not alone.processes(), "the end of the children", 10.0)

    assert (ended.code, ended.complaint) == (1, "")
    assert (ended.event["event"], ended.event["code"]) == ("failed", "disk_full")
    assert ended.event["message"].startswith("This computer's disk has no room for a stored copy of “talk.mp4”.")
    assert (resumed.code, resumed.event["event"], resumed.event["size"]) == (0, "completed", 12 << 20)
