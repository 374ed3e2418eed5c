"""How owner and commands speak: one JSON object a message, after both have proven that they know the key."""

from __future__ import annotations

import json
import time
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from typing import Any, cast

HANDSHAKE_DEADLINE_S = 5.0
_MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024

Message = dict[str, Any]


class _DeadlinedConnection:
    """The part of a connection that the handshake uses, with a deadline: who says nothing is let go of."""

    def __init__(self, connection: Connection, deadline_s: float) -> None:
        self._connection = connection
        self._end = time.monotonic() + deadline_s

    def send_bytes(self, content: bytes) -> None:
        self._connection.send_bytes(content)

    def recv_bytes(self, limit: int) -> bytes:
        if not self._connection.poll(max(0.0, self._end - time.monotonic())):
            raise EOFError("nothing was said in time")
        return self._connection.recv_bytes(limit)


def prove_as_owner(connection: Connection, key: bytes, deadline_s: float = HANDSHAKE_DEADLINE_S) -> None:
    """Check the caller's knowledge of the key, then show one's own.

    Raises AuthenticationError, EOFError or OSError when the caller fails, is silent or goes away.
    """
    limited = cast("Connection", _DeadlinedConnection(connection, deadline_s))
    deliver_challenge(limited, key)
    answer_challenge(limited, key)


def prove_as_caller(connection: Connection, key: bytes, deadline_s: float = HANDSHAKE_DEADLINE_S) -> None:
    """The twin of `prove_as_owner`, with the same errors."""
    limited = cast("Connection", _DeadlinedConnection(connection, deadline_s))
    answer_challenge(limited, key)
    deliver_challenge(limited, key)


def send(connection: Connection, message: Message) -> None:
    """Send one object. Raises OSError when the other side is gone."""
    # JSON, never pickle: what arrives is data, whoever sent it.
    connection.send_bytes(json.dumps(message).encode())


def receive(connection: Connection) -> Message:
    """Wait for one object. Raises EOFError or OSError when the other side is gone, ValueError for anything else."""
    try:
        message = json.loads(connection.recv_bytes(_MESSAGE_LIMIT_BYTES))
    except RecursionError as exc:
        raise ValueError("a message is not so deep") from exc
    if not isinstance(message, dict):
        raise ValueError("a message is one object")
    return message
