"""Reads parts from disk for their checksums, block by block: a thread's memory does not grow with the part."""

from __future__ import annotations

import hashlib
import mmap
from pathlib import Path

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.file_access import FileAccess
from recorder_desktop.core.model import PartRange
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.checksum import crc64nvme
from recorder_desktop.data_path.pace import Pace, Unpaced
from recorder_desktop.data_path.part_body import FilePartBody

BLOCK_SIZE_BYTES = 1024 * 1024
"""Small enough that a block is still in the processor's cache when it is summed or encrypted, large enough that
threads seldom wait for one another's turn of Python: such a wait costs more than the reading."""


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
