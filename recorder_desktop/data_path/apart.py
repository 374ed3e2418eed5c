"""The data path in a process of its own, for a window that shall not wait for it. Implements core.ports.DataPath."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import logging
import os
import queue
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from itertools import count
from pathlib import Path
from typing import cast

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.errors import NeedsPerson, TransientFailure
from recorder_desktop.core.file_access import FileAccess
from recorder_desktop.core.model import PartRange, SignedPart
from recorder_desktop.core.ports import Tally
from recorder_desktop.core.precedence import let_pass
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.rate_limit import checked_limit
from recorder_desktop.data_path.wire import Message, Send, Sum, digest_of, raise_error_of, work_message, write
from recorder_desktop.system.asked_program import program_command
from recorder_desktop.system.child_environment import inherited_environment

_log = logging.getLogger(__name__)

FLAG = "--data-path"
"""First argument of the packaged app when it is to act as the program."""

IDLE_S = 10.0
"""The program ends when nothing was asked of it for so long."""
PATIENCE_S = 10.0
"""A program that is at work and does not answer a question for so long stands still, and is killed."""
_PAUSES_S = (0.0, 0.5, 2.0, 5.0, 10.0)
"""A checksum that was being taken when the program ended is taken again, after each of these."""
_PASSING = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})
"""Why a program cannot be started at this moment, but soon."""
_LET_GO_S = 2.0


class ProgramEnded(Exception):
    """The program is gone, and with it the answer; or it could not be started just now."""


class DataPathApart:
    """Starts the program when something is asked of it, and again should it end."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        # -P: never a module that happens to lie in the working folder.
        self._command = command or program_command(FLAG, "recorder_desktop.data_path.program", "-P")
        self._lock = threading.Lock()
        self._program: _Program | None = None  # guarded by _lock
        self._limit: int | None = None  # guarded by _lock
        self._is_closed = False  # guarded by _lock

    def lane(self) -> LaneApart:
        """Another thread's way. See core.ports.DataPath, also for what follows."""
        return LaneApart(self)

    def limit_to(self, bytes_per_s: int | None) -> None:
        """Let so many bytes a second go from now on."""
        with self._lock:
            self._limit = checked_limit(bytes_per_s)
            if self._program is not None:
                self._program.tell({"limit": bytes_per_s})

    def close(self) -> None:
        """End the program. What is under way fails."""
        with self._lock:
            self._is_closed = True
            program = self._program
        if program is not None:
            program.end()

    @property
    def pid(self) -> int | None:
        """The process id of the program, while it runs."""
        with self._lock:
            return None if self._program is None or self._program.has_ended else self._program.pid

    def ask(self, work: Sum | Send, access: FileAccess, stop: StopToken, tally: Tally | None = None) -> Message:
        """Have a piece of work done and return the answer.

        Raises what the work raised, ProgramEnded when there is no answer, and NeedsPerson when there is no program.
        """
        call = _Call(access, tally)
        program = self._begun(work, call)
        withdraw = stop.on_stop(lambda: program.stop(call))
        try:
            answer = program.answer_to(call)
        finally:
            withdraw()
            access.told(0.0)
        if "traceback" in answer:
            _log.error("a fault in the data path's program:\n%s", answer["traceback"])
        raise_error_of(answer)
        return answer

    def _begun(self, work: Sum | Send, call: _Call) -> _Program:
        with self._lock:
            while True:
                if self._is_closed:
                    raise ProgramEnded
                if self._program is not None and self._program.begin(work, call):
                    return self._program
                self._program = self._started()

    def _started(self) -> _Program:
        try:
            program = _Program(self._command)
        except OSError as exc:
            if exc.errno in _PASSING:
                _log.warning("the data path's program could not be started: %s", exc.strerror)
                raise ProgramEnded from exc
            reason = exc.strerror or type(exc).__name__
            raise NeedsPerson(
                f"The part of Recorder that sends files could not be started ({reason}). "
                "Install Recorder again, then retry.",
                code="no_sender",
            ) from exc
        program.tell({"limit": self._limit})
        return program


class LaneApart:
    """Implements core.ports.Lane by asking the program."""

    def __init__(self, data_path: DataPathApart) -> None:
        self._data_path = data_path
        self.access = FileAccess()

    def digest(self, path: Path, part: PartRange, stop: StopToken, *, with_md5: bool) -> PartDigest:
        """Return the checksums of a part as it is on disk now. See core.ports.Lane, also for what follows."""
        work = Sum(path, part, with_md5)
        for pause_s in _PAUSES_S:
            stop.wait(pause_s)
            with contextlib.suppress(ProgramEnded):
                return digest_of(self._data_path.ask(work, self.access, stop), part)
        stop.check()
        raise NeedsPerson(
            "The part of Recorder that reads files ended again and again. "
            "Retry; if that does not help, start Recorder again.",
            code="no_sender",
        )

    def send(self, signed: SignedPart, path: Path, part: PartRange, tally: Tally, stop: StopToken) -> str:
        """Send a part within the limit."""
        stop.check()
        try:
            answer = self._data_path.ask(Send(path, part, signed), self.access, stop, tally)
        except ProgramEnded as exc:
            stop.check()
            raise TransientFailure(
                "The part of Recorder that sends files ended unexpectedly. It is started again by itself.",
                code="sender_ended",
            ) from exc
        etag: str = answer["etag"]
        return etag


class _Call:
    """A piece of work that a program has. `told` and `end` are for the thread that listens to it."""

    def __init__(self, access: FileAccess, tally: Tally | None) -> None:
        self.number = 0  # set by the program that takes it
        # None where there is no answer. An exception would, once raised, lead back to this call by its traceback, and
        # only the garbage collector would ever free the two.
        self.answer: Future[Message | None] = Future()
        self._access = access
        self._tally = tally
        self._fault: Exception | None = None

    def told(self, moved: int, has_waited: bool, held_s: float) -> None:
        """Take in a report."""
        self._access.told(held_s)
        if self._tally is None or self._fault is not None:
            return
        try:
            if has_waited:
                self._tally.waited()
            if moved:
                self._tally.moved(moved)
        except Exception as exc:  # noqa: BLE001 - it reaches whoever waits for the answer, with its traceback
            self._fault = exc

    def end(self, answer: Message | None) -> None:
        """Have whoever waits go on."""
        if self._fault is not None:
            self.answer.set_exception(self._fault)
        else:
            self.answer.set_result(answer)


class _Program:
    """A running program. One thread writes to it, so that nobody else waits for it to read; another one listens."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=inherited_environment("PYTHONPATH", through_proxy=True),
            # Away from the terminal's Ctrl-C: the app decides when it ends. A group and no session: Linux weighs
            # sessions against each other, whatever their niceness.
            process_group=None if os.name == "nt" else 0,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self.pid = self._process.pid
        _log.info("the data path's program was started")
        self._numbers = count(1)
        self._sentences: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._calls: dict[int, _Call] = {}  # guarded by _lock
        self._asked_at: float | None = None  # since when it owes a sign of life; guarded by _lock
        self.has_ended = False  # nothing more is asked of it; written under _lock
        for name, run in (("data-path-asks", self._ask), ("data-path-hears", self._hear)):
            threading.Thread(target=run, name=name, daemon=True).start()

    def begin(self, work: Sum | Send, call: _Call) -> bool:
        """Ask for a piece of work; False when it takes no more. Returns at once."""
        with self._lock:
            if self.has_ended:
                return False
            call.number = next(self._numbers)
            self._calls[call.number] = call
        self.tell(work_message(call.number, work))
        return True

    def tell(self, message: Message) -> None:
        """Say something, soon; nobody hears it once the program has ended."""
        self._sentences.put(message)

    def stop(self, call: _Call) -> None:
        """Have it let go of a piece of work."""
        self.tell({"stop": call.number})

    def answer_to(self, call: _Call) -> Message:
        """Wait for the answer. Raises ProgramEnded where none comes."""
        while not wait([call.answer], PATIENCE_S).done:
            self._require_sign_of_life()
        answer = call.answer.result()
        if answer is None:
            raise ProgramEnded
        return answer

    def end(self) -> None:
        """Have the program end, and return when it has; or soon, where a dead drive holds even what was killed."""
        self._sentences.put(None)
        self._see_it_end()
        self._settle()

    def _see_it_end(self) -> None:
        try:
            self._process.wait(_LET_GO_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LET_GO_S)

    def _require_sign_of_life(self) -> None:
        now = time.monotonic()
        with self._lock:
            stands_still = self._asked_at is not None and now - self._asked_at >= PATIENCE_S
            is_asked = self._asked_at is not None
            self._asked_at = self._asked_at or now
        if stands_still:
            _log.warning("the data path's program stands still, and is killed")
            self._process.kill()
            self._settle()
        elif not is_asked:
            self.tell({"are you there": True})

    # --- the thread that writes ----------------------------------------------------------------------------------

    def _ask(self) -> None:
        with contextlib.suppress(OSError), cast("io.RawIOBase", self._process.stdin) as pipe:
            while (sentence := self._next_sentence()) is not None:
                write(pipe, sentence)
        self._see_it_end()

    def _next_sentence(self) -> Message | None:
        while True:
            try:
                return self._sentences.get(timeout=IDLE_S)
            except queue.Empty:
                with self._lock:
                    if not self._calls:
                        self.has_ended = True
                        return None

    # --- the thread that listens ---------------------------------------------------------------------------------

    def _hear(self) -> None:
        try:
            with io.BufferedReader(cast("io.RawIOBase", self._process.stdout)) as lines:
                for line in lines:
                    let_pass()
                    self._take(json.loads(line))
        except Exception:  # noqa: BLE001 - the thread's top: without it no call would ever be answered again
            _log.exception("what the data path's program said was not understood")
            self._process.kill()
        finally:
            self._settle()
            if code := self._process.wait():
                _log.warning("the data path's program ended with code %d", code)

    def _take(self, message: Message) -> None:
        with self._lock:
            self._asked_at = None
        match message:
            case {"report": dict(reports)}:
                for number, told in reports.items():
                    with self._lock:
                        call = self._calls.get(int(number))
                    if call is not None:  # else it was given up when the program was killed
                        call.told(*told)
            case {"done": int(number), "moved": int(moved), "waited": bool(has_waited)}:
                with self._lock:
                    call = self._calls.pop(number, None)
                if call is not None:
                    call.told(moved, has_waited, 0.0)
                    call.end(message)
            case {"here": True}:
                pass
            case _:
                raise ValueError("it says something else")

    # --- any thread ----------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Nothing more comes of it."""
        self._sentences.put(None)
        with self._lock:
            self.has_ended = True
            left = list(self._calls.values())
            self._calls.clear()
        for call in left:
            call.end(None)
