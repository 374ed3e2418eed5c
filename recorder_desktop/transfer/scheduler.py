"""Hands parts to sender threads: no more at once than the line takes, earlier uploads first, each part when its pause
is over. A sender with nothing to send takes the checksum of a part that will be sent later."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from recorder_desktop.core.model import PartRange
from recorder_desktop.core.ports import Lane
from recorder_desktop.core.precedence import let_pass
from recorder_desktop.transfer.part_task import PreparedPart

_log = logging.getLogger(__name__)

SMALLEST_EVERY = 4
FAULT_PAUSE_S = 1.0
"""How long a sender lets be what made it fail to look for work: it must neither end nor turn in a circle."""


class Concurrency(Protocol):
    """How many parts may be in flight; see core.concurrency."""

    @property
    def limit(self) -> int:
        """At this moment."""

    @property
    def ceiling(self) -> int:
        """At any time."""

    def starved(self, now: float) -> None:
        """Less is in flight than allowed, since there is no more to send."""

    def filled(self, now: float) -> None:
        """As much is in flight as allowed."""


class PartSource(Protocol):
    """An upload in its parts phase, as senders see it. All but `send` and `sum` are called under the scheduler's lock
    and must not block."""

    upload_id: str
    position: int

    def bytes_left(self) -> int:
        """What remains to be handed out."""

    def take(self, now: float) -> PreparedPart | None:
        """The next part that may be sent at `now` (monotonic seconds), now in the caller's care."""

    def next_ready_at(self) -> float | None:
        """When a part that waits out a pause may be taken; None if none waits."""

    def send(self, part: PreparedPart, lane: Lane) -> None:
        """Send the part and record what came of it. Never raises."""

    def take_unsummed(self) -> PartRange | None:
        """A part whose checksum is wanted soon, now in the caller's care."""

    def sum(self, part: PartRange, lane: Lane) -> None:
        """Take the checksum of the part. Never raises."""

    def abandon(self, part: PartRange, fault: Exception | None = None) -> None:
        """Nothing more comes of this part: what sends or sums it met a fault. None: its thread is left behind, since
        it waits for a drive that does not answer."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What a sender does next. is_sending: else it takes a checksum."""

    source: PartSource
    part: PartRange
    run: Callable[[Lane], None]
    is_sending: bool


@dataclass(slots=True, eq=False)
class _Seat:
    """A sender's place. work, is_abandoned: guarded by the scheduler's _lock."""

    thread: threading.Thread
    lane: Lane
    work: _Work | None = None
    is_abandoned: bool = False


class Scheduler:
    """The senders: as many threads as `concurrency` may ever allow, which serve every registered upload in queue
    order. No more of them send at once than it allows at the moment.

    Attributes:
        threads: for whoever waits for their end.
    """

    def __init__(self, concurrency: Concurrency, new_lane: Callable[[], Lane]) -> None:
        self._concurrency = concurrency
        self._new_lane = new_lane
        self._lock = threading.Lock()
        self._more_work = threading.Condition(self._lock)  # for senders without work
        self._more_allowed = threading.Condition(self._lock)  # for senders that may not work
        self._at_work = 0  # senders that send or sum; guarded by _lock
        self._in_flight = 0  # of them, those that send; guarded by _lock
        self._sources: list[PartSource] = []  # by position; guarded by _lock
        self._seats: set[_Seat] = set()  # guarded by _lock
        self._closed = False  # guarded by _lock
        self._turn = 1  # parts handed out so far; guarded by _lock
        self.threads: list[threading.Thread] = []
        self.hire()

    def hire(self) -> None:
        """Have as many senders as may ever be allowed now. More than that are not sent away: they wait."""
        for number in range(len(self.threads) + 1, self._concurrency.ceiling + 1):
            self._hire(f"sender-{number}")

    def add(self, source: PartSource) -> None:
        """Begin to hand out this upload's parts."""
        with self._lock:
            self._sources.append(source)
            self._sources.sort(key=lambda listed: listed.position)
            self._more_work.notify_all()

    def reorder(self, positions: Mapping[str, int]) -> None:
        """Uploads have new positions in the queue, by id."""
        with self._lock:
            for source in self._sources:
                source.position = positions.get(source.upload_id, source.position)
            self._sources.sort(key=lambda listed: listed.position)

    def remove(self, source: PartSource) -> None:
        """Stop handing out this upload's parts."""
        with self._lock:
            self._sources.remove(source)

    def ready(self, count: int) -> None:
        """So many parts became ready, or wait for new instants."""
        with self._lock:
            self._more_work.notify(count)

    def wake(self) -> None:
        """Another number of parts is allowed."""
        with self._lock:
            self._more_allowed.notify_all()

    def leave_stuck(self, stall_s: float) -> None:
        """Go on without senders that a drive has held for so long; others take their places."""
        now = time.monotonic()
        with self._lock:
            stuck = [
                (seat, seat.work)
                for seat in self._seats
                if seat.work is not None and seat.lane.access.waits_s(now) > stall_s
            ]
            for seat, _work in stuck:
                self._abandon(seat)
        for seat, work in stuck:
            _log.warning("%s is left behind: part %d waits for its drive", seat.thread.name, work.part.number)
            work.source.abandon(work.part)
            self._hire(seat.thread.name)

    def ask_to_close(self) -> None:
        """Let the threads end; those that send finish or abandon their part first."""
        with self._lock:
            self._closed = True
            self._more_work.notify_all()
            self._more_allowed.notify_all()

    def _hire(self, name: str) -> None:
        thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        seat = _Seat(threading.current_thread(), self._new_lane())
        with self._lock:
            self._seats.add(seat)
        while (work := self._next(seat)) is not None:
            let_pass()
            try:
                work.run(seat.lane)
            except Exception as exc:  # noqa: BLE001 - the thread's top: without it nobody would send in its place
                _log.exception("%s met a fault with part %d", seat.thread.name, work.part.number)
                work.source.abandon(work.part, exc)
            finally:
                with self._lock:
                    self._leave(seat)
                del work  # the upload that it belongs to may be over before there is more

    def _leave(self, seat: _Seat) -> None:
        if seat.work is not None:
            self._at_work -= 1
            self._in_flight -= seat.work.is_sending
            seat.work = None

    def _abandon(self, seat: _Seat) -> None:
        self._leave(seat)
        seat.is_abandoned = True
        self._seats.remove(seat)
        self.threads.remove(seat.thread)  # nobody should wait for its end

    def _next(self, seat: _Seat) -> _Work | None:
        while True:
            try:
                return self._found(seat)
            except Exception:  # noqa: BLE001 - the thread's top, as above
                _log.exception("%s met a fault as it looked for work", seat.thread.name)
                with self._lock:
                    self._more_work.wait(FAULT_PAUSE_S)

    def _found(self, seat: _Seat) -> _Work | None:
        with self._lock:
            while not (self._closed or seat.is_abandoned):
                if self._at_work >= self._concurrency.limit:
                    # Whoever ends a part looks for the next one itself: this thread is needed once more are allowed.
                    self._more_allowed.wait()
                    continue
                now = time.monotonic()
                work = self._sending(now)
                if work is None:
                    self._concurrency.starved(now)
                    work = self._summing()
                if work is not None:
                    self._at_work += 1
                    seat.work = work
                    return work
                self._more_work.wait(self._pause_s(now))
        return None

    def _sending(self, now: float) -> _Work | None:
        for source in self._in_turn():
            part = source.take(now)
            if part is not None:
                self._turn += 1
                self._in_flight += 1
                if self._in_flight >= self._concurrency.limit:
                    self._concurrency.filled(now)
                return _Work(source, part.part, partial(source.send, part), is_sending=True)
        return None

    def _summing(self) -> _Work | None:
        if self._at_work + 1 >= self._concurrency.limit:
            return None  # one stays free for a part that becomes ready: a drive may take its time
        for source in self._sources:
            part = source.take_unsummed()
            if part is not None:
                return _Work(source, part, partial(source.sum, part), is_sending=False)
        return None

    def _in_turn(self) -> Sequence[PartSource]:
        """In queue order; every fourth part belongs to the upload with the least left, so that it gets done."""
        if self._turn % SMALLEST_EVERY or len(self._sources) < 2:
            return self._sources
        return sorted(self._sources, key=lambda source: source.bytes_left())

    def _pause_s(self, now: float) -> float | None:
        instants = [instant for source in self._sources if (instant := source.next_ready_at()) is not None]
        return max(0.0, min(instants) - now) if instants else None
