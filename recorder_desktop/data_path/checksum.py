"""CRC64-NVME of blocks, parts and whole files."""

from __future__ import annotations

from collections.abc import Sequence

from recorder_desktop.core.model import ConfirmedPart
from recorder_desktop.data_path.crc_library import load_checksums

_sum, _combine = load_checksums()


def crc64nvme(block: memoryview, previous: int = 0) -> int:
    """Return the CRC of everything up to and including `block`; `previous` is the CRC of what came before."""
    return _sum(block, previous)


def combined_crc64nvme(parts: Sequence[ConfirmedPart]) -> int:
    """Return the CRC of the whole file from those of its parts, in order, without reading anything."""
    whole = 0
    for part in parts:
        whole = _combine(whole, part.crc64nvme, part.size_bytes)
    return whole
