"""Cuts a file into parts. Pure arithmetic: touches neither disk nor network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recorder_desktop.core.model import PartRange

MIN_PART_SIZE_BYTES = 5 * 1024 * 1024
"""S3's least size of every part but the last. Source: Amazon S3 User Guide, "Multipart upload limits"."""


@dataclass(frozen=True, slots=True)
class PartPlan:
    """The parts of a file, in order, without gap or overlap."""

    parts: tuple[PartRange, ...]

    def __iter__(self) -> Iterator[PartRange]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def size_bytes(self) -> int:
        """The bytes that all parts hold together."""
        return sum(part.size_bytes for part in self.parts)


def equal_parts(file_size_bytes: int, part_size_bytes: int) -> PartPlan:
    """Return the plan for a finished file: parts of one size, the last one shorter.

    An empty file is one empty part, since an upload needs at least one.
    Raises ValueError for a negative size or a part size below S3's minimum.
    """
    if file_size_bytes < 0:
        raise ValueError(f"a file cannot have {file_size_bytes} bytes")
    if part_size_bytes < MIN_PART_SIZE_BYTES:
        raise ValueError(f"a part of {part_size_bytes} bytes is below the minimum of {MIN_PART_SIZE_BYTES}")
    offsets = range(0, file_size_bytes, part_size_bytes) if file_size_bytes else (0,)
    return PartPlan(
        tuple(
            PartRange(number, offset, min(part_size_bytes, file_size_bytes - offset))
            for number, offset in enumerate(offsets, start=1)
        )
    )
