"""A drive that stops answering holds up its own files and nothing else. The drive is a real one, over /dev/fuse."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.errors import StoreTrouble
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.upload_queue import Added, Rejected
from recorder_desktop.data_path.part_reader import PartReader
from tests.fakes.remote import PART_SIZE
from tests.fakes.stalling_drive import content, stalling_drive
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_batches import all_stored, queued, small_files

STALL_S = 1.0


@pytest.fixture
def rig(small_parts: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(Rig, "drive_stall_s", STALL_S)
    made = Rig(tmp_path)
    yield made
    made.engine.close()


@pytest.mark.parametrize("stall_at", [0, PART_SIZE + 1000])
def test_f17_a_drive_that_hangs_ends_its_upload_with_a_sentence_and_the_others_go_on(
    rig: Rig, tmp_path: Path, stall_at: int
) -> None:
    size_bytes = 6 * PART_SIZE
    others = [rig.file(f"other {number}.mp4", 2) for number in range(6)]
    with stalling_drive(tmp_path / "drive", "talk.mp4", size_bytes, stall_at) as drive:
        (upload_id,) = rig.add(drive.file)
        other_ids = rig.add(*others)
        stuck = rig.wait_state(upload_id, UploadState.ATTENTION).upload
        assert stuck.problem is not None
        assert stuck.problem.code == "drive_stalled"
        assert stuck.problem.message.startswith("The drive with “talk.mp4” does not answer. Plug it in again")
        for other, other_id in zip(others, other_ids, strict=True):
            assert rig.stored(other_id) == other.read_bytes()
        confirmed = stuck.bytes_confirmed

        # Commands are answered, and another try is held up in the same way, as often as it is made.
        rig.engine.retry([upload_id]).result(10)
        rig.wait_state(upload_id, UploadState.ATTENTION)
        (late_id,) = rig.add(rig.file("late.mp4", 2))
        rig.stored(late_id)

        # What was left behind comes back and must do no harm.
        drive.come_back()
        rig.engine.retry([upload_id]).result(10)
        assert rig.stored(upload_id) == content(0, size_bytes)
        assert rig.view(upload_id).upload.bytes_confirmed == size_bytes >= confirmed
        assert not rig.remote.still_open()
        rig.engine.close()  # lets go of the drive before it is taken away


def test_f17_a_small_file_that_hangs_holds_up_none_of_those_that_go_with_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = small_files(rig)
    answers, digest = threading.Event(), PartReader.digest

    def hanging(reader: PartReader, path: Path, *args: Any, **named: Any) -> PartDigest:
        if path == paths[7]:
            with reader.access:
                answers.wait(20)
        return digest(reader, path, *args, **named)

    monkeypatch.setattr(PartReader, "digest", hanging)
    ids = queued(rig, paths)

    stuck = rig.wait_state(ids[7], UploadState.ATTENTION).upload
    assert stuck.problem is not None
    assert stuck.problem.code == "drive_stalled"
    others = [place for place in range(len(paths)) if place != 7]
    all_stored(rig, [ids[place] for place in others], [paths[place] for place in others])

    answers.set()
    rig.engine.retry([ids[7]]).result(10)
    all_stored(rig, ids, paths)


def test_f17_a_drive_that_hangs_as_it_is_added_from_is_said(rig: Rig, tmp_path: Path) -> None:
    with stalling_drive(tmp_path / "drive", "talk.mp4", PART_SIZE, 0) as drive:
        rig.engine._intake._drive.ask(drive.file, drive.file.stat)  # it can be looked at, so that is not what hangs
        blocked = rig.engine._intake._drive
        with pytest.raises(Exception, match="does not answer"):
            blocked.ask(drive.file, drive.file.read_bytes)
        outcomes = rig.engine.add([rig.file()]).result(10)
        assert not [outcome for outcome in outcomes if isinstance(outcome, Rejected)]


def test_f25_a_store_with_internal_errors_gets_fewer_parts_at_a_time_as_well(rig: Rig) -> None:
    controller = rig.engine._services.concurrency
    before = controller.limit
    failures = iter(range(3))

    def fail(step: str, _number: int) -> None:
        if step == "put" and next(failures, None) is not None:
            raise StoreTrouble("The store had an internal error (500). The part is sent again.")

    rig.remote.fault = fail
    path = rig.file(parts=6)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    assert controller.limit == before // 2


class SilentBelow:
    """Stands before a function of the file system: what is asked for below a folder gets no answer until the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.asked = 0
        self.answer = threading.Event()

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def asked(path: Any, *args: Any, **named: Any) -> Any:
            if Path(path).is_relative_to(self._folder):
                self.asked += 1
                self.answer.wait(20)
            return function(path, *args, **named)

        return asked


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[SilentBelow]:
    (tmp_path / "drive").mkdir()
    made = SilentBelow(tmp_path / "drive")
    yield made
    made.answer.set()


def test_f17_a_folder_that_cannot_be_listed_does_not_end_adding(
    rig: Rig, silent: SilentBelow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "walk", silent.before(os.walk))
    here = rig.file()
    stuck, taken = rig.engine.add([tmp_path / "drive", here]).result(10)
    assert isinstance(stuck, Rejected)
    assert stuck.code == "drive_stalled"
    assert isinstance(taken, Added)


def test_f17_many_files_of_a_silent_drive_are_not_waited_for_one_by_one(
    rig: Rig, silent: SilentBelow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "lexists", silent.before(os.path.lexists))
    many = [tmp_path / "drive" / f"{number}.mp4" for number in range(20)]
    outcomes = rig.engine.add([*many, rig.file()]).result(10)
    assert [getattr(outcome, "code", "added") for outcome in outcomes] == ["drive_stalled"] * 20 + ["added"]
    assert silent.asked == 2


def test_f17_where_a_moved_file_was_may_be_silent(
    rig: Rig, silent: SilentBelow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "drive" / "talk.mp4"
    there.write_bytes(bytes(2 * PART_SIZE))
    rig.engine.pause().result(10)
    rig.remote.served.clear()
    (waiting,) = rig.add(there)
    copy = tmp_path / "copy.mp4"
    shutil.copy2(there, copy)
    monkeypatch.setattr(os.path, "lexists", silent.before(os.path.lexists))
    (added,) = rig.engine.add([copy]).result(10)
    assert isinstance(added, Added)
    assert added.upload_id != waiting
