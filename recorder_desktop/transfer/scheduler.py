"""Hands parts to sender threads: earlier uploads first, each part when its pause is over."""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

from recorder_desktop.core.model import PartRange
from recorder_desktop.transfer.part_reader import PartReader

_log = logging.getLogger(__name__)


class PartSource(Protocol):
    """An upload in its parts phase, as senders see it. All but `send` are called under the scheduler's lock and
    must not block."""

    position: int

    def take(self, now: float) -> PartRange | None:
        """The next part that may be sent at `now` (monotonic seconds), now in the caller's care."""

    def next_ready_at(self) -> float | None:
        """When a part that waits out a pause may be taken; None if none waits."""

    def send(self, part: PartRange, reader: PartReader) -> None:
        """Send the part and record what came of it. Never raises."""


class Scheduler:
    """The senders: `senders` threads that serve every registered upload in queue order."""

    def __init__(self, senders: int) -> None:
        self._condition = threading.Condition()
        self._sources: list[PartSource] = []  # by position; guarded by _condition
        self._closed = False  # guarded by _condition
        self._threads = [
            threading.Thread(target=self._serve, name=f"sender-{number}", daemon=True)
            for number in range(1, senders + 1)
        ]
        for thread in self._threads:
            thread.start()

    def add(self, source: PartSource) -> None:
        """Begin to hand out this upload's parts."""
        with self._condition:
            self._sources.append(source)
            self._sources.sort(key=lambda listed: listed.position)
            self._condition.notify_all()

    def remove(self, source: PartSource) -> None:
        """Stop handing out this upload's parts."""
        with self._condition:
            self._sources.remove(source)

    def wake(self) -> None:
        """Look again: a part became ready, or waits for a new instant."""
        with self._condition:
            self._condition.notify_all()

    def close(self) -> None:
        """End the threads; those that send finish or abandon their part first."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        reader = PartReader()
        while (taken := self._next()) is not None:
            source, part = taken
            source.send(part, reader)

    def _next(self) -> tuple[PartSource, PartRange] | None:
        with self._condition:
            while not self._closed:
                now = time.monotonic()
                for source in self._sources:
                    part = source.take(now)
                    if part is not None:
                        return source, part
                self._condition.wait(self._pause_s(now))
        return None

    def _pause_s(self, now: float) -> float | None:
        instants = [instant for source in self._sources if (instant := source.next_ready_at()) is not None]
        return max(0.0, min(instants) - now) if instants else None
