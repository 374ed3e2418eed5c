"""The parts of one upload while they are being sent: which are prepared, which wait out a pause, what went wrong."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

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
from recorder_desktop.core.ports import MAX_SIGNED_AT_ONCE
from recorder_desktop.core.retry import Backoff
from recorder_desktop.transfer.part_reader import PartReader
from recorder_desktop.transfer.part_task import PartTask, PreparedPart
from recorder_desktop.transfer.stop_token import StopToken

_log = logging.getLogger(__name__)

AHEAD = 16
"""Parts kept prepared. Filled up again at half: one for each sender while the backend is asked for more."""

MAX_REJECTIONS = 5
"""A store that calls the same part damaged this often is not seeing line noise."""


class PartPhase:
    """Implements scheduler.PartSource for one upload. `run` is for the upload's own thread, the rest for senders.

    The upload's thread stays a few parts ahead of the senders: `prepare` gives parts their checksums and URLs, so
    that no sender waits for the backend. It starts with `prepared`, whose URLs came with the opening.
    on_ready is called when there is something to send; on_confirmed commits a part and returns when it is durable;
    on_trouble and on_recovered tell of outages that are being waited out.
    """

    def __init__(
        self,
        *,
        upload_id: str,
        position: int,
        parts: Sequence[PartRange],
        prepared: Sequence[PreparedPart],
        task: PartTask,
        prepare: Callable[[Sequence[PartRange]], list[PreparedPart]],
        stop: StopToken,
        backoff: Backoff,
        on_ready: Callable[[], None],
        on_confirmed: Callable[[ConfirmedPart], None],
        on_trouble: Callable[[UploadError], None],
        on_recovered: Callable[[], None],
    ) -> None:
        self.upload_id = upload_id
        self.position = position
        self._task = task
        self._prepare = prepare
        self._backoff = backoff
        self._on_ready = on_ready
        self._on_confirmed = on_confirmed
        self._on_trouble = on_trouble
        self._on_recovered = on_recovered
        self._stop = StopToken()  # ends this phase only
        self._withdraw = stop.on_stop(self._halt)
        self._condition = threading.Condition()
        # All below: guarded by _condition.
        have = {each.part.number for each in prepared}
        self._unprepared = deque(part for part in parts if part.number not in have)
        self._ready = [(0.0, each.part.number, each) for each in prepared]
        heapq.heapify(self._ready)
        self._bytes_left = sum(part.size_bytes for part in parts)
        self._batch_size = 1
        self._is_wanted = False  # whether a sender has come by: before that, one part in stock is enough
        self._failures: dict[int, int] = {}
        self._rejections: dict[int, int] = {}
        self._sending = 0
        self._in_trouble = False
        self._failure: Exception | None = None

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
            self._sending += 1
            return heapq.heappop(self._ready)[2]

    def next_ready_at(self) -> float | None:
        """When the next part that waits out a pause may be taken."""
        with self._condition:
            return self._ready[0][0] if self._ready and self._failure is None else None

    def send(self, prepared: PreparedPart, reader: PartReader) -> None:
        """Send one part and record what came of it."""
        part = prepared.part
        try:
            self._on_confirmed(self._task.send(prepared, reader, self._stop))
        except PartRejected as exc:
            self._prepare_again(part, exc)
        except (TransientFailure, Unavailable) as exc:
            self._try_later(prepared, exc)
        except Exception as exc:  # noqa: BLE001 - the sender's top: the upload's thread gets it, with its traceback
            self._give_up(exc)
        else:
            self._succeeded(part)
        finally:
            self._task.progress.dropped(part.number)
            with self._condition:
                self._sending -= 1
                self._condition.notify_all()

    # --- the upload's thread ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Prepare parts ahead of the senders; return when every part is confirmed.

        Raises what made the rest pointless, once no sender is at work.
        """
        try:
            while batch := self._next_batch():
                try:
                    self._keep(self._prepare(batch))
                except Exception as exc:  # noqa: BLE001 - raised below
                    self._give_up(exc)
            if self._failure is not None:
                raise self._failure
        finally:
            self._withdraw()

    def _next_batch(self) -> list[PartRange]:
        """Wait until parts are to be prepared and return them; none when all is over."""
        with self._condition:
            while True:
                in_stock = AHEAD if self._is_wanted else 1
                missing = in_stock - len(self._ready)
                # One first, so that sending begins soon; then more at a time, so that asking costs little.
                worth_a_call = min(self._batch_size, len(self._unprepared), max(1, in_stock // 2))
                if self._failure is None and self._unprepared and missing >= worth_a_call:
                    count = min(missing, self._batch_size, len(self._unprepared))
                    self._batch_size = min(2 * self._batch_size, MAX_SIGNED_AT_ONCE)
                    return [self._unprepared.popleft() for _ in range(count)]
                nothing_left = not self._unprepared and not self._ready
                if not self._sending and (nothing_left or self._failure is not None):
                    return []
                self._condition.wait()

    def _keep(self, prepared: Sequence[PreparedPart]) -> None:
        with self._condition:
            for each in prepared:
                heapq.heappush(self._ready, (0.0, each.part.number, each))
        self._on_ready()

    def abandon(self, error: Exception) -> None:
        """Send no more parts; `run` raises the error."""
        self._give_up(error)

    # -----------------------------------------------------------------------------------------------------------

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
        self._on_ready()
        if tell:
            self._on_trouble(error)

    def _count(self, counts: dict[int, int], part: PartRange) -> int:
        with self._condition:
            counts[part.number] = counts.get(part.number, 0) + 1
            return counts[part.number]

    def _give_up(self, error: Exception) -> None:
        with self._condition:
            # The first real reason counts; Interrupted in the other senders is only its echo.
            if self._failure is None or (
                isinstance(self._failure, Interrupted) and not isinstance(error, Interrupted)
            ):
                self._failure = error
        self._stop.set()

    def _halt(self) -> None:
        self._give_up(Interrupted())
        with self._condition:
            self._condition.notify_all()
