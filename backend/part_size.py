"""Chooses the part size of an upload. Pure arithmetic."""

from __future__ import annotations

from backend.errors import FileTooLarge

MIB = 1024 * 1024
MIN_PART_BYTES = 5 * MIB
MAX_PART_BYTES = 5 * 1024 * MIB
# S3 allows 10,000. Half of it keeps parts that were sent twice, which SeaweedFS goes on listing, within its
# limit of 10,001 entries, and out of the range where it sorts part 10000 before 1001.
MAX_PARTS = 5_000
DEFAULT_PART_BYTES = 8 * MIB
LARGE_FILE_BYTES = 1024 * MIB
LARGE_FILE_PART_BYTES = 16 * MIB


def choose_part_size(file_size_bytes: int | None, hint_bytes: int | None) -> int:
    """Return a part size in bytes, a whole number of MiB.

    The hint counts within 5 MiB to 5 GiB; without one, large files get larger parts. Whatever the hint, 5,000
    parts hold the file and no part is over 5 GiB. Raises FileTooLarge over 5,000 x 5 GiB.
    Source: Amazon S3 User Guide, "Multipart upload limits".
    """
    if file_size_bytes is not None and file_size_bytes > MAX_PARTS * MAX_PART_BYTES:
        raise FileTooLarge(f"The file is over {MAX_PARTS * MAX_PART_BYTES} bytes, the most that can be stored.")
    wanted = _default(file_size_bytes) if hint_bytes is None else hint_bytes
    clamped = min(max(wanted, MIN_PART_BYTES), MAX_PART_BYTES)
    needed = -(-(file_size_bytes or 0) // MAX_PARTS)
    return _whole_mib(max(clamped, needed))


def _default(file_size_bytes: int | None) -> int:
    if file_size_bytes is None:
        # Callers who do not tell the size cut 5 MiB parts of their own accord.
        return MIN_PART_BYTES
    return LARGE_FILE_PART_BYTES if file_size_bytes >= LARGE_FILE_BYTES else DEFAULT_PART_BYTES


def _whole_mib(size_bytes: int) -> int:
    return -(-size_bytes // MIB) * MIB
