"""An engine on a real queue file, with the remote side in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder_desktop.core import part_size
from recorder_desktop.core import parts as parts_module
from recorder_desktop.core.events import Event
from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.core.retry import Backoff
from recorder_desktop.core.upload_queue import Added, AddOptions, Rejected
from recorder_desktop.data_path.here import DataPathHere
from recorder_desktop.store.upload_store import SqliteUploadStore
from recorder_desktop.transfer import job_slots
from recorder_desktop.transfer.drive_watch import DRIVE_STALL_S
from recorder_desktop.transfer.engine import TransferEngine
from tests.fakes.remote import PART_SIZE, FakeRemote, NoProbe
from tests.waiting import wait_for


class Rig:
    """One RECORDER_HOME: its engine can be closed and opened again, as a restart does."""

    drive_stall_s = DRIVE_STALL_S

    def __init__(self, home: Path) -> None:
        self.home = home
        self.remote = FakeRemote()
        self.events: list[Event] = []
        self.engine = self.open()

    def open(self, *, start: bool = True) -> TransferEngine:
        store = SqliteUploadStore(self.home / "queue.db")
        self.engine = TransferEngine(
            store,
            self.remote,
            DataPathHere(self.remote),
            NoProbe(),
            backoff=Backoff(base_s=0.002, cap_s=0.01),
            drive_stall_s=self.drive_stall_s,
        )
        self.engine.subscribe(self.events.append)
        if start:
            self.engine.start()
        return self.engine

    def restart(self) -> None:
        self.engine.close()
        self.open()

    def file(self, name: str = "talk.mp4", parts: float = 3.5) -> Path:
        path = self.home / name
        path.write_bytes(os.urandom(int(parts * PART_SIZE)))
        return path

    def add(self, *paths: Path, options: AddOptions = AddOptions()) -> list[str]:  # noqa: B008
        outcomes = self.engine.add(paths, options).result(10)
        assert not [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        return [outcome.upload_id for outcome in outcomes if isinstance(outcome, Added)]

    def view(self, upload_id: str) -> UploadView:
        view = self.engine.view(upload_id)
        assert view is not None
        return view

    def wait_state(self, upload_id: str, *states: UploadState) -> UploadView:
        try:
            wait_for(lambda: self.view(upload_id).upload.state in states, f"{upload_id} in {states}")
        except AssertionError as exc:
            exc.add_note(f"it is {self.view(upload_id).upload}")
            raise
        return self.view(upload_id)

    def stored(self, upload_id: str) -> bytes:
        recording = self.wait_state(upload_id, UploadState.COMPLETED).upload.recording
        assert recording is not None
        return self.remote.objects[recording.key]

    def wait(self, condition: Callable[[], object], what: str) -> None:
        wait_for(condition, what)


def make_parts_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared with the size of a part is as much smaller as the fake's parts are."""
    smaller = parts_module.MIN_PART_SIZE_BYTES // PART_SIZE
    monkeypatch.setattr(parts_module, "MIN_PART_SIZE_BYTES", PART_SIZE)
    for module, name in (
        (part_size, "MIN_PART_SIZE_BYTES"),
        (part_size, "_MIB"),
        (part_size, "_USUAL_BYTES"),
        (job_slots, "ENOUGH_BYTES"),
        (job_slots, "SMALL_BYTES"),
        (job_slots, "BATCH_BYTES"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name) // smaller)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    make_parts_small(monkeypatch)


@pytest.fixture
def rig(small_parts: None, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.remote.fault = lambda _step, _number: None
    made.engine.close()
