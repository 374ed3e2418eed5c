"""A log file for what a child process prints: bounded in size, readable by the person alone."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType

LIMIT_BYTES = 2 * 1024 * 1024


class ChildLog:
    """Appends to a file; at 2 MiB it becomes the `.1` file, of which there is one."""

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._handle = self._open()  # guarded by _lock; None once closed
        self._size_bytes = os.fstat(self._handle).st_size

    def __enter__(self) -> ChildLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            os.close(self._handle)
            self._handle = -1

    def write(self, line: bytes) -> None:
        """Append a line. A full disk loses the line, never the child."""
        with self._lock, contextlib.suppress(OSError):
            if self._handle < 0:
                return
            if self._size_bytes + len(line) > self._limit_bytes:
                self._turn_over()
            self._size_bytes += os.write(self._handle, line)

    def _turn_over(self) -> None:
        # Closed first: Windows does not rename an open file.
        os.close(self._handle)
        self._handle = -1
        with contextlib.suppress(OSError):
            self._path.replace(self._path.with_name(self._path.name + ".1"))
        self._handle = self._open()
        self._size_bytes = os.fstat(self._handle).st_size

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
