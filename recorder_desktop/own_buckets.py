"""Tries a bucket of the person's own and keeps it: its keys in the keyring alone, the rest in the settings."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from recorder_desktop.background import begin, begin_cancellable
from recorder_desktop.config import BUCKET_SETTINGS, SERVER_SETTING, DesktopConfig
from recorder_desktop.core.errors import Interrupted, Refused, UploadError
from recorder_desktop.core.own_bucket import (
    WRONG_BUCKET,
    WRONG_ENDPOINT,
    WRONG_KEYS,
    WRONG_MONGO_URI,
    WRONG_REGION,
    OwnBucket,
    bucket_destination,
    kept_secrets,
    secrets_as_kept,
    settings_named_by,
)
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import TokenStore

_PATIENCE_S = 20.0


def try_bucket(environment: Mapping[str, str]) -> None:
    """Start a backend for this bucket, have it reach store and database, and end it. Raises core.errors.

    It has a home of its own for that: the backend that runs already keeps its files.
    """
    # Imported late: hardly anybody needs it.
    from recorder_desktop.system.local_stack import LocalStack
    from recorder_desktop.system.paths import RecorderPaths

    with tempfile.TemporaryDirectory(prefix="recorder-trial-") as folder:
        stack = LocalStack.backend_only(RecorderPaths(Path(folder)), environment)
        stack.start()
        try:
            stack.wait_ready(_PATIENCE_S)
        finally:
            stack.stop()


class Places(Protocol):
    """Where this run queues, and may; see ConfiguredDestinations."""

    def current(self) -> str:
        """The place that new recordings go to."""

    def settings_of(self, destination: str) -> Mapping[str, str] | None:
        """The settings of a bucket that is served."""

    def serve_here(self, config: DesktopConfig) -> None:
        """Serve a place of this computer, with these settings from now on."""

    def choose_here(self, config: DesktopConfig) -> None:
        """Queue for it as well."""


class OwnBuckets:
    """Implements core.own_bucket.BucketDesk."""

    def __init__(
        self,
        tokens: TokenStore,
        settings: SettingsFile,
        places: Places,
        try_out: Callable[[Mapping[str, str]], None] = try_bucket,
    ) -> None:
        self._tokens = tokens
        self._settings = settings
        self._places = places
        self._try_out = try_out

    def known(self, destination: str) -> Future[OwnBucket]:
        """What is known of a bucket. On a thread of its own: a keyring may ask the person first."""

        def work() -> OwnBucket:
            settings = (
                self._places.settings_of(destination) or self._kept(destination) or settings_named_by(destination)
            )
            return OwnBucket.of({**kept_secrets(self._tokens.get(destination) or ""), **settings})

        return begin("known-bucket", work)

    def begin(self, bucket: OwnBucket, mends: str = "") -> Future[str]:
        """The same on a thread of its own. The future can be cancelled until the trial is over."""
        environment = bucket.environment()

        def work(claim: Callable[[], bool]) -> str:
            self._try(bucket)
            if not claim():
                raise Interrupted
            return self._keep(environment, mends)

        return begin_cancellable("own-bucket", work)

    def use(self, bucket: OwnBucket, mends: str = "") -> str:
        """As `begin`, on this thread. Waits for network and keyring."""
        self._try(bucket)
        return self._keep(bucket.environment(), mends)

    def forget(self) -> None:
        """Name no bucket any more, and keep no keys of it. Raises Refused for one of the environment."""
        kept = self._in_settings()
        if kept is None:
            raise Refused(
                "This bucket is named by this computer's environment (S3_BUCKET), not by Recorder's settings. "
                "Take it out there, then start Recorder again.",
                code="settings",
            )
        for setting in BUCKET_SETTINGS.values():
            self._settings.set(setting, None)
        self._tokens.delete(bucket_destination(kept))

    def _in_settings(self) -> dict[str, str] | None:
        kept = {variable: self._settings.get(setting) or "" for variable, setting in BUCKET_SETTINGS.items()}
        return kept if kept["S3_BUCKET"] else None

    def _kept(self, destination: str) -> dict[str, str] | None:
        """The settings that are kept for a place; None if they are another one's, or none."""
        kept = self._in_settings()
        return kept if kept is not None and bucket_destination(kept) == destination else None

    def _try(self, bucket: OwnBucket) -> None:
        try:
            self._try_out(bucket.environment())
        except UploadError as exc:
            told = _about_fields(exc)
            if told is exc:
                raise
            raise told from exc

    def _keep(self, environment: Mapping[str, str], mends: str) -> str:
        destination = bucket_destination(environment)
        try:
            self._tokens.set_lasting(destination, secrets_as_kept(environment))
        except Refused as exc:
            raise Refused(
                "The bucket works, but this computer has no usable keyring, and its keys are kept nowhere else. "
                "Set up a keyring, then try again.",
                code=exc.code,
            ) from exc
        config = DesktopConfig(destination, own_bucket=dict(environment))
        if destination == mends != self._places.current():
            if self._kept(destination) is not None:
                self._keep_settings(environment)
            self._places.serve_here(config)
            return destination
        self._keep_settings(environment)
        self._settings.set(SERVER_SETTING, None)  # a team server would come first
        self._places.choose_here(config)
        return destination

    def _keep_settings(self, environment: Mapping[str, str]) -> None:
        for variable, setting in BUCKET_SETTINGS.items():
            self._settings.set(setting, environment.get(variable))


def _about_fields(error: UploadError) -> UploadError:
    """What the backend says of its variables, or of the store, in words about what was typed in."""
    match error.code:
        case "bad_settings":
            return _wrong_setting(error)
        case "bucket_missing":
            return Refused(error.message, code=WRONG_BUCKET)
        case "store_refused":
            return Refused(error.message, code=WRONG_KEYS)
        case _:
            return error


def _wrong_setting(error: UploadError) -> UploadError:
    """The same of the field that a variable of the backend is typed into."""
    variables = ("S3_BUCKET", "AWS_REGION", "S3_ENDPOINT_URL", "MONGO_URI")
    match next((name for name in variables if name in error.message), None):
        case "S3_BUCKET":
            return Refused(
                "That is no name of a bucket. Use at least two letters, digits, dots, hyphens or underscores.",
                code=WRONG_BUCKET,
            )
        case "AWS_REGION":
            return Refused(
                "That is no name of a region. It has letters, digits and hyphens only, for example eu-central-1.",
                code=WRONG_REGION,
            )
        case "S3_ENDPOINT_URL":
            return Refused(
                "That is no address of a store. Write it in full, for example https://s3.example.org, "
                "or leave it empty.",
                code=WRONG_ENDPOINT,
            )
        case "MONGO_URI":
            return Refused(
                "That is no address of a MongoDB. It begins with mongodb:// or mongodb+srv://, or leave it empty.",
                code=WRONG_MONGO_URI,
            )
        case _:
            return error
