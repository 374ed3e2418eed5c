"""What the settings page asks of the rest of the app: who is signed in, and whether the app starts at login."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from recorder_desktop.core.sign_in import SignedIn


@dataclass(frozen=True, slots=True)
class Account:
    """Where recordings go and who is signed in there.

    destination: the place's name. place: it in words for people. needs_sign_in: whether it is a server that somebody
    signs in to. user: by which name somebody is; None where nobody is. An access token may name nobody: then empty.
    bucket: the place that is a bucket of the person's own and used from the next start on; empty without one.
    """

    destination: str
    place: str
    needs_sign_in: bool
    user: str | None = None
    bucket: str = ""


class AccountDesk(Protocol):
    """Knows the present account. Every call returns at once; its future is resolved on a thread of its own."""

    def look(self) -> Future[Account]:
        """Where recordings go now, and who is signed in there as far as this computer knows without asking long."""

    def sign_out(self, server: str) -> Future[SignedIn]:
        """End the sign-in to a server and forget it. What is queued for it waits; what is new is kept elsewhere.

        Its notice says if the server could not be told.
        """

    def stop_bucket(self) -> Future[None]:
        """Forget the bucket that the person chose, and its keys. What is queued for it goes on until this run ends.

        The future raises Refused for one that this computer's environment names.
        """


class LoginStart(Protocol):
    """Whether Recorder starts when the person logs in to this computer. Both return at once."""

    def look(self) -> Future[bool]:
        """How it is now, whoever set it."""

    def switch(self, *, to_on: bool) -> Future[bool]:
        """Have it so; the future has how it is then, and raises core.errors."""
