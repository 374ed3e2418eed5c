"""Reads a recording's duration with ffprobe, from ranges that the backend fetched itself.

ffprobe follows what a file tells it to open, playlists inside a ``.mp4`` included, and its command line is
public. So it never gets a URL, a secret or this process's environment: only a local file that holds the
recording's head, its tail and, for MP4 and MOV, the ``moov`` box, and that is deleted afterwards.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from backend.model import Recording
from backend.ports import ObjectStore

HEAD_BYTES = 1024 * 1024
TAIL_BYTES = 1024 * 1024
MAX_MOOV_BYTES = 64 * 1024 * 1024
MAX_BOXES = 64
READ_BYTES = 4 * 1024 * 1024
# Where the temporary folder cannot hold gaps, a file of the recording's size takes that much of the disk.
MAX_SOLID_BYTES = 256 * 1024 * 1024
TIMEOUT_S = 20.0
# Containers and bare streams; none that names other files or addresses (hls, concat, dash, sdp, image2).
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpegts,mpeg,mxf,mxf_opatom,gxf,ogg,wav,w64,aiff,caf,flac,"
    "mp3,aac,ac3,eac3,dts,amr,ape,wv,tta,au,rm,dv,ivf"
)
_BOX_STARTS = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"styp", b"pnot"})
# What a program needs to start at all on the three systems; no key, token or proxy is among them.
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP")

log = logging.getLogger(__name__)


class MediaProbe:
    """Finds durations. Every failure, a missing ffprobe included, means an unknown duration."""

    def __init__(self, command: str = "ffprobe", timeout_s: float = TIMEOUT_S) -> None:
        self._command = command
        self._timeout_s = timeout_s

    def duration_s(self, store: ObjectStore, recording: Recording) -> float | None:
        """Return the duration in seconds, None where it cannot be told. Raises StoreError's kinds."""
        if recording.size_bytes == 0:
            return None
        with tempfile.TemporaryDirectory(prefix="recorder-probe-") as folder:
            path = Path(folder) / "recording"
            try:
                _write_excerpt(store, recording, path)
                return self._probe(path)
            except (OSError, subprocess.SubprocessError) as exc:
                log.info("probing %s failed: %s", recording.recording_id, type(exc).__name__)
                return None

    def _probe(self, path: Path) -> float | None:
        with subprocess.Popen(
            probe_command(self._command, path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            cwd=path.parent,
            creationflags=getattr(subprocess, "IDLE_PRIORITY_CLASS", 0),
        ) as child:
            try:
                _give_way(child.pid)
                answer, _ = child.communicate(timeout=self._timeout_s)
            finally:
                child.kill()  # nothing happens to one that has ended
        return _duration_of(answer) if child.returncode == 0 else None


def _give_way(pid: int) -> None:
    """Let every other process go first: nobody waits for a playing time."""
    if sys.platform != "win32":
        # Not SCHED_IDLE: on a busy computer that could use up the time limit.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, 19)


def _duration_of(answer: bytes) -> float | None:
    """Return the duration that ffprobe's JSON names, None where it names none."""
    try:
        duration_s = float(json.loads(answer)["format"]["duration"])
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
    return duration_s if math.isfinite(duration_s) and duration_s >= 0 else None


def probe_command(command: str, path: Path) -> list[str]:
    """Return the ffprobe command line for a local file."""
    # Not ffmpeg.probe(): it knows neither a time limit nor an environment, and a process around it would have to
    # end ffprobe as well when time is up.
    limits = ["-format_whitelist", FORMATS, "-protocol_whitelist", "file"]
    # `file:` so that a leading dash is no option and a colon no protocol.
    return [command, "-v", "error", "-show_entries", "format=duration", "-of", "json", *limits, f"file:{path}"]


def _write_excerpt(store: ObjectStore, recording: Recording, path: Path) -> None:
    """Write the telling ranges at their places in a sparse file of the recording's full size.

    The size itself tells something: of formats without a header the playing time follows from it.
    """
    size = recording.size_bytes
    with path.open("wb") as file:
        if not _stretch(file, size) and size > MAX_SOLID_BYTES:
            raise OSError("the temporary folder holds no sparse files")
        head = store.read_range(recording.key, 0, min(HEAD_BYTES, size))
        file.write(head)
        for start, length in _other_ranges(store, recording, head):
            for offset in range(start, start + length, READ_BYTES):
                file.seek(offset)
                file.write(store.read_range(recording.key, offset, min(READ_BYTES, start + length - offset)))


def _stretch(file: BinaryIO, size_bytes: int) -> bool:
    """Make the empty file this large; whether what is not written takes no room."""
    may_have_gaps = _allow_gaps(file.fileno())
    file.truncate(size_bytes)
    blocks: int = getattr(os.fstat(file.fileno()), "st_blocks", 0)
    return may_have_gaps and blocks * 512 < size_bytes


def _allow_gaps(descriptor: int) -> bool:
    """Mark a file of Windows as sparse, which NTFS files are not by themselves; whether it may have gaps now."""
    if sys.platform == "win32":
        import ctypes
        import msvcrt

        set_sparse = 0x900C4  # FSCTL_SET_SPARSE
        handle, told = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor)), ctypes.c_ulong()
        control = ctypes.windll.kernel32.DeviceIoControl
        return bool(control(handle, set_sparse, None, 0, None, 0, ctypes.byref(told), None))
    return True


def _other_ranges(store: ObjectStore, recording: Recording, head: bytes) -> Iterator[tuple[int, int]]:
    size = recording.size_bytes
    if size > len(head):
        tail_start = max(len(head), size - TAIL_BYTES)
        yield tail_start, size - tail_start
    moov = _find_moov(store, recording, head)
    if moov is not None:
        yield moov


def _find_moov(store: ObjectStore, recording: Recording, head: bytes) -> tuple[int, int] | None:
    """Walk the top-level boxes to ``moov``; return its start and length, None when there is none to fetch."""
    if head[4:8] not in _BOX_STARTS:
        return None
    position = 0
    for _ in range(MAX_BOXES):
        inside_head = position + 16 <= len(head)
        header = head[position : position + 16] if inside_head else store.read_range(recording.key, position, 16)
        length = _box_length(header, recording.size_bytes - position)
        if length is None:
            return None
        if header[4:8] == b"moov":
            return (position, length) if length <= MAX_MOOV_BYTES else None
        position += length
    return None


def _box_length(header: bytes, remaining: int) -> int | None:
    """Return a box's length in bytes, None when the header is not one. Source: ISO/IEC 14496-12, 4.2."""
    if len(header) < 8:
        return None
    length = int.from_bytes(header[:4], "big")
    if length == 1:
        length = int.from_bytes(header[8:16], "big")
    elif length == 0:
        length = remaining
    return length if 8 <= length <= remaining else None
