"""Turns passwords into hashes and compares them. The costs are chosen here and nowhere else."""

from __future__ import annotations

import base64
import logging
import secrets
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 1024
# 46 MiB once through, on one core: what a graphics card pays most for, at 30 to 60 ms here.
# Source: OWASP Password Storage Cheat Sheet, "Argon2id". Stored hashes name their own parameters: raise them at will.
MEMORY_KIB = 47_104
PASSES = 1
LANES = 1
SALT_BYTES = 16
HASH_BYTES = 32

log = logging.getLogger(__name__)


class Passwords:
    """Argon2id. Each call takes its memory and some ten milliseconds of a core, so callers bound how many run."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._hasher = PasswordHasher(passes, memory_kib, LANES, HASH_BYTES, SALT_BYTES, type=Type.ID)
        # As if hashed with the same costs; no password has this hash.
        salt, digest = (_base64(secrets.token_bytes(count)) for count in (SALT_BYTES, HASH_BYTES))
        self._nobodys_hash = f"$argon2id$v=19$m={memory_kib},t={passes},p={LANES}${salt}${digest}"

    def hash(self, password: str) -> str:
        """Return a salted hash that names its own parameters."""
        return self._hasher.hash(_plain(password))

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """Return whether this is the password. None, for no such user, takes as long as any other and never is."""
        try:
            return self._hasher.verify(password_hash or self._nobodys_hash, _plain(password))
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            log.exception("a stored password hash is damaged")
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Return whether a hash has other parameters than new ones get."""
        return self._hasher.check_needs_rehash(password_hash)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode().rstrip("=")


def _plain(password: str) -> str:
    # A letter with an accent is one character or two, depending on the keyboard. Source: RFC 8265, 4.2.2.
    return unicodedata.normalize("NFC", password)
