"""Playing times that stand in the head of a recording: WAV, and MP4 with its family. Reads through a function only.

Everything else, and whatever is in any way unusual, is left to ffprobe: None.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

ReadAt = Callable[[int, int], bytes]
"""Gives so many bytes from an offset, fewer where the file ends."""

_MOST_BOXES = 64
"""A hostile file is a chain without end; a recorder writes a handful."""
_TO_THE_END = 0xFFFFFFFF
_UNKNOWN_32, _UNKNOWN_64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


def playing_time_s(read_at: ReadAt, size_bytes: int) -> float | None:
    """Seconds, if the recording's head says so; `size_bytes` is the file's."""
    try:
        kind = read_at(0, 12)
        if kind[:4] == b"RIFF" and kind[8:] == b"WAVE":
            return _of_wave(read_at, size_bytes)
        if kind[4:8] == b"ftyp":
            return _of_movie(read_at, size_bytes)
    except struct.error:  # it ends in the middle of something
        return None
    return None


def _of_wave(read_at: ReadAt, size_bytes: int) -> float | None:
    """Source: Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, “Waveform”."""
    bytes_per_s = 0
    at = 12
    for _ in range(_MOST_BOXES):
        name, length = struct.unpack("<4sI", read_at(at, 8))
        at += 8
        if name == b"fmt ":
            bytes_per_s = _bytes_per_s(read_at(at, 16))
        elif name == b"data":
            # A recorder that knew no length when it began, or has no room for it, writes the largest one.
            data_bytes = size_bytes - at if length == _TO_THE_END else length
            is_whole = 0 < data_bytes <= size_bytes - at
            return data_bytes / bytes_per_s if is_whole and bytes_per_s else None
        at += length + length % 2
    return None


def _bytes_per_s(layout: bytes) -> int:
    """0 for what is compressed, or contradicts itself."""
    code, channels, rate, bytes_per_s, block_bytes, bits = struct.unpack("<HHIIHH", layout)
    is_plain = code in (_PCM, _FLOAT, _EXTENSIBLE) and block_bytes == channels * ((bits + 7) // 8)
    return bytes_per_s if is_plain and bytes_per_s == rate * block_bytes else 0


def _of_movie(read_at: ReadAt, size_bytes: int) -> float | None:
    """Source: ISO/IEC 14496-12, 8.2.1 and 8.2.2: the movie's box, at whose beginning its header stands."""
    at = 0
    for _ in range(_MOST_BOXES):
        length, name = struct.unpack(">I4s", read_at(at, 8))
        head_bytes = 8
        if length == 1:
            (length,) = struct.unpack(">Q", read_at(at + 8, 8))
            head_bytes = 16
        if name == b"moov":
            return _of_movie_header(read_at(at + head_bytes, 40))
        if length < head_bytes or at + length > size_bytes:  # 0: to the end of the file, so no movie follows
            return None
        at += length
    return None


def _of_movie_header(box: bytes) -> float | None:
    if box[4:8] != b"mvhd":
        return None
    if box[8:9] == b"\x01":
        scale, duration = struct.unpack(">IQ", box[28:40])
        unknown = _UNKNOWN_64
    else:
        scale, duration = struct.unpack(">II", box[20:28])
        unknown = _UNKNOWN_32
    # In fragments, a movie of no length is followed by its pieces.
    return duration / scale if scale and duration not in (0, unknown) else None
