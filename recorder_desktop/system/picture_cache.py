"""Keeps small pictures on disk, a file each, within a bound: what was not looked at for longest goes first."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from pathlib import Path

from recorder_desktop.core.thumbnails import SIZE_BYTES_AT_MOST
from recorder_desktop.system.paths import write_private

_log = logging.getLogger(__name__)

LIMIT_BYTES = 64 << 20
"""Some ten thousand pictures."""
_BLOCK_BYTES = 4096
"""A small file takes this much of the disk at least."""
_KEPT_SHARE = 0.8
"""How full the cache is after something had to go: making room for each picture would list the folder each time."""


class PictureCache:
    """Implements core.thumbnails.PictureStore. Nothing is touched before the first call. For every thread."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._held_bytes: int | None = None  # None until the folder was looked at; guarded by _lock

    def get(self, key: str) -> bytes | None:
        """The picture of this key, which counts as looked at now."""
        path = self._path(key)
        with contextlib.suppress(OSError):
            picture = path.read_bytes()
            os.utime(path)
            return picture if 0 < len(picture) <= SIZE_BYTES_AT_MOST else None
        return None

    def put(self, key: str, picture: bytes) -> None:
        """Keep it."""
        try:
            with self._lock:
                self._prepare()
                write_private(self._path(key), picture)
                self._held_bytes = (self._held_bytes or 0) + _on_disk(len(picture))
                if self._held_bytes > self._limit_bytes:
                    self._make_room()
        except OSError as exc:  # such as a full disk: it is made again when it is wanted again
            _log.info("a thumbnail could not be kept: %s", exc)

    def _path(self, key: str) -> Path:
        return self._folder / key

    def _prepare(self) -> None:
        if self._held_bytes is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._held_bytes = sum(_on_disk(size) for _, size, _ in self._files())

    def _files(self) -> list[tuple[float, int, str]]:
        """When each was looked at, its size and its path."""
        with os.scandir(self._folder) as entries:
            found = [(entry.stat(), entry.path) for entry in entries if entry.is_file(follow_symlinks=False)]
        return [(status.st_mtime, status.st_size, path) for status, path in found]

    def _make_room(self) -> None:
        files = sorted(self._files())
        held = sum(_on_disk(size) for _, size, _ in files)
        for _, size, path in files:
            if held <= self._limit_bytes * _KEPT_SHARE:
                break
            Path(path).unlink(missing_ok=True)
            held -= _on_disk(size)
        self._held_bytes = held


def _on_disk(size_bytes: int) -> int:
    return -(-size_bytes // _BLOCK_BYTES) * _BLOCK_BYTES
