"""The bytes of one part on their way out of its file: through one reused buffer, or straight into a socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Protocol

from recorder_desktop.core.errors import FileChanged
from recorder_desktop.core.model import PartRange
from recorder_desktop.transfer.rate_limit import MAX_PIECE_BYTES
from recorder_desktop.transfer.source_file import file_errors


class Pace(Protocol):
    """Decides when bytes may go, and is told that they went."""

    def piece_bytes(self) -> int:
        """The most bytes to send at a time."""

    def take(self, size_bytes: int) -> None:
        """Return when so many bytes may go. Raises Interrupted when it is time to let go."""

    def handed_over(self, size_bytes: int) -> None:
        """The network has taken these bytes."""


class Unpaced:
    """Implements Pace for bytes that go nowhere."""

    def piece_bytes(self) -> int:
        """As many as fit."""
        return MAX_PIECE_BYTES

    def take(self, size_bytes: int) -> None:
        """Return at once."""

    def handed_over(self, size_bytes: int) -> None:
        """Nobody counts."""


@dataclass(frozen=True, slots=True)
class FileSpan:
    """Implements core.ports.FilePiece: `size_bytes` from `offset` of an open file."""

    file: FileIO
    path: Path
    offset: int
    size_bytes: int

    def send_to(self, sock: socket.socket) -> None:
        """Send the bytes without copying them through this process. See core.ports.FilePiece."""
        # socket.sendfile waits at most the socket's timeout for each step, which is what a stall means.
        if sock.sendfile(self.file, self.offset, self.size_bytes) < self.size_bytes:
            raise _too_short(self.path)


class FilePartBody:
    """Implements core.ports.PartBody over a file, at the pace of `pace`."""

    def __init__(self, path: Path, part: PartRange, buffer: memoryview, pace: Pace) -> None:
        self.size_bytes = part.size_bytes
        self._path = path
        self._part = part
        self._buffer = buffer
        self._pace = pace

    def blocks(self) -> Iterator[memoryview]:
        """The bytes in order. A block is valid until the next one is asked for."""
        with self._opened() as file:
            with file_errors(self._path):
                file.seek(self._part.offset)
            left = self._part.size_bytes
            while left:
                block = self._read(file, min(left, self._pace.piece_bytes(), len(self._buffer)))
                self._pace.take(len(block))
                yield block
                self._pace.handed_over(len(block))
                left -= len(block)

    def file_pieces(self) -> Iterator[FileSpan]:
        """The same bytes as places in the file."""
        with self._opened() as file:
            done = 0
            while done < self._part.size_bytes:
                count = min(self._part.size_bytes - done, self._pace.piece_bytes())
                self._pace.take(count)
                yield FileSpan(file, self._path, self._part.offset + done, count)
                self._pace.handed_over(count)
                done += count

    @contextmanager
    def _opened(self) -> Iterator[FileIO]:
        with file_errors(self._path):
            file = self._path.open("rb", buffering=0)
        with file:
            yield file

    def _read(self, file: FileIO, count: int) -> memoryview:
        with file_errors(self._path):
            got = file.readinto(self._buffer[:count])
        if not got:
            raise _too_short(self._path)
        return self._buffer[:got]


def _too_short(path: Path) -> FileChanged:
    return FileChanged(
        f"“{path.name}” became shorter while it was uploaded, so the upload stopped. "
        "Retry to upload the file as it is now, from the beginning."
    )
