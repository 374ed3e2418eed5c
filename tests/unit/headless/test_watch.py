"""The command watch on a real folder and a fake queue: what is added, and what is told for as long as it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.core.upload_queue import AddOptions, AlreadyStored, Rejected
from recorder_desktop.core.watched_folder import Settling
from recorder_desktop.headless import follow
from recorder_desktop.headless.answers import Message
from recorder_desktop.headless.owner_service import OwnerService
from recorder_desktop.headless.watch import watched
from tests.fakes.recorder import FakeRecorder, a_stored_recording
from tests.waiting import wait_for


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_TICK_S", 0.001)
    monkeypatch.setattr(follow, "ALL_EVERY_S", 0.01)


class Told:
    """What a watch tells; read as far as a test wants."""

    def __init__(self, messages: Iterator[Message]) -> None:
        self._messages = messages
        self.results: list[Message] = []

    def read_until(self, is_reached: Callable[[Message], Any]) -> Message:
        for message in self._messages:
            if message.get("event") in ("completed", "failed"):
                self.results.append(message)
            if is_reached(message):
                return message
        raise AssertionError("it ended")


@pytest.fixture
def recorder() -> FakeRecorder:
    return FakeRecorder()


@pytest.fixture
def told(recorder: FakeRecorder, tmp_path: Path) -> Iterator[Told]:
    messages = watched(recorder.as_recorder, tmp_path, AddOptions("local", "talks"), lambda: Settling(0))
    with closing(cast("Any", messages)):
        yield Told(messages)


def is_progress(message: Message) -> bool:
    return message.get("event") == "progress"


def is_result(message: Message) -> bool:
    return message.get("event") in ("completed", "failed")


def test_what_is_in_the_folder_is_added_and_followed_to_its_end(
    recorder: FakeRecorder, told: Told, tmp_path: Path
) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"recorded")
    told.read_until(is_progress)
    recorder.queue.change("added-1", state=UploadState.COMPLETED, recording=a_stored_recording("talk.mp4"))
    first = told.read_until(is_result)
    (tmp_path / "later.mp4").write_bytes(b"recorded")
    told.read_until(is_progress)

    assert (first["event"], first["path"]) == ("completed", str(tmp_path / "talk.mp4"))
    assert [call for call in recorder.queue.calls if call[0] == "add"] == [
        ("add", [tmp_path / "talk.mp4"]),
        ("add", [tmp_path / "later.mp4"]),
    ]
    assert set(recorder.queue.options) == {AddOptions("local", "talks", is_watched=True)}


def test_it_says_what_it_does_and_when_its_folder_is_away(told: Told, tmp_path: Path) -> None:
    folder = tmp_path.with_name(f"{tmp_path.name} elsewhere")
    begun = told.read_until(lambda message: "notice" in message)
    tmp_path.rename(folder)
    away = told.read_until(lambda message: "is not there" in message.get("notice", ""))
    folder.rename(tmp_path)
    told.read_until(lambda message: message == begun)

    assert str(tmp_path) in begun["notice"]
    assert "waited for" in away["notice"]


def test_a_failure_is_told_once_and_its_mending_too(recorder: FakeRecorder, told: Told, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"recorded")
    told.read_until(is_progress)
    problem = Problem("disk_full", "The disk is full.")
    recorder.queue.change("added-1", state=UploadState.ATTENTION, problem=problem)
    told.read_until(is_result)
    for _ in range(20):
        told.read_until(lambda message: not message)  # looks at it again
    recorder.queue.change("added-1", state=UploadState.COMPLETED, problem=None, recording=a_stored_recording())
    told.read_until(lambda message: message.get("event") == "completed")

    assert [result["event"] for result in told.results] == ["failed", "completed"]


def test_a_server_that_was_never_reached_is_waited_for(
    recorder: FakeRecorder, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "UNREACHABLE_AFTER_S", 0.0)
    recorder.unreached["local"] = "It does not answer."
    (tmp_path / "talk.mp4").write_bytes(b"recorded")
    told.read_until(is_progress)
    for _ in range(20):
        told.read_until(lambda message: not message)

    assert told.results == []


def test_what_is_stored_already_says_nothing_and_what_cannot_be_taken_does(
    recorder: FakeRecorder, told: Told, tmp_path: Path
) -> None:
    stored, bad = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for path in (stored, bad):
        path.write_bytes(b"recorded")
    recorder.queue.outcomes.append(
        [AlreadyStored(str(stored), "u1"), Rejected(bad, "file_unreadable", "It cannot be read.")]
    )
    told.read_until(is_result)

    assert told.results == [
        {"event": "failed", "path": str(bad), "code": "file_unreadable", "message": "It cannot be read."}
    ]


def test_the_watch_ends_when_whoever_asked_goes_away(recorder: FakeRecorder, tmp_path: Path) -> None:
    service = OwnerService(recorder.as_recorder, lambda _paths: False)
    messages = service.handle({"do": "watch", "path": str(tmp_path)})
    with closing(cast("Any", messages)):
        next(message for message in messages if "notice" in message)
        assert watchers(tmp_path)
        assert recorder.queue.listener_count == 1

    wait_for(lambda: not watchers(tmp_path), "the end of the watch")
    assert recorder.queue.listener_count == 0


def watchers(folder: Path) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == f"watch-{folder.name}"]
