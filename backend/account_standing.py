"""Whether the account behind an access token has been disabled, without asking the database for each request."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.errors import CatalogueUnavailable, NotSignedIn
from backend.ports import Accounts

# An answer is not asked for again for so long, and after twice that it does not count: a disabled account is refused
# everywhere within LAPSES_S. In between one request asks while the others go on.
ASKED_EVERY_S = 2.5
LAPSES_S = 2 * ASKED_EVERY_S
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class _Answer:
    is_disabled: bool
    asked_at: float  # when the request that the answer is for began to ask; monotonic
    ask_at: float  # when the next request sets out to ask again


class AccountStanding:
    """``take`` never waits and is for the event loop; where it cannot tell, ``ask`` asks the database."""

    def __init__(self, accounts: Accounts, now: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._now = now
        self._lock = threading.Lock()
        self._answers: dict[str, _Answer] = {}  # guarded by _lock

    def take(self, user: str) -> bool:
        """Return whether it is known that this user counts; False if somebody has to ask. Raises NotSignedIn."""
        now = self._now()
        with self._lock:
            answer = self._answers.get(user)
            if answer is None or now - answer.asked_at >= LAPSES_S:
                return False
            if now >= answer.ask_at:
                self._answers[user] = _Answer(answer.is_disabled, answer.asked_at, _next_ask(now))
                return False
        _require(not answer.is_disabled)
        return True

    def ask(self, user: str) -> None:
        """Return if this user counts: who has no account does. Raises NotSignedIn.

        While the database is away the last answer goes on counting: nobody can be disabled then. Without one raises
        CatalogueUnavailable.
        """
        asked_at = self._now()
        try:
            account = self._accounts.find_account(user)
        except CatalogueUnavailable:
            known = self._answers.get(user)
            if known is None:
                raise
            # From the end of a wait that may have been long: else each request would wait like this one.
            is_disabled, asked_at = known.is_disabled, self._now()
        else:
            is_disabled = account is not None and account.is_disabled
        self._remember(user, _Answer(is_disabled, asked_at, _next_ask(asked_at)))
        _require(not is_disabled)

    def _remember(self, user: str, answer: _Answer) -> None:
        with self._lock:
            if len(self._answers) >= MOST_REMEMBERED:
                self._answers.clear()
            known = self._answers.get(user)
            # An answer that was long under way is no news.
            if known is None or known.asked_at <= answer.asked_at:
                self._answers[user] = answer


def _next_ask(now: float) -> float:
    # Not the same for all: those who began in one instant are not to be asked for in one again.
    return now + ASKED_EVERY_S * random.uniform(0.5, 1)  # noqa: S311


def _require(counts: bool) -> None:
    if not counts:
        raise NotSignedIn("This account is disabled. Ask whoever keeps the accounts of this server.")
