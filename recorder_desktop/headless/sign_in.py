"""Signs in to a team server and out again: the token goes to the keyring, the address to the settings."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping

from recorder_desktop.config import SERVER_SETTING, server_url
from recorder_desktop.core.errors import Refused, SignInRequired
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore


def login(server: str | None, environment: Mapping[str, str], settings: SettingsFile) -> int:
    """Ask for an access token, try it, keep it, and make the server the place for uploads. Returns the exit code."""
    from recorder_desktop.client.auth import LookedUpToken
    from recorder_desktop.client.backend_api import BackendApi
    from recorder_desktop.client.network import is_readable_on_the_way

    url = _server(server, environment, settings)
    if is_readable_on_the_way(url):
        print(
            f"{url} is not encrypted: whoever is on the way can read the token and take recordings. "
            "Use https:// unless you trust the whole way.",
            file=sys.stderr,
        )
    token = _read_token(url)
    BackendApi(url, LookedUpToken(lambda: token, url)).recordings(limit=1)
    tokens = TokenStore()
    tokens.set(url, token)
    if tokens.notice is not None:
        print(
            "This computer has no usable keyring, so the sign-in cannot be kept. "
            "Set up a keyring, or give the token in RECORDER_TOKEN.",
            file=sys.stderr,
        )
        return 1
    settings.set(SERVER_SETTING, url)
    print(f"Signed in. Recordings now go to {url}.")
    return 0


def logout(server: str | None, environment: Mapping[str, str], settings: SettingsFile) -> int:
    """Forget the token and, if it was the chosen one, the server. Returns the exit code."""
    url = _server(server, environment, settings)
    TokenStore().delete(url)
    if settings.get(SERVER_SETTING) == url:
        settings.set(SERVER_SETTING, None)
    print(f"Signed out of {url}.")
    return 0


def _server(server: str | None, environment: Mapping[str, str], settings: SettingsFile) -> str:
    named = server or environment.get("RECORDER_SERVER") or settings.get(SERVER_SETTING)
    if not named:
        raise Refused("No server is named. Give its address with --server.", code="server_address")
    return server_url(named)


def _read_token(url: str) -> str:
    token = getpass.getpass(f"Access token for {url}: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not token.strip():
        raise SignInRequired("No token was given. Ask whoever runs the server for one.")
    return token.strip()
