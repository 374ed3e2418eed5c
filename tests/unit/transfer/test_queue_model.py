"""The queue against a simple model: whatever is asked, breaks or changes in whatever order, the end is the same.

Every upload that nobody gave up ends as one object with the bytes that its file had at one instant, under one record;
nothing stays open in the store. A crash is a copy of the queue's files as they are at that instant, as a power cut
would leave them, opened by another engine. RECORDER_MODEL_EXAMPLES asks for more than the few examples of every day.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from recorder_desktop.core import parts as parts_module
from recorder_desktop.core.errors import Offline, TransientFailure, UrlRefused
from recorder_desktop.core.model import RemotePart, RemoteUpload, Upload, UploadState
from recorder_desktop.transfer import job_runner
from tests.fakes import remote as remote_module
from tests.unit.transfer.conftest import Rig
from tests.waiting import wait_for

PART = 1000
EVERY_DAY = 12
EXAMPLES = int(os.environ.get("RECORDER_MODEL_EXAMPLES") or EVERY_DAY)
AT_REST = {UploadState.COMPLETED, UploadState.CANCELLED, UploadState.PAUSED, UploadState.ATTENTION}


@dataclass
class Recording:
    """What the model knows of one file: every content that it has had, the present one last."""

    path: Path
    contents: list[bytes]
    is_cancelled: bool = False
    objects: set[str] = field(default_factory=set)


class LaggingRemote(remote_module.FakeRemote):
    """A remote whose list of parts may lag behind: the newest part is not in it yet."""

    lags = 0

    def list_parts(self, remote: RemoteUpload) -> list[RemotePart]:
        listed = super().list_parts(remote)
        if self.lags and listed:
            self.lags -= 1
            return listed[:-1]
        return listed


class QueueMachine(RuleBasedStateMachine):
    """Random people, networks and disks."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="recorder-model-"))
        self.homes = 0
        self.chance = random.Random(0)
        self.rig = Rig.__new__(Rig)
        self.rig.home, self.rig.remote, self.rig.events = self._next_home(), LaggingRemote(), []
        self.rig.open()
        self.recordings: dict[str, Recording] = {}
        self.faults: list[tuple[str, Exception]] = []
        self.rig.remote.fault = self._fault

    # --- people ---------------------------------------------------------------------------------------------------

    @rule(parts=st.sampled_from([0, 0.3, 1, 2.5, 4, 7]))
    def add(self, parts: float) -> None:
        path = self.folder / f"talk {len(self.recordings)}.mp4"
        content = self.chance.randbytes(int(parts * PART))
        path.write_bytes(content)
        (upload_id,) = self.rig.add(path)
        self.recordings[upload_id] = Recording(path, [content])

    @precondition(lambda self: self.recordings)
    @rule(data=st.data())
    def add_again(self, data: st.DataObject) -> None:
        recording = self.recordings[self._one(data)]
        if recording.path.exists() and not recording.is_cancelled:
            before = len(self.rig.engine.views())
            self.rig.engine.add([recording.path]).result(10)
            # Only a file that was stored as another one than it is now may be uploaded a second time.
            added = self.rig.engine.views()[before:]
            for view in added:
                assert len(recording.contents) > 1
                self.recordings[view.upload.id] = Recording(recording.path, recording.contents)

    @precondition(lambda self: self.recordings)
    @rule(data=st.data(), command=st.sampled_from(["pause", "resume", "retry", "cancel"]))
    def command(self, data: st.DataObject, command: str) -> None:
        upload_id = self._one(data)
        getattr(self.rig.engine, command)([upload_id]).result(10)
        state = self._upload(upload_id).state
        if command == "cancel":
            self.recordings[upload_id].is_cancelled = state is UploadState.CANCELLED
        elif command == "retry":
            self.recordings[upload_id].is_cancelled = False

    # --- networks -------------------------------------------------------------------------------------------------

    @rule(
        step=st.sampled_from(["init", "init-answer", "presign", "put", "put-answer", "list-parts", "complete"]),
        kind=st.sampled_from([Offline, TransientFailure]),
        times=st.integers(1, 3),
    )
    def break_down(self, step: str, kind: type[Exception], times: int) -> None:
        self.faults += [(step, kind("It broke."))] * times

    @rule(step=st.sampled_from(["complete-answer", "abort"]))
    def lose_an_answer(self, step: str) -> None:
        self.faults.append((step, Offline("Its answer got lost.")))

    @rule()
    def expire_a_url(self) -> None:
        self.faults.append(("put", UrlRefused("It ran out.")))

    @rule(times=st.integers(1, 2))
    def lag(self, times: int) -> None:
        assert isinstance(self.rig.remote, LaggingRemote)
        self.rig.remote.lags = times

    # --- disks ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.recordings)
    @rule(data=st.data(), how=st.sampled_from(["overwrite", "grow", "shorten", "replace", "touch", "remove"]))
    def change_a_file(self, data: st.DataObject, how: str) -> None:
        recording = self.recordings[self._one(data)]
        path = recording.path
        if not path.exists():
            path.write_bytes(recording.contents[-1])
            return
        content = recording.contents[-1]
        before = path.stat()
        if how == "remove":
            path.unlink()
            return
        if how == "touch":
            path.touch()
            return
        changed = self._changed(content, how)
        recording.contents.append(changed)  # before it is there: whoever reads it then has read one of these
        if how == "replace":
            other = path.with_suffix(".other")
            other.write_bytes(changed)
            other.replace(path)
        elif how == "overwrite":
            with path.open("r+b") as file:
                file.write(changed[:1])
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        elif how == "grow":
            with path.open("ab") as file:
                file.write(changed[len(content) :])
        else:
            os.truncate(path, len(changed))

    def _changed(self, content: bytes, how: str) -> bytes:
        if how == "overwrite" and content:
            return bytes([content[0] ^ 1]) + content[1:]
        if how == "grow":
            return content + self.chance.randbytes(PART // 2)
        if how == "shorten":
            return content[: len(content) // 2]
        return self.chance.randbytes(len(content))

    @rule()
    def crash(self) -> None:
        before = self.rig.home
        home = self._next_home()
        for name in ("queue.db", "queue.db-wal"):
            if (before / name).exists():
                shutil.copyfile(before / name, home / name)
        # The dead do nothing any more: what they still try fails.
        self.rig.remote.fault = _dead
        self.rig.engine.close()
        self.rig.home = home
        self.rig.remote.fault = self._fault
        self.rig.open()

    @rule()
    def restart(self) -> None:
        self.rig.restart()

    @rule()
    def rest(self) -> None:
        """Time passes until nothing moves any more."""
        self._wait(lambda: all(upload.state in AT_REST for upload in self._uploads()))

    # --- what holds -----------------------------------------------------------------------------------------------

    @invariant()
    def what_is_stored_is_a_file_as_it_was(self) -> None:
        for upload in self._uploads():
            recording = self.recordings[upload.id]
            if upload.state is UploadState.COMPLETED and upload.recording is not None:
                assert self.rig.remote.objects[upload.recording.key] in recording.contents
                recording.objects.add(upload.recording.key)
                assert len(recording.objects) == 1, "one upload, two objects"

    def teardown(self) -> None:
        try:
            self._finish()
        finally:
            self.rig.remote.fault = lambda _step, _number: None
            self.rig.engine.close()
            shutil.rmtree(self.folder)

    def _finish(self) -> None:
        self.faults.clear()
        for recording in self.recordings.values():
            if not recording.path.exists():
                recording.path.write_bytes(recording.contents[-1])
        for upload_id, recording in self.recordings.items():
            if not recording.is_cancelled:
                self._wait(lambda i=upload_id: self._is_completed(i))  # type: ignore[misc]
        self.what_is_stored_is_a_file_as_it_was()
        self._wait(lambda: not self.rig.remote.still_open())
        keys = [upload.recording.key for upload in self._uploads() if upload.recording is not None]
        assert len(keys) == len(set(keys))

    def _is_completed(self, upload_id: str) -> bool:
        state = self._upload(upload_id).state
        if state is UploadState.PAUSED:
            self.rig.engine.resume([upload_id]).result(10)
        elif state is UploadState.ATTENTION:
            self.rig.engine.retry([upload_id]).result(10)
        return state is UploadState.COMPLETED

    # --------------------------------------------------------------------------------------------------------------

    def _fault(self, step: str, _number: int) -> None:
        for at, (wanted, error) in enumerate(self.faults):
            if wanted == step:
                del self.faults[at]
                raise error

    def _one(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.recordings, key=list(self.recordings).index)))

    def _upload(self, upload_id: str) -> Upload:
        return self.rig.view(upload_id).upload

    def _uploads(self) -> list[Upload]:
        return [view.upload for view in self.rig.engine.views()]

    def _wait(self, condition: Callable[[], object]) -> None:
        try:
            wait_for(condition, "what has to come")
        except AssertionError as exc:
            stands = [f"{upload.id} {upload.state.value} {upload.problem}" for upload in self._uploads()]
            raise AssertionError(f"{exc}; {stands}; open: {self.rig.remote.still_open()}") from exc

    def _next_home(self) -> Path:
        self.homes += 1
        home = self.folder / f"home {self.homes}"
        home.mkdir()
        return home


def _dead(_step: str, _number: int) -> None:
    raise Offline("The process is dead.")


def test_whatever_happens_in_whatever_order_every_recording_arrives_once_and_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remote_module, "PART_SIZE", PART)
    monkeypatch.setattr(parts_module, "MIN_PART_SIZE_BYTES", PART)
    monkeypatch.setattr(job_runner, "SETTLE_S", 0.02)
    few = settings(
        max_examples=EXAMPLES,
        stateful_step_count=15,
        deadline=None,
        phases=[
            Phase.generate
        ],  # making an example smaller would take minutes: each try waits for what does not come
        derandomize=EXAMPLES == EVERY_DAY,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(QueueMachine, settings=few)
