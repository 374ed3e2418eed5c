"""A watched folder on a real disk: what is found, what is passed by, and what is said when it goes away."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from recorder_desktop.core.errors import FileMissing, FileUnreadable, StoreFull
from recorder_desktop.core.upload_queue import Rejected
from recorder_desktop.core.watched_folder import FolderReport, FolderState, Settling
from recorder_desktop.system import folder_watch
from recorder_desktop.system.folder_watch import FolderWatch, recordings_below, require_folder
from tests.waiting import wait_for


class Rig:
    """A watch that looks all the time. handed: what was handed in, each call. failures: raised by the next calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.handed: list[list[str]] = []
        self.reports: list[FolderReport] = []
        self.failures: list[Exception] = []
        self.away: set[str] = set()
        self.watch = FolderWatch(
            folder, self._take, self.reports.append, settling=lambda: Settling(0.05), look_every_s=0.005
        )

    def _take(self, paths: Sequence[Path]) -> list[Rejected]:
        if self.failures:
            raise self.failures.pop()
        self.handed.append([str(path.relative_to(self.folder)) for path in paths])
        return [Rejected(path, "file_missing", f"{path.name} is away.") for path in paths if path.name in self.away]

    @property
    def taken(self) -> list[str]:
        return sorted(name for call in self.handed for name in call)

    @property
    def states(self) -> list[FolderState]:
        return [report.state for report in self.reports]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    folder = tmp_path / "recordings"
    folder.mkdir()
    made = Rig(folder)
    yield made
    made.watch.close()


def write(path: Path, data: bytes = b"recorded") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_what_is_there_and_what_comes_later_is_handed_in_once(rig: Rig) -> None:
    write(rig.folder / "before.mp4")
    rig.watch.begin()
    wait_for(lambda: rig.taken == ["before.mp4"], "the first recording")
    write(rig.folder / "deep" / "er" / "later.wav")

    wait_for(lambda: len(rig.taken) == 2, "the second recording")
    assert rig.taken == ["before.mp4", "deep/er/later.wav"]
    assert rig.states == [FolderState.WATCHED]


def test_a_file_that_is_written_again_is_handed_in_again(rig: Rig) -> None:
    talk = write(rig.folder / "talk.mp4", b"first half")
    rig.watch.begin()
    wait_for(lambda: rig.handed == [["talk.mp4"]], "the recording")
    write(talk, b"first half and second half")

    wait_for(lambda: rig.handed == [["talk.mp4"], ["talk.mp4"]], "the longer recording")


def test_a_file_that_has_not_settled_is_not_handed_in(rig: Rig) -> None:
    rig.watch._new_settling = lambda: Settling(3600)
    write(rig.folder / "talk.mp4")
    rig.watch.begin()

    wait_for(lambda: rig.watch._settling and rig.watch._settling._since, "a look at the file")
    assert rig.handed == []


def test_a_folder_that_goes_away_is_said_and_waited_for(rig: Rig) -> None:
    write(rig.folder / "one.mp4")
    rig.watch.begin()
    wait_for(lambda: rig.taken, "the first recording")
    unplugged = rig.folder.rename(rig.folder.with_name("unplugged"))
    wait_for(lambda: rig.states[-1] is FolderState.AWAY, "the report")
    write(unplugged / "two.mp4")
    unplugged.rename(rig.folder)

    wait_for(lambda: len(rig.taken) == 2, "the recording made meanwhile")
    assert rig.taken == ["one.mp4", "two.mp4"]
    assert rig.states == [FolderState.WATCHED, FolderState.AWAY, FolderState.WATCHED]
    assert str(rig.folder) in rig.reports[1].message
    assert "waited for" in rig.reports[1].message


def test_what_could_not_be_added_is_tried_again(rig: Rig) -> None:
    rig.failures = [StoreFull("The disk is full."), StoreFull("The disk is full.")]
    write(rig.folder / "one.mp4")
    rig.watch.begin()

    wait_for(lambda: rig.taken == ["one.mp4"], "the third try")
    assert rig.failures == []


def test_one_that_is_not_taken_is_said_and_handed_in_again_and_the_others_are_not(rig: Rig) -> None:
    rig.away.add("one.mp4")
    write(rig.folder / "one.mp4")
    write(rig.folder / "two.mp4")
    rig.watch.begin()

    wait_for(lambda: rig.handed[2:], "the third try")
    assert rig.handed[0] == ["one.mp4", "two.mp4"]
    assert all(call == ["one.mp4"] for call in rig.handed[1:])
    assert rig.states == [FolderState.WATCHED, FolderState.INCOMPLETE]
    assert rig.reports[1].message == "one.mp4 is away."
    rig.away.clear()
    wait_for(lambda: rig.states[-1] is FolderState.WATCHED, "the recording that came back")


def test_one_that_was_not_taken_and_is_gone_is_said_no_longer(rig: Rig) -> None:
    rig.away.add("one.mp4")
    gone = write(rig.folder / "one.mp4")
    rig.watch.begin()
    wait_for(lambda: rig.states[-1:] == [FolderState.INCOMPLETE], "the report")
    gone.unlink()

    wait_for(lambda: rig.states[-1] is FolderState.WATCHED, "the report without it")


def test_very_many_are_handed_in_by_and_by(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch, "_AT_ONCE", 2)
    for number in range(5):
        write(rig.folder / f"{number}.mp4")
    rig.watch.begin()

    wait_for(lambda: len(rig.taken) == 5, "all")
    assert [len(call) for call in rig.handed] == [2, 2, 1]


def test_nothing_is_handed_in_after_the_end(rig: Rig) -> None:
    rig.watch.begin()
    wait_for(lambda: rig.reports, "the first look")
    rig.watch.close()
    rig.watch._thread.join(10)
    write(rig.folder / "late.mp4")

    assert not rig.watch._thread.is_alive()
    assert rig.handed == []


def test_only_recordings_are_found_and_hidden_places_are_passed_by(tmp_path: Path) -> None:
    for name in ("a.mp4", "b/c.flac", "notes.pdf", ".hidden.mp4", ".Trash-1000/files/old.mp4", "b/.cache/d.mp4"):
        write(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "nowhere.mp4").symlink_to(tmp_path / "gone.mp4")
    (tmp_path / "linked.mp4").symlink_to(tmp_path / "a.mp4")

    found = {str(Path(path).relative_to(tmp_path)) for path in recordings_below(tmp_path)}

    assert found == {"a.mp4", "b/c.flac", "linked.mp4"}


def test_a_loop_of_links_inside_ends(tmp_path: Path) -> None:
    write(tmp_path / "deep" / "a.mp4")
    (tmp_path / "deep" / "up").symlink_to(tmp_path)

    assert list(recordings_below(tmp_path)) == [str(tmp_path / "deep" / "a.mp4")]


@pytest.mark.parametrize(("refused", "is_fatal"), [("closed", False), (".", True)])
def test_a_folder_further_down_that_cannot_be_read_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str, is_fatal: bool
) -> None:
    write(tmp_path / "a.mp4")
    write(tmp_path / "closed" / "b.mp4")
    listed, asked = os.scandir, []

    def scandir(path: Any) -> Any:  # root may list everything, so the refusal is made up
        asked.append(Path(path))
        if Path(path) == tmp_path / refused and asked.count(Path(path)) == 1 + is_fatal:
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)

    if is_fatal:  # readable a moment ago: it went away under our eyes
        with pytest.raises(FileMissing):
            recordings_below(tmp_path)
    else:
        assert list(recordings_below(tmp_path)) == [str(tmp_path / "a.mp4")]


def test_what_is_no_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file, loop = write(tmp_path / "talk.mp4"), tmp_path / "loop"
    loop.symlink_to(loop)

    with pytest.raises(FileMissing, match="There is no folder"):
        require_folder(tmp_path / "missing")
    with pytest.raises(FileMissing, match="There is no folder"):
        require_folder(file / "below")
    with pytest.raises(FileUnreadable, match="is not a folder"):
        require_folder(file)
    with pytest.raises(FileUnreadable, match="cannot be read"):
        require_folder(loop)
