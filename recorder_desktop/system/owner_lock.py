"""One owner for each home: whoever holds this lock runs the queue and the local stack."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from recorder_desktop.system.paths import RecorderPaths

if TYPE_CHECKING:
    from filelock import BaseFileLock


class OwnerLock:
    """Held by one process at a time; the operating system lets go of it when that process ends, killed or not."""

    def __init__(self, paths: RecorderPaths) -> None:
        self._paths = paths
        self._lock: BaseFileLock | None = None

    def acquire(self) -> bool:
        """Become the owner; False when another process is. Never waits."""
        from filelock import FileLock, Timeout

        self._paths.create()
        # Not thread-local: the window's thread may take it and the shutdown's thread let go.
        lock = FileLock(self._paths.owner_lock, timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        """Let go; nothing happens when it is not held."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @property
    def is_held(self) -> bool:
        """Whether this process is the owner."""
        return self._lock is not None

    def __enter__(self) -> OwnerLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
