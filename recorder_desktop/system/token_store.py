"""Keeps sign-ins in the operating system's keyring, or, where there is none, in memory only."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_log = logging.getLogger(__name__)

SERVICE = "recorder"
NO_KEYRING_NOTICE = (
    "This computer has no usable keyring, so your sign-in is kept only until Recorder closes. "
    "Unlock or set up a keyring to stay signed in."
)


class TokenStore:
    """One token a server. Never raises for a keyring's trouble and never writes to a file.

    Calls may wait for the person to unlock the keyring, so never from the window's thread.
    """

    def __init__(self, keyring: KeyringBackend | None = None) -> None:
        self._lock = threading.Lock()
        self._keyring = keyring  # guarded by _lock; None until first asked for
        self._memory: dict[str, str] = {}  # guarded by _lock
        self._is_in_memory = False  # guarded by _lock

    def __repr__(self) -> str:
        return "TokenStore(<masked>)"

    @property
    def notice(self) -> str | None:
        """What the person should know once tokens could not be kept in the keyring, else None."""
        return NO_KEYRING_NOTICE if self._is_in_memory else None

    def get(self, server: str) -> str | None:
        """The token for a server, None when there is none."""
        with self._lock:
            if server in self._memory:
                return self._memory[server]
            try:
                return self._usable_keyring().get_password(SERVICE, server)
            # Backends raise errors of their own libraries: D-Bus, Win32, Security.framework.
            except Exception as problem:  # noqa: BLE001
                self._do_without(problem)
                return None

    def set(self, server: str, token: str) -> None:
        """Keep a token; see `notice` for where."""
        with self._lock:
            try:
                self._usable_keyring().set_password(SERVICE, server, token)
            except Exception as problem:  # noqa: BLE001 - as in get
                self._do_without(problem)
                self._memory[server] = token
            else:
                self._memory.pop(server, None)
                self._is_in_memory = bool(self._memory)

    def replace(self, server: str, old: str, new: str) -> bool:
        """Keep `new` unless something else than `old` is kept by now; returns whether `new` is kept.

        Another process may write in between all the same: a keyring compares nothing.
        """
        if self.get(server) != old:
            return False
        self.set(server, new)
        return True

    def delete(self, server: str) -> None:
        """Forget a server's token, everywhere."""
        with self._lock:
            self._memory.pop(server, None)
            try:
                keyring = self._usable_keyring()
                if keyring.get_password(SERVICE, server) is not None:
                    keyring.delete_password(SERVICE, server)
            except Exception as problem:  # noqa: BLE001 - as in get
                self._do_without(problem)

    def _usable_keyring(self) -> KeyringBackend:
        if self._keyring is None:
            import keyring

            self._keyring = keyring.get_keyring()
        # Below 1 a backend is not recommended by keyring itself: it fails always, or writes plain files.
        if self._keyring.priority < 1:
            raise RuntimeError(f"no keyring but {type(self._keyring).__module__}")
        return self._keyring

    def _do_without(self, problem: Exception) -> None:
        self._is_in_memory = True
        # The type only: a backend's message may quote what it was given.
        _log.warning("the keyring cannot be used: %s", type(problem).__name__)
