"""What `recorder-backend check` needs to look at a bucket's rules and rights, and to set them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from backend.model import AbortRule


class BucketSetup(Protocol):
    """How the bucket, its key and the clock are set up, for whoever has to set them up. May raise StoreError's kinds.

    What is set leaves the rules of others in the bucket as they are. NotVerifiable: this store or key does not tell.
    """

    def clock_ahead_s(self) -> float:
        """Return how many seconds this computer's clock is ahead of the store's, negative when it is behind."""

    def require_rights(self) -> None:
        """Make each kind of request under a key of its own; raises StoreRefused that names all that are refused.

        Leaves nothing behind but what the key may not clean up.
        """

    def excess_rights(self) -> list[str]:
        """Return the names of rights that the key has and does not need; nothing is changed for that."""

    def refused_origins(self, origins: Sequence[str]) -> list[str]:
        """Return the origins whose pages the bucket's CORS rules do not let send parts. Raises NotVerifiable."""

    def allow_origins(self, origins: Sequence[str]) -> None:
        """Set the CORS rule that lets pages of these origins send and fetch, before those of others.

        Raises StoreRefused when the key may not, or the store cannot.
        """

    def abort_rules(self) -> list[AbortRule]:
        """Return the lifecycle rules in force that abort open uploads. Raises NotVerifiable."""

    def set_abort_after_days(self, days: int) -> None:
        """Set the lifecycle rule that aborts what is still open so many days after it was begun.

        Raises StoreRefused when the key may not, or the store cannot.
        """
