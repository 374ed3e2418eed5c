"""The small rules: identity, backoff, speed, commands, recordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.core.identity import FileChange, compare
from recorder_desktop.core.lifecycle import Command, allows
from recorder_desktop.core.model import FileIdentity, UploadState
from recorder_desktop.core.progress import LiveProgress, RateMeter
from recorder_desktop.core.recordings import content_type_of, file_name_here, is_recording
from recorder_desktop.core.retry import Backoff

IDENTITY = FileIdentity(size_bytes=100, mtime_ns=1, ctime_ns=2, device=3, file_id=4)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, FileChange.NONE),
        ({"ctime_ns": 9}, FileChange.TOUCHED),
        ({"mtime_ns": 9, "ctime_ns": 9}, FileChange.TOUCHED),
        ({"device": 9}, FileChange.TOUCHED),  # a drive that was plugged in again
        ({"size_bytes": 50, "mtime_ns": 9}, FileChange.SHORTENED),
        ({"size_bytes": 150}, FileChange.GROWN),
        ({"file_id": 9, "mtime_ns": 9}, FileChange.REPLACED),
        ({"file_id": 9, "size_bytes": 9}, FileChange.REPLACED),
    ],
)
def test_a_change_of_identity_is_named(change: dict[str, int], verdict: FileChange) -> None:
    assert compare(IDENTITY, replace(IDENTITY, **change)) is verdict


def test_backoff_doubles_up_to_its_cap_and_uses_the_full_range() -> None:
    highest = [Backoff(0.5, 20.0).delay_s(attempt, lambda _low, high: high) for attempt in (1, 2, 3, 9, 10_000)]
    lowest = [Backoff(0.5, 20.0).delay_s(attempt, lambda low, _high: low) for attempt in (1, 9)]
    assert highest == [1.0, 2.0, 4.0, 20.0, 20.0]
    assert lowest == [0.0, 0.0]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_rate_is_the_mean_of_the_last_seconds() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    for _ in range(40):
        meter.add(500)
        clock.now += 0.5
    assert meter.bytes_per_s() == pytest.approx(1000, rel=0.1)


def test_the_rate_falls_to_zero_when_nothing_moves() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    meter.add(1000)
    clock.now += 60
    assert meter.bytes_per_s() == 0.0


def test_progress_never_counts_more_than_the_file() -> None:
    progress = LiveProgress(0)
    progress.sent(1, 80)
    progress.sent(1, 80)  # the part is being sent a second time
    confirmed, in_flight, _rate, _left = progress.read(100)
    assert confirmed + in_flight <= 100


def test_a_dropped_attempt_is_no_longer_in_flight() -> None:
    progress = LiveProgress(10)
    progress.sent(2, 50)
    progress.dropped(2)
    assert progress.read(100)[:2] == (10, 0)


def test_confirmed_bytes_never_go_backwards() -> None:
    progress = LiveProgress(0)
    progress.confirmed(2, 60)
    progress.confirmed(1, 30)  # committed earlier, told later
    assert progress.read(100)[0] == 60


def test_every_command_is_allowed_somewhere_and_finished_uploads_cannot_be_paused() -> None:
    for command in Command:
        assert any(allows(state, command) for state in UploadState)
    for state in UploadState:
        assert not (state.is_finished and allows(state, Command.PAUSE))


@pytest.mark.parametrize("name", ["a.mkv", "a.TS", "a.m4a", "a.flac", "a.mxf", "a.MP4", "a.wav"])
def test_recordings_are_known_by_their_extension(name: str) -> None:
    assert is_recording(Path(name))


@pytest.mark.parametrize("name", ["a.txt", "a", ".mp4", "._talk.mp4", "a.mp4.part"])
def test_other_files_of_a_folder_are_not_taken(name: str) -> None:
    assert not is_recording(Path(name))


def test_the_content_type_of_an_unknown_file_is_octet_stream() -> None:
    assert content_type_of(Path("a.unheardof")) == "application/octet-stream"
    assert content_type_of(Path("a.ts")) == "video/mp2t"


@pytest.mark.parametrize(
    ("name", "number", "here"),
    [
        ("talk.mp4", 1, "talk.mp4"),
        ("talk.mp4", 2, "talk (2).mp4"),
        ("a .mp4", 1, "a .mp4"),
        ("../../etc/passwd", 1, "_.._etc_passwd"),
        ("what? a\nname*.mov", 1, "what_ a_name_.mov"),
        (" .. ", 1, "id"),
        ("", 3, "id (3)"),
        ("t" * 300 + ".mp4", 1, "t" * 251 + ".mp4"),
        ("t" * 300 + ".mp4", 10, "t" * 246 + " (10).mp4"),
        ("ü" * 200, 1, "ü" * 127),
        ("ab." + "m" * 300, 2, "ab." + "m" * 248 + " (2)"),
        ("t" * 254 + ". .mp4", 1, "t" * 251 + ".mp4"),
        ("t" * 254 + "." + "m" * 40, 1, "t" * 254),
    ],
)
def test_a_recordings_name_becomes_one_that_a_file_here_can_have(name: str, number: int, here: str) -> None:
    assert file_name_here(name, "id", number) == here
    assert len(here.encode()) <= 255
