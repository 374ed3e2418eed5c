"""Asks the store whether parts are gone of uploads whose clients say that less is stored than they said before.

Listing an upload's parts costs a request and may take minutes while the store is in trouble: one thread does that and
nothing else, and for each upload at most once a minute.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.errors import BackendError, UploadGone
from backend.model import Progress, UploadSession, utc_now
from backend.ports import ObjectStore, ProgressBoard
from backend.stored_parts import newest_parts

CHECK_INTERVAL_S = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Doubt:
    """What a client said of an upload, which is less than what was known."""

    session: UploadSession
    told_bytes: int
    known_bytes: int


class LossChecks:
    """Corrects progress where the store has less. One daemon thread, between ``start`` and ``stop``."""

    def __init__(self, store: ObjectStore, board: ProgressBoard, now: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._board = board
        self._now = now
        self._changed = threading.Condition()
        self._doubts: dict[str, _Doubt] = {}  # by session id; guarded by _changed, as is all below
        self._asked_at: dict[str, float] = {}  # of the last minute, oldest first
        self._stopping = False
        self._is_in_trouble = False  # the thread's own
        self._thread = threading.Thread(target=self._run, name="progress-losses", daemon=True)

    def start(self) -> None:
        """Begin to check."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what it has not looked at is told again by the client."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=2)

    def add(self, session: UploadSession, told_bytes: int, known_bytes: int) -> None:
        """Have this multipart upload looked at when its minute is over; returns at once."""
        with self._changed:
            self._doubts[session.session_id] = _Doubt(session, told_bytes, known_bytes)
            self._changed.notify()

    def check(self) -> None:
        """Look at those that are due now. What could not be looked at is due again in a minute."""
        for doubt in self._take_due():
            try:
                self._check(doubt)
            except UploadGone:
                continue  # over meanwhile
            except BackendError as exc:
                self._put_back(doubt)
                if not self._is_in_trouble:
                    log.warning("progress that goes back cannot be checked: %s", exc.message)
                self._is_in_trouble = True
            else:
                self._is_in_trouble = False

    def _check(self, doubt: _Doubt) -> None:
        session = doubt.session
        parts = newest_parts(self._store.list_parts(session.key, session.upload_id or ""))
        there = max(doubt.told_bytes, sum(part.size_bytes for part in parts))
        if there < doubt.known_bytes:
            self._board.correct(Progress(session.session_id, session.owner_id, there, False, utc_now()))

    # --- the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._wait():
            try:
                self.check()
            except Exception:  # the top of a thread: logged whole, and the next ones are looked at
                log.exception("lost parts could not be looked for")

    def _wait(self) -> bool:
        """Return True when one may be looked at, False to end."""
        with self._changed:
            while not self._stopping:
                pause_s = min(map(self._due_at, self._doubts), default=math.inf) - self._now()
                if pause_s <= 0:
                    return True
                self._changed.wait(None if math.isinf(pause_s) else pause_s)
            return False

    def _due_at(self, session_id: str) -> float:
        return self._asked_at.get(session_id, -math.inf) + CHECK_INTERVAL_S

    def _take_due(self) -> list[_Doubt]:
        with self._changed:
            now = self._now()
            self._asked_at = {each: at for each, at in self._asked_at.items() if now - at < CHECK_INTERVAL_S}
            due = [each for each in self._doubts if each not in self._asked_at]
            self._asked_at |= dict.fromkeys(due, now)
            return [self._doubts.pop(each) for each in due]

    def _put_back(self, doubt: _Doubt) -> None:
        with self._changed:
            # Something newer may have been said of it.
            self._doubts.setdefault(doubt.session.session_id, doubt)
