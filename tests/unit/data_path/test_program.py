"""The data path's program by itself: its answers and reports, and what it makes of faults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from io import RawIOBase
from pathlib import Path
from typing import Any

import pytest

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.file_access import FileAccess
from recorder_desktop.core.model import PartRange, SignedPart
from recorder_desktop.core.ports import Tally
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.apart import DataPathApart
from recorder_desktop.data_path.program import Program
from recorder_desktop.data_path.wire import Message, Send, as_line, work_message
from tests.waiting import wait_for

PART = PartRange(1, 0, 5)


class Told(RawIOBase):
    """The app's end of the pipe: takes a few bytes at a time, as a full one does; `on_line` may hold a line up."""

    def __init__(self, on_line: Callable[[Message], None] = lambda _message: None) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self._on_line = on_line
        self._line = b""

    def write(self, data: Any) -> int:
        piece = bytes(data[:7])
        self._line += piece
        if self._line.endswith(b"\n"):
            message = json.loads(self._line)
            self._on_line(message)
            self.messages.append(message)
            self._line = b""
        return len(piece)


class ScriptedLane:
    """Implements core.ports.Lane: sends what the test says, when it says so."""

    def __init__(self, send: Callable[[Tally], str]) -> None:
        self.access = FileAccess()
        self._send = send

    def digest(self, path: Path, part: PartRange, stop: StopToken, *, with_md5: bool) -> PartDigest:
        raise KeyError("a fault of ours")

    def send(self, signed: SignedPart, path: Path, part: PartRange, tally: Tally, stop: StopToken) -> str:
        return self._send(tally)


class ScriptedDataPath:
    """Implements core.ports.DataPath with one kind of lane."""

    def __init__(self, send: Callable[[Tally], str]) -> None:
        self._send = send

    def lane(self) -> ScriptedLane:
        return ScriptedLane(self._send)

    def limit_to(self, bytes_per_s: int | None) -> None:
        """None is kept."""

    def close(self) -> None:
        """There is nothing to close."""


def sends(count: int) -> list[bytes]:
    signed = SignedPart("http://127.0.0.1/key", {}, 60.0)
    return [as_line(work_message(number, Send(Path("/talk.wav"), PART, signed))) for number in range(1, count + 1)]


def test_every_byte_is_told_before_or_with_the_answer_and_none_after_it() -> None:
    def send(tally: Tally) -> str:
        for _ in range(20):
            tally.moved(1)
        tally.waited()
        return "etag"

    told = Told()
    Program(ScriptedDataPath(send), told).serve(sends(500))
    wait_for(lambda: sum("done" in each for each in told.messages) == 500, "all answers")

    moved: dict[int, int] = {}
    waited: set[int] = set()
    done: set[int] = set()
    for message in told.messages:
        for number, (count, has_waited, _held_s) in message.get("report", {}).items():
            assert int(number) not in done
            moved[int(number)] = moved.get(int(number), 0) + count
            waited |= {int(number)} if has_waited else set()
        if "done" in message:
            done.add(message["done"])
            moved[message["done"]] = moved.get(message["done"], 0) + message["moved"]
            waited |= {message["done"]} if message["waited"] else set()
    assert moved == dict.fromkeys(range(1, 501), 20)
    assert waited == done


def test_an_answer_waits_for_the_report_that_took_its_bytes() -> None:
    has_moved, may_end = threading.Event(), threading.Event()

    def send(tally: Tally) -> str:
        tally.moved(1)
        has_moved.set()
        assert may_end.wait(20)
        return "etag"

    def hold_up(message: Message) -> None:
        if "report" in message:
            may_end.set()
            assert not told.messages

    told = Told(hold_up)
    Program(ScriptedDataPath(send), told).serve(sends(1))
    wait_for(lambda: len(told.messages) == 2, "report and answer")
    assert told.messages == [
        {"report": {"1": [1, False, 0.0]}},
        {"done": 1, "moved": 0, "waited": False, "etag": "etag"},
    ]


def test_a_fault_is_told_with_its_place() -> None:
    told = Told()
    Program(ScriptedDataPath(lambda _tally: "etag"), told).serve(
        [as_line({"sum": 1, "path": "/talk.wav", "part": [1, 0, 5], "md5": False})]
    )
    wait_for(lambda: told.messages, "an answer")
    (answer,) = told.messages
    assert (answer["error"], answer["message"]) == ("KeyError", "'a fault of ours'")
    assert "in digest" in answer["traceback"]


def test_it_says_that_it_is_there() -> None:
    told = Told()
    Program(ScriptedDataPath(lambda _tally: "etag"), told).serve([as_line({"are you there": True})])
    assert told.messages == [{"here": True}]


@pytest.fixture
def program() -> Iterator[subprocess.Popen[bytes]]:
    """The program with pipes of the test's own."""
    command = [sys.executable, "-m", "recorder_desktop.data_path.program"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as made:
        yield made
        made.kill()


def test_half_a_sentence_ends_it_although_a_drive_holds_a_thread(
    program: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "asleep.wav")
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(as_line({"sum": 1, "path": str(tmp_path / "asleep.wav"), "part": [1, 0, 5], "md5": False}))
    program.stdin.flush()
    assert b"report" in program.stdout.readline()  # it is held
    program.stdin.write(b'{"sum": 2, "pa')
    program.stdin.close()
    program.stdin = None
    assert program.wait(20) == 0


def test_a_fault_in_the_program_is_logged_by_the_app(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(DataPathApart()) as apart, pytest.raises(RuntimeError, match="embedded null byte"):
        apart.lane().digest(tmp_path / "a\0b", PART, StopToken(), with_md5=False)
    assert "in _opened" in caplog.text
