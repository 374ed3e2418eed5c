"""Who is signed in where, and signing out, for the window. Implements core.preferences.AccountDesk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from recorder_desktop.background import begin
from recorder_desktop.config import DesktopConfig, describe
from recorder_desktop.core.errors import SignInRequired, UploadError
from recorder_desktop.core.preferences import Account
from recorder_desktop.core.sign_in import SignedIn
from recorder_desktop.destinations import ConfiguredDestinations, is_server
from recorder_desktop.sign_ins import SignIns


class Accounts:
    """Asks the destinations of this run."""

    def __init__(
        self,
        destinations: ConfiguredDestinations,
        sign_ins: SignIns,
        read_config: Callable[[], DesktopConfig],
        forget_bucket: Callable[[], None],
    ) -> None:
        """`read_config` tells where a run would queue that began now. `forget_bucket` forgets the person's own."""
        self._destinations = destinations
        self._sign_ins = sign_ins
        self._read_config = read_config
        self._forget_bucket = forget_bucket

    def look(self) -> Future[Account]:
        """Where recordings go now, and who is signed in there."""
        return begin("account", self._look)

    def sign_out(self, server: str) -> Future[SignedIn]:
        """End the sign-in to a server; what is new stays on this computer or goes to the person's own bucket."""
        return begin("sign-out", lambda: self._sign_out(server))

    def stop_bucket(self) -> Future[None]:
        """Forget the bucket that the person chose; what is new stays on this computer."""
        return begin("stop-bucket", self._stop_bucket)

    def _look(self) -> Account:
        following = self._read_config()
        return replace(self._present(), bucket=following.destination if following.own_bucket is not None else "")

    def _present(self) -> Account:
        destination = self._destinations.current()
        if not is_server(destination):
            return Account(destination, describe(destination), needs_sign_in=False)
        try:
            user: str | None = self._destinations.connect(destination).signed_in_as()
        except SignInRequired:
            user = None
        except UploadError:  # the server does not answer; whoever signed in is signed in yet
            user = ""
        return Account(destination, describe(destination), needs_sign_in=True, user=user)

    def _stop_bucket(self) -> None:
        self._forget_bucket()
        instead = self._read_config()
        if not is_server(self._destinations.current()) and not is_server(instead.destination):
            self._destinations.choose_here(instead)

    def _sign_out(self, server: str) -> SignedIn:
        signed_out = self._sign_ins.sign_out(server)
        self._destinations.leave(server, self._read_config())
        return signed_out
