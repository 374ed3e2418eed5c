"""The parts of one upload while they are being sent: which are due, which wait out a pause, what went wrong."""

from __future__ import annotations

import heapq
import logging
import threading
import time
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
from recorder_desktop.core.retry import Backoff
from recorder_desktop.transfer.part_reader import PartReader
from recorder_desktop.transfer.part_task import PartTask
from recorder_desktop.transfer.stop_token import StopToken

_log = logging.getLogger(__name__)

MAX_REJECTIONS = 5
"""A store that calls the same part damaged this often is not seeing line noise."""


class PartPhase:
    """Implements scheduler.PartSource for one upload. `wait` is for the upload's own thread, the rest for senders.

    on_confirmed commits a part and returns when it is durable; on_trouble and on_recovered tell of outages that
    are being waited out.
    """

    def __init__(
        self,
        *,
        position: int,
        parts: Sequence[PartRange],
        task: PartTask,
        stop: StopToken,
        backoff: Backoff,
        on_confirmed: Callable[[ConfirmedPart], None],
        on_trouble: Callable[[UploadError], None],
        on_recovered: Callable[[], None],
    ) -> None:
        self.position = position
        self._task = task
        self._backoff = backoff
        self._on_confirmed = on_confirmed
        self._on_trouble = on_trouble
        self._on_recovered = on_recovered
        self._stop = StopToken()  # ends this phase only
        self._withdraw = stop.on_stop(self._halt)
        self._condition = threading.Condition()
        # All below: guarded by _condition.
        self._due = [(0.0, part.number, part) for part in parts]
        heapq.heapify(self._due)
        self._failures: dict[int, int] = {}
        self._rejections: dict[int, int] = {}
        self._sending = 0
        self._in_trouble = False
        self._failure: Exception | None = None

    # --- scheduler.PartSource --------------------------------------------------------------------------------

    def take(self, now: float) -> PartRange | None:
        """The next part that may be sent at `now`."""
        with self._condition:
            if self._failure is not None or not self._due or self._due[0][0] > now:
                return None
            self._sending += 1
            return heapq.heappop(self._due)[2]

    def next_ready_at(self) -> float | None:
        """When the next part that waits out a pause may be taken."""
        with self._condition:
            return self._due[0][0] if self._due and self._failure is None else None

    def send(self, part: PartRange, reader: PartReader) -> None:
        """Send one part and record what came of it."""
        try:
            self._on_confirmed(self._task.run(part, reader, self._stop))
        except Interrupted as exc:
            self._give_up(exc)
        except (TransientFailure, Unavailable) as exc:
            self._try_later(part, exc)
        except UploadError as exc:
            self._give_up(exc)
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

    def wait(self) -> None:
        """Return when every part is confirmed. Raises what made the rest pointless, once no sender is at work."""
        try:
            with self._condition:
                self._condition.wait_for(lambda: not self._sending and (self._failure or not self._due))
                if self._failure is not None:
                    raise self._failure
        finally:
            self._withdraw()

    def abandon(self, error: Exception) -> None:
        """Send no more parts; `wait` raises the error."""
        self._give_up(error)

    # -----------------------------------------------------------------------------------------------------------

    def _succeeded(self, part: PartRange) -> None:
        with self._condition:
            self._failures.pop(part.number, None)
            recovered, self._in_trouble = self._in_trouble, False
        if recovered:
            self._on_recovered()

    def _try_later(self, part: PartRange, error: UploadError) -> None:
        if isinstance(error, PartRejected) and self._count(self._rejections, part) >= MAX_REJECTIONS:
            self._give_up(
                Refused(
                    "The store found the same part damaged again and again. Check this computer's memory, drive and "
                    "network (a proxy or virus scanner may alter data), then retry.",
                    code="damaged_in_transit",
                )
            )
            return
        pause_s = self._backoff.delay_s(self._count(self._failures, part))
        pause_s = max(pause_s, getattr(error, "retry_after_s", None) or 0.0)
        _log.info("part %d waits %.1f s: %s", part.number, pause_s, error.code)
        with self._condition:
            heapq.heappush(self._due, (time.monotonic() + pause_s, part.number, part))
            # One broken connection is everyday; only what lasts is shown.
            tell = error.kind is ErrorKind.WAIT or self._failures[part.number] >= 3
            self._in_trouble = self._in_trouble or tell
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
