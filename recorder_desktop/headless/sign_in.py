"""The commands login and logout: ask on the terminal or read a pipe, and say what came of it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

from recorder_desktop.config import SERVER_SETTING, describe, server_url
from recorder_desktop.core.addresses import is_readable_on_the_way
from recorder_desktop.core.errors import Refused, SignInRequired
from recorder_desktop.core.sign_in import PasswordSignIn, SignInRequest, TokenSignIn
from recorder_desktop.sign_ins import SignIns
from recorder_desktop.system.owner_channel import NoOwner, OwnerGone, call_owner
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore


def login(
    server: str | None,
    user: str | None,
    environment: Mapping[str, str],
    settings: SettingsFile,
    *,
    with_token: bool,
    tell: Callable[[str], str | None] = lambda _server: None,
) -> int:
    """Ask for user name and password, or an access token, and sign in with it. Returns the exit code.

    `tell` tells a Recorder that runs of the server and gives where that one's own recordings go, None if nobody runs.
    On a pipe one line is read: the password of `user`, without one an access token.
    """
    url = _server(server, environment, settings)
    if is_readable_on_the_way(url):
        print(
            f"{url} is not encrypted: whoever is on the way can read what you sign in with and take recordings. "
            "Use https:// unless you trust the whole way.",
            file=sys.stderr,
        )
    SignIns(TokenStore(), settings).sign_in(_token(url) if with_token else _asked(url, user))
    current = tell(url)
    if current is None or current == url:
        print(f"Signed in. Recordings now go to {url}.")
    else:
        print(
            f"Signed in. Recordings that commands add now go to {url}. "
            "What is added in the Recorder that is running goes elsewhere until that is started anew: "
            f"{describe(current)}."
        )
    return 0


def tell_owner(paths: RecorderPaths, server: str) -> str | None:
    """Have a Recorder that runs go on at once with what waited for this sign-in; returns where its own recordings go.

    None if nobody runs, or somebody of another version: that one looks by itself now and then.
    """
    with suppress(NoOwner, OwnerGone, Refused):
        for answer in call_owner(paths, {"do": "signed_in", "destination": server}):
            return str(answer["current"])
    return None


def logout(server: str | None, environment: Mapping[str, str], settings: SettingsFile) -> int:
    """End the sign-in, forget it and, if it was the chosen one, the server. Returns the exit code."""
    signed_out = SignIns(TokenStore(), settings).sign_out(_server(server, environment, settings))
    print(f"Signed out of {signed_out.server}.")
    if signed_out.notice is not None:
        print(signed_out.notice, file=sys.stderr)
    return 0


def _server(server: str | None, environment: Mapping[str, str], settings: SettingsFile) -> str:
    named = server or environment.get("RECORDER_SERVER") or settings.get(SERVER_SETTING)
    if not named:
        raise Refused("No server is named. Give its address with --server.", code="server_address")
    return server_url(named)


def _asked(url: str, user: str | None) -> SignInRequest:
    if user is None and not sys.stdin.isatty():
        return _token(url)
    if user is None:
        user = _typed_line(f"User name at {url} (none to give an access token): ")
    if not user:
        return _token(url)
    password = _secret(f"Password of {user}: ")
    if not password:
        raise SignInRequired("No password was given. Ask whoever runs the server for one.")
    return PasswordSignIn(url, user, password)


def _token(url: str) -> TokenSignIn:
    token = _secret(f"Access token for {url}: ").strip()
    if not token:
        raise SignInRequired("No token was given. Ask whoever runs the server for one.")
    return TokenSignIn(url, token)


def _secret(prompt: str) -> str:
    """A line that nobody sees: typed without an echo, or from a pipe. Spaces around a password belong to it."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _typed_line(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        return ""
