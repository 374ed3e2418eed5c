"""The protocol under the application, between requests."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from unittest.mock import Mock

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from backend.http.bounded_protocol import BoundedHttpProtocol

_FIRST = b"POST /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
_SECOND = b"GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n"


class _App:
    """Answers the first request on the spot, and the second one after a long time."""

    on_the_spot = SimpleNamespace(begin=lambda *_head: SimpleNamespace(answer=lambda *_body: b"answer"))

    async def __call__(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.Event().wait()


def test_a_connection_is_not_closed_as_idle_while_it_has_a_request() -> None:
    async def talk() -> tuple[bool, bool]:
        config = uvicorn.Config(_App(), proxy_headers=False, log_config=None)
        protocol = BoundedHttpProtocol(config, ServerState(), {})
        protocol.connection_made(Mock(get_extra_info=Mock(return_value=None), is_closing=Mock(return_value=False)))
        protocol.data_received(_FIRST)
        is_idle_after_one = protocol.timeout_keep_alive_task is not None
        protocol.data_received(_FIRST + _SECOND)
        return is_idle_after_one, protocol.timeout_keep_alive_task is not None

    assert asyncio.run(talk()) == (True, False)
