"""Where the access token for a backend comes from. Tokens stay in memory here and are masked in every repr."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from typing import Protocol

from recorder_desktop.core.errors import SignInRequired


def subject_of(token: str) -> str:
    """Whom a token speaks for by its own words, which prove nothing but tell people apart. Empty: it names nobody."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims.get("sub", ""))
    except (IndexError, ValueError, AttributeError, RecursionError):
        return ""


class TokenSource(Protocol):
    """Gives the token for the next call."""

    def token(self) -> str:
        """The token to send. Raises SignInRequired when there is none."""

    def renew(self, refused: str) -> bool:
        """Called after a 401 for `refused`; returns whether another try with `token()` makes sense."""


class LookedUpToken:
    """A token that somebody keeps for us: the environment, the keyring, or another command's request."""

    def __init__(self, look_up: Callable[[], str | None], server: str) -> None:
        self._look_up = look_up
        self._server = server

    def token(self) -> str:
        """The kept token. Raises SignInRequired when there is none."""
        kept = self._kept()
        if not kept:
            raise SignInRequired(
                f"You are not signed in to {self._server}. Sign in with “recorder-desktop login”, then it goes on."
            )
        if not (kept.isascii() and kept.isprintable()):
            raise SignInRequired(
                f"The sign-in kept for {self._server} is damaged. Sign in again with “recorder-desktop login”."
            )
        return kept

    def renew(self, refused: str) -> bool:
        """True when another token has been put in place since `refused` was read."""
        kept = self._kept()
        return bool(kept) and kept != refused

    def _kept(self) -> str:
        # An environment variable filled from a file often ends in a line break, which no header can carry.
        return (self._look_up() or "").strip()


class MintedToken:
    """A short-lived token made on this computer for the backend that this computer started."""

    def __init__(self, mint: Callable[[float], str], ttl_s: float = 900.0) -> None:
        self._mint = mint
        self._ttl_s = ttl_s
        self._lock = threading.Lock()
        self._token = ""  # guarded by _lock
        self._fresh_until = 0.0  # guarded by _lock; monotonic, so a changed wall clock cannot matter

    def token(self) -> str:
        """The present token, made anew in the last fifth of its life."""
        with self._lock:
            if time.monotonic() >= self._fresh_until:
                self._token = self._mint(self._ttl_s)
                self._fresh_until = time.monotonic() + self._ttl_s * 0.8
            return self._token

    def renew(self, refused: str) -> bool:
        """Forget `refused`; the next token is a new one."""
        with self._lock:
            if self._token == refused:
                self._fresh_until = 0.0
        return True
