"""Playing times out of a recording's own head: what is told, and what is left to ffprobe."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_desktop.core.playing_time import playing_time_s


def told(recording: bytes, size_bytes: int | None = None) -> float | None:
    return playing_time_s(
        lambda offset, count: recording[offset : offset + count], len(recording) if size_bytes is None else size_bytes
    )


def layout(
    code: int = 1, channels: int = 2, rate: int = 48_000, bits: int = 16, byte_rate: int | None = None
) -> bytes:
    block_bytes = channels * bits // 8
    values = (code, channels, rate, rate * block_bytes if byte_rate is None else byte_rate, block_bytes, bits)
    return struct.pack("<4sIHHIIHH", b"fmt ", 16, *values)


def wave(*chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WAVE" + b"".join(chunks)


def data(length: int, there: int | None = None) -> bytes:
    return b"data" + struct.pack("<I", length) + bytes(length if there is None else there)


def box(name: bytes, content: bytes, *, is_large: bool = False) -> bytes:
    if is_large:
        return struct.pack(">I4sQ", 1, name, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), name) + content


def movie_header(scale: int, duration: int, *, version: int = 0) -> bytes:
    times = struct.pack(">IIII" if version == 0 else ">QQIQ", 0, 0, scale, duration)
    return box(b"mvhd", bytes((version, 0, 0, 0)) + times + bytes(80))


FILE_TYPE = box(b"ftyp", b"isom" + bytes(8))


@pytest.mark.parametrize(
    "recording",
    [
        wave(layout(), data(192_000)),
        wave(box(b"odd ", b"")[4:][:4] + struct.pack("<I", 3) + bytes(4), layout(), data(192_000)),
        wave(layout(code=3, bits=32), data(384_000)),
        wave(layout(), data(0xFFFFFFFF, there=192_000)),
    ],
    ids=["plain", "after something of an odd length", "floating point", "without a length"],
)
def test_a_wave_file(recording: bytes) -> None:
    assert told(recording) == 1.0


@pytest.mark.parametrize(
    "recording",
    [
        FILE_TYPE + box(b"moov", movie_header(600, 900)),
        FILE_TYPE + box(b"mdat", bytes(100)) + box(b"moov", movie_header(600, 900, version=1)),
        FILE_TYPE + box(b"mdat", bytes(100), is_large=True) + box(b"moov", movie_header(600, 900), is_large=True),
    ],
    ids=["head first", "head last", "large"],
)
def test_a_movie(recording: bytes) -> None:
    assert told(recording) == 1.5


@pytest.mark.parametrize(
    "recording",
    [
        b"",
        b"OggS" + bytes(100),
        wave(layout(code=2), data(192_000)),
        wave(layout(byte_rate=1), data(192_000)),
        wave(layout(rate=0), data(192_000)),
        wave(layout(), data(192_000, there=1000)),
        wave(layout(), data(0)),
        wave(data(192_000)),
        wave(layout()),
        FILE_TYPE + box(b"moov", movie_header(600, 0)),
        FILE_TYPE + box(b"moov", movie_header(0, 900)),
        FILE_TYPE + box(b"moov", movie_header(600, 0xFFFFFFFF)),
        FILE_TYPE + box(b"moov", box(b"free", bytes(40)) + movie_header(600, 900)),
        FILE_TYPE + struct.pack(">I4s", 0, b"mdat") + bytes(100),
        FILE_TYPE + struct.pack(">I4s", 7, b"mdat") + bytes(100),
        FILE_TYPE + struct.pack(">I4sQ", 1, b"mdat", 1 << 63) + bytes(100),
        FILE_TYPE,
        FILE_TYPE + struct.pack(">I4sI4s", 116, b"moov", 108, b"mvhd"),
    ],
)
def test_whatever_is_unusual_is_left_to_ffprobe(recording: bytes) -> None:
    assert told(recording) is None


def test_a_chain_without_end_is_left_soon() -> None:
    asked: list[int] = []

    def read_at(offset: int, _count: int) -> bytes:
        asked.append(offset)
        return FILE_TYPE[:12] if offset == 0 else struct.pack(">I4s", 8, b"free")

    assert playing_time_s(read_at, 1 << 60) is None
    assert len(asked) < 100


@given(st.sampled_from([b"", wave(layout()), FILE_TYPE, FILE_TYPE + b"\0\0\0\x40moov"]), st.binary(max_size=200))
def test_any_bytes_give_a_sound_time_or_none(head: bytes, rest: bytes) -> None:
    seconds = told(head + rest)

    assert seconds is None or seconds > 0
