"""What watched folders handed in is known at the next start, whatever became of the file it is written to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from recorder_desktop.core.watched_folder import Glance
from recorder_desktop.system.handed_in import HandedIn

TALK = "/recordings/Vorträge/talk.mp4"
ODD = os.fsdecode(b"/recordings/\xff\xfe odd\nname.mp4")


def test_it_is_known_in_the_next_run_by_folder(tmp_path: Path) -> None:
    HandedIn(tmp_path / "watched.jsonl").note({TALK: Glance(10, 1), ODD: Glance(20, 2)})
    HandedIn(tmp_path / "watched.jsonl").note({TALK: Glance(11, 3)})

    known = HandedIn(tmp_path / "watched.jsonl")

    assert known.below(Path("/recordings")) == {TALK: Glance(11, 3), ODD: Glance(20, 2)}
    assert known.below(Path(TALK).parent) == {TALK: Glance(11, 3)}
    assert known.below(Path("/elsewhere")) == {}
    assert stat.S_IMODE((tmp_path / "watched.jsonl").stat().st_mode) == 0o600


def test_a_line_that_was_cut_short_costs_nothing_but_itself(tmp_path: Path) -> None:
    path = tmp_path / "watched.jsonl"
    HandedIn(path).note({TALK: Glance(10, 1)})
    path.write_text(path.read_text() + '["/recordings/half.mp4", 1')

    assert HandedIn(path).below(Path("/recordings")) == {TALK: Glance(10, 1)}


def test_old_lines_are_dropped_when_most_are_old(tmp_path: Path) -> None:
    path = tmp_path / "watched.jsonl"
    growing = HandedIn(path)
    for size in range(500):
        growing.note({TALK: Glance(size, size)})

    assert HandedIn(path).below(Path("/")) == {TALK: Glance(499, 499)}
    assert len(path.read_text().splitlines()) == 1


def test_a_file_that_cannot_be_used_does_no_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "watched.jsonl").mkdir()
    known = HandedIn(tmp_path / "watched.jsonl")
    known.note({TALK: Glance(10, 1)})

    assert known.below(Path("/recordings")) == {TALK: Glance(10, 1)}
    assert "could not be" in caplog.text
