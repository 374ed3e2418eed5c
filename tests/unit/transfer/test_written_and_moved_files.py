"""A file that is still being written is waited for; one that was moved goes on from its new place."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recorder_desktop.core.events import Notice
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.upload_queue import AddOptions, Attached
from recorder_desktop.transfer import job_runner
from tests.fakes.remote import PART_SIZE
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_changed_files import go_on, overwrite, problem_code, stopped_after
from tests.waiting import wait_for


@contextmanager
def appending(path: Path) -> Iterator[Callable[[], None]]:
    """Somebody writes to the file, a little at a time, until the block ends; gives a wait for more of it."""
    is_over = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not is_over.wait(0.01):
                file.write(os.urandom(1000))

    def wait_for_more() -> None:
        before = path.stat().st_size
        wait_for(lambda: is_over.is_set() or path.stat().st_size > before, "more of the file")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield wait_for_more
    finally:
        is_over.set()
        writer.join()


def test_f19_a_file_that_is_still_being_written_is_uploaded_once_it_keeps_its_size(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "SETTLE_S", 0.2)
    growing, other = rig.file("live.mkv", 2.5), rig.file("other.mkv", 2)
    with appending(growing) as wait_for_more:
        # No upload may be so fast, or the writer so slow, that it fits between two writes.
        rig.remote.fault = lambda step, _number: wait_for_more() if step == "put" else None
        upload_id, other_id = rig.add(growing, other)
        waiting = rig.wait_state(upload_id, UploadState.WAITING).upload
        assert waiting.problem is not None
        assert waiting.problem.code == "still_written"
        assert "still being written" in waiting.problem.message
        assert rig.stored(other_id) == other.read_bytes()
        # Whether it was opened meanwhile hangs on when it was looked at: it is just not to be kept like this.
        assert rig.view(upload_id).upload.state is not UploadState.COMPLETED
        assert len(rig.remote.objects) == 1
    assert rig.stored(upload_id) == growing.read_bytes()
    rig.wait(lambda: not rig.remote.still_open(), "the abort of what was begun too early")
    assert len(rig.remote.objects) == 2


def test_f19_one_that_grew_while_it_stood_in_the_queue_has_nothing_to_abort(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "SETTLE_S", 0.05)
    rig.engine.close()
    rig.open(start=False)
    path = rig.file(parts=1.5)
    (upload_id,) = rig.add(path)
    with path.open("ab") as file:
        file.write(os.urandom(PART_SIZE))
    rig.engine.start()
    assert rig.stored(upload_id) == path.read_bytes()
    assert len(rig.remote.sessions) == 1


def moved(rig: Rig, path: Path, name: str = "new place.mp4") -> Path:
    new = rig.home / "elsewhere" / name
    new.parent.mkdir()
    return path.rename(new)


def add_again(rig: Rig, path: Path, upload_id: str, options: AddOptions = AddOptions()) -> None:  # noqa: B008
    assert rig.engine.add([path], options).result(10) == [Attached(str(path), upload_id)]


def test_f15_a_moved_file_that_is_added_again_goes_on_where_it_was(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    new = moved(rig, path)
    go_on(rig)
    assert problem_code(rig, upload_id) == "file_missing"
    add_again(rig, new, upload_id)
    assert rig.stored(upload_id) == new.read_bytes()
    assert {number for step, number in rig.remote.calls if step == "put-answer"} == {3, 4}
    assert rig.view(upload_id).upload.path == new
    assert len(rig.remote.sessions) == len(rig.remote.objects) == 1
    add_again_stored = rig.engine.add([new]).result(10)
    assert [type(outcome).__name__ for outcome in add_again_stored] == ["AlreadyStored"]


def test_f15_a_move_between_runs_is_found_as_well(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    rig.engine.pause([upload_id]).result(10)
    rig.engine.close()
    new = moved(rig, path)
    go_on(rig)
    rig.open()
    add_again(rig, new, upload_id)
    assert rig.view(upload_id).upload.state is UploadState.PAUSED
    rig.engine.resume([upload_id]).result(10)
    assert rig.stored(upload_id) == new.read_bytes()
    assert {number for step, number in rig.remote.calls if step == "put-answer"} == {3, 4}


def test_f15_what_does_not_match_by_checksum_is_sent_again(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    new = moved(rig, path)
    overwrite(new, PART_SIZE + 10)  # the same size and time, but not the same bytes
    go_on(rig)
    assert problem_code(rig, upload_id) == "file_missing"
    add_again(rig, new, upload_id)
    assert rig.stored(upload_id) == new.read_bytes()
    assert {number for step, number in rig.remote.calls if step == "put-answer"} == {2, 3, 4}


def test_a_copy_of_a_file_that_is_still_there_is_an_upload_of_its_own(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    copy = path.with_name("copy.mp4")
    copy.write_bytes(path.read_bytes())
    os.utime(copy, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    go_on(rig)
    (copy_id,) = rig.add(copy)
    assert rig.stored(copy_id) == rig.stored(upload_id) == path.read_bytes()
    assert len(rig.remote.objects) == 2


def test_a_moved_file_for_another_folder_is_an_upload_of_its_own(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    new = moved(rig, path)
    go_on(rig)
    assert problem_code(rig, upload_id) == "file_missing"
    (other_id,) = rig.add(new, options=AddOptions(directory="elsewhere"))
    assert rig.stored(other_id) == new.read_bytes()
    assert not [event for event in rig.events if isinstance(event, Notice)]
