"""Files to upload: WAV headers that ffprobe reads, then noise that nothing can compress, or nothing at all."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

MIB = 1 << 20
GIB = 1 << 30
_RAM_FOLDER = Path("/dev/shm")  # so that no disk is measured


@contextmanager
def ram_folder() -> Iterator[Path]:
    """A folder in memory, removed with all it holds at the end of the block."""
    with TemporaryDirectory(prefix="recorder-benchmark-", dir=_RAM_FOLDER) as folder:
        yield Path(folder)


def make_noise(path: Path, size_bytes: int) -> Path:
    """Write a recording of noise. The noise repeats after 64 MiB, which no uploader makes use of."""
    noise = os.urandom(min(size_bytes, 64 * MIB))
    with path.open("wb") as file:
        file.write(_header(size_bytes))
        while left := size_bytes - file.tell():
            file.write(memoryview(noise)[:left])
    return path


def make_sparse(path: Path, size_bytes: int) -> Path:
    """Write a recording of silence that takes no room."""
    with path.open("wb") as file:
        file.write(_header(size_bytes))
        file.truncate(size_bytes)
    return path


def _header(size_bytes: int) -> bytes:
    """96 kHz, stereo, 24 bits. The lengths are 32 bits wide; a longer recording says that it ends with its file."""
    data_bytes = min(size_bytes - 44, 0xFFFFFFFF)
    riff = struct.pack("<4sI4s", b"RIFF", min(size_bytes - 8, 0xFFFFFFFF), b"WAVE")
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 96_000, 576_000, 6, 24)
    return riff + layout + struct.pack("<4sI", b"data", data_bytes)
