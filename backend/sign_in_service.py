"""Signs people in with a password, keeps them signed in, and signs them out."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from backend.auth_service import AuthService
from backend.errors import SignInElsewhere, SignInRefused
from backend.login_attempts import LoginAttempts
from backend.model import Account, SignIn, normal_name, utc_now
from backend.passwords import Passwords
from backend.ports import Accounts
from backend.refresh_tokens import family_of, first_token, hash_of, next_token

# How long the token before the present one is answered once more, with the same one. Longer than a client waits for
# an answer until it takes it to be lost; every second of it is one in which a stolen token goes unnoticed.
GRACE = timedelta(seconds=60)
_WRONG = "User name or password are not right, or the account is disabled."
_OVER = "This sign-in does not count any more. Sign in again with user name and password."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lifetimes:
    """How long an access token counts, and a refresh token that is not used."""

    access_s: int = 15 * 60
    refresh: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class Tokens:
    """What a client is given: the access token counts for ``expires_in_s`` seconds."""

    user: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int


class SignInService:
    """Every method raises SignInElsewhere where access tokens are not made here, and CatalogueUnavailable."""

    def __init__(
        self,
        accounts: Accounts,
        auth: AuthService,
        attempts: LoginAttempts,
        passwords: Passwords,
        lifetimes: Lifetimes,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._auth = auth
        self._attempts = attempts
        self._passwords = passwords
        self._lifetimes = lifetimes
        self._now = now

    def login(self, user: str, password: str, address: str) -> Tokens:
        """Begin a sign-in. Raises SignInRefused without saying why, and TooManyLogins. Takes a hash's time."""
        self._require_here()
        user = normal_name(user)
        minute = self._attempts.begin(user, address)
        account = self._accounts.find_account(user)
        is_right = self._passwords.is_right(account.password_hash if account else None, password)
        if account is None or not is_right or account.is_disabled:
            raise SignInRefused(_WRONG)
        self._attempts.succeeded(user, address, minute)
        if self._passwords.is_outdated(account.password_hash):
            self._accounts.renew_hash(account, self._passwords.hash(password))
        return self._begin(account)

    def refresh(self, token: str) -> Tokens:
        """Return tokens in place of this one, which then does not count any more. Raises SignInRefused.

        Asked again with it within ``GRACE`` the answer is the same. One that was replaced before that ends the whole
        sign-in: either it was stolen, or the one that replaced it.
        """
        self._require_here()
        sign_in = self._sign_in(token)
        following = next_token(token, self._key())
        if hmac.compare_digest(sign_in.token_hash, hash_of(token)) and self._rotate(sign_in, following):
            return self._tokens(sign_in.user, following)
        # Not the one that counts, or not any more, since another backend was quicker: then it wrote the same one.
        sign_in = self._sign_in(token)
        if not self._was_just_replaced(sign_in, token, following):
            log.warning("a refresh token of %r was used twice: its sign-in has ended", sign_in.user)
            self._accounts.delete_sign_in(sign_in.family)
            raise SignInRefused(_OVER)
        return self._tokens(sign_in.user, following)

    def logout(self, token: str) -> None:
        """End the sign-in of this token; one that does not count is no error."""
        self._require_here()
        self._accounts.delete_sign_in(family_of(token))

    def _require_here(self) -> None:
        if not self._auth.can_mint:
            raise SignInElsewhere

    def _begin(self, account: Account) -> Tokens:
        token, now = first_token(), self._now()
        self._accounts.add_sign_in(
            SignIn(
                family=family_of(token),
                user=account.user,
                generation=account.generation,
                token_hash=hash_of(token),
                previous_hash=None,
                rotated_at=now,
                expires_at=now + self._lifetimes.refresh,
            )
        )
        return self._tokens(account.user, token)

    def _sign_in(self, token: str) -> SignIn:
        """Return the token's sign-in, if it and its account still count."""
        sign_in = self._accounts.find_sign_in(family_of(token))
        if sign_in is None or sign_in.expires_at <= self._now():
            raise SignInRefused(_OVER)
        account = self._accounts.find_account(sign_in.user)
        if account is None or account.is_disabled or account.generation != sign_in.generation:
            raise SignInRefused(_OVER)
        return sign_in

    def _rotate(self, sign_in: SignIn, following: str) -> bool:
        now = self._now()
        rotated = replace(
            sign_in,
            token_hash=hash_of(following),
            previous_hash=sign_in.token_hash,
            rotated_at=now,
            expires_at=now + self._lifetimes.refresh,
        )
        return self._accounts.rotate_sign_in(sign_in, rotated)

    def _was_just_replaced(self, sign_in: SignIn, token: str, following: str) -> bool:
        is_previous = hmac.compare_digest(sign_in.previous_hash or "", hash_of(token))
        is_followed = hmac.compare_digest(sign_in.token_hash, hash_of(following))
        return is_previous and is_followed and self._now() - sign_in.rotated_at <= GRACE

    def _tokens(self, user: str, refresh_token: str) -> Tokens:
        lasts_s = self._lifetimes.access_s
        return Tokens(user, self._auth.mint(user, lasts_s), refresh_token, lasts_s)

    def _key(self) -> bytes:
        return self._auth.derived_key("refresh tokens")
