"""A program of one's own that answers questions about files, one after the other, with next to no environment.

The app has an `AskedProgram`; the program reads `questions` and writes each `answer`. It runs what a file might turn
against us, such as ffmpeg, so whatever it is stuck in can be ended: it and its children are a process group (on
Windows a job), which is killed when time is up for a question and when the app is gone. It ends by itself when
nothing was asked for a while, and is started again by the next question.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LC_CTYPE")
"""What a program needs to start at all on the three systems; no key, token or proxy is among them."""
IDLE_S = 10.0
"""The program ends when nothing was asked for so long."""
_LET_GO_S = 1.0
"""A killed program that is not gone by then waits for a drive in the kernel; it ends when that answers."""


# --- the app's side ----------------------------------------------------------------------------------------------


class AskedProgram:
    """Starts the program when it is asked something. Safe to use from every thread."""

    def __init__(self, command: Callable[[], list[str]], timeout_s: float) -> None:
        """command: its command line. timeout_s: how long one question may take."""
        self._command = command
        self._timeout_s = timeout_s
        self._lock = threading.Lock()  # one question at a time
        self._program: subprocess.Popen[bytes] | None = None  # replaced under _lock
        self._is_closed = False

    def ask(self, question: object) -> str:
        """The program's answer to what JSON can carry; empty where it has none, and when time is up."""
        line = json.dumps(question).encode("ascii") + b"\n"
        with self._lock, contextlib.suppress(OSError):
            answer = self._ask(line)
            if answer is None:  # the program ended, unasked for long, at this moment
                answer = self._ask(line)
            return (answer or "").removesuffix("\n")
        return ""

    def close(self) -> None:
        """End the program, whatever it does. What is asked for just now and later is not told."""
        self._is_closed = True
        if (program := self._program) is not None:
            _kill(program)  # not under the lock: that is held until an answer comes
        with self._lock:
            self._forget()

    # --- under the lock

    def _ask(self, question: bytes) -> str | None:
        """The program's answer, empty if it could tell nothing; None if it ended before its time was up."""
        if self._is_closed:
            return ""
        program = self._running()
        is_late = threading.Event()
        deadline = threading.Timer(self._timeout_s, _end_late, [program, is_late])
        deadline.start()
        try:
            answer = _exchange(program, question)
        finally:
            deadline.cancel()
        if answer:
            return answer
        self._forget()
        return "" if is_late.is_set() else None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._program is not None and self._program.poll() is not None:
            self._forget()
        if self._program is None:
            self._program = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
                # A group and no session: Linux weighs sessions against each other, whatever their niceness.
                process_group=None if os.name == "nt" else 0,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._program

    def _forget(self) -> None:
        program, self._program = self._program, None
        if program is not None:
            for pipe in (program.stdin, program.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):  # what nobody read is written once more
                        pipe.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(_LET_GO_S)


def program_command(flag: str, module: str, python_flag: str = "-I") -> list[str]:
    """The command line of such a program: a module of this package, or the packaged app with `flag`."""
    if getattr(sys, "frozen", False):  # a PyInstaller build: sys.executable is the app itself
        return [sys.executable, flag]
    return [sys.executable, python_flag, "-m", module]


def _exchange(program: subprocess.Popen[bytes], question: bytes) -> str:
    asked, answers = program.stdin, program.stdout
    if asked is None or answers is None:
        raise OSError("the program was started without pipes")
    try:
        asked.write(question)
        asked.flush()
    except OSError:  # it has ended; on Windows that is no BrokenPipeError
        return ""
    return answers.readline().decode("ascii", "replace")


def _end_late(program: subprocess.Popen[bytes], is_late: threading.Event) -> None:
    is_late.set()
    _kill(program)


def _kill(program: subprocess.Popen[bytes]) -> None:
    """End the program with its children."""
    if sys.platform == "win32":
        program.kill()  # its job takes them along
    elif program.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)


# --- the program's side ------------------------------------------------------------------------------------------


def questions(idle_s: float = IDLE_S) -> Iterator[Any]:
    """The questions as they come, from now on; ends when nothing was asked for a while. The app's end ends it all."""
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=[asked], daemon=True).start()
    return _taken(asked, idle_s)


def answer(text: str) -> None:
    """Answer the question that was taken last; one line of ASCII."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _taken(asked: queue.SimpleQueue[bytes], idle_s: float) -> Iterator[Any]:
    with contextlib.suppress(queue.Empty):
        while True:
            yield json.loads(asked.get(timeout=idle_s))


def _listen(asked: queue.SimpleQueue[bytes]) -> None:
    # From a copy: what this program starts must not get hold of the questions.
    with os.fdopen(os.dup(0), "rb") as source:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for line in source:
            asked.put(line)
    if os.name != "nt":
        os.killpg(0, signal.SIGKILL)  # the app is gone: what this program started is in this group too
    os._exit(1)
