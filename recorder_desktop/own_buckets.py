"""Tries a bucket of the person's own and keeps it: its keys in the keyring alone, the rest in the settings."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from recorder_desktop.background import begin_cancellable
from recorder_desktop.config import BUCKET_SETTINGS, SERVER_SETTING
from recorder_desktop.core.errors import Interrupted, Refused
from recorder_desktop.core.own_bucket import OwnBucket, bucket_destination, secrets_as_kept
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


class OwnBuckets:
    """Implements core.own_bucket.BucketDesk."""

    def __init__(
        self,
        tokens: TokenStore,
        settings: SettingsFile,
        try_out: Callable[[Mapping[str, str]], None] = try_bucket,
    ) -> None:
        self._tokens = tokens
        self._settings = settings
        self._try_out = try_out

    def begin(self, bucket: OwnBucket) -> Future[str]:
        """Try it and keep it, on a thread of its own. The future can be cancelled until the trial is over."""
        environment = bucket.environment()

        def work(claim: Callable[[], bool]) -> str:
            self._try_out(environment)
            if not claim():
                raise Interrupted
            return self._keep(environment)

        return begin_cancellable("own-bucket", work)

    def use(self, bucket: OwnBucket) -> str:
        """Try it and keep it; returns the name of the place. Waits for network and keyring."""
        environment = bucket.environment()
        self._try_out(environment)
        return self._keep(environment)

    def _keep(self, environment: Mapping[str, str]) -> str:
        destination = bucket_destination(environment)
        try:
            self._tokens.set_lasting(destination, secrets_as_kept(environment))
        except Refused as exc:
            raise Refused(
                "The bucket works, but this computer has no usable keyring, and its keys are kept nowhere else. "
                "Set up a keyring, then try again.",
                code=exc.code,
            ) from exc
        for variable, setting in BUCKET_SETTINGS.items():
            self._settings.set(setting, environment.get(variable))
        self._settings.set(SERVER_SETTING, None)  # a team server would come first
        return destination
