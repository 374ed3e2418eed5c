"""What stands behind the settings page, without a computer: answers at once and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from recorder_desktop.core.preferences import Account
from recorder_desktop.core.sign_in import SignedIn
from recorder_desktop.ui.preferences.choices import PreferenceDesks

T = TypeVar("T")

LOCAL_ACCOUNT = Account("local", "Stored on this computer", needs_sign_in=False)


class FakeAccounts:
    """account: the present one. notice: said when signing out. failure: raised by the next call, once."""

    def __init__(self) -> None:
        self.account = LOCAL_ACCOUNT
        self.notice: str | None = None
        self.failure: Exception | None = None
        self.signed_out: list[str] = []

    def look(self) -> Future[Account]:
        return _answer(self.account, self._fault())

    def sign_out(self, server: str) -> Future[SignedIn]:
        fault = self._fault()
        if fault is None:
            self.signed_out.append(server)
            self.account = LOCAL_ACCOUNT
        return _answer(SignedIn(server, self.notice), fault)

    def stop_bucket(self) -> Future[None]:
        fault = self._fault()
        if fault is None:
            self.account = LOCAL_ACCOUNT
        return _answer(None, fault)

    def _fault(self) -> Exception | None:
        fault, self.failure = self.failure, None
        return fault


class FakeWatchDesk:
    """watched: the folders of each call."""

    def __init__(self) -> None:
        self.watched: list[list[Path]] = []

    def watch(self, folders: Sequence[Path]) -> None:
        self.watched.append(list(folders))


class FakeLoginStart:
    """is_on: how it is. failure: raised by the next switch, once."""

    def __init__(self) -> None:
        self.is_on = False
        self.failure: Exception | None = None

    def look(self) -> Future[bool]:
        return _answer(self.is_on)

    def switch(self, *, to_on: bool) -> Future[bool]:
        fault, self.failure = self.failure, None
        if fault is None:
            self.is_on = to_on
        return _answer(self.is_on, fault)


class FakePreferenceDesks:
    """awake: every position of that switch."""

    def __init__(self) -> None:
        self.accounts = FakeAccounts()
        self.folders = FakeWatchDesk()
        self.login_start = FakeLoginStart()
        self.awake: list[bool] = []

    @property
    def as_desks(self) -> PreferenceDesks:
        """All of them, as the window takes them."""
        return PreferenceDesks(self.accounts, self.folders, self.login_start, self.awake.append)


def _answer(value: T, fault: Exception | None = None) -> Future[T]:
    future: Future[T] = Future()
    if fault is not None:
        future.set_exception(fault)
    else:
        future.set_result(value)
    return future
