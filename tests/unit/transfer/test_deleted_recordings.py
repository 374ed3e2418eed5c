"""Recordings that were stored and then deleted: what the queue says of them, and adding their files again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recorder_desktop.core.errors import Offline, SignInRequired
from recorder_desktop.core.history import Happened
from recorder_desktop.core.lifecycle import DELETED
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.core.upload_queue import Added, AddOptions, AlreadyStored, Attached
from tests.unit.transfer.conftest import Rig


@pytest.fixture
def stored(rig: Rig) -> str:
    """An upload of talk.mp4 that arrived."""
    (upload_id,) = rig.add(rig.file())
    rig.wait_state(upload_id, UploadState.COMPLETED)
    return upload_id


def file_id(rig: Rig, upload_id: str) -> str:
    recording = rig.view(upload_id).upload.recording
    assert recording is not None
    return recording.file_id


def fields_of_deleted(upload: Upload) -> tuple[Any, ...]:
    code = upload.problem.code if upload.problem else None
    return upload.state, code, upload.recording, upload.remote, upload.bytes_confirmed


GONE = (UploadState.CANCELLED, DELETED, None, None, 0)


def away(step: str, _number: int) -> None:
    if step == "recording":
        raise Offline("The server does not answer. It is tried again.")


def test_a_row_whose_recording_was_deleted_says_so_also_after_a_restart(rig: Rig, stored: str) -> None:
    rig.engine.note_deleted("here", [file_id(rig, stored)]).result(10)

    assert fields_of_deleted(rig.view(stored).upload) == GONE
    assert rig.engine.history(stored).result(10)[-1].what is Happened.DELETED
    rig.restart()
    assert fields_of_deleted(rig.view(stored).upload) == GONE


def test_a_recording_of_another_place_with_the_same_id_is_another_one(rig: Rig, stored: str) -> None:
    rig.engine.note_deleted("there", [file_id(rig, stored)]).result(10)
    rig.engine.note_deleted("here", ["another"]).result(10)

    assert rig.view(stored).upload.state is UploadState.COMPLETED


def test_a_deleted_recording_is_uploaded_again_by_a_retry(rig: Rig, stored: str) -> None:
    rig.engine.note_deleted("here", [file_id(rig, stored)]).result(10)
    rig.remote.objects.clear()
    rig.engine.retry([stored]).result(10)

    assert rig.stored(stored) == rig.view(stored).upload.path.read_bytes()


def test_what_somebody_else_deleted_is_found_when_it_is_asked_for(rig: Rig, stored: str) -> None:
    assert rig.engine.confirm_stored(stored).result(10) is True
    rig.remote.objects.clear()

    assert rig.engine.confirm_stored(stored).result(10) is False
    assert fields_of_deleted(rig.view(stored).upload) == GONE


def test_a_row_that_is_removed_as_its_recording_is_found_gone_is_no_fault(
    rig: Rig, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = rig.engine._queue
    change = queue.change

    def change_then_leave(upload_id: str, *args: Any, **fields: Any) -> Upload | None:
        changed = change(upload_id, *args, **fields)
        queue.delete([upload_id])
        return changed

    monkeypatch.setattr(queue, "change", change_then_leave)
    rig.remote.objects.clear()
    assert rig.engine.confirm_stored(stored).result(10) is False
    assert rig.engine.view(stored) is None


def test_nobody_is_told_that_it_is_gone_who_could_not_ask(rig: Rig, stored: str) -> None:
    rig.remote.objects.clear()
    rig.remote.fault = away
    with pytest.raises(Offline):
        rig.engine.confirm_stored(stored).result(10)
    rig.remote.user = "somebody else"  # to whom a backend says that there is none
    with pytest.raises(SignInRequired):
        rig.engine.confirm_stored(stored).result(10)
    rig.remote.served = set()
    with pytest.raises(Exception, match="another place"):
        rig.engine.confirm_stored(stored).result(10)

    assert rig.view(stored).upload.state is UploadState.COMPLETED


def test_a_stored_file_that_was_deleted_is_uploaded_again_when_it_is_added(rig: Rig, stored: str) -> None:
    path = rig.view(stored).upload.path
    rig.remote.objects.clear()
    [outcome, twice] = rig.engine.add([path, path]).result(10)

    assert isinstance(outcome, Added)
    assert twice == Attached(str(path), outcome.upload_id)
    assert rig.stored(outcome.upload_id) == path.read_bytes()
    assert fields_of_deleted(rig.view(stored).upload) == GONE


def test_a_stored_file_that_cannot_be_asked_about_is_asked_about_in_its_turn(rig: Rig, stored: str) -> None:
    path, sent = rig.view(stored).upload.path, rig.remote.count("put")
    rig.remote.fault = away
    assert rig.engine.add([path]).result(10) == [Attached(str(path), stored)]
    rig.wait_state(stored, UploadState.WAITING)
    rig.remote.fault = lambda _step, _number: None

    assert rig.wait_state(stored, UploadState.COMPLETED).upload.recording is not None
    assert rig.remote.count("put") == sent


def test_what_a_person_adds_again_meanwhile_stays_as_it_is(rig: Rig, stored: str) -> None:
    before = rig.view(stored).upload
    rig.remote.fault = away
    outcomes = rig.engine.add([before.path], AddOptions(leaves_verified=True)).result(10)

    assert outcomes == [AlreadyStored(str(before.path), stored, is_certain=False)]
    assert rig.view(stored).upload == before
    rig.remote.fault = lambda _step, _number: None
    outcomes = rig.engine.add([before.path], AddOptions(leaves_verified=True)).result(10)
    assert outcomes == [AlreadyStored(str(before.path), stored)]


def test_what_a_person_adds_before_anybody_may_ask_is_asked_about_as_soon_as_somebody_may(
    rig: Rig, stored: str
) -> None:
    rig.engine.close()
    rig.open(start=False)
    path = rig.view(stored).upload.path
    outcomes = rig.engine.add([path], AddOptions(leaves_verified=True)).result(10)
    assert outcomes == [Attached(str(path), stored)]
    rig.engine.start()

    rig.wait_state(stored, UploadState.COMPLETED)
    assert rig.remote.count("recording") == 1


def test_what_was_in_doubt_and_is_gone_is_uploaded_again(rig: Rig, stored: str) -> None:
    rig.restart()
    rig.engine.close()
    path = rig.view(stored).upload.path
    rig.open(start=False)
    asked = rig.remote.count("recording")
    assert rig.engine.add([path]).result(10) == [Attached(str(path), stored)]
    assert rig.remote.count("recording") == asked  # an engine that only edits the queue starts nothing
    rig.remote.objects.clear()
    rig.restart()

    assert rig.stored(stored) == path.read_bytes()


def test_one_place_that_does_not_answer_is_not_asked_for_each_of_many_files(rig: Rig, tmp_path: Path) -> None:
    paths = [rig.file(f"{number}.mp4", 0.001) for number in range(100)]
    for upload_id in rig.add(*paths):
        rig.wait_state(upload_id, UploadState.COMPLETED)
    rig.engine.close()
    rig.open(start=True)
    rig.engine._jobs.stop_uploads()  # so that only adding asks
    rig.remote.fault = away
    outcomes = rig.engine.add(paths).result(10)

    assert {type(outcome) for outcome in outcomes} == {Attached}
    assert rig.remote.count("recording") <= 8


def test_a_resume_asks_about_nothing_that_is_stored(rig: Rig, stored: str) -> None:
    rig.restart()
    (upload_id,) = rig.add(rig.file("another.mp4"))
    rig.wait_state(upload_id, UploadState.COMPLETED)

    assert rig.remote.count("recording") == 0


def test_a_watched_folder_brings_nothing_back_that_was_deleted(rig: Rig, stored: str) -> None:
    path = rig.view(stored).upload.path
    watched = AddOptions(is_watched=True)
    assert rig.engine.add([path], watched).result(10) == [AlreadyStored(str(path), stored, is_certain=False)]
    assert rig.remote.count("recording") == 0
    rig.engine.note_deleted("here", [file_id(rig, stored)]).result(10)

    assert rig.engine.add([path], watched).result(10) == [AlreadyStored(str(path), stored, is_certain=False)]


def test_giving_up_what_is_in_doubt_throws_nothing_away_and_a_retry_asks(rig: Rig, stored: str) -> None:
    path, sent = rig.view(stored).upload.path, rig.remote.count("put")
    rig.remote.fault = away
    rig.engine.add([path]).result(10)
    rig.engine.cancel([stored]).result(10)
    rig.remote.fault = lambda _step, _number: None
    rig.engine.retry([stored]).result(10)

    rig.wait_state(stored, UploadState.COMPLETED)
    assert (rig.remote.count("put"), rig.remote.count("abort")) == (sent, 0)
