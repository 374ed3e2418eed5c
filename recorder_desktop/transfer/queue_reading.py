"""Reads the queue from disk while what has been read is shown already: a hundred thousand rows take seconds."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future

from recorder_desktop.transfer.live_queue import LiveQueue

_log = logging.getLogger(__name__)

_BREATH_S = 0.002
"""Between two lots, so that the window's thread gets Python's lock when it wants it."""


class QueueReading:
    """Making one reads the first lot, and raises core.errors if the queue cannot be read: short ones are whole then.

    Attributes: done: resolves when all is read; cancelled if the app ends before, and fails with what went wrong.
    """

    def __init__(self, queue: LiveQueue) -> None:
        self.done: Future[None] = Future()
        self._lots = queue.load()
        self._closing = threading.Event()
        next(self._lots)

    def read_on(self) -> None:
        """Read the rest. Rows that cannot be read are left on disk as they are."""
        try:
            for _ in self._lots:
                if self._closing.wait(_BREATH_S):
                    self.done.cancel()
                    self.done.set_running_or_notify_cancel()  # until then nobody who waits for it is told
                    return
        except Exception as exc:  # noqa: BLE001 - it reaches whoever waits for the queue, with its traceback
            _log.exception("the queue could not be read to its end")
            self.done.set_exception(exc)
        else:
            self.done.set_result(None)

    def ask_to_close(self) -> None:
        """Have reading end soon."""
        self._closing.set()
