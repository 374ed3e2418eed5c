"""Keeps one child process running: started under a guard, logged, started again when it dies."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from recorder_desktop.core.errors import Unavailable, UploadError
from recorder_desktop.system.child_guard import guard_command
from recorder_desktop.system.child_log import ChildLog
from recorder_desktop.system.leftovers import end_leftover

_log = logging.getLogger(__name__)

_PAUSES_S = (0.1, 0.5, 1.0, 2.0, 5.0)
_STEADY_AFTER_S = 30.0
_LINE_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """How to start a child. The environment is all it gets, and the only place for a secret: argv is public."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """A child that ended by itself: exit code, its last words on standard error, and how often in a row.

    cause: set when it cannot be started at all, and will not be tried again.
    """

    code: int
    last_line: str
    times_in_a_row: int
    cause: UploadError | None = None


_CANNOT = "The {name} of this computer cannot be kept running. Start Recorder again; its log says why."


class SupervisedChild:
    """A child that runs until `stop`, with pauses of at most 5 s between starts.

    plan: asked before every start. on_line: gets every line of its standard output. goes_on: told of an end that
    nobody asked for; False gives up. All run on this child's own threads.
    """

    def __init__(
        self,
        name: str,
        *,
        record: Path,
        log_path: Path,
        plan: Callable[[], ChildPlan],
        on_line: Callable[[str], None],
        goes_on: Callable[[ChildEnd], bool],
        grace_s: float = 2.0,
    ) -> None:
        self.name = name
        self._record = record
        self._log_path = log_path
        self._plan = plan
        self._on_line = on_line
        self._goes_on = goes_on
        self._grace_s = grace_s
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._guard: subprocess.Popen[bytes] | None = None  # guarded by _lock
        self._thread = threading.Thread(target=self._run, name=f"child-{name}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether the process runs at this moment."""
        with self._lock:
            return self._guard is not None and self._guard.poll() is None

    def restart(self) -> None:
        """Have the process end, and be started again by the plan as it is then; returns at once."""
        self._end_process()

    def ask_to_stop(self) -> None:
        """Begin to end the child for good; returns at once."""
        self._stop.set()
        self._end_process()

    def _end_process(self) -> None:
        with self._lock:
            if self._guard is not None and self._guard.stdin is not None:
                self._guard.stdin.close()  # what the guard waits for

    def stop(self) -> None:
        """End the child for good, and return when it is gone."""
        self.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join(self._grace_s + 3.0)
        with self._lock:
            guard = self._guard
        if guard is not None and guard.poll() is None:
            guard.kill()
        end_leftover(self._record)

    def _run(self) -> None:
        failures = 0
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                code, last_line = self._run_once()
                if self._stop.is_set():
                    return
                failures = 1 if time.monotonic() - began > _STEADY_AFTER_S else failures + 1
                _log.warning("%s ended with code %d: %s", self.name, code, last_line)
                if not self._goes_on(ChildEnd(code, last_line, failures)):
                    return
                self._stop.wait(_PAUSES_S[min(failures, len(_PAUSES_S)) - 1])
        except UploadError as problem:
            self._goes_on(ChildEnd(-1, problem.message, failures + 1, problem))
        except Exception as problem:  # noqa: BLE001 - the thread's top
            _log.exception("%s cannot be kept running", self.name)
            self._goes_on(ChildEnd(-1, str(problem), failures + 1, Unavailable(_CANNOT.format(name=self.name))))

    def _run_once(self) -> tuple[int, str]:
        try:
            return self._run_to_its_end()
        except OSError as problem:  # such as a full disk: it may pass
            return -1, str(problem)

    def _run_to_its_end(self) -> tuple[int, str]:
        # Also after a killed guard: where nothing else ends its child, two stores would share one folder.
        end_leftover(self._record)
        guard = self._start()
        last_words: deque[str] = deque(maxlen=1)
        with ChildLog(self._log_path) as log:
            readers = [
                _read(f"{self.name}-output", guard.stdout, log, self._on_line),
                _read(f"{self.name}-log", guard.stderr, log, last_words.append),
            ]
            code = guard.wait()
            if guard.stdin is not None:
                guard.stdin.close()
            for reader in readers:
                # A stray grandchild may hold the pipe open; its words are not worth waiting for.
                reader.join(1.0)
        return code, last_words[0] if last_words else ""

    def _start(self) -> subprocess.Popen[bytes]:
        plan = self._plan()
        with self._lock:
            self._guard = subprocess.Popen(
                guard_command(plan.command, self._record, self._grace_s),
                cwd=plan.folder,
                env=dict(plan.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Away from the terminal's Ctrl-C: the app decides when its children end.
                start_new_session=os.name != "nt",
                creationflags=_windows_flags(),
            )
            if self._stop.is_set() and self._guard.stdin is not None:
                self._guard.stdin.close()
            return self._guard


def _windows_flags() -> int:
    flags = ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP")  # 0 where they do not exist
    return sum(int(getattr(subprocess, name, 0)) for name in flags)


def _read(name: str, stream: IO[bytes] | None, log: ChildLog, on_line: Callable[[str], object]) -> threading.Thread:
    def run() -> None:
        # A line without end is cut rather than kept: no child may fill this process's memory.
        with contextlib.suppress(OSError, ValueError), stream or contextlib.nullcontext():
            while line := stream.readline(_LINE_LIMIT_BYTES) if stream else b"":
                log.write(line)
                text = line.decode("utf-8", "replace").strip()
                if text:
                    on_line(text)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
