from __future__ import annotations

import keyring.backend
import keyring.errors
from keyring.backends.fail import Keyring as FailKeyring

from recorder_desktop.system.token_store import SERVICE, TokenStore

SERVER = "https://uploads.example.org"


class FakeKeyring(keyring.backend.KeyringBackend):
    """A keyring in memory that can be locked."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.entries[service, username]

    def _check(self) -> None:
        if self.is_locked:
            raise keyring.errors.KeyringLocked("locked")


class PlainFileKeyring(FakeKeyring):
    priority = 0.5  # type: ignore[assignment]


def test_tokens_live_in_the_keyring_one_a_server() -> None:
    backend = FakeKeyring()
    TokenStore(backend).set(SERVER, "token-1")

    assert backend.entries == {(SERVICE, SERVER): "token-1"}
    assert TokenStore(backend).get(SERVER) == "token-1"
    assert TokenStore(backend).get("https://another.example.org") is None


def test_a_deleted_token_is_gone() -> None:
    store = TokenStore(FakeKeyring())
    store.set(SERVER, "token-1")

    store.delete(SERVER)
    store.delete(SERVER)

    assert store.get(SERVER) is None
    assert store.notice is None


def test_f37_without_a_keyring_the_token_stays_in_memory_with_a_notice() -> None:
    store = TokenStore(FailKeyring())  # type: ignore[no-untyped-call]
    store.set(SERVER, "token-1")

    assert store.get(SERVER) == "token-1"
    assert store.notice is not None
    store.delete(SERVER)
    assert store.get(SERVER) is None


def test_f37_a_locked_keyring_is_like_none() -> None:
    backend = FakeKeyring()
    backend.is_locked = True
    store = TokenStore(backend)

    store.set(SERVER, "token-1")

    assert store.get(SERVER) == "token-1"
    assert store.notice is not None


def test_f37_a_token_moves_to_the_keyring_once_it_is_unlocked() -> None:
    backend = FakeKeyring()
    backend.is_locked = True
    store = TokenStore(backend)
    store.set(SERVER, "token-1")
    backend.is_locked = False

    store.set(SERVER, "token-2")

    assert backend.entries == {(SERVICE, SERVER): "token-2"}
    assert store.notice is None


def test_f37_a_keyring_that_writes_plain_files_is_not_used() -> None:
    backend = PlainFileKeyring()
    store = TokenStore(backend)

    store.set(SERVER, "token-1")

    assert backend.entries == {}
    assert store.get(SERVER) == "token-1"


def test_s24_repr_masks_the_tokens() -> None:
    store = TokenStore(FailKeyring())  # type: ignore[no-untyped-call]
    store.set(SERVER, "token-1")

    assert "token-1" not in repr(store)
