"""Keeps answers of the database at hand for a moment, and asks for those in use anew before they lapse.

That is done in the background, for all of them in one go: no request waits for it, and what hundreds of clients keep
asking costs the database one command.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.errors import BackendError
from backend.patience import patient_for

MOST_KEPT = 10_000
# What nobody asked for in so long is forgotten; until then it is the last that is known.
FORGET_AFTER_S = 60.0
# Longer than that no answer is waited for in the background: some lapse meanwhile, and requests ask for themselves.
PATIENCE_S = 2.0

log = logging.getLogger(__name__)

Value = TypeVar("Value")


@dataclass
class _Kept(Generic[Value]):
    value: Value
    asked_at: float  # when the question was put, monotonic: the answer may have been long under way
    is_used: bool = False


class KeptAnswers(Generic[Value]):
    """Answers by their key, each for ``life_s`` seconds from its question. One daemon thread, once it is started.

    ``renew`` is told the answers in use that are to be asked for anew, and returns those that still count. When it
    raises BackendError they lapse.
    """

    def __init__(
        self,
        renew: Callable[[Mapping[str, Value]], Mapping[str, Value]],
        life_s: float,
        name: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renew = renew
        self._life_s = life_s
        self._now = now
        # Each use is one operation of the dict, so without a lock: the event loop is never to wait for one.
        self._kept: dict[str, _Kept[Value]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to renew what is in use."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; it may take as long as one look at the database."""
        self._stop.set()
        self._thread.join(timeout=2)

    def take(self, key: str) -> Value | None:
        """Return the answer if it counts, which is then in use. Never waits."""
        kept = self._kept.get(key)
        if kept is None or self._now() - kept.asked_at >= self._life_s:
            return None
        kept.is_used = True
        return kept.value

    def latest(self, key: str) -> Value | None:
        """Return the last answer that is known, however old."""
        kept = self._kept.get(key)
        return None if kept is None else kept.value

    def put(self, key: str, value: Value, asked_at: float) -> None:
        """Keep an answer to a question that was put at this time, unless a newer one is kept."""
        known = self._kept.get(key)
        if known is not None and known.asked_at > asked_at:
            return
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(value, asked_at)

    def drop(self, key: str) -> None:
        """Forget an answer, also one that is being asked for just now."""
        self._kept.pop(key, None)

    def renew(self) -> None:
        """Ask anew for what was used since it was last asked for and is a quarter through its life. May raise."""
        asked_at = self._now()
        entries = list(self._kept.items())
        due = {key: kept for key, kept in entries if kept.is_used and asked_at - kept.asked_at >= self._life_s / 4}
        for key, kept in entries:
            if not kept.is_used and asked_at - kept.asked_at >= FORGET_AFTER_S:
                self._kept.pop(key, None)
        if not due:
            return
        for kept in due.values():
            kept.is_used = False
        with patient_for(PATIENCE_S):
            found = self._renew({key: kept.value for key, kept in due.items()})
        for key, kept in due.items():
            # Not if it was dropped or put anew meanwhile.
            if self._kept.get(key) is not kept:
                continue
            if key in found:
                kept.value, kept.asked_at = found[key], asked_at
            else:
                self._kept.pop(key, None)

    def _run(self) -> None:
        while not self._stop.wait(self._life_s / 4):
            try:
                self.renew()
            except BackendError as exc:
                log.warning("answers at hand are not renewed: %s", exc.message)
            except Exception:  # the top of a thread: logged whole, and done again a moment later
                log.exception("answers at hand could not be renewed")
