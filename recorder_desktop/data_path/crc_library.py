"""Loads the checksums of awscrt without starting the rest of that library, where its file lets us."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

_KNOWN = b"123456789"
_CRC_OF_KNOWN = 0xAE8B14860A799888
"""Source: the catalogue of parametrised CRC algorithms, CRC-64/NVME, its check value."""


Sum = Callable[[Any, int], int]
"""The CRC of a block, after the CRC of what came before it."""
Combine = Callable[[int, int, int], int]
"""The CRC of two stretches, by their CRCs and the length of the second."""


def load_checksums() -> tuple[Sum, Combine]:
    """crc64nvme and combine_crc64nvme of awscrt.checksums, out of its file where that is possible."""
    return _without_the_rest() or _as_documented()


def _as_documented() -> tuple[Sum, Combine]:
    # Its start gathers entropy for connections that nobody makes here: 60 ms of the processor.
    from awscrt import checksums

    return checksums.crc64nvme, checksums.combine_crc64nvme


def _without_the_rest() -> tuple[Sum, Combine] | None:
    """The same functions out of the same file, which the system loads but Python does not initialise.

    None where the file does not show them (on Windows it does not), or another version has changed what they do.
    """
    found = find_spec("_awscrt")
    if found is None or found.origin is None:
        return None
    try:
        # PyDLL: they are functions for Python, which expect its lock and let go of it themselves while they count.
        library = ctypes.PyDLL(found.origin)
        whole, combined = library.aws_py_checksums_crc64nvme, library.aws_py_checksums_crc64nvme_combine
    except (OSError, AttributeError):
        return None
    for function in (whole, combined):
        function.argtypes, function.restype = (ctypes.py_object, ctypes.py_object), ctypes.py_object

    def crc64nvme(block: Any, previous: int) -> int:
        result: int = whole(None, (block, previous))
        return result

    def combine(first: int, second: int, second_bytes: int) -> int:
        result: int = combined(None, (first, second, second_bytes))
        return result

    return (crc64nvme, combine) if _count_right(crc64nvme, combine) else None


def _count_right(crc64nvme: Sum, combine: Combine) -> bool:
    head, tail = _KNOWN[:4], _KNOWN[4:]
    try:
        in_turn = crc64nvme(tail, crc64nvme(head, 0))
        apart = combine(crc64nvme(head, 0), crc64nvme(tail, 0), len(tail))
    except (TypeError, ValueError, OverflowError):  # it wants to be asked otherwise
        return False
    return in_turn == apart == _CRC_OF_KNOWN
