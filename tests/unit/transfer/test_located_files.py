"""A person points at the file of an upload that misses it: it is compared before anything goes on."""

from __future__ import annotations

import os
from concurrent.futures import wait
from pathlib import Path

import pytest

from recorder_desktop.core.errors import FileMissing, Refused
from recorder_desktop.core.model import UploadState
from recorder_desktop.data_path.here import DataPathHere
from recorder_desktop.transfer.locating import Locator
from tests.fakes.remote import PART_SIZE
from tests.unit.transfer.conftest import Rig
from tests.unit.transfer.test_changed_files import go_on, overwrite, problem_code, stopped_after
from tests.unit.transfer.test_written_and_moved_files import moved


@pytest.fixture
def missing(rig: Rig) -> tuple[str, Path]:
    """An upload with two of four parts sent, whose file has gone; and where the file is now, with another time."""
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    new = moved(rig, path)
    os.utime(new, ns=(0, 0))
    go_on(rig)
    assert problem_code(rig, upload_id) == "file_missing"
    return upload_id, new


def test_f13_a_file_that_was_located_goes_on_without_sending_again_what_had_arrived(
    rig: Rig, missing: tuple[str, Path]
) -> None:
    upload_id, new = missing
    rig.remote.calls.clear()
    rig.engine.locate(upload_id, new).result(10)
    assert rig.stored(upload_id) == new.read_bytes()
    assert rig.view(upload_id).upload.path == new
    assert {number for step, number in rig.remote.calls if step == "put-answer"} == {3, 4}
    assert len(rig.remote.sessions) == len(rig.remote.objects) == 1


def test_f13_a_file_of_other_content_or_size_is_not_taken(rig: Rig, missing: tuple[str, Path]) -> None:
    upload_id, new = missing
    whole = new.read_bytes()
    for refused in (lambda: overwrite(new, PART_SIZE + 10), lambda: new.write_bytes(whole[:-1])):
        new.write_bytes(whole)
        refused()
        with pytest.raises(Refused, match=r"is not the file that “talk\.mp4” was") as told:
            rig.engine.locate(upload_id, new).result(10)
        assert told.value.code == "other_file"
    assert rig.view(upload_id).upload.state is UploadState.ATTENTION
    assert rig.view(upload_id).upload.path != new
    new.write_bytes(whole)
    rig.engine.locate(upload_id, new).result(10)
    assert rig.stored(upload_id) == whole


def test_f13_what_is_not_there_either_is_said(rig: Rig, missing: tuple[str, Path]) -> None:
    upload_id, new = missing
    with pytest.raises(FileMissing, match="no longer"):
        rig.engine.locate(upload_id, new.with_name("no such file.mp4")).result(10)
    assert problem_code(rig, upload_id) == "file_missing"


def test_f13_an_upload_that_misses_nothing_is_left_alone(rig: Rig) -> None:
    path = rig.file(parts=2)
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    for name in (upload_id, "unknown"):
        with pytest.raises(Refused) as told:
            rig.engine.locate(name, path).result(10)
        assert told.value.code == "not_missing"


def test_whoever_waits_for_a_comparison_is_let_go_when_recorder_closes(rig: Rig, missing: tuple[str, Path]) -> None:
    locator = Locator(rig.engine._queue, DataPathHere(rig.remote).lane, on_located=lambda: None)
    locator.close()
    comparing = locator.locate(*missing)
    assert wait([comparing], timeout=10).done == {comparing}
    assert comparing.cancelled()
