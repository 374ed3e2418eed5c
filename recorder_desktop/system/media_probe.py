"""Asks ffprobe how long recordings play, without letting a file talk it into anything else.

`FfprobeMediaProbe` is for the app. `main` is the program it starts: ffmpeg-python 0.2 can neither bound the time of
ffprobe nor choose its environment, so both run in a process of their own, with an empty environment. It answers for
one file after the other, since its start costs as much as ffprobe's, and ends when time is up for a file, when the
app is gone, or when nothing was asked for a while.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recorder_desktop.system.child_guard import kill_with_this_process

FLAG = "--media-probe"
"""First argument of the packaged app when it is to act as this program."""

# Containers of recordings only. Playlists (hls, dash, concat) are not among them: whatever the file is called, they
# make ffprobe open the addresses inside.
_FORMATS = (
    "3g2,3gp,aac,ac3,aiff,amr,asf,avi,caf,dv,eac3,flac,flv,gxf,h264,hevc,m4a,matroska,mj2,mov,mp3,mp4,mpeg,mpegts,"
    "mpegvideo,mxf,ogg,tta,w64,wav,webm,wv"
)
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LC_CTYPE")
_IDLE_S = 10.0
"""The program ends when nothing was asked for so long."""
_NICENESS = 19
"""Of the program once it has answered: a person may wait for one file, but a folder's playing times give way to its
upload."""


class FfprobeMediaProbe:
    """Implements core.ports.MediaProbe for files of this computer. Safe to use from every thread."""

    def __init__(self, timeout_s: float = 15.0) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()  # one question at a time
        self._program: subprocess.Popen[bytes] | None = None  # replaced under _lock
        self._is_closed = False

    def begin(self) -> None:
        """Start the program before the first question comes."""
        with self._lock, contextlib.suppress(OSError):
            self._running()

    def duration_s(self, path: Path) -> float | None:
        """Playing time in seconds; None for what is no recording, for a missing ffprobe and when time is up."""
        question = json.dumps(str(path.absolute())).encode("ascii") + b"\n"
        with self._lock, contextlib.suppress(OSError):
            answer = self._ask(question)
            if answer is None:  # the program ended, unasked for long, at this moment
                answer = self._ask(question)
            return _as_duration(answer or "")
        return None

    def close(self) -> None:
        """End the program, whatever it does. What is asked for just now and later is not told."""
        self._is_closed = True
        if (program := self._program) is not None:
            _kill(program)  # not under the lock: that is held until an answer comes
        with self._lock:
            self._forget()

    # --- under the lock ------------------------------------------------------------------------------------------

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
                _program_command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
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
            program.wait()


def _exchange(program: subprocess.Popen[bytes], question: bytes) -> str:
    questions, answers = program.stdin, program.stdout
    if questions is None or answers is None:
        raise OSError("the program was started without pipes")
    try:
        questions.write(question)
        questions.flush()
    except OSError:  # it has ended; on Windows that is no BrokenPipeError
        return ""
    return answers.readline().decode("ascii", "replace")


def _end_late(program: subprocess.Popen[bytes], is_late: threading.Event) -> None:
    is_late.set()
    _kill(program)


def _kill(program: subprocess.Popen[bytes]) -> None:
    """End the program with its ffprobe."""
    if sys.platform == "win32":
        program.kill()  # its job takes ffprobe along
    elif program.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)


def main(_arguments: Sequence[str]) -> int:
    """Answer each line of standard input, a path in JSON, with a line: the playing time, or nothing."""
    job = kill_with_this_process()
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=[questions], daemon=True).start()
    import ffmpeg  # meanwhile the app comes to its first question

    with contextlib.suppress(queue.Empty):
        while True:
            path = json.loads(questions.get(timeout=_IDLE_S))
            sys.stdout.write(f"{_told_by_ffprobe(ffmpeg, path)}\n")
            sys.stdout.flush()
            _give_way()
    del job  # kept until here: closing it ends ffprobe
    return 0


def _listen(questions: queue.SimpleQueue[bytes]) -> None:
    # From a copy: ffprobe must not get hold of the questions.
    with os.fdopen(os.dup(0), "rb") as source:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for line in source:
            questions.put(line)
    if os.name != "nt":
        os.killpg(0, signal.SIGKILL)  # the app is gone: ffprobe is in this group too
    os._exit(1)


def _told_by_ffprobe(ffmpeg: Any, path: str) -> str:
    try:
        # `file:` so that a leading dash is no option and a colon no protocol.
        told = ffmpeg.probe(f"file:{path}", v="quiet", format_whitelist=_FORMATS, protocol_whitelist="file")
    except (OSError, ValueError, ffmpeg.Error):
        return ""
    return _longest(told)


def _give_way() -> None:
    if os.name != "nt" and (more := _NICENESS - os.nice(0)) > 0:
        os.nice(more)


def _program_command() -> list[str]:
    if getattr(sys, "frozen", False):  # a PyInstaller build: sys.executable is the app itself
        return [sys.executable, FLAG]
    return [sys.executable, "-I", "-m", __name__]


def _longest(told: dict[str, Any]) -> str:
    # Some containers know a playing time only for their streams.
    candidates = [told.get("format", {}).get("duration"), *(each.get("duration") for each in told.get("streams", []))]
    known = [each for each in candidates if each and _as_duration(str(each)) is not None]
    return str(known[0]) if known else ""


def _as_duration(text: str) -> float | None:
    with contextlib.suppress(ValueError):
        seconds = float(text)
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
