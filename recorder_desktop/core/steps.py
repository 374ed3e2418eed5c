"""The steps of an upload: what it does outside of this process's memory, each the method of a port.

A crash can come right after any of them, before anything of this process knows that it was done. For tests it can be
made to: with RECORDER_KILL_AFTER=STEP:NUMBER the process kills itself after that step for the so-manieth time.
Without the variable no port is wrapped, so it costs nothing.
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
    """The values are the names of methods of core.ports' UploadStore, UploadBackend and Lane."""

    ROW_ADDED = "insert"
    ROW_CHANGED = "update"
    UPLOAD_OPENED = "init_upload"
    UPLOADS_OPENED = "init_uploads"
    PARTS_SIGNED = "presign_parts"
    PART_SENT = "send"
    PART_CONFIRMED = "confirm_part"
    PARTS_CONFIRMED = "confirm_parts"
    PARTS_LISTED = "list_parts"
    PARTS_RECONCILED = "replace_parts"
    UPLOAD_COMPLETED = "complete_upload"
    UPLOADS_COMPLETED = "complete_uploads"
    ATTEMPT_REPLACED = "replace_attempts"
    UPLOAD_ABORTED = "abort_upload"
    ROW_DELETED = "delete"


_GIVES_PORT = ("connect", "on_behalf_of", "lane")


class KillPoint:
    """Ends the process as a crash would, after a step has been taken `number` times."""

    def __init__(self, step: Step, number: int) -> None:
        self._step = step
        self._lock = threading.Lock()
        self._left = number  # guarded by _lock

    @classmethod
    def armed(cls, environment: Mapping[str, str]) -> KillPoint | None:
        """The one that the environment asks for, None without. Raises ValueError for what is none."""
        wanted = environment.get(KILL_VARIABLE)
        if not wanted:
            return None
        step, _, number = wanted.partition(":")
        return cls(Step(step), int(number or 1))

    def around(self, port: T) -> T:
        """The same port, watched for the step; so are the ports that it gives."""
        return cast("T", _Watched(port, self))

    def watch(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method of this name, followed by the end if it is the step."""
        if name in _GIVES_PORT:
            return lambda *args, **kwargs: self.around(method(*args, **kwargs))
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
