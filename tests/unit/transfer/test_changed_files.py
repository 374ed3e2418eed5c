"""A file that changes while it is uploaded is never mixed: what arrives is one state of it, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

from recorder_desktop.core.errors import Offline
from recorder_desktop.core.events import Notice
from recorder_desktop.core.model import UploadState
from tests.fakes.remote import PART_SIZE
from tests.unit.transfer.conftest import Rig


def stopped_after(rig: Rig, path: Path, parts: int) -> str:
    """An upload of which so many parts are confirmed and the rest wait."""
    rig.remote.fault = lambda step, number: (
        (_ for _ in ()).throw(Offline("away")) if step == "put" and number > parts else None
    )
    (upload_id,) = rig.add(path)
    rig.wait(lambda: rig.view(upload_id).upload.bytes_confirmed == parts * PART_SIZE, f"{parts} parts confirmed")
    return upload_id


def go_on(rig: Rig) -> None:
    rig.remote.calls.clear()
    rig.remote.fault = lambda _step, _number: None


def overwrite(path: Path, offset: int) -> None:
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(os.urandom(4096))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def problem_code(rig: Rig, upload_id: str) -> str:
    problem = rig.wait_state(upload_id, UploadState.ATTENTION).upload.problem
    assert problem is not None
    return problem.code


def test_f12_an_overwrite_with_its_mtime_restored_is_noticed_and_only_its_part_sent_again(rig: Rig) -> None:
    path = rig.file(parts=5)
    upload_id = stopped_after(rig, path, 3)
    overwrite(path, PART_SIZE + 10)
    go_on(rig)
    assert rig.stored(upload_id) == path.read_bytes()
    sent = [number for step, number in rig.remote.calls if step == "put-answer"]
    assert sorted(set(sent)) == [2, 4, 5]


def test_f12_an_overwrite_between_runs_is_noticed(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    rig.engine.close()
    overwrite(path, 0)
    go_on(rig)
    rig.open()
    assert rig.stored(upload_id) == path.read_bytes()


def test_f12_an_overwrite_after_the_last_part_is_noticed_before_complete(rig: Rig) -> None:
    path = rig.file(parts=2)

    class OverwriteAtTheEnd:
        done = False

        def __call__(self, step: str, number: int) -> None:
            if step == "put-answer" and rig.remote.count("put-answer") == 2 and not self.done:
                self.done = True
                overwrite(path, 0)

    rig.remote.fault = OverwriteAtTheEnd()
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()


def test_a_touched_file_with_the_same_bytes_is_not_sent_again(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 3)
    path.touch()
    go_on(rig)
    assert rig.stored(upload_id) == path.read_bytes()
    assert {number for step, number in rig.remote.calls if step == "put-answer"} == {4}


def test_f11_a_truncated_file_stops_and_is_never_completed(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    os.truncate(path, PART_SIZE)
    go_on(rig)
    assert problem_code(rig, upload_id) == "file_changed"
    assert rig.remote.objects == {}


def test_f11_a_truncated_file_can_be_uploaded_as_it_is_now(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    os.truncate(path, PART_SIZE + 7)
    go_on(rig)
    problem_code(rig, upload_id)
    rig.engine.retry([upload_id]).result(10)
    assert rig.stored(upload_id) == path.read_bytes()
    rig.wait(lambda: not rig.remote.still_open(), "the first attempt's abort")
    assert rig.view(upload_id).upload.size_bytes == PART_SIZE + 7


def test_f13_a_deleted_file_keeps_its_state_and_goes_on_when_it_is_back(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    away = path.with_suffix(".away")
    path.rename(away)
    go_on(rig)
    assert problem_code(rig, upload_id) == "file_missing"
    away.rename(path)
    rig.engine.retry([upload_id]).result(10)
    assert rig.stored(upload_id) == path.read_bytes()
    assert {number for step, number in rig.remote.calls if step == "put-answer"} == {3, 4}


def test_f14_a_file_replaced_by_another_starts_from_zero_and_says_so(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    other = rig.file("other.mp4", 3)
    other.replace(path)
    go_on(rig)
    assert rig.stored(upload_id) == path.read_bytes()
    assert any("replaced" in event.message for event in rig.events if isinstance(event, Notice))
    rig.wait(lambda: not rig.remote.still_open(), "the first attempt's abort")
    assert len(rig.remote.objects) == 1


def test_f40_an_upload_that_the_store_forgot_starts_from_zero_and_says_so(rig: Rig) -> None:
    path = rig.file(parts=4)
    upload_id = stopped_after(rig, path, 2)
    for session in rig.remote.sessions.values():
        session.aborted = True
    go_on(rig)
    assert rig.stored(upload_id) == path.read_bytes()
    assert any(path.name in event.message for event in rig.events if isinstance(event, Notice))


def test_f47_parts_that_differ_at_complete_are_sent_again(rig: Rig) -> None:
    path = rig.file(parts=3)

    class LosePartTwo:
        done = False

        def __call__(self, step: str, number: int) -> None:
            if step == "complete" and not self.done:
                self.done = True
                (session,) = rig.remote.sessions.values()
                del session.parts[2]

    rig.remote.fault = LosePartTwo()
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    assert [number for step, number in rig.remote.calls if step == "put"].count(2) == 2


def test_f12_a_small_file_overwritten_before_its_only_put_starts_from_zero(rig: Rig) -> None:
    path = rig.file(parts=0.5)
    upload_id = stopped_after(rig, path, 0)
    rig.wait(lambda: rig.remote.count("put"), "the PUT")
    overwrite(path, 10)
    go_on(rig)
    assert rig.stored(upload_id) == path.read_bytes()
    assert any(path.name in event.message for event in rig.events if isinstance(event, Notice))
    rig.wait(lambda: not rig.remote.still_open(), "the first attempt's abort")
    assert len(rig.remote.objects) == 1


def test_f12_a_small_file_overwritten_after_its_only_put_starts_from_zero(rig: Rig) -> None:
    path = rig.file(parts=0.5)

    class OverwriteOnce:
        done = False

        def __call__(self, step: str, number: int) -> None:
            if step == "put-answer" and not self.done:
                self.done = True
                overwrite(path, 10)

    rig.remote.fault = OverwriteOnce()
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    rig.wait(lambda: not rig.remote.still_open(), "the first attempt's abort")


def test_a_small_file_that_was_only_touched_is_not_sent_again(rig: Rig) -> None:
    path = rig.file(parts=0.5)

    class TouchOnce:
        done = False

        def __call__(self, step: str, number: int) -> None:
            if step == "complete" and not self.done:
                self.done = True
                path.touch()
                raise Offline("away")

    rig.remote.fault = TouchOnce()
    (upload_id,) = rig.add(path)
    assert rig.stored(upload_id) == path.read_bytes()
    assert (rig.remote.count("init"), rig.remote.count("put")) == (1, 1)
