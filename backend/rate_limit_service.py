"""Lets everybody ask for so much a minute and no more, counted together with all other instances."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.errors import CatalogueUnavailable, TooManyRequests
from backend.ports import RequestCounts

# The shared count is asked for a share of the limit at a time: once for each request would cost more than most do.
# What an instance has taken and not used is lost for that minute.
SHARES = 20
# Of so many something is remembered, whatever addresses they come from. Then it is forgotten: the catalogue knows.
MOST_REMEMBERED = 10_000

log = logging.getLogger(__name__)


@dataclass
class _Allowance:
    """What is left of this minute's share; ``is_used_up``: and there is no other one."""

    minute: int
    left: int = 0
    is_used_up: bool = False


class RateLimitService:
    """``take`` never waits and is for the event loop; where it cannot tell, ``reserve`` asks the catalogue."""

    def __init__(self, counts: RequestCounts, per_minute: int, now: Callable[[], float] = time.time) -> None:
        self._counts = counts
        self._per_minute = per_minute
        self._share = max(1, per_minute // SHARES)
        self._now = now
        self._lock = threading.Lock()
        self._allowances: dict[str, _Allowance] = {}  # guarded by _lock

    def take(self, who: str) -> bool:
        """Count one request of this user or address if there is something left of a share; False if it is not known.

        Raises TooManyRequests.
        """
        with self._lock:
            allowance = self._allowance(who)
            if allowance.is_used_up:
                raise self._too_many()
            allowance.left -= 1
            if allowance.left >= 0:
                return True
            allowance.left = 0
            return False

    def reserve(self, who: str) -> None:
        """Count one request with a new share. Raises TooManyRequests.

        While the catalogue is away nothing is refused here: what needs it fails by itself.
        """
        minute = self._minute()
        try:
            before = self._counts.count_requests(who, minute, self._share) - self._share
        except CatalogueUnavailable:
            log.warning("requests are not counted: the catalogue is away")
            return
        granted = min(self._share, self._per_minute - before)
        with self._lock:
            allowance = self._allowance(who)
            if granted <= 0:
                allowance.is_used_up = allowance.minute == minute
                raise self._too_many()
            allowance.left += granted - 1

    def _allowance(self, who: str) -> _Allowance:
        minute = self._minute()
        allowance = self._allowances.get(who)
        if allowance is None or allowance.minute != minute:
            if len(self._allowances) >= MOST_REMEMBERED:
                self._allowances.clear()
            allowance = self._allowances[who] = _Allowance(minute)
        return allowance

    def _minute(self) -> int:
        return int(self._now() // 60)

    def _too_many(self) -> TooManyRequests:
        return TooManyRequests(retry_after_s=math.ceil(60 - self._now() % 60))
