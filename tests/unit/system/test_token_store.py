from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

import keyring.backend
import keyring.errors
import pytest
from keyring.backends.fail import Keyring as FailKeyring

from recorder_desktop.core.errors import Refused
from recorder_desktop.system.token_store import NO_KEYRING_NOTICE, SERVICE, TokenStore

SERVER = "https://uploads.example.org"


class FakeKeyring(keyring.backend.KeyringBackend):
    """A keyring in memory that can be locked, or refuse to write alone."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.is_locked = False
        self.is_read_only = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        if self.is_read_only:
            raise keyring.errors.PasswordSetError("refused")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.entries[service, username]

    def _check(self) -> None:
        if self.is_locked:
            raise keyring.errors.KeyringLocked("locked")


class LockThatLetsIn:
    """A lock whose first release somebody has waited for."""

    def __init__(self, waiting: Callable[[], object]) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], object]] = [waiting]

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
        if self._waiting:
            self._waiting.pop()()


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


@pytest.mark.parametrize("trouble", ["is_locked", "is_read_only"])
def test_f37_what_the_keyring_did_not_take_is_given_to_it_at_the_next_look(trouble: str) -> None:
    backend = FakeKeyring()
    notices: list[str] = []
    store = TokenStore(backend, notices.append)
    store.set(SERVER, "token-1")
    setattr(backend, trouble, True)
    assert not store.replace(SERVER, "token-0", "another")
    assert store.replace(SERVER, "token-1", "token-2")
    assert store.replace(SERVER, "token-2", "token-3")

    assert store.get(SERVER) == "token-3"
    assert (store.notice, notices) == (NO_KEYRING_NOTICE, [NO_KEYRING_NOTICE])
    setattr(backend, trouble, False)
    assert store.get(SERVER) == "token-3"
    assert backend.entries == {(SERVICE, SERVER): "token-3"}
    assert store.notice is None


@pytest.mark.parametrize("trouble", ["is_locked", "is_read_only"])
def test_f37_a_sign_in_of_another_process_counts_before_what_the_keyring_did_not_take(trouble: str) -> None:
    backend = FakeKeyring()
    store, elsewhere = TokenStore(backend), TokenStore(backend)
    store.set(SERVER, "token-1")
    setattr(backend, trouble, True)
    store.set(SERVER, "token-2")
    setattr(backend, trouble, False)

    elsewhere.set(SERVER, "hers")
    assert store.get(SERVER) == "hers"
    elsewhere.delete(SERVER)
    assert store.get(SERVER) is None
    assert backend.entries == {}


def test_f37_a_sign_out_of_another_process_counts_too() -> None:
    backend = FakeKeyring()
    store, elsewhere = TokenStore(backend), TokenStore(backend)
    store.set(SERVER, "token-1")
    backend.is_read_only = True
    store.set(SERVER, "token-2")

    elsewhere.delete(SERVER)

    assert store.get(SERVER) is None


def test_f37_a_keyring_that_was_never_read_takes_what_was_signed_in_with_meanwhile() -> None:
    backend = FakeKeyring()
    TokenStore(backend).set(SERVER, "before")
    backend.is_locked = True
    store = TokenStore(backend)
    store.set(SERVER, "token-1")
    backend.is_locked = False

    assert store.get(SERVER) == "token-1"
    assert backend.entries == {(SERVICE, SERVER): "token-1"}


def test_f37_what_has_to_last_is_in_the_keyring_or_nothing_has_changed() -> None:
    backend = FakeKeyring()
    store = TokenStore(backend)
    assert store.set_lasting(SERVER, "token-1") is None
    assert store.set_lasting(SERVER, "token-2") == "token-1"
    backend.is_read_only = True

    with pytest.raises(Refused, match="cannot be kept"):
        store.set_lasting(SERVER, "token-3")

    assert store.get(SERVER) == "token-2"


def test_a_sign_in_while_a_token_is_replaced_is_what_stays() -> None:
    store = TokenStore(FakeKeyring())
    store.set(SERVER, "token-1")
    store._lock = cast("threading.Lock", LockThatLetsIn(lambda: store.set(SERVER, "hers")))

    store.replace(SERVER, "token-1", "token-2")

    assert store.get(SERVER) == "hers"


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
