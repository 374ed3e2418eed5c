"""The parts of one upload while they are being sent: which are prepared, which wait out a pause, what went wrong."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.errors import (
    ErrorKind,
    Interrupted,
    PartRejected,
    Refused,
    TransientFailure,
    Unavailable,
    UploadError,
)
from recorder_desktop.core.model import ConfirmedPart, PartRange
from recorder_desktop.core.ports import Lane
from recorder_desktop.core.retry import Backoff
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.drive_watch import drive_stalled
from recorder_desktop.transfer.part_task import PartTask, PreparedPart

_log = logging.getLogger(__name__)

AHEAD = 16
"""Parts kept prepared, half of them with their URLs at most times: one for each sender while the backend is asked for
more."""

FAST_DRIVE_BYTES_PER_S = 400_000_000
"""A drive that is read this fast does not seek: senders without work may read other places of it at the same time."""

MAX_REJECTIONS = 5
"""A store that calls the same part damaged this often is not seeing line noise."""


class PartPhase:
    """Implements scheduler.PartSource for one upload. `run` is for the upload's own thread, the rest for senders.

    The upload's thread stays a few parts ahead of the senders: it takes checksums, and `sign` gives parts their URLs,
    so that no sender waits for the backend. A sender that has nothing to send takes checksums too. It starts with
    `prepared`, whose URLs came with the opening.
    on_ready is told how many more parts there are to send; on_confirmed commits a part and returns when it is
    durable; on_trouble and on_recovered tell of outages that are being waited out. What they raise ends
    the phase.
    """

    def __init__(
        self,
        *,
        upload_id: str,
        position: int,
        parts: Sequence[PartRange],
        prepared: Sequence[PreparedPart],
        task: PartTask,
        sign: Callable[[Sequence[PartDigest]], list[PreparedPart]],
        stop: StopToken,
        backoff: Backoff,
        on_ready: Callable[[int], None],
        on_confirmed: Callable[[ConfirmedPart], None],
        on_trouble: Callable[[UploadError], None],
        on_recovered: Callable[[], None],
    ) -> None:
        self.upload_id = upload_id
        self.position = position
        self._task = task
        self._sign = sign
        self._backoff = backoff
        self._on_ready = on_ready
        self._on_confirmed = on_confirmed
        self._on_trouble = on_trouble
        self._on_recovered = on_recovered
        self._stop = StopToken()  # ends this phase only
        self._condition = threading.Condition()
        # All below: guarded by _condition.
        have = {each.part.number for each in prepared}
        self._unprepared = deque(part for part in parts if part.number not in have)
        self._summing: set[int] = set()  # parts whose checksum is being taken
        self._summed: list[PartDigest] = []  # without a URL
        self._ready = [(0.0, each.part.number, each) for each in prepared]
        heapq.heapify(self._ready)
        self._is_drive_fast = False
        self._bytes_left = sum(part.size_bytes for part in parts)
        self._batch_size = 1
        self._is_wanted = False  # whether a sender has come by: before that, one part in stock is enough
        self._failures: dict[int, int] = {}
        self._rejections: dict[int, int] = {}
        self._sending: set[int] = set()  # parts that senders have
        self._in_trouble = False
        self._failure: Exception | None = None
        self._has_ended = False
        self._withdraw = stop.on_stop(self._halt)  # last: it may halt at once, on this thread or another

    # --- scheduler.PartSource --------------------------------------------------------------------------------

    def bytes_left(self) -> int:
        """What is not yet confirmed."""
        return self._bytes_left

    def take(self, now: float) -> PreparedPart | None:
        """The next part that may be sent at `now`."""
        with self._condition:
            if self._failure is not None:
                return None
            if self._unprepared:
                self._is_wanted = True
                self._condition.notify_all()
            if not self._ready or self._ready[0][0] > now:
                return None
            prepared = heapq.heappop(self._ready)[2]
            self._sending.add(prepared.part.number)
            return prepared

    def next_ready_at(self) -> float | None:
        """When the next part that waits out a pause may be taken."""
        with self._condition:
            return self._ready[0][0] if self._ready and self._failure is None else None

    def take_unsummed(self) -> PartRange | None:
        """A part to take the checksum of, if that is worth a second thread."""
        with self._condition:
            if self._failure is not None or not self._is_drive_fast or not self._wants_more():
                return None
            return self._next_unsummed()

    def sum(self, part: PartRange, lane: Lane) -> None:
        """Take a part's checksum. It may be sent once the upload's thread has got its URL."""
        began = time.monotonic()
        try:
            digest = self._task.digest(part, lane, self._stop)
        except Exception as exc:  # noqa: BLE001 - the upload's thread gets it, with its traceback
            self._give_up(exc)
        else:
            took_s = time.monotonic() - began
            with self._condition:
                self._summed.append(digest)
                self._is_drive_fast = part.size_bytes > took_s * FAST_DRIVE_BYTES_PER_S
        finally:
            with self._condition:
                self._summing.discard(part.number)
                self._condition.notify_all()

    def send(self, prepared: PreparedPart, lane: Lane) -> None:
        """Send one part and record what came of it."""
        part = prepared.part
        try:
            self._attempt(prepared, lane)
        except Exception as exc:  # noqa: BLE001 - the sender's top: the upload's thread gets it, with its traceback
            self._give_up(exc)
        finally:
            self._task.progress.dropped(part.number)
            with self._condition:
                self._sending.discard(part.number)
                self._condition.notify_all()

    def abandon(self, part: PartRange, fault: Exception | None = None) -> None:
        """The thread that has this part met a fault, or waits for a drive that does not answer: go on without it."""
        self._give_up(fault or drive_stalled(self._task.source.path))
        with self._condition:
            self._summing.discard(part.number)
            self._sending.discard(part.number)
            self._condition.notify_all()

    # --- the upload's thread ---------------------------------------------------------------------------------

    def run(self, lane: Lane) -> None:
        """Prepare parts ahead of the senders; return when every part is confirmed.

        Raises what made the rest pointless, once no sender is at work.
        """
        try:
            while (step := self._next_step(lane)) is not None:
                step()
            if self._failure is not None:
                raise self._failure
        finally:
            self._withdraw()
            self._end()

    def _next_step(self, lane: Lane) -> Callable[[], None] | None:
        """Wait until there is something to prepare and return how; None when all is over."""
        with self._condition:
            while not self._is_over():
                if self._failure is None:
                    if self._is_worth_a_call():
                        digests, self._summed = self._summed, []
                        self._batch_size = min(2 * self._batch_size, AHEAD // 2)
                        return lambda: self._get_urls(digests)
                    if self._wants_more():
                        part = self._next_unsummed()
                        return lambda: self.sum(part, lane)
                self._condition.wait()
            return None

    def _is_over(self) -> bool:
        if self._sending or self._summing:
            return False
        return self._failure is not None or not (self._unprepared or self._summed or self._ready)

    def _is_worth_a_call(self) -> bool:
        """One part first, so that sending begins soon; then more at a time, so that asking costs little."""
        if not self._summed or len(self._summed) >= self._batch_size:
            return bool(self._summed)
        return not self._summing and not (self._ready and self._unprepared)

    def _wants_more(self) -> bool:
        in_stock = len(self._ready) + len(self._summed) + len(self._summing)
        return bool(self._unprepared) and in_stock < (AHEAD if self._is_wanted else 1)

    def _next_unsummed(self) -> PartRange:
        part = self._unprepared.popleft()
        self._summing.add(part.number)
        return part

    def _get_urls(self, digests: Sequence[PartDigest]) -> None:
        try:
            prepared = self._sign(digests)
        except Exception as exc:  # noqa: BLE001 - raised by run()
            self._give_up(exc)
            return
        with self._condition:
            for each in prepared:
                heapq.heappush(self._ready, (0.0, each.part.number, each))
        self._on_ready(len(prepared))

    # -----------------------------------------------------------------------------------------------------------

    def _attempt(self, prepared: PreparedPart, lane: Lane) -> None:
        try:
            confirmed = self._task.send(prepared, lane, self._stop)
            with self._condition:
                if prepared.part.number not in self._sending:
                    raise Interrupted  # abandoned: by now this upload may be another attempt
            self._on_confirmed(confirmed)
        except PartRejected as exc:
            self._prepare_again(prepared.part, exc)
        except (TransientFailure, Unavailable) as exc:
            self._try_later(prepared, exc)
        else:
            self._succeeded(prepared.part)

    def _succeeded(self, part: PartRange) -> None:
        with self._condition:
            self._failures.pop(part.number, None)
            self._bytes_left -= part.size_bytes
            recovered, self._in_trouble = self._in_trouble, False
        if recovered:
            self._on_recovered()

    def _prepare_again(self, part: PartRange, error: PartRejected) -> None:
        """Damaged on the way, or changed on disk since its checksum was taken: a new checksum fits either."""
        if self._count(self._rejections, part) >= MAX_REJECTIONS:
            self._give_up(
                Refused(
                    "The store found the same part damaged again and again. Check this computer's memory, drive and "
                    "network (a proxy or virus scanner may alter data), then retry.",
                    code="damaged_in_transit",
                )
            )
            return
        _log.warning("part %d is prepared again: %s", part.number, error.code)
        with self._condition:
            self._unprepared.appendleft(part)

    def _try_later(self, prepared: PreparedPart, error: UploadError) -> None:
        """The same part again after a pause, with the same URL while that is valid."""
        part = prepared.part
        pause_s = self._backoff.delay_s(self._count(self._failures, part))
        pause_s = max(pause_s, getattr(error, "retry_after_s", None) or 0.0)
        _log.info("part %d waits %.1f s: %s", part.number, pause_s, error.code)
        with self._condition:
            heapq.heappush(self._ready, (time.monotonic() + pause_s, part.number, prepared))
            # One broken connection is everyday; only what lasts is shown.
            tell = error.kind is ErrorKind.WAIT or self._failures[part.number] >= 3
            self._in_trouble = self._in_trouble or tell
        self._on_ready(1)
        if tell:
            self._on_trouble(error)

    def _count(self, counts: dict[int, int], part: PartRange) -> int:
        with self._condition:
            counts[part.number] = counts.get(part.number, 0) + 1
            return counts[part.number]

    def _give_up(self, error: Exception) -> None:
        with self._condition:
            # The first real reason counts; Interrupted in the other senders is only its echo.
            is_echo = isinstance(error, Interrupted) and self._failure is not None
            is_news = self._failure is None or isinstance(self._failure, Interrupted)
            if is_news and not is_echo and not self._has_ended:
                self._failure = error
        self._stop.set()

    def _end(self) -> None:
        """Keep no exception whose traceback leads back here: only the garbage collector would free this phase."""
        with self._condition:
            self._has_ended, self._failure = True, Interrupted()

    def _halt(self) -> None:
        self._give_up(Interrupted())
        with self._condition:
            self._condition.notify_all()
