"""Which part size to ask the backend for, and which one it will most likely answer. Pure.

The backend decides (its `part_size` module holds the same rule); guessing right only saves a round trip.
"""

from __future__ import annotations

import re

from recorder_desktop.core.errors import Refused
from recorder_desktop.core.parts import MIN_PART_SIZE_BYTES

_MIB = 1024 * 1024
_GIB = 1024 * _MIB
MAX_PART_SIZE_BYTES = 5 * _GIB
_MAX_HINT_BYTES = 64 * _MIB
"""The largest part that is asked for by itself: what a broken line has to send again."""
_MAX_PARTS = 5_000
_USUAL_BYTES = 8 * _MIB
_LARGE_FILE_BYTES = 1024 * _MIB
NEAR_BYTES_PER_S = 1e9
"""The rate to expect of a place on this computer that was never measured."""
PART_SECONDS = 5.0
"""How long a part should take: long enough that its round trips do not count, short enough to lose little."""


def part_size_hint(rate_bytes_per_s: float | None, file_size_bytes: int, senders: int) -> int | None:
    """Return the part size in bytes to ask for, 5 to 64 MiB; None while the line's rate is unknown.

    With it each of `senders` takes PART_SECONDS for a part, and all of them have four parts of the file to send; but
    a file no larger than one usual part is not cut for that, since one request carries it.
    """
    if rate_bytes_per_s is None:
        return None
    by_rate = rate_bytes_per_s / senders * PART_SECONDS
    by_file = max(file_size_bytes / (4 * senders), _USUAL_BYTES)
    return int(min(max(min(by_rate, by_file), MIN_PART_SIZE_BYTES), _MAX_HINT_BYTES))


def expected_part_size(file_size_bytes: int, hint_bytes: int | None) -> int:
    """Return the part size that a backend answers to this file and hint: a whole number of MiB."""
    default = 16 * _MIB if file_size_bytes >= _LARGE_FILE_BYTES else _USUAL_BYTES
    wanted = default if hint_bytes is None else hint_bytes
    clamped = min(max(wanted, MIN_PART_SIZE_BYTES), MAX_PART_SIZE_BYTES)
    needed = -(-file_size_bytes // _MAX_PARTS)
    return -(-max(clamped, needed) // _MIB) * _MIB


AUTOMATIC = "automatic"

_WRITTEN_SIZE = re.compile(r"([0-9]{1,6}) ?(MiB|GiB)?", re.IGNORECASE)


class PartSizeRefused(Refused):
    """A part size that cannot be meant. Kind: FATAL."""

    code = "settings"


def read_part_size(text: str) -> int | None:
    """The part size in bytes that a person wrote, None for “automatic”; a number alone counts MiB.

    Raises PartSizeRefused under 5 MiB and over 5 GiB: no store takes that.
    """
    if text.strip().lower() == AUTOMATIC:
        return None
    match = _WRITTEN_SIZE.fullmatch(text.strip())
    if match is None:
        raise PartSizeRefused(
            f"“{text.strip()}” is not a part size. Write whole MiB or GiB, for example 16 MiB, or “{AUTOMATIC}”."
        )
    size_bytes = int(match[1]) * (_GIB if (match[2] or "").lower() == "gib" else _MIB)
    if not MIN_PART_SIZE_BYTES <= size_bytes <= MAX_PART_SIZE_BYTES:
        raise PartSizeRefused(f"No store takes parts of {text.strip()}. Write a size from 5 MiB to 5 GiB.")
    return size_bytes


def part_size_text(size_bytes: int | None) -> str:
    """A part size as a person writes it; `read_part_size` gives it back."""
    if size_bytes is None:
        return AUTOMATIC
    return f"{size_bytes // _GIB} GiB" if size_bytes % _GIB == 0 else f"{size_bytes // _MIB} MiB"
