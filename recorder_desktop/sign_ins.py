"""Signs in to team servers and out again: what the server gives goes to the keyring, its address to the settings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from recorder_desktop.background import begin_cancellable
from recorder_desktop.config import SERVER_SETTING, server_url
from recorder_desktop.core.errors import Interrupted, SignInRequired, UploadError, for_whoever_waits
from recorder_desktop.core.sign_in import (
    PasswordSignIn,
    SignedIn,
    SignInRequest,
    TokenSignIn,
    as_kept,
    is_same_sign_in,
    kept_refresh_token,
)
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore

_TRY_AGAIN = "Check the address and the network, then try again."


class SignIns:
    """Tries every sign-in against its server before it is kept. Calls wait for network and keyring."""

    def __init__(
        self,
        tokens: TokenStore,
        settings: SettingsFile,
        on_signed_in: Callable[[str], None] = lambda _server: None,
    ) -> None:
        """`on_signed_in` is told of the server once a sign-in is kept, be it in memory."""
        self._tokens = tokens
        self._settings = settings
        self._on_signed_in = on_signed_in

    def sign_in(self, request: SignInRequest) -> SignedIn:
        """Sign in, keep it in the keyring, and make the server the place for uploads.

        Raises Refused for an address that is none and for a keyring that does not take it, SignInRequired for what
        the server does not accept, and every kind that a call can fail with; everything is as it was then.
        """
        url, kept = _accepted(request)
        return self._keep(url, kept, self._tokens.set_lasting)

    def begin(self, request: SignInRequest) -> Future[SignedIn]:
        """As `sign_in`, on a thread of its own; what the keyring does not take lasts as long as this process.

        Returns at once. Until the server has accepted, the future can be cancelled: what it accepts later is ended.
        """

        def work(claim: Callable[[], bool]) -> SignedIn:
            url, kept = _accepted(request)
            if not claim():
                end_sign_in(url, kept)
                raise Interrupted
            return self._keep(url, kept, self._tokens.set)

        return begin_cancellable("sign-in", work)

    def _keep(self, url: str, kept: str, keep: Callable[[str, str], str | None]) -> SignedIn:
        try:
            before = keep(url, kept) or ""
        except UploadError:
            end_sign_in(url, kept)
            raise
        self._settings.set(SERVER_SETTING, url)
        self._on_signed_in(url)
        notice = self._tokens.notice
        # In the keyring is the one before, if it did not take the new one; or what another process has put there.
        if notice is None and not is_same_sign_in(before, self._tokens.get(url) or ""):
            end_sign_in(url, before)
        return SignedIn(url, notice)

    def sign_out(self, server: str) -> SignedIn:
        """Forget the sign-in and, if it is the chosen one, the server. The notice says if the server was not told."""
        url = server_url(server)
        kept = self._tokens.get(url) or ""
        self._tokens.delete(url)
        if self._settings.get(SERVER_SETTING) == url:
            self._settings.set(SERVER_SETTING, None)
        return SignedIn(url, end_sign_in(url, kept))


def end_sign_in(server: str, kept: str) -> str | None:
    """Have the server end a sign-in; returns what to say if that failed. An access token alone ends by itself."""
    from recorder_desktop.client.sign_in_api import SignInApi

    refresh_token = kept_refresh_token(kept)
    if refresh_token is None:
        return None
    try:
        SignInApi(server).logout(refresh_token)
    except UploadError:
        return f"{server} could not be told. It ends the sign-in by itself when that was not used for some weeks."
    return None


def _accepted(request: SignInRequest) -> tuple[str, str]:
    """The server's address, and what to keep of a sign-in that it has accepted."""
    url = server_url(request.server)
    try:
        return url, _tried(url, request)
    except UploadError as exc:
        raise for_whoever_waits(exc, _TRY_AGAIN) from exc


def _tried(url: str, request: SignInRequest) -> str:
    # Imported late: the window is up before that.
    from recorder_desktop.client.auth import LookedUpToken
    from recorder_desktop.client.backend_api import BackendApi
    from recorder_desktop.client.sign_in_api import SignInApi

    match request:
        case PasswordSignIn(_, user, password):
            issued = SignInApi(url).login(user, password)
            token, kept = issued.access_token, as_kept(issued.refresh_token)
        case TokenSignIn(_, given):
            token = kept = given.strip()
    if not token:
        raise SignInRequired("No token was given. Ask whoever runs the server for one.")
    api = BackendApi(url, LookedUpToken(lambda: token, url))
    try:
        api.recordings(limit=1)
    except UploadError:
        end_sign_in(url, kept)
        raise
    finally:
        api.close()
    return kept
