"""The protocol under the application: between requests, and when a client goes away."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from unittest.mock import Mock

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from backend.http.bounded_protocol import BoundedHttpProtocol

_HEAD = b"POST /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"
_FIRST = _HEAD + b"{}"
_SECOND = b"GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n"


class _App:
    """Answers each POST on the spot, and nothing else. Attributes: heard: what it received otherwise, by path."""

    on_the_spot = SimpleNamespace(begin=lambda *_head: SimpleNamespace(answer=lambda *_body: b"answer"))

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        self.heard.append((scope["path"], (await receive())["type"]))
        await asyncio.Event().wait()


def _protocol(app: _App) -> BoundedHttpProtocol:
    protocol = BoundedHttpProtocol(uvicorn.Config(app, proxy_headers=False, log_config=None), ServerState(), {})
    protocol.connection_made(Mock(get_extra_info=Mock(return_value=None), is_closing=Mock(return_value=False)))
    return protocol


def test_a_connection_is_not_closed_as_idle_while_it_has_a_request() -> None:
    async def talk() -> tuple[bool, bool]:
        protocol = _protocol(_App())
        protocol.data_received(_FIRST)
        is_idle_after_one = protocol.timeout_keep_alive_task is not None
        protocol.data_received(_FIRST + _SECOND)
        return is_idle_after_one, protocol.timeout_keep_alive_task is not None

    assert asyncio.run(talk()) == (True, False)


def test_a_request_whose_client_goes_away_within_its_body_goes_through_the_framework() -> None:
    app = _App()

    async def talk() -> None:
        protocol = _protocol(app)
        protocol.data_received(_HEAD)
        protocol.connection_lost(None)
        await asyncio.sleep(0)

    asyncio.run(talk())
    assert app.heard == [("/first", "http.disconnect")]
