"""A bucket of the person's own: what is asked for, what is kept where, and who tries it. Secrets are masked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

SECRETS = ("AWS_ACCESS_KEY", "AWS_SECRET_KEY", "MONGO_URI")
"""What of a bucket's settings is kept in the keyring alone. A database's address holds its password."""

WRONG_BUCKET, WRONG_REGION, WRONG_ENDPOINT = "wrong_bucket", "wrong_region", "wrong_endpoint"
WRONG_KEYS, WRONG_MONGO_URI = "wrong_keys", "wrong_mongo_uri"
"""The codes of what a trial refuses, by what has to be corrected."""

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
        named = {
            "S3_BUCKET": self.bucket,
            "AWS_REGION": self.region,
            "S3_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY": self.access_key,
            "AWS_SECRET_KEY": self.secret_key,
            "MONGO_URI": self.mongo_uri,
        }
        return {name: value for name, value in named.items() if value}


def bucket_destination(settings: Mapping[str, str]) -> str:
    """The name of the place that these settings of a bucket lead to."""
    place = settings.get("S3_ENDPOINT_URL", "").rstrip("/") or settings["AWS_REGION"]
    return f"bucket:{settings['S3_BUCKET']} at {place}"


def secrets_as_kept(settings: Mapping[str, str]) -> str:
    """The secrets among a bucket's settings as one text for the keyring."""
    return json.dumps({name: settings[name] for name in SECRETS if name in settings})


def kept_secrets(kept: str) -> dict[str, str]:
    """The secrets that were kept so; empty for what is none."""
    try:
        read = json.loads(kept)
    except (ValueError, RecursionError):
        return {}
    return {name: str(read[name]) for name in SECRETS if name in read} if isinstance(read, dict) else {}


class BucketDesk(Protocol):
    """Tries buckets and keeps them."""

    def begin(self, bucket: OwnBucket) -> Future[str]:
        """Try a bucket for real and, if it works, keep it and queue for it from now on; returns at once.

        The future has the name of the place. It raises core.errors; nothing is kept then. It can be cancelled until
        the bucket has worked; nothing is kept then either.
        """
