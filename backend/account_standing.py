"""Whether the account behind an access token has been disabled, without asking the database for each request."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from backend.errors import CatalogueUnavailable, NotSignedIn
from backend.kept_answers import KeptAnswers
from backend.ports import Accounts

# A disabled account is refused everywhere within this time.
LAPSES_S = 5.0


class AccountStanding:
    """``take`` never waits and is for the event loop; where it cannot tell, ``ask`` asks the database."""

    def __init__(self, accounts: Accounts, now: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._now = now
        self.answers = KeptAnswers(self._renewed, LAPSES_S, "account-standing", now)
        """By user, whether the account is disabled."""

    def take(self, user: str) -> bool:
        """Return whether it is known that this user counts; False if somebody has to ask.

        That is so for a disabled account too, each time: once it is enabled its next sign-in has to count at once.
        """
        return self.answers.take(user) is False

    def ask(self, user: str) -> None:
        """Return if this user counts: who has no account does. Raises NotSignedIn.

        While the database is away the last answer goes on counting: nobody can be disabled then. Without one raises
        CatalogueUnavailable.
        """
        asked_at = self._now()
        try:
            account = self._accounts.find_account(user)
        except CatalogueUnavailable:
            known = self.answers.latest(user)
            if known is None:
                raise
            # From the end of a wait that may have been long: else each request would wait like this one.
            is_disabled, asked_at = known, self._now()
        else:
            is_disabled = account is not None and account.is_disabled
        self.answers.put(user, is_disabled, asked_at)
        _require(not is_disabled)

    def _renewed(self, known: Mapping[str, bool]) -> Mapping[str, bool]:
        try:
            disabled = self._accounts.disabled_among(known)
        except CatalogueUnavailable:
            return known  # see ``ask``
        return {user: user in disabled for user in known}


def _require(counts: bool) -> None:
    if not counts:
        raise NotSignedIn("This account is disabled. Ask whoever keeps the accounts of this server.")
