"""A drive that stops answering: one file in a file system of its own, served over /dev/fuse by another process.

It needs the right to mount. `python -m tests.fakes.stalling_drive FOLDER NAME SIZE STALL_AT`: reads at or after that
byte get no answer until a line comes on standard input; after that all do.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOUNT_DETACH = 2
REPEATED = b"recorded "


@dataclass(frozen=True)
class StallingDrive:
    """A mounted drive with one file."""

    file: Path
    process: subprocess.Popen[str] = field(repr=False)

    def come_back(self) -> None:
        """Answer everything, what was asked before as well."""
        assert self.process.stdin is not None
        self.process.stdin.write("on\n")
        self.process.stdin.flush()


@contextmanager
def stalling_drive(folder: Path, name: str, size_bytes: int, stall_at: int) -> Iterator[StallingDrive]:
    """Mount such a drive at `folder` until the block ends."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.fakes.stalling_drive", str(folder), name, str(size_bytes), str(stall_at)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "mounted\n", "the drive could not be mounted"
            yield StallingDrive(folder / name, process)
        finally:
            process.kill()  # whoever still waits for the drive gets an error
            _libc().umount2(os.fsencode(folder), MOUNT_DETACH)


def content(offset: int, size_bytes: int) -> bytes:
    """What stands in the file from `offset` on."""
    skipped = offset % len(REPEATED)
    return (REPEATED * (size_bytes // len(REPEATED) + 2))[skipped : skipped + size_bytes]


# --- the process ---------------------------------------------------------------------------------------------------


class _Op:
    """Opcodes of the kernel's include/uapi/linux/fuse.h; the layouts below are its too, of protocol 7.31."""

    LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE = 1, 2, 3, 14, 15, 17, 18
    FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET = 25, 26, 27, 28, 29, 36, 42


_ENOENT, _ENOSYS = 2, 38
_IN_HEAD = struct.Struct("<IIQQIIII")
_LARGEST_REQUEST = 1 << 20
_FOLDER_NODE, _FILE_NODE = 1, 2


class _Drive:
    def __init__(self, device: int, name: str, size_bytes: int, stall_at: int) -> None:
        self._device = device
        self._name = os.fsencode(name)
        self._size_bytes = size_bytes
        self._stall_at: int | None = stall_at
        self._unanswered: list[tuple[int, int, int]] = []

    def serve(self) -> None:
        """Answer until the drive is taken away."""
        while True:
            ready, _, _ = select.select([self._device, *([sys.stdin] if self._stall_at is not None else [])], [], [])
            if sys.stdin in ready and sys.stdin.readline():
                self._come_back()
            if self._device in ready:
                self._handle(os.read(self._device, _LARGEST_REQUEST))

    def _come_back(self) -> None:
        self._stall_at = None
        for unique, offset, size in self._unanswered:
            self._answer(unique, self._read(offset, size))

    def _handle(self, request: bytes) -> None:
        _, opcode, unique, node, *_ = _IN_HEAD.unpack_from(request)
        body = request[_IN_HEAD.size :]
        match opcode:
            case _Op.FORGET | _Op.BATCH_FORGET | _Op.INTERRUPT:  # nobody waits for an answer
                return
            case _Op.INIT:
                self._answer(unique, struct.pack("<IIIIHHIIHHI28x", 7, 31, 1 << 17, 0, 0, 0, 4096, 1, 0, 0, 0))
            case _Op.LOOKUP:
                self._look_up(unique, body)
            case _Op.GETATTR:
                self._answer(unique, struct.pack("<QII", 3600, 0, 0) + self._attributes(node))
            case _Op.OPEN | _Op.OPENDIR:
                self._answer(unique, struct.pack("<QII", 0, 0, 0))
            case _Op.READ:
                _, offset, size = struct.unpack_from("<QQI", body)
                self._read_or_stall(unique, offset, size)
            case _Op.STATFS:
                self._answer(unique, bytes(80))
            case _Op.RELEASE | _Op.FLUSH | _Op.READDIR | _Op.RELEASEDIR:
                self._answer(unique, b"")
            case _:
                self._answer(unique, b"", _ENOSYS)

    def _look_up(self, unique: int, body: bytes) -> None:
        if body.rstrip(b"\0") != self._name:
            return self._answer(unique, b"", _ENOENT)
        return self._answer(
            unique, struct.pack("<QQQQII", _FILE_NODE, 0, 3600, 3600, 0, 0) + self._attributes(_FILE_NODE)
        )

    def _attributes(self, node: int) -> bytes:
        is_folder = node == _FOLDER_NODE
        size = 0 if is_folder else self._size_bytes
        mode = 0o040755 if is_folder else 0o100644
        times = (1_700_000_000,) * 3
        return struct.pack("<QQQQQQIIIIIIIIII", node, size, size // 512, *times, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def _read_or_stall(self, unique: int, offset: int, size: int) -> None:
        if self._stall_at is not None and offset + size > self._stall_at:
            self._unanswered.append((unique, offset, size))
        else:
            self._answer(unique, self._read(offset, size))

    def _read(self, offset: int, size: int) -> bytes:
        return content(offset, max(0, min(size, self._size_bytes - offset)))

    def _answer(self, unique: int, body: bytes, error: int = 0) -> None:
        os.write(self._device, struct.pack("<IiQ", 16 + len(body), -error, unique) + body)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def main(folder: str, name: str, size_bytes: str, stall_at: str) -> int:
    """Mount the drive and serve it."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,max_read=131072"
    if _libc().mount(b"stalling", os.fsencode(folder), b"fuse", 0, options.encode()):
        print(f"mount: {os.strerror(ctypes.get_errno())}", flush=True)
        return 1
    print("mounted", flush=True)
    _Drive(device, name, int(size_bytes), int(stall_at)).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
