"""Small files while they are sent: every one of them is accounted for, whatever becomes of others at that instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.errors import Interrupted
from recorder_desktop.core.model import ConfirmedPart, PartRange, SignedPart
from recorder_desktop.core.ports import Lane
from recorder_desktop.core.progress import LiveProgress
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.batch_phase import BatchPhase, PreparedFile
from recorder_desktop.transfer.part_task import PreparedPart
from recorder_desktop.transfer.scheduler import Scheduler
from tests.fakes.uploads import an_upload
from tests.unit.transfer.test_scheduler import Allowance, a_lane
from tests.waiting import wait_for


class Task:
    """A PartTask whose store takes everything, but for what `fault` raises."""

    progress = LiveProgress(0)

    def __init__(self, fault: Exception | None = None) -> None:
        self._fault = fault

    def send(self, prepared: PreparedPart, lane: Lane, stop: StopToken) -> ConfirmedPart:
        if self._fault is not None:
            raise self._fault
        return ConfirmedPart(1, prepared.part.size_bytes, "etag", 0)


class Watched:
    """A file, or its upload, one of whose fields tells when it is looked at."""

    def __init__(self, of: Any, field: str) -> None:
        self.of = of
        self._field = field
        self.on_look: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        if name == self._field:
            self.on_look()
        return getattr(self.of, name)


def a_file(number: int, task: Task | None = None) -> PreparedFile:
    upload = replace(an_upload(Path(f"/recordings/{number}.wav")), id=f"u{number}", position=number)
    part = PreparedPart(PartDigest(PartRange(1, 0, 1000), 0), SignedPart(f"https://store/{number}", {}, 60.0), 60.0)
    return PreparedFile(upload, cast("Any", task or Task()), part, StopToken())


def outcomes(phase: BatchPhase) -> tuple[set[str], set[str]]:
    """The files that were sent and those that were left, once all is over."""
    sent, left = set(), set()
    while (outcome := phase.outcome()) is not None:
        sent |= {each.file.upload.id for each in outcome.sent}
        left |= {file.upload.id for file in outcome.left}
    return sent, left


def test_a_file_is_found_among_those_being_sent_while_another_one_ends() -> None:
    first, second = Watched(a_file(1), "part"), a_file(2)
    phase = BatchPhase([cast("Any", first), second])
    parts = [phase.take(0.0), phase.take(0.0)]
    assert parts[0] is not None
    assert parts[1] is not None
    first.on_look = lambda: phase.abandon(first.of.part.part)  # as another thread would
    phase.send(parts[1], a_lane())
    first.on_look = lambda: None
    phase.send(parts[0], a_lane())
    assert second.upload.id in outcomes(phase)[0]


def test_what_is_left_can_be_told_while_files_are_stopped() -> None:
    files = [a_file(number) for number in range(3)]
    looked_at = Watched(files[0].upload, "size_bytes")
    phase = BatchPhase([replace(files[0], upload=cast("Any", looked_at)), *files[1:]])
    for file in files[1:]:
        file.stop.on_stop(phase.stopped)
    looked_at.on_look = files[1].stop.set  # as another thread would
    assert phase.bytes_left() == 3000
    files[1].stop.set()
    assert phase.bytes_left() == 2000
    phase.take(0.0)
    assert phase.bytes_left() == 1000


@pytest.mark.parametrize("fault", [Interrupted(), RuntimeError("a fault of ours")])
def test_a_file_that_fails_is_left_and_the_others_are_sent(fault: Exception) -> None:
    files = [a_file(0, Task(fault)), a_file(1), a_file(2)]
    phase = BatchPhase(files)
    while (part := phase.take(0.0)) is not None:
        phase.send(part, a_lane())
    assert outcomes(phase) == ({"u1", "u2"}, {"u0"})


class Faulty(BatchPhase):
    """A phase with a fault of its own, outside of anything that it expects to fail."""

    def send(self, prepared: PreparedPart, lane: Lane) -> None:
        if prepared.signed.url.endswith("/1"):
            raise RuntimeError("a fault of ours")
        super().send(prepared, lane)


def test_a_fault_in_a_sender_leaves_its_file_and_no_sender_is_lost() -> None:
    scheduler = Scheduler(Allowance(2, ceiling=2), a_lane)
    phase = Faulty([a_file(number) for number in range(20)])
    scheduler.add(phase)
    try:
        sent, left = outcomes(phase)
        assert left == {"u1"}
        assert len(sent) == 19
        assert all(thread.is_alive() for thread in scheduler.threads)
        phase.wait_for_senders()
    finally:
        scheduler.ask_to_close()
    wait_for(lambda: not any(thread.is_alive() for thread in scheduler.threads), "the end of the senders")
