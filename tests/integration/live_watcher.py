"""A watcher of a running backend's live progress, over a real WebSocket."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.servers import BackendServer

WITHIN_S = 20.0


class Watcher:
    """What one connection was told so far, in order."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.messages: list[dict[str, Any]] = []

    def until(self, is_wanted: Callable[[dict[str, Any]], bool], timeout_s: float = WITHIN_S) -> dict[str, Any]:
        """Return the first message from now on that is wanted."""
        while True:
            message = json.loads(self.connection.recv(timeout=timeout_s))
            self.messages.append(message)
            if is_wanted(message):
                return dict(message)

    def snapshot(self) -> list[dict[str, Any]]:
        """Return the uploads of the next snapshot."""
        return list(self.until(lambda message: message["type"] == "snapshot")["uploads"])

    def upload(self, upload_id: str, **fields: Any) -> dict[str, Any]:
        """Return the next word on this upload that has these fields."""

        def is_it(message: dict[str, Any]) -> bool:
            told: dict[str, Any] = message.get("upload", {})
            return told.get("uploadId") == upload_id and fields.items() <= told.items()

        return dict(self.until(is_it)["upload"])


def address(server: BackendServer) -> str:
    """Return where a backend tells of live progress."""
    return server.url.replace("http://", "ws://") + "/ws/progress"


@contextmanager
def watching(server: BackendServer, user: str = "alice", **options: Any) -> Iterator[Watcher]:
    """Yield a signed-in watcher, and close its connection."""
    headers = server.auth(user) if user else {}
    with connect(address(server), additional_headers=headers, proxy=None, **options) as connection:
        yield Watcher(connection)


def closed(connection: ClientConnection) -> int:
    """Return the code of the end that comes."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            connection.recv(timeout=WITHIN_S)
    assert connection.close_code is not None
    return connection.close_code
