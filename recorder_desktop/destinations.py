"""The places uploads can go to, each connected when it is first needed. Implements core.ports.Destinations."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from recorder_desktop.client.auth import MintedToken, RefreshedToken
from recorder_desktop.config import LOCAL, DesktopConfig, describe
from recorder_desktop.core.addresses import is_loopback
from recorder_desktop.core.errors import Refused, Unavailable, UploadError
from recorder_desktop.core.own_bucket import KEYS_MISSING, kept_secrets
from recorder_desktop.system.paths import RecorderPaths, free_bytes
from recorder_desktop.system.token_store import TokenStore

if TYPE_CHECKING:
    from recorder_desktop.client.backend_api import BackendApi
    from recorder_desktop.system.local_stack import LocalStack

_log = logging.getLogger(__name__)

LOCAL_USER = "local-user"
"""The owner of everything uploaded through a backend that this computer started. One name on all computers, so that
two of them with the same own bucket and database see one library."""

_STACK_PATIENCE_S = 30.0
_BUCKET_PATIENCE_S = 10.0
"""How long a backend of this computer may take before the person hears what it waits for: its own store needs no more
than a slow disk does; of somebody else's, a command says within 15 s that it does not answer."""

_STACK_BYTES = 4 << 20
"""Kept free for the stack's own files: its settings, catalogue, indexes and logs."""


class ConfiguredDestinations:
    """This computer's stack, the person's bucket and team servers. Only the owner of a home makes one."""

    def __init__(self, paths: RecorderPaths, config: DesktopConfig, tokens: TokenStore) -> None:
        self._paths = paths
        self._config = config
        # What this run queues for, or did before, on this computer: with the environment of a bucket of one's own.
        self._here: dict[str, Mapping[str, str] | None] = {}
        if not is_server(config.destination):
            self._here[config.destination] = config.own_bucket
        self._tokens = tokens
        self._lent: dict[str, str] = {}  # tokens that commands brought along, by server
        self._signed_in: set[str] = set()  # servers that somebody signed in to while this ran
        self._chosen: str | None = None  # the place that this run queues for, if it is another one by now
        self._starting = threading.Lock()  # held while a stack is made, so that each place has one
        self._stacks: dict[str, LocalStack] = {}  # written under _starting
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._connected: dict[str, BackendApi] = {}  # guarded by _lock

    def current(self) -> str:
        """The place that this run queues for."""
        return self._chosen or self._config.destination

    def begin(self) -> None:
        """Start this computer's children, if what this run queues for needs them; returns at once."""
        if not is_server(self._config.destination):
            with self._starting:
                try:
                    self._started_stack(self._config.destination)
                except UploadError as exc:  # such as keys that the keyring lost: whoever connects is told the same
                    _log.warning("the services of this computer cannot start yet: %s", exc.code)

    def serves(self, destination: str) -> bool:
        """Servers always; on this computer only what this run queued for since it began."""
        return is_server(destination) or destination in self._here

    def about_unserved(self, destination: str) -> str:
        """What a person reads of an upload to a place that this run does not serve."""
        return (
            f"This upload belongs to another place ({describe(destination)}) and waits for it. "
            "Choose that place again, or remove it and add the file again."
        )

    def connect(self, destination: str) -> BackendApi:
        """The backend of a place, started or reached first where needed. See core.ports.Destinations."""
        with self._lock:
            known = self._connected.get(destination)
        if known is not None:
            return known
        api = self._connect(destination)
        with self._lock:
            return self._connected.setdefault(destination, api)

    def settings_of(self, destination: str) -> Mapping[str, str] | None:
        """The environment of the backend for a bucket of the person's own; None for what is none or not served."""
        return self._here.get(destination)

    def room_bytes(self, destination: str) -> int | None:
        """Free bytes where the embedded store keeps its data, less what it works with; None for every other place."""
        free = free_bytes(self._paths.home) if destination == LOCAL else None
        return None if free is None else free - _STACK_BYTES

    def is_near(self, destination: str) -> bool:
        """Whether a destination is on this computer. Of a bucket of one's own only the backend is."""
        return destination == LOCAL or (is_server(destination) and is_loopback(destination))

    def lend_token(self, server: str, token: str) -> None:
        """Use this token for `server` as long as this process runs."""
        self._lent[server] = token

    def use_kept(self, server: str) -> None:
        """Somebody signed in to `server`: that counts before the token that this run was given for it."""
        self._signed_in.add(server)
        self._lent.pop(server, None)

    def choose(self, server: str) -> None:
        """Queue for `server` from now on, with the sign-in that is kept for it before all others."""
        self.use_kept(server)
        self._chosen = server

    def choose_here(self, config: DesktopConfig) -> None:
        """Queue for the place of `config` from now on, which is one of this computer. What is queued for the place
        before goes on until this run ends."""
        self.serve_here(config)
        self._chosen = config.destination

    def serve_here(self, config: DesktopConfig) -> None:
        """Serve the place of `config` as well, with its settings from now on."""
        destination, bucket, known = config.destination, config.own_bucket, self._here.get(config.destination)
        if known is not None and bucket is not None and not bucket.get("AWS_ACCESS_KEY"):
            bucket = known
        self._here[destination] = bucket
        stack = self._stacks.get(destination)
        if stack is not None and bucket is not None and bucket != known:
            stack.use(self._with_keys(destination, bucket))

    def leave(self, server: str, instead: DesktopConfig) -> None:
        """Nobody is signed in to `server` any more. If this run queues for it, it queues for the place of `instead`
        from now on, where that is one of this computer; what is queued for the server waits."""
        self.use_kept(server)
        if self.current() != server:
            return
        if is_server(instead.destination):
            self._chosen = None
        else:
            self.choose_here(instead)

    def close(self) -> None:
        """Close connections and end the children."""
        with self._lock:
            for api in self._connected.values():
                api.close()
            self._connected.clear()
        # Without the lock: a thread that waits for the stack holds it, and stopping the stack is what wakes it up.
        self._closed.set()
        for stack in list(self._stacks.values()):
            stack.stop()

    def _connect(self, destination: str) -> BackendApi:
        # Imported late: the window is up before that.
        from recorder_desktop.client.backend_api import BackendApi

        if is_server(destination):
            from recorder_desktop.client.sign_in_api import SignInApi

            kept = _SignInTo(destination, self._given_token, self._tokens)
            return BackendApi(destination, RefreshedToken(kept, SignInApi(destination).refresh, destination))
        stack, url = self._ready_stack(destination)
        return BackendApi(url, MintedToken(lambda ttl_s: stack.mint_token(LOCAL_USER, ttl_s)))

    def _ready_stack(self, destination: str) -> tuple[LocalStack, str]:
        with self._starting:
            stack = self._started_stack(destination)
        patience_s = _STACK_PATIENCE_S if self._here[destination] is None else _BUCKET_PATIENCE_S
        try:
            return stack, stack.wait_ready(patience_s).url  # without the lock: other places do not wait for this one
        except UploadError as exc:
            if exc.code != "local_stack_starting":
                self._drop(destination, stack)
            raise

    def _drop(self, destination: str, stack: LocalStack) -> None:
        """End a stack that cannot serve, before anybody makes another one in its place."""
        with self._starting:
            if self._stacks.get(destination) is stack:
                stack.stop()
                del self._stacks[destination]

    def _started_stack(self, destination: str) -> LocalStack:
        if self._closed.is_set():
            raise Unavailable(
                "Recorder is closing. What is unfinished goes on when it is started again.",
                code="local_stack_stopped",
            )
        stack = self._stacks.get(destination)
        if stack is None:
            stack = self._stacks[destination] = self._new_stack(destination)
            stack.start()
            # Meanwhile, by somebody who saw no stack to stop: making one may wait for the keyring.
            if self._closed.is_set():
                stack.stop()
        return stack

    def _new_stack(self, destination: str) -> LocalStack:
        # Imported late: a team server needs none of it.
        from recorder_desktop.system.local_stack import LocalStack

        bucket = self._here[destination]
        name = self._backend_name(destination)
        if bucket is None:
            return LocalStack(self._paths, name=name)
        return LocalStack.backend_only(self._paths, self._with_keys(destination, bucket), name=name)

    def _backend_name(self, destination: str) -> str:
        """That of a place which was chosen while this ran is called after its catalogue."""
        if destination == self._config.destination:
            return "backend"
        catalogue = self._paths.catalogue_database if destination == LOCAL else self._paths.catalogue_of(destination)
        return catalogue.stem.replace("catalogue", "backend")

    def _with_keys(self, destination: str, bucket: Mapping[str, str]) -> Mapping[str, str]:
        """The settings of the person's bucket with its keys, which the window keeps in the keyring."""
        if bucket.get("AWS_ACCESS_KEY"):
            return bucket
        secrets = kept_secrets(self._tokens.get(destination) or "")
        if not secrets:
            raise Refused(
                f"The keys of your bucket {bucket['S3_BUCKET']} are not in the keyring. "
                "Unlock it, or enter them again.",
                code=KEYS_MISSING,
            )
        return {**secrets, **bucket}

    def _given_token(self, server: str) -> str | None:
        """The access token that this run was given for a server, by a command or by RECORDER_TOKEN."""
        if server in self._lent:
            return self._lent[server]
        is_meant = server == self._config.server and server not in self._signed_in
        return self._config.token if is_meant else None


class _SignInTo:
    """The sign-in to one server: what the run was given, else what the keyring has. A client.auth.KeptSignIn."""

    def __init__(self, server: str, given: Callable[[str], str | None], tokens: TokenStore) -> None:
        self._server = server
        self._given = given
        self._tokens = tokens

    def get(self) -> str | None:
        return self._given(self._server) or self._tokens.get(self._server)

    def replace(self, old: str, new: str) -> bool:
        return self._tokens.replace(self._server, old, new)


def is_server(destination: str) -> bool:
    """Whether a destination is a team server, and not a backend that this computer starts."""
    return destination.startswith(("http://", "https://"))
