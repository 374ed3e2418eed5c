"""Reads parts from disk block by block through one reused buffer: a thread's memory does not grow with the part."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from recorder_desktop.core.errors import FileChanged
from recorder_desktop.core.model import PartRange
from recorder_desktop.transfer.checksum import as_base64, crc64nvme
from recorder_desktop.transfer.source_file import file_errors
from recorder_desktop.transfer.stop_token import StopToken

BLOCK_SIZE_BYTES = 256 * 1024
"""Large enough that the cost a block vanishes, small enough that progress on a thin line moves every second."""


@dataclass(frozen=True, slots=True)
class PartDigest:
    """The checksums of one part; `md5` is None unless it was asked for."""

    crc64nvme: int
    md5: bytes | None = None

    @property
    def crc64nvme_base64(self) -> str:
        """As S3 spells it."""
        return as_base64(self.crc64nvme)

    @property
    def md5_base64(self) -> str:
        """As Content-MD5 spells it."""
        return base64.b64encode(self.md5 or b"").decode("ascii")

    def matches_etag(self, etag: str) -> bool:
        """Whether a plain-MD5 ETag names these bytes. Not every ETag is an MD5; then this is False."""
        return self.md5 is not None and etag.strip('"').lower() == self.md5.hex()


class PartReader:
    """One thread's way to read parts. The buffer is its own: never share a reader between threads."""

    def __init__(self, block_size_bytes: int = BLOCK_SIZE_BYTES) -> None:
        self._buffer = memoryview(bytearray(block_size_bytes))

    def digest(self, path: Path, part: PartRange, stop: StopToken, *, with_md5: bool) -> PartDigest:
        """Return the checksums of a part as it is on disk now. Raises FileChanged if the file is too short."""
        crc = 0
        md5 = hashlib.md5(usedforsecurity=False) if with_md5 else None
        for block in self.body(path, part).blocks():
            stop.check()
            crc = crc64nvme(block, crc)
            if md5 is not None:
                md5.update(block)
        return PartDigest(crc, md5.digest() if md5 is not None else None)

    def body(self, path: Path, part: PartRange) -> FilePartBody:
        """The part's bytes, for a sender on this reader's thread."""
        return FilePartBody(path, part, self._buffer)


class FilePartBody:
    """Implements core.ports.PartBody over a file."""

    def __init__(self, path: Path, part: PartRange, buffer: memoryview) -> None:
        self.size_bytes = part.size_bytes
        self._path = path
        self._part = part
        self._buffer = buffer

    def blocks(self) -> Iterator[memoryview]:
        """The bytes in order. A block is valid until the next one is asked for."""
        with file_errors(self._path):
            file = self._path.open("rb", buffering=0)
        with file:
            left = self._part.size_bytes
            with file_errors(self._path):
                file.seek(self._part.offset)
            while left:
                block = self._read(file, left)
                left -= len(block)
                yield block

    def _read(self, file: FileIO, left: int) -> memoryview:
        with file_errors(self._path):
            count = file.readinto(self._buffer[: min(left, len(self._buffer))])
        if not count:
            raise FileChanged(
                f"“{self._path.name}” became shorter while it was uploaded, so the upload stopped. "
                "Retry to upload the file as it is now, from the beginning."
            )
        return self._buffer[:count]
