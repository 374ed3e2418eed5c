"""One WebSocket of live progress: sign-in, snapshot, changes, and the reasons why it ends.

A watcher that reads slowly holds nobody up: of each upload only the newest state waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from backend.errors import BackendError, CatalogueUnavailable, NotSignedIn
from backend.http.schemas.progress import change_messages, snapshot_message
from backend.live_feed import LiveFeed
from backend.model import Recording, UploadStatus

SIGN_IN_WITHIN_S = 5.0
# How often the token is looked at again: it may expire, or its user be disabled.
RECHECK_INTERVAL_S = 5.0
# What a peer does not take within this time, it will not take at all.
SEND_WITHIN_S = 30.0
SNAPSHOT_PAUSE_S = 1.0
MAX_WAITING = 1000
CLOSE_SIGN_IN, CLOSE_POLICY, CLOSE_TRY_LATER = 4401, 1008, 1013


@dataclass(frozen=True)
class SocketRules:
    """Whose a token is (raises NotSignedIn), and who is told of each connection (raises TooManyRequests)."""

    user_of: Callable[[str], Awaitable[str]]
    count: Callable[[str], Awaitable[None]]


class _Ended(Exception):
    """The connection is to be closed, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Mailbox:
    """A live_feed.Watcher that keeps what is new until the event loop takes it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._filled = asyncio.Event()
        self._waiting: dict[str, UploadStatus] = {}  # by session; the newest only
        self._is_behind = False

    def changed(self, statuses: Sequence[UploadStatus]) -> None:
        """See Watcher."""
        self._on_loop(lambda: self._put(statuses))

    def missed(self) -> None:
        """See Watcher."""
        self._on_loop(self._fall_behind)

    async def wait(self) -> None:
        """Return when there is something to tell."""
        await self._filled.wait()

    def take(self) -> tuple[bool, list[UploadStatus]]:
        """Return whether a snapshot is due, and what changed; with a snapshot due it counts for what came before."""
        is_behind, waiting = self._is_behind, list(self._waiting.values())
        self._waiting.clear()
        self._is_behind = False
        self._filled.clear()
        return is_behind, [] if is_behind else waiting

    def _on_loop(self, action: Callable[[], None]) -> None:
        # The loop is closed only when the whole process ends.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(action)

    def _put(self, statuses: Sequence[UploadStatus]) -> None:
        self._waiting.update((status.session.session_id, status) for status in statuses)
        if len(self._waiting) > MAX_WAITING:
            self._fall_behind()
        self._filled.set()

    def _fall_behind(self) -> None:
        self._waiting.clear()
        self._is_behind = True
        self._filled.set()


class LiveSocket:
    """The conversation with one watcher."""

    def __init__(
        self, websocket: WebSocket, feed: LiveFeed, rules: SocketRules, file_url: Callable[[Recording], str]
    ) -> None:
        self._websocket = websocket
        self._feed = feed
        self._rules = rules
        self._file_url = file_url
        self._token = ""
        self._user = ""

    async def serve(self) -> None:
        """Talk until one side has enough."""
        await self._websocket.accept()
        try:
            await self._sign_in()
            mailbox = Mailbox()
            with self._feed.joined(self._user, mailbox):
                await _first_of(self._tell(mailbox), self._listen(), self._recheck())
        except _Ended as exc:
            await self._close(exc.code, exc.reason)
        except NotSignedIn as exc:
            await self._close(CLOSE_SIGN_IN, exc.message)
        except BackendError as exc:
            # Too many connections, or a database that cannot say who it is.
            await self._close(CLOSE_TRY_LATER, exc.message)
        except WebSocketDisconnect:
            pass

    async def _close(self, code: int, reason: str) -> None:
        # The peer may be gone by now.
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(SEND_WITHIN_S):
                await self._websocket.close(code, reason)

    async def _sign_in(self) -> None:
        """Find out who it is. Raises NotSignedIn, TooManyRequests."""
        try:
            self._token = _bearer(self._websocket) or await self._token_message()
            self._user = await self._rules.user_of(self._token)
        except NotSignedIn:
            client = self._websocket.client
            await self._rules.count(f"address:{client.host if client else 'unknown'}")
            raise
        # For the log of the connection.
        self._websocket.scope["user_id"] = self._user
        await self._rules.count(f"user:{self._user}")

    async def _token_message(self) -> str:
        try:
            async with asyncio.timeout(SIGN_IN_WITHIN_S):
                token = _token_in(await self._websocket.receive_text())
        except (TimeoutError, KeyError):
            token = None
        if token is None:
            raise NotSignedIn('Send {"type":"auth","token":"..."} first, or a bearer token as a header.')
        return token

    async def _tell(self, mailbox: Mailbox) -> None:
        while True:
            await mailbox.wait()
            is_behind, statuses = mailbox.take()
            if is_behind:
                await self._send_snapshot(mailbox)
            for status in statuses:
                for message in change_messages(status, self._file_url):
                    await self._send(message)

    async def _send_snapshot(self, mailbox: Mailbox) -> None:
        try:
            statuses = await run_in_threadpool(self._feed.overview, self._user)
        except BackendError:
            # The feed says that the database is away; here it is asked for again until it is back.
            await asyncio.sleep(SNAPSHOT_PAUSE_S)
            mailbox.missed()
            return
        await self._send(snapshot_message(statuses))

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await self._websocket.send_text(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        except TimeoutError as exc:
            raise _Ended(CLOSE_POLICY, "Too slow a reader.") from exc

    async def _listen(self) -> None:
        """Take in newer tokens of the same user; pass over what is not for us."""
        while True:
            try:
                text = await self._websocket.receive_text()
            except KeyError as exc:
                raise _Ended(CLOSE_POLICY, "Text messages only.") from exc
            token = _token_in(text)
            if token is None:
                continue
            if await self._rules.user_of(token) != self._user:
                raise _Ended(CLOSE_SIGN_IN, "Somebody else's token: open a connection of their own.")
            self._token = token

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_INTERVAL_S)
            # While the database is away nobody is turned out.
            with contextlib.suppress(CatalogueUnavailable):
                await self._rules.user_of(self._token)


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Run these together until the first ends; end the others and raise what it raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _bearer(websocket: WebSocket) -> str | None:
    values = websocket.headers.getlist("authorization")
    if not values:
        return None
    scheme, _, token = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token:
        raise NotSignedIn("Send an access token as Authorization: Bearer.")
    return token


def _token_in(text: str) -> str | None:
    """Return the token of an auth message, None for any other."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("type") != "auth":
        return None
    token = message.get("token")
    return token if isinstance(token, str) and token else None
