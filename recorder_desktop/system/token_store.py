"""Keeps sign-ins in the operating system's keyring, or, where there is none, in memory only."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from recorder_desktop.core.errors import Refused

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_log = logging.getLogger(__name__)

SERVICE = "recorder"
NO_KEYRING_NOTICE = (
    "This computer has no usable keyring, so your sign-in is kept only until Recorder closes. "
    "Unlock or set up a keyring to stay signed in."
)
_NOT_KEPT = (
    "This computer has no usable keyring, so the sign-in cannot be kept. "
    "Set up a keyring, or give an access token in RECORDER_TOKEN."
)


class TokenStore:
    """One token a server. Raises for a keyring's trouble in `set_lasting` alone, and never writes to a file.

    What the keyring did not take is in memory, and given to it again whenever it is looked at. It counts as long as
    the keyring cannot be read or holds what it did before: after that somebody else has signed in or out.
    Calls may wait for the person to unlock the keyring, so never from the window's thread.
    """

    def __init__(
        self, keyring: KeyringBackend | None = None, on_notice: Callable[[str], None] = lambda _notice: None
    ) -> None:
        """`on_notice` is told, on the caller's thread, when from now on something is kept in memory only."""
        self._on_notice = on_notice
        self._lock = threading.Lock()
        self._keyring = keyring  # guarded by _lock; None until first asked for
        self._memory: dict[str, str] = {}  # what the keyring did not take; guarded by _lock
        self._held: dict[str, str | None] = {}  # what the keyring held when last read or written; guarded by _lock
        self._is_in_memory = False  # guarded by _lock

    def __repr__(self) -> str:
        return "TokenStore(<masked>)"

    @property
    def notice(self) -> str | None:
        """What the person should know while tokens cannot be kept in the keyring, else None."""
        return NO_KEYRING_NOTICE if self._is_in_memory else None

    def get(self, server: str) -> str | None:
        """The token for a server, None when there is none."""
        with self._lock:
            return self._get(server)

    def set(self, server: str, token: str) -> str | None:
        """Keep a token; see `notice` for where. Returns the one that was kept before."""
        with self._lock:
            before = self._get(server)
            is_news = self._set(server, token)
        self._tell(is_news=is_news)
        return before

    def set_lasting(self, server: str, token: str) -> str | None:
        """As `set`, but in the keyring or not at all: raises Refused, and what was kept stays."""
        with self._lock:
            before = self._get(server)
            try:
                self._write(server, token)
            except Exception as problem:  # noqa: BLE001 - as in _get
                self._do_without(problem)
                raise Refused(_NOT_KEPT, code="no_keyring") from None
        return before

    def replace(self, server: str, old: str, new: str) -> bool:
        """Keep `new` unless something else than `old` is kept by now; returns whether `new` is kept.

        Another process may write in between all the same: a keyring compares nothing.
        """
        with self._lock:
            kept = self._get(server)
            if kept is None and self._is_in_memory:
                # Nothing can be read just now. What replaces a refresh token must not be lost over that.
                kept = self._held.get(server)
            if kept != old:
                return False
            is_news = self._set(server, new)
        self._tell(is_news=is_news)
        return True

    def delete(self, server: str) -> None:
        """Forget a server's token, everywhere."""
        with self._lock:
            self._memory.pop(server, None)
            try:
                keyring = self._usable_keyring()
                if keyring.get_password(SERVICE, server) is not None:
                    keyring.delete_password(SERVICE, server)
                self._held[server] = None
            except Exception as problem:  # noqa: BLE001 - as in _get
                self._do_without(problem)

    # --- with _lock held -----------------------------------------------------------------------------------------

    def _get(self, server: str) -> str | None:
        try:
            held = self._usable_keyring().get_password(SERVICE, server)
            if self._held.get(server, held) != held:
                self._memory.pop(server, None)
            self._held[server] = held
            if server in self._memory:
                held = self._memory[server]
                self._write(server, held)
        # Backends raise errors of their own libraries: D-Bus, Win32, Security.framework.
        except Exception as problem:  # noqa: BLE001
            self._do_without(problem)
            return self._memory.get(server)
        self._is_in_memory = bool(self._memory)
        return held

    def _set(self, server: str, token: str) -> bool:
        """Keep a token; returns whether it is the first that is kept in memory only."""
        try:
            self._write(server, token)
        except Exception as problem:  # noqa: BLE001 - as in _get
            self._do_without(problem)
            is_first = not self._memory
            self._memory[server] = token
            return is_first
        return False

    def _write(self, server: str, token: str) -> None:
        self._usable_keyring().set_password(SERVICE, server, token)
        self._held[server] = token
        self._memory.pop(server, None)
        self._is_in_memory = bool(self._memory)

    def _usable_keyring(self) -> KeyringBackend:
        if self._keyring is None:
            import keyring

            self._keyring = keyring.get_keyring()
        # Below 1 a backend is not recommended by keyring itself: it fails always, or writes plain files.
        if self._keyring.priority < 1:
            raise RuntimeError(f"no keyring but {type(self._keyring).__module__}")
        return self._keyring

    def _do_without(self, problem: Exception) -> None:
        if not self._is_in_memory:  # once: it is asked for every call
            # The type only: a backend's message may quote what it was given.
            _log.warning("the keyring cannot be used: %s", type(problem).__name__)
        self._is_in_memory = True

    # --- without it ----------------------------------------------------------------------------------------------

    def _tell(self, *, is_news: bool) -> None:
        if is_news:
            self._on_notice(NO_KEYRING_NOTICE)
