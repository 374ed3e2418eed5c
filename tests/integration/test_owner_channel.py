"""The channel between the owner and other commands, with real second processes on both ends."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from recorder_desktop.core.errors import ErrorKind, SignInRequired, UploadError
from recorder_desktop.system.owner_channel import NoOwner, OwnerChannel, OwnerGone, call_owner
from recorder_desktop.system.paths import RecorderPaths

OWNER = """
import sys, time
from pathlib import Path
from recorder_desktop.system.owner_channel import OwnerChannel
from recorder_desktop.system.paths import RecorderPaths

def handler(request):
    for number in range(request.get("count", 2)):
        yield {"number": number, "echo": request.get("echo")}
        time.sleep(request.get("pause_s", 0))

channel = OwnerChannel(RecorderPaths(Path(sys.argv[1])).create(), handler)
print("listening", flush=True)
time.sleep(60)
"""

CALLER = """
import sys
from pathlib import Path
from recorder_desktop.system.owner_channel import call_owner
from recorder_desktop.system.paths import RecorderPaths
for message in call_owner(RecorderPaths(Path(sys.argv[1])), {"command": "wait"}):
    print(message, flush=True)
"""


@pytest.fixture
def paths(tmp_path: Path) -> RecorderPaths:
    return RecorderPaths(tmp_path / "home").create()


@pytest.fixture
def serve(paths: RecorderPaths) -> Iterator[Callable[[Any], OwnerChannel]]:
    channels: list[OwnerChannel] = []

    def open_channel(handler: Any) -> OwnerChannel:
        channels.append(OwnerChannel(paths, handler))
        return channels[-1]

    yield open_channel
    for channel in channels:
        channel.close()


def echo(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"echo": request}


def start_owner(paths: RecorderPaths) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", OWNER, str(paths.home)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "listening"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=10)


def end_owner(process: subprocess.Popen[str], paths: RecorderPaths) -> None:
    """Kill an owner, and sweep up what it can no longer remove itself."""
    end(process)
    shutil.rmtree(Path(json.loads(paths.owner_address.read_text())["address"]).parent)


def test_another_process_is_asked_and_answers_in_order(paths: RecorderPaths) -> None:
    owner = start_owner(paths)
    try:
        answers = list(call_owner(paths, {"count": 3, "echo": "Ünïcode\n"}))
    finally:
        end_owner(owner, paths)

    assert [each["number"] for each in answers] == [0, 1, 2]
    assert answers[0]["echo"] == "Ünïcode\n"


def test_without_an_owner_the_caller_is_told(paths: RecorderPaths) -> None:
    with pytest.raises(NoOwner):
        call_owner(paths, {})


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"address": "/nowhere", "key": "zz"}', '{"address":"/x","key":"00"}']
)
def test_a_damaged_address_means_no_owner(paths: RecorderPaths, content: str) -> None:
    paths.owner_address.write_text(content)

    with pytest.raises(NoOwner):
        call_owner(paths, {})


def test_a_killed_owners_address_is_recognised_and_replaced(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]
) -> None:
    end(start_owner(paths))
    left = Path(json.loads(paths.owner_address.read_text())["address"])
    assert left.exists()
    with pytest.raises(NoOwner):
        call_owner(paths, {})

    serve(echo)

    assert list(call_owner(paths, {"a": 1})) == [{"echo": {"a": 1}}]
    assert not left.parent.exists()


def test_closing_removes_address_and_socket(paths: RecorderPaths) -> None:
    channel = OwnerChannel(paths, echo)
    socket = Path(json.loads(paths.owner_address.read_text())["address"])

    channel.close()

    assert not paths.owner_address.exists()
    assert not socket.parent.exists()


def test_s26_address_and_key_are_for_the_person_alone(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]
) -> None:
    serve(echo)

    assert stat.S_IMODE(paths.owner_address.stat().st_mode) == 0o600
    folder = Path(json.loads(paths.owner_address.read_text())["address"]).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_home_with_a_very_long_path_has_a_channel_too(tmp_path: Path) -> None:
    paths = RecorderPaths(tmp_path / ("x" * 200)).create()
    channel = OwnerChannel(paths, echo)
    try:
        assert list(call_owner(paths, {"a": 1})) == [{"echo": {"a": 1}}]
    finally:
        channel.close()


def test_s20_a_caller_with_a_wrong_key_learns_nothing_and_does_nothing(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]
) -> None:
    handled: list[Any] = []

    def handler(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        handled.append(request)
        yield {}

    serve(handler)
    card = json.loads(paths.owner_address.read_text())
    paths.owner_address.write_text(json.dumps(card | {"key": "00" * 32}))

    with pytest.raises(NoOwner):
        call_owner(paths, {"command": "cancel"})

    assert handled == []


def test_silent_callers_do_not_keep_others_waiting(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]
) -> None:
    serve(echo)
    address = json.loads(paths.owner_address.read_text())["address"]
    silent = [Client(address) for _ in range(30)]

    began = time.monotonic()
    answers = list(call_owner(paths, {"a": 1}))

    assert answers == [{"echo": {"a": 1}}]
    assert time.monotonic() - began < 2
    for each in silent:
        each.close()


def test_a_silent_caller_is_let_go_of_after_a_deadline(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recorder_desktop.system.owner_wire.prove_as_owner.__defaults__", (0.05,))
    serve(echo)

    with Client(json.loads(paths.owner_address.read_text())["address"]) as silent:
        silent.recv_bytes()  # the challenge
        with pytest.raises((EOFError, OSError)):
            silent.recv_bytes()


def test_many_callers_are_served_at_once(paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]) -> None:
    together = threading.Barrier(4, timeout=10)

    def handler(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        together.wait()
        yield request

    serve(handler)
    answers: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda number=number: answers.extend(call_owner(paths, {"n": number})))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(each["n"] for each in answers) == [0, 1, 2, 3]


def test_an_upload_error_reaches_the_caller_with_code_message_and_kind(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]
) -> None:
    def handler(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"first": True}
        raise SignInRequired("Sign in first.")

    serve(handler)
    answers = call_owner(paths, {})

    assert next(answers) == {"first": True}
    with pytest.raises(UploadError) as caught:
        next(answers)
    assert (caught.value.code, caught.value.message) == ("sign_in_required", "Sign in first.")
    assert caught.value.kind is ErrorKind.SIGN_IN


def test_a_handler_that_breaks_is_told_without_its_details(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel], caplog: pytest.LogCaptureFixture
) -> None:
    def handler(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {}
        raise FileNotFoundError("/secret/place")

    serve(handler)

    with pytest.raises(UploadError, match="log says why") as caught:
        list(call_owner(paths, {}))

    assert caught.value.code == "internal"
    assert "/secret/place" in caplog.text


def test_a_caller_that_goes_away_closes_the_handlers_iterator(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]
) -> None:
    closed = threading.Event()

    def handler(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        try:
            yield {"started": True}
            while not closed.wait(0.01):
                yield {}
        finally:
            closed.set()

    serve(handler)
    caller = subprocess.Popen([sys.executable, "-c", CALLER, str(paths.home)], stdout=subprocess.PIPE, text=True)
    assert caller.stdout is not None
    assert "started" in caller.stdout.readline()

    end(caller)

    assert closed.wait(5)


def test_an_owner_that_is_killed_while_answering_is_noticed(paths: RecorderPaths) -> None:
    owner = start_owner(paths)
    answers = call_owner(paths, {"count": 100, "pause_s": 1})
    assert next(answers)["number"] == 0

    end_owner(owner, paths)

    with pytest.raises(OwnerGone):
        list(answers)


def test_what_an_owner_calls_off_because_it_closes_is_to_be_asked_again(
    paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]
) -> None:
    def called_off(_request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"number": 1}
        raise CancelledError

    serve(called_off)
    answers = call_owner(paths, {})
    assert next(answers) == {"number": 1}
    with pytest.raises(OwnerGone):
        next(answers)


def test_an_abandoned_answer_can_be_closed(paths: RecorderPaths, serve: Callable[[Any], OwnerChannel]) -> None:
    closed = threading.Event()

    def handler(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        try:
            while True:
                yield {"more": True}
        finally:
            closed.set()

    serve(handler)
    answers = call_owner(paths, {})
    next(answers)

    answers.close()  # type: ignore[attr-defined]

    assert closed.wait(5)
