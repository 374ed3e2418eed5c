"""The steps of an upload on the server: what changes in store or database, each the method of a port.

A crash can come right after any of them, before the next is taken or the client hears of it. For tests it can be made
to: with RECORDER_KILL_AFTER=STEP:NUMBER the process kills itself after that step for the so-manieth time. Without the
variable no port is wrapped, so it costs nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar, cast

T = TypeVar("T")

KILL_VARIABLE = "RECORDER_KILL_AFTER"


class Step(Enum):
    """The values are the names of methods of ports.ObjectStore and ports.Catalogue."""

    SESSION_RESERVED = "reserve_session"
    SESSIONS_RESERVED = "reserve_sessions"
    UPLOAD_OPENED = "open_upload"
    SESSION_CHANGED = "swap_session"
    OBJECT_ASSEMBLED = "complete_upload"
    RECORD_WRITTEN = "complete_session"
    RECORDS_WRITTEN = "complete_open_sessions"
    UPLOAD_ABORTED = "abort_upload"
    OBJECT_DELETED = "delete_object"
    RECORDING_DELETED = "delete_recording"


class KillPoint:
    """Ends the process as a crash would, after a step has been taken ``number`` times."""

    def __init__(self, step: Step, number: int) -> None:
        self._step = step
        self._lock = threading.Lock()
        self._left = number  # guarded by _lock

    @classmethod
    def armed(cls, environment: Mapping[str, str]) -> KillPoint | None:
        """Return the one that the environment asks for, None without. Raises ValueError for what is none."""
        wanted = environment.get(KILL_VARIABLE)
        if not wanted:
            return None
        step, _, number = wanted.partition(":")
        return cls(Step(step), int(number or 1))

    def around(self, port: T) -> T:
        """Return the same port, watched for the step."""
        return cast("T", _Watched(port, self))

    def watch(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method of this name, followed by the end if it is the step."""
        if name != self._step.value:
            return method

        def taken(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            self._count()
            return result

        return taken

    def _count(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


class _Watched:
    def __init__(self, port: object, kill_point: KillPoint) -> None:
        self._port = port
        self._kill_point = kill_point

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._kill_point.watch(name, found) if callable(found) else found

    def __dir__(self) -> list[str]:
        return dir(self._port)
