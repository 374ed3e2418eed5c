"""Where the access token for a backend comes from. Tokens stay in memory here and are masked in every repr."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from typing import Protocol

from recorder_desktop.core.errors import ErrorKind, SignInRequired, UploadError
from recorder_desktop.core.sign_in import IssuedTokens, as_kept, is_same_sign_in, kept_refresh_token


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
        return _usable(_trimmed(self._look_up()), self._server)

    def renew(self, refused: str) -> bool:
        """True when another token has been put in place since `refused` was read."""
        kept = _trimmed(self._look_up())
        return bool(kept) and kept != refused


class KeptSignIn(Protocol):
    """What is kept of the sign-in to one server: an access token, or a refresh token as core.sign_in marks it."""

    def get(self) -> str | None:
        """What is kept, None when nobody is signed in."""

    def replace(self, old: str, new: str) -> bool:
        """Keep `new`, unless something else than `old` is kept by now; returns whether it is kept."""


class RefreshedToken:
    """The access token of a sign-in that is kept for us, made anew before it runs out.

    What is kept is looked at for every call, so another command's login or logout counts at once. One thread
    refreshes while the others wait. Times are monotonic and the server's `expiresIn`, so a wrong wall clock cannot
    matter.
    """

    def __init__(self, kept: KeptSignIn, refresh: Callable[[str], IssuedTokens], server: str) -> None:
        """`refresh` gives tokens in place of a refresh token, or raises SignInRequired when it does not count."""
        self._kept = kept
        self._refresh = refresh
        self._server = server
        self._lock = threading.Lock()
        self._made_of = ""  # what was kept when the token was made; guarded by _lock, as are the next three
        self._token = ""
        self._renew_at = 0.0
        self._expires_at = 0.0

    def token(self) -> str:
        """A token that counts for a while yet. Raises SignInRequired, or what keeps it from being refreshed."""
        with self._lock:
            kept = _usable(_trimmed(self._kept.get()), self._server)
            if kept_refresh_token(kept) is None:
                return kept
            if is_same_sign_in(kept, self._made_of):
                # Another process has refreshed it. That ended no access token: refreshing in turn would never end.
                self._made_of = kept
            if kept != self._made_of or time.monotonic() >= self._renew_at:
                self._make_anew(kept)
            return self._token

    def renew(self, refused: str) -> bool:
        """Have the next token made anew if `refused` is the present one; False if there can be no other."""
        with self._lock:
            kept = _trimmed(self._kept.get())
            if kept_refresh_token(kept) is None:
                return bool(kept) and kept != refused
            if refused == self._token:
                self._renew_at = self._expires_at = 0.0
            return True

    def _make_anew(self, kept: str) -> None:
        asked_at = time.monotonic()
        try:
            issued = self._refresh(kept_refresh_token(kept) or "")
        except UploadError as exc:
            is_good_yet = kept == self._made_of and time.monotonic() < self._expires_at
            if exc.kind not in (ErrorKind.RETRY, ErrorKind.WAIT) or not is_good_yet:
                raise
            # There is time: that is why it was tried early.
            self._renew_at = time.monotonic() + _TRY_AGAIN_S
            return
        following = as_kept(issued.refresh_token)
        self._kept.replace(kept, following)
        self._made_of, self._token = following, _usable(issued.access_token, self._server)
        self._renew_at = asked_at + issued.expires_in_s * _RENEWED_AFTER
        self._expires_at = asked_at + issued.expires_in_s


_RENEWED_AFTER = 0.8
"""The share of its life after which a token is replaced: the rest is for a server or a network that is away."""

_TRY_AGAIN_S = 5.0


def _trimmed(kept: str | None) -> str:
    # An environment variable filled from a file often ends in a line break, which no header can carry.
    return (kept or "").strip()


def _usable(kept: str, server: str) -> str:
    if not kept:
        raise SignInRequired(
            f"You are not signed in to {server}. Sign in with “recorder-desktop login”, then it goes on."
        )
    if not (kept.isascii() and kept.isprintable()):
        raise SignInRequired(
            f"The sign-in kept for {server} is damaged. Sign in again with “recorder-desktop login”."
        )
    return kept


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
