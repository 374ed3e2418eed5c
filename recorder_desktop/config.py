"""What this run was told: where uploads go and with what, from the command line, the environment and the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from recorder_desktop.core.errors import Refused

LOCAL = "local"
"""The destination of a run with nothing configured: the embedded store on this computer."""

SERVER_SETTING = "server"
"""The settings key of the team server that `login` chose."""


class Settings(Protocol):
    """Remembered texts by key."""

    def get(self, key: str) -> str | None:
        """The remembered text, None if there is none."""


@dataclass(frozen=True)
class DesktopConfig:
    """destination: the name of the place that this run queues for. server: the team server's URL, None without one.
    own_bucket: the environment for the bundled backend in own-bucket mode. token: the RECORDER_TOKEN for `server`.
    """

    destination: str
    server: str | None = None
    own_bucket: Mapping[str, str] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


def read_config(environment: Mapping[str, str], settings: Settings, server: str | None = None) -> DesktopConfig:
    """Decide where this run's uploads go: `server` (the command line's), else RECORDER_SERVER, the settings' server,
    the person's own bucket, and with nothing configured this computer.

    Raises Refused for settings that cannot be meant.
    """
    chosen = server or environment.get("RECORDER_SERVER") or settings.get(SERVER_SETTING)
    if chosen:
        url = server_url(chosen)
        return DesktopConfig(url, server=url, token=environment.get("RECORDER_TOKEN"))
    if environment.get("S3_BUCKET"):
        return DesktopConfig(_bucket_name(environment), own_bucket=dict(environment))
    return DesktopConfig(LOCAL)


def server_url(text: str) -> str:
    """A server's address in the one form by which its uploads are known. Raises Refused for what is none."""
    url = text.strip().rstrip("/")
    if not _is_address(url):
        raise Refused(
            f"“{text}” is not a server address. Write it in full, for example https://recorder.example.org.",
            code="server_address",
        )
    return url


def describe(destination: str) -> str:
    """Where a destination is, in words for people."""
    if destination == LOCAL:
        return "Stored on this computer"
    if destination.startswith("bucket:"):
        return f"Your bucket {destination.removeprefix('bucket:')}"
    return f"Team server {destination.split('://', 1)[-1]}"


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port that is no number
        return False
    plain = not any(char.isspace() or not char.isprintable() for char in url)
    return url.startswith(("https://", "http://")) and has_place and plain


def _bucket_name(environment: Mapping[str, str]) -> str:
    for name in ("AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_REGION"):
        if not environment.get(name):
            raise Refused(
                f"S3_BUCKET is set but {name} is not. Set {name}, or unset S3_BUCKET to store on this computer.",
                code="settings",
            )
    place = environment.get("S3_ENDPOINT_URL", "").rstrip("/") or environment["AWS_REGION"]
    return f"bucket:{environment['S3_BUCKET']} at {place}"
