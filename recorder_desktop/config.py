"""What this run was told: where uploads go and with what, from the command line, the environment and the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from recorder_desktop.core.addresses import with_scheme
from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.concurrency import MAX_CEILING
from recorder_desktop.core.errors import Refused
from recorder_desktop.core.own_bucket import bucket_and_place, bucket_destination, is_bucket
from recorder_desktop.core.part_size import AUTOMATIC, read_part_size

LOCAL = "local"
"""The destination of a run with nothing configured: the embedded store on this computer."""

SERVER_SETTING = "server"
"""The settings key of the team server that `login` chose."""


BUCKET_SETTINGS = {"S3_BUCKET": "bucket.name", "AWS_REGION": "bucket.region", "S3_ENDPOINT_URL": "bucket.endpoint"}
"""The settings keys of the bucket that the person chose in the window; its keys are in the keyring."""

LIMIT_SETTING = "transfers.limit"
SENDERS_SETTING = "transfers.senders"
PART_SIZE_SETTING = "transfers.part_size"
KEEP_AWAKE_SETTING = "transfers.keep_awake"
"""The settings keys of how to transfer."""


class Settings(Protocol):
    """Remembered texts by key."""

    def get(self, key: str) -> str | None:
        """The remembered text, None if there is none."""


@dataclass(frozen=True)
class TransferConfig:
    """limits: how fast to send, and when. senders: the most parts in flight at a time, 1 to 32. part_size_bytes: of
    new uploads, None for what suits the line. keep_awake: whether the computer is kept from sleeping while something
    is sent."""

    limits: BandwidthPlan = field(default_factory=BandwidthPlan)
    senders: int = 8
    part_size_bytes: int | None = None
    keep_awake: bool = True


@dataclass(frozen=True)
class DesktopConfig:
    """destination: the name of the place that this run queues for. server: the team server's URL, None without one.
    own_bucket: the environment for the bundled backend in own-bucket mode, without its keys where the keyring has
    them. token: the RECORDER_TOKEN for `server`.
    transfers: how to send.
    """

    destination: str
    server: str | None = None
    own_bucket: Mapping[str, str] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    transfers: TransferConfig = field(default_factory=TransferConfig)


def read_config(environment: Mapping[str, str], settings: Settings, server: str | None = None) -> DesktopConfig:
    """Decide where this run's uploads go: `server` (the command line's), else RECORDER_SERVER, the settings' server,
    the person's own bucket, of the environment or of the settings, and with nothing configured this computer.

    Raises Refused for settings that cannot be meant.
    """
    transfers = read_transfers(settings)
    chosen = server or environment.get("RECORDER_SERVER") or settings.get(SERVER_SETTING)
    if chosen:
        url = server_url(chosen)
        return DesktopConfig(url, server=url, token=environment.get("RECORDER_TOKEN"), transfers=transfers)
    if environment.get("S3_BUCKET"):
        return DesktopConfig(_bucket_name(environment), own_bucket=dict(environment), transfers=transfers)
    kept = {variable: settings.get(key) or "" for variable, key in BUCKET_SETTINGS.items()}
    if kept["S3_BUCKET"] and kept["AWS_REGION"]:
        return DesktopConfig(bucket_destination(kept), own_bucket=kept, transfers=transfers)
    return DesktopConfig(LOCAL, transfers=transfers)


def read_transfers(settings: Settings) -> TransferConfig:
    """How to transfer, as the settings say. Raises Refused for what cannot be meant."""
    limit, senders = settings.get(LIMIT_SETTING), settings.get(SENDERS_SETTING)
    keep_awake = settings.get(KEEP_AWAKE_SETTING) or "true"
    if senders is not None and not (senders.isdecimal() and 1 <= int(senders) <= MAX_CEILING):
        raise Refused(
            f"The setting {SENDERS_SETTING} is “{senders}”, which is no number of parts to send at a time. "
            f"Set it to 1 to {MAX_CEILING}.",
            code="settings",
        )
    if keep_awake.lower() not in ("true", "false"):
        raise Refused(
            f"The setting {KEEP_AWAKE_SETTING} is “{keep_awake}”. Set it to true or false.", code="settings"
        )
    return TransferConfig(
        limits=BandwidthPlan.parse(limit) if limit else BandwidthPlan(),
        senders=int(senders) if senders else TransferConfig.senders,
        part_size_bytes=read_part_size(settings.get(PART_SIZE_SETTING) or AUTOMATIC),
        keep_awake=keep_awake.lower() == "true",
    )


def server_url(text: str) -> str:
    """A server's address in the one form by which its uploads are known: with a scheme, if it has none.

    Raises Refused for what is none.
    """
    url = _in_full(text.strip().rstrip("/"))
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
    if is_bucket(destination):
        bucket, place = bucket_and_place(destination)
        return f"Your bucket {bucket} at {place}"
    address = destination.split("://", 1)[-1]
    return f"Team server {address}"


def _in_full(address: str) -> str:
    try:
        return with_scheme(address)
    except ValueError:
        return address


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port that is no number
        return False
    plain = not any(char.isspace() or not char.isprintable() for char in url)
    return url.startswith(("https://", "http://")) and has_place and plain and not parts.netloc.endswith(":")


def _bucket_name(environment: Mapping[str, str]) -> str:
    for name in ("AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_REGION"):
        if not environment.get(name):
            raise Refused(
                f"S3_BUCKET is set but {name} is not. Set {name}, or unset S3_BUCKET to store on this computer.",
                code="settings",
            )
    return bucket_destination(environment)
