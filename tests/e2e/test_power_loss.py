"""The power fails at every instant, and the disk has lost what it was not told to keep.

The system calls of a real process that writes a queue are recorded. From them the disk is made as it can be after the
power failed between any two of them: with what was synced, and of the rest nothing, all, or any sectors of it.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from recorder_desktop.store.upload_store import SqliteUploadStore
from tests.e2e.desktop import ROOT, Desktop
from tests.e2e.queue_writer import UPLOADS
from tests.fakes.uploads import kept_in
from tests.servers import binary

SECTOR_BYTES = 512
_CALL = re.compile(
    r"\d+ +(?P<name>\w+)\(\d+<(?P<path>[^>]*)>"
    r'(?:, "(?P<data>(?:\\x..)*)", \d+)?(?:, (?P<offset>\d+))?\) += (?P<result>-?\d+)'
)


@dataclass(frozen=True)
class Call:
    """One system call on a file that succeeded."""

    name: str
    path: str
    data: bytes
    offset: int


@dataclass
class Disk:
    """What of the queue's files is on the disk for good, and what was written since. Names are the files'."""

    kept: dict[str, bytearray]
    pending: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)

    def take(self, call: Call) -> None:
        """Follow a call."""
        name = Path(call.path).name
        if call.name == "pwrite64":
            self.pending.setdefault(name, []).append((call.offset, call.data))
        elif call.name == "ftruncate":
            self.pending.setdefault(name, []).append((-call.offset - 1, b""))
        else:
            for at, data in self.pending.pop(name, ()):
                _write(self.kept.setdefault(name, bytearray()), at, data)

    def after_power_loss(self, folder: Path, chance: random.Random, share: float) -> Path:
        """Write the files as they may be: of what was not synced, each sector with this probability."""
        folder.mkdir()
        for name in self.kept.keys() | self.pending.keys():
            content = bytearray(self.kept.get(name, b""))
            for at, data in self.pending.get(name, ()):
                for start in range(0, max(1, len(data)), SECTOR_BYTES):
                    if chance.random() < share:
                        _write(content, at + start if at >= 0 else at, data[start : start + SECTOR_BYTES])
            (folder / name).write_bytes(content)
        return folder / "queue.db"


def _write(content: bytearray, at: int, data: bytes) -> None:
    if at < 0:  # cut to this size
        size_bytes = -at - 1
        del content[size_bytes:]
        content.extend(b"\0" * (size_bytes - len(content)))
        return
    content.extend(b"\0" * (at + len(data) - len(content)))
    content[at : at + len(data)] = data


def calls_of(log: Path) -> Iterator[Call]:
    """The recorded calls; a line that is not understood fails the test."""
    for line in log.read_text("ascii").splitlines():
        found = _CALL.match(line)
        assert found, line[:300]
        path = _text(found["path"])
        if int(found["result"]) >= 0:
            yield Call(found["name"], path, _bytes(found["data"] or ""), int(found["offset"] or 0))


def _bytes(hexed: str) -> bytes:
    return bytes.fromhex(hexed.replace("\\x", ""))


def _text(hexed: str) -> str:
    return _bytes(hexed).decode() if "\\x" in hexed else hexed


@pytest.fixture
def recorded(alone: Desktop) -> tuple[Disk, list[Call]]:
    """A disk with an empty queue, and what a program then did to it."""
    alone.home.mkdir()
    queue, log = alone.home / "queue.db", alone.folder / "strace.log"
    SqliteUploadStore(queue).close()
    before = Disk({"queue.db": bytearray(queue.read_bytes())})
    recorder = [binary("strace", "strace"), "-f", "-qq", "-y", "-xx", "-s", "1000000", "-o", str(log)]
    recorder += ["-e", "trace=pwrite64,write,ftruncate,fsync,fdatasync"]
    program = [sys.executable, "-m", "tests.e2e.queue_writer", str(queue)]
    said = subprocess.run([*recorder, *program], cwd=ROOT, stdout=subprocess.PIPE, timeout=60, check=True).stdout
    assert len(said.splitlines()) == 2 * UPLOADS
    return before, list(calls_of(log))


def test_f05_what_was_promised_is_there_after_the_power_fails_between_any_two_system_calls(
    recorded: tuple[Disk, list[Call]], tmp_path: Path
) -> None:
    disk, calls = recorded
    chance = random.Random(5)
    promised: dict[str, str] = {}
    states = 0
    for number, call in enumerate(calls):
        if "queue.db-shm" in call.path:
            continue  # made anew by whoever opens the queue
        if call.name == "write" and call.data.startswith(b"u"):
            upload_id, state = call.data.decode().split()
            promised[upload_id] = state
        elif call.name == "write":
            continue
        else:
            disk.take(call)
        is_telling = call.name != "pwrite64" or number % 5 == 0
        for share in (0.0, 0.5, 1.0) if is_telling else ():
            states += 1
            assert_holds(disk.after_power_loss(tmp_path / "after", chance, share), promised)
            shutil.rmtree(tmp_path / "after")
    assert len(promised) == UPLOADS
    assert states > 6 * UPLOADS


def assert_holds(queue: Path, promised: dict[str, str]) -> None:
    """The queue is sound, and has every upload in the promised state or one that was asked for later."""
    store = SqliteUploadStore(queue)
    try:
        assert store.set_aside is None
        there = {upload.id: upload.state.value for upload in kept_in(store)}
    finally:
        store.close()
    assert promised.keys() <= there.keys()
    assert {name for name, state in promised.items() if state == "paused" and there[name] != "paused"} == set()
