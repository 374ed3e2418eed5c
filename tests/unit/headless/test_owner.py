"""Finding the owner or becoming it: how long that may take, by a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder_desktop.config import LOCAL, DesktopConfig
from recorder_desktop.core.errors import Unavailable
from recorder_desktop.headless import owner
from recorder_desktop.headless.answers import Message
from recorder_desktop.system.owner_channel import NoOwner, OwnerGone
from recorder_desktop.system.paths import RecorderPaths


class Clock:
    """Time that passes only when somebody sleeps, or an owner takes its time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class BusyLock:
    """A lock that somebody else holds."""

    def __init__(self, _paths: RecorderPaths) -> None:
        pass

    def __enter__(self) -> BusyLock:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def acquire(self) -> bool:
        return False


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(owner, "time", made)
    monkeypatch.setattr(owner, "OwnerLock", BusyLock)
    return made


def ask(home: Path) -> Iterator[Message]:
    return owner.ask(RecorderPaths(home), DesktopConfig(LOCAL), {"do": "watch"}, uploading=True)


def test_an_owner_that_holds_the_lock_and_does_not_answer_is_given_up(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def call_owner(_paths: RecorderPaths, _request: Message) -> Iterator[Message]:
        raise NoOwner("Recorder does not run.")

    monkeypatch.setattr(owner, "call_owner", call_owner)

    with pytest.raises(Unavailable, match="does not answer"):
        list(ask(tmp_path))
    assert 15 < clock.now < 30


def test_an_owner_that_answered_for_hours_and_ends_may_take_its_time_to_end(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = iter(("hours", "ending", "ending", "next"))

    def call_owner(_paths: RecorderPaths, _request: Message) -> Iterator[Message]:
        match next(answers):
            case "hours":
                yield {"event": "completed"}
                clock.now += 7200
                raise OwnerGone("Recorder was closed.")
            case "ending":
                raise NoOwner("Recorder has just closed.")
            case _:
                yield {"event": "again"}

    monkeypatch.setattr(owner, "call_owner", call_owner)

    assert list(ask(tmp_path)) == [{"event": "completed"}, {"event": "again"}]
