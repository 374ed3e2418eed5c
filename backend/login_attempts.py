"""Lets so many passwords a minute be tried for each name and from each address, counted with all instances."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable

from backend.errors import TooManyLogins
from backend.ports import RequestCounts


class LoginAttempts:
    """Counts a try before its password is looked at, so that many at once are no way around, and takes it back
    when the password was right. Names are counted whether or not there is such an account."""

    def __init__(self, counts: RequestCounts, per_minute: int, now: Callable[[], float] = time.time) -> None:
        """With a limit of 0 nothing is counted."""
        self._counts = counts
        self._per_minute = per_minute
        self._now = now

    def begin(self, user: str, address: str) -> int:
        """Count one try and return its minute, for ``succeeded``. Raises TooManyLogins, CatalogueUnavailable."""
        minute = int(self._now() // 60)
        tries = [self._counts.count_requests(who, minute, 1) for who in self._counted(user, address)]
        if any(count > self._per_minute for count in tries):
            raise TooManyLogins(retry_after_s=math.ceil(60 - self._now() % 60))
        return minute

    def succeeded(self, user: str, address: str, minute: int) -> None:
        """Take a try back. Raises CatalogueUnavailable."""
        for who in self._counted(user, address):
            self._counts.count_requests(who, minute, -1)

    def _counted(self, user: str, address: str) -> tuple[str, ...]:
        if not self._per_minute:
            return ()
        # The name's hash: what people type there by mistake is sometimes a password.
        return f"login-name:{hashlib.sha256(user.encode()).hexdigest()}", f"login-address:{address}"
