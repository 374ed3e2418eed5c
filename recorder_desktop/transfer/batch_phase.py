"""Small files of one batch while they are being sent: which are prepared, which are sent and wait to be completed."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from recorder_desktop.core.errors import Interrupted, UploadError
from recorder_desktop.core.model import ConfirmedPart, PartRange, Upload
from recorder_desktop.core.ports import Lane
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.transfer.part_task import PartTask, PreparedPart

_log = logging.getLogger(__name__)

WORTH_COMPLETING = 32
COMPLETE_WITHIN_S = 0.5
"""So many are completed in one call; or what there is, when the first of them has waited for so long."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedFile:
    """A file of one part, opened and with leave to send it."""

    upload: Upload
    task: PartTask
    part: PreparedPart
    stop: StopToken


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that the store has acknowledged."""

    file: PreparedFile
    part: ConfirmedPart


@dataclass(frozen=True, slots=True)
class Outcome:
    """sent: files to complete. left: files that are over here, since they were stopped or could not be sent."""

    sent: Sequence[SentFile]
    left: Sequence[PreparedFile]


class BatchPhase:
    """Implements scheduler.PartSource for several files. `outcome` is for the batch's thread, the rest for senders.

    Each file is tried once.
    """

    def __init__(self, files: Sequence[PreparedFile]) -> None:
        self.upload_id = files[0].upload.id
        self.position = files[0].upload.position
        self._condition = threading.Condition()
        # All below: guarded by _condition.
        self._ready = deque(files)
        self._bytes_left = sum(file.upload.size_bytes for file in files)  # of those in _ready
        self._sending: dict[int, PreparedFile] = {}  # by the id() of its part
        self._sent: list[SentFile] = []
        self._left: list[PreparedFile] = []
        self._complete_at = 0.0  # monotonic; of the first in _sent

    # --- scheduler.PartSource --------------------------------------------------------------------------------

    def bytes_left(self) -> int:
        """What is not yet handed out."""
        return self._bytes_left

    def take(self, now: float) -> PreparedPart | None:
        """The part of the next file that is still wanted."""
        del now  # none waits for an instant
        with self._condition:
            while self._ready:
                file = self._ready.popleft()
                self._bytes_left -= file.upload.size_bytes
                if not file.stop.is_set():
                    self._sending[id(file.part)] = file
                    return file.part
                self._leave(file)
            return None

    def next_ready_at(self) -> float | None:
        """None: no part waits out a pause here."""
        return None

    def take_unsummed(self) -> PartRange | None:
        """None: the checksums were taken before."""
        return None

    def sum(self, part: PartRange, lane: Lane) -> None:
        """Never called."""

    def send(self, prepared: PreparedPart, lane: Lane) -> None:
        """Send one file and note it as sent."""
        with self._condition:
            file = self._sending[id(prepared)]
        part = self._acknowledged(file, lane)
        file.task.progress.dropped(prepared.part.number)
        with self._condition:
            if self._sending.pop(id(prepared), None) is None:
                return  # it was abandoned, and may be on its way another time by now
            if part is None:
                self._leave(file)
            else:
                self._note(SentFile(file, part))

    def abandon(self, part: PartRange, fault: Exception | None = None) -> None:
        """The thread that sends this file met a fault, or waits for a silent drive: go on without it."""
        del fault  # the file's own job meets it again, and tells the person
        with self._condition:
            for key, file in list(self._sending.items()):
                if file.part.part is part:
                    del self._sending[key]
                    self._leave(file)

    # --- the batch's thread ----------------------------------------------------------------------------------

    def outcome(self) -> Outcome | None:
        """Wait until something came of some files and return it; None when all is over."""
        with self._condition:
            while not (self._left or self._is_worth_a_call()):
                if not (self._ready or self._sending or self._sent):
                    return None
                self._condition.wait(self._complete_at - time.monotonic() if self._sent else None)
            sent, self._sent = (self._sent, []) if self._is_worth_a_call() else ([], self._sent)
            left, self._left = self._left, []
            return Outcome(sent, left)

    def wait_for_senders(self) -> None:
        """Return when no sender is at work on a file any more. For a phase that hands out nothing any more."""
        with self._condition:
            self._condition.wait_for(lambda: not self._sending)

    def stopped(self) -> None:
        """Some of the files are not wanted any more."""
        with self._condition:
            for file in [each for each in self._ready if each.stop.is_set()]:
                self._ready.remove(file)
                self._bytes_left -= file.upload.size_bytes
                self._leave(file)

    # -----------------------------------------------------------------------------------------------------------

    def _acknowledged(self, file: PreparedFile, lane: Lane) -> ConfirmedPart | None:
        try:
            return file.task.send(file.part, lane, file.stop)
        except Interrupted:
            _log.info("upload %s: let go", file.upload.id)
        except UploadError as exc:
            _log.info("upload %s goes on by itself: %s", file.upload.id, exc.code)
        except Exception:  # noqa: BLE001 - the sender's top; the upload's own job meets it again, and tells the person
            _log.exception("upload %s: unexpected", file.upload.id)
        return None

    def _note(self, sent: SentFile) -> None:
        if not self._sent:
            self._complete_at = time.monotonic() + COMPLETE_WITHIN_S
        self._sent.append(sent)
        self._condition.notify()

    def _leave(self, file: PreparedFile) -> None:
        self._left.append(file)
        self._condition.notify()

    def _is_worth_a_call(self) -> bool:
        if not self._sent:
            return False
        is_last = not (self._ready or self._sending)
        return is_last or len(self._sent) >= WORTH_COMPLETING or time.monotonic() >= self._complete_at
