"""What comes in late from an attempt that was given up counts for that attempt alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from recorder_desktop.core.errors import UploadError, UploadGone
from recorder_desktop.core.events import Notice
from recorder_desktop.core.model import UploadState
from tests.fakes.remote import PART_SIZE
from tests.unit.transfer.conftest import Rig


class Held:
    """A step of the first upload that comes to it: reached, then kept until released."""

    def __init__(self, rig: Rig, step: str, then: UploadError | None = None) -> None:
        self._step = step
        self._then = then
        self._is_first = True
        self.reached = threading.Event()
        self._go_on = threading.Event()
        rig.remote.fault = self

    def __call__(self, step: str, _number: int) -> None:
        if step != self._step or not self._is_first:
            return
        self._is_first = False
        self.reached.set()
        assert self._go_on.wait(10)
        if self._then is not None:
            raise self._then

    def release(self) -> None:
        self._go_on.set()


def notices(rig: Rig) -> list[str]:
    return [event.message for event in rig.events if isinstance(event, Notice)]


def test_f12_a_late_answer_does_not_call_bytes_stored_that_were_written_since(rig: Rig) -> None:
    held = Held(rig, "complete-answer")
    path = rig.file(parts=2)
    first = path.read_bytes()
    (upload_id,) = rig.add(path)
    assert held.reached.wait(10)
    rig.engine.cancel([upload_id]).result(10)
    path.write_bytes(b"other bytes" * PART_SIZE)
    rig.engine.retry([upload_id]).result(10)
    held.release()
    assert rig.stored(upload_id) == path.read_bytes() != first
    rig.wait(lambda: any("was already stored when you gave it up" in text for text in notices(rig)), "the notice")


def test_one_that_is_stored_as_it_is_taken_off_the_list_leaves_no_row_and_is_named(rig: Rig) -> None:
    held = Held(rig, "complete-answer")
    (upload_id,) = rig.add(rig.file(parts=2))
    assert held.reached.wait(10)
    rig.engine.remove([upload_id]).result(10)
    held.release()
    rig.wait(lambda: any("“talk.mp4” was already stored" in text for text in notices(rig)), "the notice")
    rig.wait(lambda: rig.engine._queue.all() == [], "no row is left")
    assert len(rig.remote.objects) == 1


@pytest.mark.parametrize("command", ["pause", "cancel", "remove"])
def test_a_command_that_meets_a_restart_is_not_undone_by_it(
    rig: Rig, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    restart = rig.engine._queue.restart

    def with_a_command_before(*args: object, **named: object) -> object:
        monkeypatch.setattr(rig.engine._queue, "restart", restart)
        getattr(rig.engine, command)([upload_id]).result(10)
        return restart(*args, **named)  # type: ignore[arg-type]

    held = Held(rig, "put", UploadGone("It is gone."))
    (upload_id,) = rig.add(rig.file(parts=2))
    assert held.reached.wait(10)
    monkeypatch.setattr(rig.engine._queue, "restart", with_a_command_before)
    held.release()
    if command == "pause":
        rig.wait_state(upload_id, UploadState.PAUSED)
    elif command == "cancel":
        rig.wait_state(upload_id, UploadState.CANCELLED)
    else:
        rig.wait(lambda: rig.engine.view(upload_id) is None, "it left the list")
    rig.wait(lambda: not rig.engine._jobs.running, "nothing is at work")
    assert rig.remote.objects == {}


def test_one_file_that_is_away_does_not_keep_retry_from_the_others(rig: Rig, tmp_path: Path) -> None:
    rig.remote.fault = lambda step, _number: _raise(UploadError("No.")) if step == "init" else None
    away, there = rig.file("away.mp4", 2), rig.file("there.mp4", 2)
    away_id, there_id = rig.add(away, there)
    for upload_id in (away_id, there_id):
        rig.wait_state(upload_id, UploadState.ATTENTION)
    rig.engine.cancel([away_id]).result(10)
    rig.wait_state(away_id, UploadState.CANCELLED)
    away.rename(tmp_path / "elsewhere")
    rig.remote.fault = lambda _step, _number: None
    with pytest.raises(UploadError, match="away"):
        rig.engine.retry([away_id, there_id]).result(10)
    assert rig.stored(there_id) == there.read_bytes()


def _raise(error: Exception) -> None:
    raise error
