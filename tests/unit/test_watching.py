"""The watched folders of the window: added to the queue once, for good, and changed while they are watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from recorder_desktop.core.upload_queue import AddOptions, AddOutcome, Rejected
from recorder_desktop.core.watched_folder import FolderReport, FolderState
from recorder_desktop.system import folder_watch
from recorder_desktop.system.handed_in import HandedIn
from recorder_desktop.watching import Watching
from tests.fakes.upload_queue import FakeUploadQueue
from tests.waiting import wait_for


class Rig:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.queue = FakeUploadQueue()
        self.reports: list[FolderReport] = []
        self.folders = [home / "a", home / "b"]
        for folder in self.folders:
            folder.mkdir()
        self.watching = self.open()

    def open(self) -> Watching:
        self.watching = Watching(self.queue, HandedIn(self.home / "watched.jsonl"), self.reports.append, settle_s=0)
        return self.watching

    def added(self) -> list[str]:
        return sorted(view.upload.path.name for view in self.queue.views())

    def looked_at(self, folder: Path) -> bool:
        return any(report.folder == folder for report in self.reports)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(folder_watch, "LOOK_EVERY_S", 0.005)
    made = Rig(tmp_path)
    yield made
    made.watching.close()


def test_folders_are_watched_from_when_they_are_chosen_to_when_they_are_not(rig: Rig) -> None:
    first, second = rig.folders
    (first / "one.mp4").write_bytes(b"recorded")
    rig.watching.watch([first])
    wait_for(lambda: rig.added() == ["one.mp4"], "the first folder's recording")
    watch = rig.watching._watches[first]
    rig.watching.watch([second])
    watch._thread.join(10)
    (first / "late.mp4").write_bytes(b"recorded")
    (second / "two.mp4").write_bytes(b"recorded")

    wait_for(lambda: len(rig.added()) == 2, "the second folder's recording")
    assert rig.added() == ["one.mp4", "two.mp4"]


def test_a_card_that_is_pulled_out_as_it_is_added_from_is_added_once_it_is_back(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (rig.folders[0] / "one.mp4").write_bytes(b"recorded")
    add = rig.queue.add
    answers: list[Future[list[AddOutcome]]] = []

    def first_away(paths: Sequence[Path], options: AddOptions) -> Future[list[AddOutcome]]:
        outcomes: Future[list[AddOutcome]] = Future()
        outcomes.set_result([Rejected(path, "file_missing", "It is away.") for path in paths])
        answers.append(outcomes if not answers else add(paths, options))
        return answers[-1]

    monkeypatch.setattr(rig.queue, "add", first_away)
    rig.watching.watch(rig.folders)

    wait_for(lambda: rig.added() == ["one.mp4"], "the recording")
    assert [report.message for report in rig.reports if report.message] == ["It is away."]
    wait_for(lambda: rig.reports[-1].state is FolderState.WATCHED, "that all is well again")


def test_what_left_the_list_does_not_come_back_at_the_next_start(rig: Rig) -> None:
    (rig.folders[0] / "one.mp4").write_bytes(b"recorded")
    rig.watching.watch(rig.folders)
    wait_for(rig.added, "the recording")
    known = rig.home / "watched.jsonl"
    wait_for(lambda: known.exists() and known.read_text(), "the note of it")
    rig.watching.close()
    rig.queue.remove([view.upload.id for view in rig.queue.views()])
    rig.reports.clear()
    rig.open().watch(rig.folders)
    (rig.folders[0] / "two.mp4").write_bytes(b"recorded")

    wait_for(rig.added, "the new recording")
    assert rig.added() == ["two.mp4"]


def test_how_each_folder_is_doing_is_told(rig: Rig) -> None:
    gone = rig.home / "gone"
    rig.watching.watch([*rig.folders, gone])
    wait_for(lambda: all(map(rig.looked_at, [*rig.folders, gone])), "a report of each")

    states = {report.folder: report.state for report in rig.reports}
    assert states == dict.fromkeys(rig.folders, FolderState.WATCHED) | {gone: FolderState.AWAY}
