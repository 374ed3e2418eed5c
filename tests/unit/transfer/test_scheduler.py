"""How many parts the senders have in flight at once: as many as is allowed at the moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.model import PartRange, SignedPart
from recorder_desktop.core.ports import Lane
from recorder_desktop.data_path.here import DataPathHere
from recorder_desktop.transfer.part_task import PreparedPart
from recorder_desktop.transfer.scheduler import Scheduler
from tests.fakes.remote import FakeRemote
from tests.waiting import wait_for

PART = PreparedPart(PartDigest(PartRange(1, 0, 1), 0), SignedPart("https://store/1", {}, 60.0), 60.0)


def a_lane() -> Lane:
    return DataPathHere(FakeRemote()).lane()


@dataclass
class Allowance:
    """A Concurrency that tests set. heard: what it was told last."""

    limit: int
    ceiling: int = 8
    heard: str = ""

    def starved(self, now: float) -> None:
        self.heard = "starved"

    def filled(self, now: float) -> None:
        self.heard = "filled"


@dataclass
class Parts:
    """A PartSource whose parts are in flight until the test lets them end, one by one. unsummed: without checksum."""

    left: int
    unsummed: int = 0
    upload_id: str = "u1"
    position: int = 1
    in_flight: int = 0
    most: int = 0
    ended: int = 0
    may_end: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    lock: threading.Lock = field(default_factory=threading.Lock)
    faults: list[Exception] = field(default_factory=list)  # for the next that take or send
    abandoned: list[Exception | None] = field(default_factory=list)

    def bytes_left(self) -> int:
        return self.left

    def take(self, now: float) -> PreparedPart | None:
        if not self.left:
            return None
        self.left -= 1
        return PART

    def next_ready_at(self) -> float | None:
        return None

    def send(self, part: PreparedPart, lane: Lane) -> None:
        with self.lock:
            self.in_flight += 1
            self.most = max(self.most, self.in_flight)
        self.may_end.acquire()
        with self.lock:
            self.in_flight -= 1
            self.ended += 1
        if self.faults:
            raise self.faults.pop()

    def abandon(self, part: PartRange, fault: Exception | None = None) -> None:
        assert fault is not None, "no drive is slow here"
        self.abandoned.append(fault)

    def take_unsummed(self) -> PartRange | None:
        if not self.unsummed:
            return None
        self.unsummed -= 1
        return PartRange(1, 0, 1)

    def sum(self, part: PartRange, lane: Lane) -> None:
        with self.lock:
            self.left += 1

    def let_end(self, count: int) -> None:
        self.may_end.release(count)


@pytest.fixture
def allowance() -> Allowance:
    return Allowance(3)


@pytest.fixture
def parts() -> Parts:
    return Parts(100)


@pytest.fixture
def scheduler(allowance: Allowance, parts: Parts) -> Iterator[Scheduler]:
    made = Scheduler(allowance, a_lane)
    made.add(parts)
    yield made
    made.ask_to_close()
    parts.let_end(100)
    for thread in made.threads:
        thread.join(5)
        assert not thread.is_alive()


def in_flight(parts: Parts, count: int) -> None:
    wait_for(lambda: parts.in_flight == count, f"{count} parts in flight")


def test_no_more_parts_are_in_flight_than_allowed(scheduler: Scheduler, parts: Parts) -> None:
    in_flight(parts, 3)
    parts.let_end(20)
    wait_for(lambda: parts.ended == 20 and parts.in_flight == 3, "the next ones")
    assert parts.most == 3


def test_more_are_sent_as_soon_as_more_are_allowed(scheduler: Scheduler, parts: Parts, allowance: Allowance) -> None:
    in_flight(parts, 3)
    allowance.limit = 8
    scheduler.wake()
    in_flight(parts, 8)


def test_when_fewer_are_allowed_those_in_flight_end_and_no_others_begin(
    scheduler: Scheduler, parts: Parts, allowance: Allowance
) -> None:
    in_flight(parts, 3)
    allowance.limit = 1
    scheduler.wake()
    parts.let_end(2)
    wait_for(lambda: parts.ended == 2, "the end of two")
    in_flight(parts, 1)
    left = parts.left
    parts.let_end(1)
    wait_for(lambda: parts.left == left - 1, "the next one")
    in_flight(parts, 1)


def test_having_nothing_more_to_send_is_told_and_what_comes_later_is_sent(
    allowance: Allowance, scheduler: Scheduler, parts: Parts
) -> None:
    in_flight(parts, 3)
    parts.left = 0
    parts.let_end(1)
    in_flight(parts, 2)
    wait_for(lambda: allowance.heard == "starved", "the news")
    parts.left = 5
    scheduler.ready(5)
    in_flight(parts, 3)
    assert allowance.heard == "filled"


def test_senders_without_work_take_checksums_and_are_in_flight_only_when_they_send(
    allowance: Allowance, scheduler: Scheduler, parts: Parts
) -> None:
    in_flight(parts, 3)
    parts.left, parts.unsummed = 0, 2
    parts.let_end(3)
    in_flight(parts, 2)
    assert parts.unsummed == 0
    assert allowance.heard == "starved"


def test_a_fault_in_sending_costs_its_part_and_no_sender(scheduler: Scheduler, parts: Parts) -> None:
    in_flight(parts, 3)
    fault = RuntimeError("a fault of ours")
    parts.faults.append(fault)
    parts.let_end(1)
    wait_for(lambda: parts.abandoned == [fault], "the part to be given up")
    in_flight(parts, 3)
    parts.let_end(8)
    wait_for(lambda: parts.ended == 9 and parts.in_flight == 3, "the next ones")


@dataclass
class Untakeable(Parts):
    """Parts of which none can be taken as long as there are faults. left: guarded by the scheduler."""

    def take(self, now: float) -> PreparedPart | None:
        if self.faults:
            raise self.faults.pop()
        return super().take(now)


def test_a_fault_in_looking_for_work_costs_no_sender(allowance: Allowance) -> None:
    parts = Untakeable(8, faults=[RuntimeError("a fault of ours") for _ in range(20)])
    scheduler = Scheduler(allowance, a_lane)
    scheduler.add(parts)
    allowance.limit = 8
    while parts.faults:
        scheduler.ready(8)
        scheduler.wake()
    scheduler.ready(8)
    in_flight(parts, 8)
    scheduler.ask_to_close()
    parts.let_end(8)
    wait_for(lambda: not any(thread.is_alive() for thread in scheduler.threads), "the end of the senders")
