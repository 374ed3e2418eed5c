"""What a refresh token is made of: a family, which stays, and a secret, which each refresh replaces."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

FAMILY_BYTES = 16
SECRET_BYTES = 32
MAX_TOKEN_CHARS = 200


def first_token() -> str:
    """Return the first token of a family of its own, at random."""
    return f"{secrets.token_urlsafe(FAMILY_BYTES)}.{secrets.token_urlsafe(SECRET_BYTES)}"


def next_token(token: str, key: bytes) -> str:
    """Return the token that replaces this one: the same one however often it is asked for.

    So an answer that was lost can be given again although only its hash is stored. Without the key, which never
    leaves the backends, nobody can tell it from random.
    """
    digest = hmac.digest(key, token.encode(), "sha256")
    return f"{_family(token)}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def family_of(token: str) -> str:
    """Return the name under which the family is stored, from which no token can be made."""
    return hash_of(_family(token))


def hash_of(token: str) -> str:
    """Return SHA-256 in hexadecimal: enough for what is random already."""
    return hashlib.sha256(token.encode()).hexdigest()


def _family(token: str) -> str:
    return token.partition(".")[0]
