"""Starts and keeps what uploads need on this computer: the bundled backend, and in local mode a store for it."""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recorder_desktop.core.errors import Refused, Unavailable, UploadError
from recorder_desktop.core.own_bucket import bucket_destination, said_to_its_owner
from recorder_desktop.system.bundled_backend import BundledBackend
from recorder_desktop.system.child_process import ChildEnd
from recorder_desktop.system.embedded_store import EmbeddedStore
from recorder_desktop.system.paths import RecorderPaths

_log = logging.getLogger(__name__)

BUCKET = "recordings"
REGION = "us-east-1"

_BAD_SETTINGS_CODE = 2
_ATTEMPTS = 3
_FOR_THE_PERSON = frozenset({"bucket_missing", "store_refused", "clock_wrong", "catalogue_unusable"})
"""What the backend says of a store or database that will not mend by itself."""
_PAUSE_S = 0.02
_EAGER_S = 5.0
"""How long a start may take; what is not ready then has a reason, and asking more often does not cure it."""
_MOST_PAUSE_S = 1.0

_OWN_BUCKET_SETTINGS = frozenset({
    "ALLOWED_CONTENT_TYPES", "AWS_ACCESS_KEY", "AWS_REGION", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "CDN_BASE_URL",
    "CLOUDFRONT_KEY_ID", "CLOUDFRONT_PRIVATE_KEY", "MAX_FILE_SIZE", "MONGO_URI", "S3_BUCKET", "S3_CHECKSUM",
    "S3_ENDPOINT_URL", "S3_PUBLIC_ENDPOINT_URL", "SSL_CERT_FILE", "UPLOAD_MAX_AGE_HOURS",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class StackAddress:
    """Where the backend of this computer answers."""

    url: str


class LocalStack:
    """The children of one run of the app. Made once, started once, stopped once; the owner of the home only.

    `LocalStack(paths)` is local mode, store included; `LocalStack.backend_only` serves the person's own bucket.
    `name` is the backend's, where two of them run. A child that dies is started again on the same port with the same
    secrets, so clients see a short outage. All children end with this process, however it ends.
    """

    def __init__(
        self,
        paths: RecorderPaths,
        own_bucket: Mapping[str, str] | None = None,
        backend_command: Sequence[str] | None = None,
        name: str = "backend",
    ) -> None:
        self._failure: UploadError | None = None  # guarded by _changed
        self._is_ready = False  # guarded by _changed
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._trouble = ""  # what the backend waits for, in its words; written by the watching thread
        paths.create()
        self._paths = paths
        self._bucket = (own_bucket or {}).get("S3_BUCKET", "")
        self._store = EmbeddedStore(paths, self._store_ended) if own_bucket is None else None
        settings = (
            self._local_settings(self._store, paths) if self._store else _own_bucket_settings(own_bucket or {}, paths)
        )
        self._backend = BundledBackend(
            paths,
            settings,
            self._backend_ended,
            name=name,
            command=list(backend_command) if backend_command else None,
            through_proxy=own_bucket is not None,
            # A mistyped name must not become a new bucket of the person's.
            create_bucket=own_bucket is None,
        )
        self._watch = threading.Thread(target=self._announce_when_ready, name="local-stack", daemon=True)

    @classmethod
    def backend_only(
        cls,
        paths: RecorderPaths,
        environment: Mapping[str, str],
        backend_command: Sequence[str] | None = None,
        name: str = "backend",
    ) -> LocalStack:
        """The bundled backend against the S3 store and database that `environment` names; no store of its own."""
        return cls(paths, own_bucket=environment, backend_command=backend_command, name=name)

    def start(self) -> None:
        """Begin; returns at once."""
        # The backend first: its imports take longest, and it waits for its store by itself.
        self._backend.start()
        if self._store is not None:
            self._store.start()
        self._watch.start()

    def wait_ready(self, timeout_s: float) -> StackAddress:
        """Return the backend's address as soon as backend, store and catalogue answer for the first time.

        Raises Refused when the settings are wrong or a program is missing, Unavailable when a child cannot be kept
        running or nothing answers within `timeout_s`; in that last case it may still come, so ask again.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_ready or self._failure is not None, timeout_s)
            if self._failure is not None:
                raise self._failure
            if self._is_ready:
                return StackAddress(self._backend.url)
        raise Unavailable(self._not_yet(), code="local_stack_starting")

    def use(self, environment: Mapping[str, str]) -> None:
        """Serve the same bucket with other keys, or another database, from now on. Clients see a short outage."""
        self._backend.use(_own_bucket_settings(environment, self._paths))

    def mint_token(self, user: str, ttl_s: float) -> str:
        """An access token for `user`, accepted by this run's backend for `ttl_s` seconds."""
        return self._backend.mint_token(user, ttl_s)

    def is_alive(self) -> bool:
        """Whether all children run at this moment."""
        return self._backend.is_alive() and (self._store is None or self._store.is_alive())

    def stop(self) -> None:
        """End all children and return when they are gone, after some two seconds at the latest."""
        self._stopping.set()
        # Both at once, and the backend's last requests still find their store.
        self._backend.ask_to_stop()
        if self._store is not None:
            self._store.ask_to_stop()
        self._backend.stop()
        if self._store is not None:
            self._store.stop()
        self._fail(
            Unavailable(
                "Recorder is closing. What is unfinished goes on when it is started again.",
                code="local_stack_stopped",
            )
        )

    @staticmethod
    def _local_settings(store: EmbeddedStore, paths: RecorderPaths) -> dict[str, str]:
        return {
            "CATALOGUE_FILE": paths.catalogue_database.name,
            "AWS_ACCESS_KEY": store.keys.access_key,
            "AWS_SECRET_KEY": store.keys.secret_key,
            "AWS_REGION": REGION,
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": store.endpoint_url,
            # The person's own AWS set-up has no part in this store, and a mistake in it must not break local mode.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            # Present, so that not even the proxy of the operating system's settings (macOS, Windows) is asked.
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def _announce_when_ready(self) -> None:
        for pause_s in _pauses():
            if self._stopping.is_set() or self._failure is not None:
                return
            trouble = self._backend.why_not_ready()
            if trouble is None:
                with self._changed:
                    self._is_ready = True
                    self._changed.notify_all()
                return
            if self._store is None and trouble.code in _FOR_THE_PERSON:
                said = said_to_its_owner(trouble.code, self._bucket)
                self._fail(Refused(said or trouble.message, code=trouble.code))
                return
            self._trouble = trouble.message
            self._stopping.wait(pause_s)

    def _store_ended(self, end: ChildEnd) -> bool:
        return self._ended(end, "The store on this computer could not start", "store_failed")

    def _backend_ended(self, end: ChildEnd) -> bool:
        if end.code == _BAD_SETTINGS_CODE and end.last_line and not self._was_ready():
            self._fail(Refused(end.last_line, code="bad_settings"))
            return False
        return self._ended(end, "The upload service of this computer could not start", "backend_failed")

    def _ended(self, end: ChildEnd, what: str, code: str) -> bool:
        if end.cause is None and (self._was_ready() or end.times_in_a_row < _ATTEMPTS):
            return True
        why = end.last_line or f"it ended with code {end.code}"
        self._fail(end.cause or Unavailable(f"{what}: {why}", code=code))
        return False

    def _was_ready(self) -> bool:
        with self._changed:
            return self._is_ready

    def _fail(self, failure: UploadError) -> None:
        with self._changed:
            self._failure = self._failure or failure
            self._changed.notify_all()

    def _not_yet(self) -> str:
        if self._store is not None and not self._store.is_alive():
            return "The store on this computer is still starting."
        if not self._backend.url:
            return "The upload service of this computer is still starting."
        trouble = self._trouble or "The store or the database does not answer yet."
        return trouble if self._store else f"{trouble} Check the network and the settings of the bucket."


def _pauses() -> Iterator[float]:
    """The seconds between two questions whether all is ready: quick at first, a second apart in the end."""
    yield from itertools.repeat(_PAUSE_S, int(_EAGER_S / _PAUSE_S))
    pause_s = _PAUSE_S
    while True:
        pause_s = min(_MOST_PAUSE_S, pause_s * 1.1)
        yield pause_s


def _own_bucket_settings(environment: Mapping[str, str], paths: RecorderPaths) -> dict[str, str]:
    given = {name: environment[name] for name in _OWN_BUCKET_SETTINGS if environment.get(name)}
    if not (given.get("S3_BUCKET") and given.get("AWS_REGION")):
        return given  # the backend says what is missing
    return {**given, "CATALOGUE_FILE": paths.catalogue_of(bucket_destination(given)).name}
