"""What signing in to a team server takes and gives, and how it is kept. Secrets are masked in every repr."""

from __future__ import annotations

from dataclasses import dataclass, field

_REFRESH = "refresh "
"""Marks a refresh token among kept sign-ins. An access token has no space in it: it stands in a header."""


@dataclass(frozen=True, slots=True)
class PasswordSignIn:
    """User name and password for a server."""

    server: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenSignIn:
    """An access token for a server, made by somebody else."""

    server: str
    token: str = field(repr=False)


SignInRequest = PasswordSignIn | TokenSignIn


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What a server gives: the access token counts for `expires_in_s` seconds from when it was asked for."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: float


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Where somebody is signed in now. `notice`: what the person should know about how that is kept, None if well."""

    server: str
    notice: str | None = None


def as_kept(refresh_token: str) -> str:
    """A refresh token as it is kept, so that it is known from an access token."""
    return _REFRESH + refresh_token


def kept_refresh_token(kept: str) -> str | None:
    """The refresh token that is kept, None for an access token."""
    return kept.removeprefix(_REFRESH) if kept.startswith(_REFRESH) else None


def is_same_sign_in(kept: str, other: str) -> bool:
    """Whether two of what is kept are of one sign-in: a refresh token and what has replaced it since.

    They share what stands before the dot, which a server never changes.
    """
    if kept_refresh_token(kept) is None:
        return kept == other
    return kept.partition(".")[0] == other.partition(".")[0]
