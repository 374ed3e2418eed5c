"""Reads parts from disk for their checksums, block by block: a thread's memory does not grow with the part."""

from __future__ import annotations

import base64
import hashlib
import mmap
from dataclasses import dataclass
from pathlib import Path

from recorder_desktop.core.model import ChecksumAlgorithm, PartRange
from recorder_desktop.core.ports import PartToSign
from recorder_desktop.transfer.checksum import as_base64, crc64nvme
from recorder_desktop.transfer.drive_watch import FileAccess
from recorder_desktop.transfer.pace import Pace, Unpaced
from recorder_desktop.transfer.part_body import FilePartBody
from recorder_desktop.transfer.stop_token import StopToken

BLOCK_SIZE_BYTES = 1024 * 1024
"""Small enough that a block is still in the processor's cache when it is summed or encrypted, large enough that
threads seldom wait for one another's turn of Python: such a wait costs more than the reading."""


@dataclass(frozen=True, slots=True)
class PartDigest:
    """The checksums of one part; `md5` is None unless it was asked for."""

    part: PartRange
    crc64nvme: int
    md5: bytes | None = None

    @property
    def crc64nvme_base64(self) -> str:
        """As S3 spells it."""
        return as_base64(self.crc64nvme)

    def to_sign(self, algorithm: ChecksumAlgorithm | None) -> PartToSign:
        """What a URL for exactly these bytes is made for."""
        checksum = None
        if algorithm is ChecksumAlgorithm.CRC64NVME:
            checksum = self.crc64nvme_base64
        elif algorithm is ChecksumAlgorithm.MD5:
            checksum = base64.b64encode(self.md5 or b"").decode("ascii")
        return PartToSign(self.part.number, self.part.size_bytes, checksum)

    def matches_etag(self, etag: str) -> bool:
        """Whether a plain-MD5 ETag names these bytes. Not every ETag is an MD5; then this is False."""
        return self.md5 is not None and etag.strip('"').lower() == self.md5.hex()


class PartReader:
    """One thread's way to read parts. The buffer is its own: never share a reader between threads.

    Attributes:
        access: held around every wait for a drive.
    """

    def __init__(self, block_size_bytes: int = BLOCK_SIZE_BYTES) -> None:
        # Of whole pages: into a bytearray of this size the system copies three times slower, as its address happens
        # to fall. Measured on Linux, with an AMD processor.
        self._buffer = memoryview(mmap.mmap(-1, block_size_bytes))
        self.access = FileAccess()

    def digest(self, path: Path, part: PartRange, stop: StopToken, *, with_md5: bool) -> PartDigest:
        """Return the checksums of a part as it is on disk now. Raises FileChanged if the file is too short."""
        crc = 0
        md5 = hashlib.md5(usedforsecurity=False) if with_md5 else None
        for block in self.body(path, part, Unpaced()).blocks():
            stop.check()
            crc = crc64nvme(block, crc)
            if md5 is not None:
                md5.update(block)
        return PartDigest(part, crc, md5.digest() if md5 is not None else None)

    def body(self, path: Path, part: PartRange, pace: Pace) -> FilePartBody:
        """The part's bytes, for a sender on this reader's thread."""
        return FilePartBody(path, part, self._buffer, pace, self.access)
