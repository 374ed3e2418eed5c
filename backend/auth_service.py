"""Checks and mints access tokens. Knows keys, not people."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt

from backend.errors import NotSignedIn

REQUIRED_CLAIMS = ("sub", "exp", "iat", "iss", "aud")
# Two servers' clocks may differ a little; an issuer's clock that is further ahead is a fault worth seeing.
ISSUED_AHEAD_S = 30
MAX_SUBJECT_CHARS = 255
# How many tokens are known to be good; a client sends the same one for an hour.
MAX_CHECKED = 1000
JWKS_TIMEOUT_S = 5
# How long a fetched key set counts before it is looked at again, and how often at most it is asked for.
JWKS_LIFESPAN_S = 300
JWKS_INTERVAL_S = 30
_KEY_SET_ALGORITHMS = ("RS256", "ES256")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PreviousSecret:
    """A retired HMAC secret that still checks tokens of its ``kid`` until ``until`` (seconds since 1970)."""

    kid: str
    secret: str = field(repr=False)
    until: float


@dataclass(frozen=True)
class TokenRules:
    """Whom the tokens are from and for, and the keys that sign them."""

    issuer: str
    audience: str
    secret: str | None = field(default=None, repr=False)
    kid: str | None = None
    previous: Sequence[PreviousSecret] = ()
    jwks_url: str | None = None


class KeySet:
    """An issuer's published keys by their ``kid``.

    Whatever tokens name, known keys or made-up ones, and whether the issuer answers or not, it is asked no more
    than once in ``JWKS_INTERVAL_S``. While it is away the keys that it named last go on counting.
    """

    def __init__(self, url: str, now: Callable[[], float] = time.monotonic) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=JWKS_TIMEOUT_S)
        self._now = now
        self._lock = threading.Lock()
        self._keys: Mapping[str, jwt.PyJWK] = {}  # this and the two times: written under _lock
        self._asked_at = self._fetched_at = -math.inf

    def key(self, kid: object) -> jwt.PyJWK:
        """Return the key, fetching the set where that may help. Raises NotSignedIn for an unknown one."""
        if not self.is_current(kid):
            with self._lock:
                if not self.is_current(kid) and self._now() - self._asked_at >= JWKS_INTERVAL_S:
                    self._fetch()
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise NotSignedIn("The access token is signed with an unknown key.")
        return key

    def is_current(self, kid: object) -> bool:
        """Return whether ``key`` can tell this key without asking the issuer."""
        return kid in self._keys and self._now() - self._fetched_at < JWKS_LIFESPAN_S

    def _fetch(self) -> None:
        self._asked_at = self._now()
        try:
            keys = self._client.get_signing_keys()
        except (jwt.PyJWTError, ValueError, OSError) as exc:
            log.warning("the key set cannot be fetched: %s", type(exc).__name__)
            return
        self._keys = {key.key_id: key for key in keys if key.key_id is not None}
        self._fetched_at = self._now()


@dataclass(frozen=True)
class _Checked:
    """A token that was found good, and what has to hold for that to count another time."""

    user: str
    expires_at: int
    algorithm: str
    kid: object
    key: str | jwt.PyJWK = field(repr=False)


class AuthService:
    """Verifies tokens signed with HS256 and the own secret, or RS256/ES256 and a published key set.

    A token's algorithm decides which of the two it is checked with, and neither ever checks the other's.
    """

    def __init__(self, rules: TokenRules, now: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._now = now
        self._key_set = KeySet(rules.jwks_url) if rules.jwks_url else None
        self._checked: dict[bytes, _Checked] = {}

    @property
    def may_wait(self) -> bool:
        """Whether checking a token may take as long as an issuer's answer does."""
        return self._key_set is not None

    @property
    def can_mint(self) -> bool:
        """Whether access tokens are made here, and not by the holder of the key set alone."""
        return self._rules.secret is not None

    def derived_key(self, purpose: str) -> bytes:
        """Return a key for something else than access tokens, made of the own secret."""
        return hmac.digest(self._own_secret().encode(), purpose.encode(), "sha256")

    def user_of(self, token: str) -> str:
        """Return the user a token speaks for. Raises NotSignedIn, never saying more than it has to."""
        digest = _digest(token)
        known = self._checked.get(digest)
        if known is None or not self._still_counts(known):
            known = self._check(token)
            if len(self._checked) >= MAX_CHECKED:
                self._checked.clear()
            self._checked[digest] = known
        return known.user

    def user_at_hand(self, token: str) -> str | None:
        """Return the user of a token that was found good and still is; None where ``user_of`` has to tell.

        Waits for nobody.
        """
        known = self._checked.get(_digest(token))
        if known is None or self._has_to_ask(known):
            return None
        try:
            return known.user if self._still_counts(known) else None
        except NotSignedIn:
            return None

    def _has_to_ask(self, known: _Checked) -> bool:
        if self._key_set is None or known.algorithm not in _KEY_SET_ALGORITHMS:
            return False
        return not self._key_set.is_current(known.kid)

    def _still_counts(self, known: _Checked) -> bool:
        """Whether the same token would be found good again. Raises NotSignedIn when its key was withdrawn."""
        return self._now() < known.expires_at and self._key(known.algorithm, known.kid) == known.key

    def _check(self, token: str) -> _Checked:
        try:
            header = jwt.get_unverified_header(token)
            algorithm, kid = header["alg"], header.get("kid")
            key = self._key(algorithm, kid)
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._rules.issuer,
                audience=self._rules.audience,
                options={"require": list(REQUIRED_CLAIMS), "verify_iat": False, "enforce_minimum_key_length": True},
            )
            return _Checked(self._checked_subject(claims), int(claims["exp"]), algorithm, kid, key)
        except jwt.ExpiredSignatureError as exc:
            raise NotSignedIn("The access token has expired.") from exc
        # PyJWT converts claims with int(): a NaN or a huge number arrives as one of the other three.
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as exc:
            raise NotSignedIn("The access token is not valid.") from exc

    def mint(self, user: str, ttl_s: int) -> str:
        """Return an access token for ``user``, valid for ``ttl_s`` seconds. Needs the own secret."""
        secret = self._own_secret()
        now = int(self._now())
        claims = {"sub": user, "iat": now, "exp": now + ttl_s}
        claims |= {"iss": self._rules.issuer, "aud": self._rules.audience}
        headers = {"kid": self._rules.kid} if self._rules.kid else None
        return jwt.encode(claims, secret, algorithm="HS256", headers=headers)

    def _own_secret(self) -> str:
        if self._rules.secret is None:
            raise ValueError("tokens are issued by the holder of the key set, not here")
        return self._rules.secret

    def _key(self, algorithm: object, kid: object) -> str | jwt.PyJWK:
        """Return the key of an accepted algorithm. Raises NotSignedIn for every other one."""
        if algorithm == "HS256":
            return self._secret_for(kid)
        if self._key_set is not None and algorithm in _KEY_SET_ALGORITHMS:
            return self._key_set.key(kid)
        raise NotSignedIn("The access token is signed in a way that is not accepted here.")

    def _secret_for(self, kid: object) -> str:
        if self._rules.secret is not None and kid in (None, self._rules.kid):
            return self._rules.secret
        for previous in self._rules.previous:
            if previous.kid == kid and self._now() < previous.until:
                return previous.secret
        raise NotSignedIn("The access token is signed with an unknown key.")

    def _checked_subject(self, claims: Mapping[str, Any]) -> str:
        issued_at, subject = claims["iat"], claims["sub"]
        if not isinstance(issued_at, int | float) or not math.isfinite(issued_at):
            raise NotSignedIn("The access token is not valid.")
        if issued_at > self._now() + ISSUED_AHEAD_S:
            raise NotSignedIn("The access token was issued in the future; check the clock.")
        if not subject or len(subject) > MAX_SUBJECT_CHARS or not subject.isprintable():
            raise NotSignedIn("The access token is not valid.")
        return str(subject)


def _digest(token: str) -> bytes:
    # Tokens are known by it: one can be made long without becoming another, and is not to lie about.
    return hashlib.sha256(token.encode()).digest()
