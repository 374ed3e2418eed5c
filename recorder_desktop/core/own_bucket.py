"""A bucket of the person's own: what is asked for, what is kept where, and who tries it. Secrets are masked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import astuple, dataclass, field
from typing import Protocol

SECRETS = ("AWS_ACCESS_KEY", "AWS_SECRET_KEY", "MONGO_URI")
"""What of a bucket's settings is kept in the keyring alone. A database's address holds its password."""
_KEPT = (*SECRETS, "AWS_REGION")
"""The region besides: the settings have that of the last bucket only, and a place's name not always its own."""

WRONG_BUCKET, WRONG_REGION, WRONG_ENDPOINT = "wrong_bucket", "wrong_region", "wrong_endpoint"
WRONG_KEYS, WRONG_MONGO_URI = "wrong_keys", "wrong_mongo_uri"
"""The codes of what a trial refuses, by what has to be corrected."""

_NAMES = ("S3_BUCKET", "AWS_REGION", "S3_ENDPOINT_URL", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "MONGO_URI")
"""What the fields of OwnBucket are called for a backend, in their order."""

_PLACE = "bucket:"

KEYS_MISSING = "bucket_keys_missing"
"""The code of what cannot be sent since the keyring has no keys for its bucket."""


@dataclass(frozen=True, slots=True)
class OwnBucket:
    """endpoint: empty for Amazon's own. mongo_uri: empty for a catalogue on this computer."""

    bucket: str
    region: str
    endpoint: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    mongo_uri: str = field(default="", repr=False)

    def environment(self) -> dict[str, str]:
        """The same as the bundled backend takes it."""
        return {name: value for name, value in zip(_NAMES, astuple(self), strict=True) if value}

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> OwnBucket:
        """The bucket of these settings of a backend; empty what they do not have."""
        return cls(*(settings.get(name, "") for name in _NAMES))


def is_bucket(destination: str) -> bool:
    """Whether a place is a bucket of the person's own."""
    return destination.startswith(_PLACE)


def bucket_destination(settings: Mapping[str, str]) -> str:
    """The name of the place that these settings of a bucket lead to."""
    place = settings.get("S3_ENDPOINT_URL", "").rstrip("/") or settings["AWS_REGION"]
    return f"{_PLACE}{settings['S3_BUCKET']} at {place}"


def bucket_and_place(destination: str) -> tuple[str, str]:
    """The bucket that such a place is, and the endpoint or region where it is."""
    bucket, _, place = destination.removeprefix(_PLACE).partition(" at ")
    return bucket, place


def settings_named_by(destination: str) -> dict[str, str]:
    """What the name of such a place tells of its settings."""
    bucket, place = bucket_and_place(destination)
    return {"S3_BUCKET": bucket, ("S3_ENDPOINT_URL" if "://" in place else "AWS_REGION"): place}


def secrets_as_kept(settings: Mapping[str, str]) -> str:
    """The secrets among a bucket's settings as one text for the keyring, with its region."""
    return json.dumps({name: settings[name] for name in _KEPT if name in settings})


def kept_secrets(kept: str) -> dict[str, str]:
    """The secrets, and the region, that were kept so; empty for what is none."""
    try:
        read = json.loads(kept)
    except (ValueError, RecursionError):
        return {}
    return {name: str(read[name]) for name in _KEPT if name in read} if isinstance(read, dict) else {}


def said_to_its_owner(code: str, bucket: str) -> str | None:
    """What is wrong with a bucket, in words about what its owner entered; None where the backend's own words will do.

    The backend speaks to whoever runs a server.
    """
    match code:
        case "bucket_missing":
            return f"There is no bucket “{bucket}” there. Correct its name, the region or the endpoint."
        case "store_refused":
            return (
                f"The store refuses the keys of the bucket “{bucket}”, or they may not use it. "
                "Correct the access key, the secret key or the region."
            )
        case _:
            return None


class BucketDesk(Protocol):
    """Tries buckets and keeps them."""

    def known(self, destination: str) -> Future[OwnBucket]:
        """What is known of the bucket of a place, its keys too where the keyring has them; returns at once."""

    def begin(self, bucket: OwnBucket, mends: str = "") -> Future[str]:
        """Try a bucket for real and, if it works, keep it and queue for it from now on; returns at once.

        `mends`: a place whose uploads wait for this. If the bucket is that place, what is new goes where it went.

        The future has the name of the place. It raises core.errors; nothing is kept then. It can be cancelled until
        the bucket has worked; nothing is kept then either.
        """
