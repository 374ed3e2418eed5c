"""The bytes of one part on their way out of its file: through one reused buffer, or straight into a socket."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from recorder_desktop.core.errors import FileChanged
from recorder_desktop.core.file_access import FileAccess
from recorder_desktop.core.model import PartRange
from recorder_desktop.data_path.file_errors import file_errors
from recorder_desktop.data_path.pace import Pace


@dataclass(frozen=True, slots=True)
class FileSpan:
    """Implements core.ports.FilePiece: `size_bytes` from `offset` of an open file."""

    file: FileIO
    path: Path
    offset: int
    size_bytes: int
    access: FileAccess

    def send_to(self, sock: socket.socket, stall_s: float) -> None:
        """Send the bytes without copying them through this process. See core.ports.FilePiece."""
        source, target, end = self.file.fileno(), sock.fileno(), self.offset + self.size_bytes
        offset, moved_at = self.offset, time.monotonic()
        while offset < end:
            try:
                with self.access:  # what waits here for longer than the socket may waits for the drive
                    count = os.sendfile(target, source, offset, end - offset)
            except BlockingIOError:
                if time.monotonic() >= moved_at + stall_s:
                    raise TimeoutError("timed out") from None
                continue
            if not count:
                raise _too_short(self.path)
            offset += count
            moved_at = time.monotonic()


class FilePartBody:
    """Implements core.ports.PartBody over a file, at the pace of `pace`."""

    def __init__(
        self, path: Path, part: PartRange, buffer: memoryview, pace: Pace, access: FileAccess | None = None
    ) -> None:
        self.size_bytes = part.size_bytes
        self._path = path
        self._part = part
        self._buffer = buffer
        self._pace = pace
        self._access = access or FileAccess()

    def blocks(self) -> Iterator[memoryview]:
        """The bytes in order. A block is valid until the next one is asked for."""
        with self._opened() as file, file_errors(self._path):
            file.seek(self._part.offset)
            for piece_bytes in self._pieces():
                left = piece_bytes
                while left:
                    with self._access:
                        count = file.readinto(self._buffer[:left])
                    if not count:
                        raise _too_short(self._path)
                    yield self._buffer[:count]
                    left -= count

    def file_pieces(self) -> Iterator[FileSpan]:
        """The same bytes as places in the file."""
        with self._opened() as file:
            offset = self._part.offset
            for piece_bytes in self._pieces():
                yield FileSpan(file, self._path, offset, piece_bytes, self._access)
                offset += piece_bytes

    def _pieces(self) -> Iterator[int]:
        """Sizes of the steps that the bytes go out in, each when it may go."""
        left = self._part.size_bytes
        while left:
            piece_bytes = self._pace.take(left)
            yield piece_bytes
            self._pace.handed_over(piece_bytes)
            left -= piece_bytes

    @contextmanager
    def _opened(self) -> Iterator[FileIO]:
        with file_errors(self._path), self._access:
            file = self._path.open("rb", buffering=0)
        with file:
            yield file


def _too_short(path: Path) -> FileChanged:
    return FileChanged(
        f"“{path.name}” became shorter while it was uploaded, so the upload stopped. "
        "Retry to upload the file as it is now, from the beginning."
    )
