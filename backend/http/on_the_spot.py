"""Answers what desktops ask for most, in the instant in which it is read: without a task, the framework, or a wait.

Only what succeeds is answered here, for a request as nearly all are. Before anything of it has an effect the rest is
left to the framework, which begins anew: so there is one place for everything that is refused, and for its words.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from backend.http.middleware import host_of
from backend.http.request_line import Ended, RequestObserver, note

MAX_CONTENT_BYTES = 100_000
# Whose answers depend on it, or who want to be heard before they send their body.
_LEFT_TO_OTHERS = (b"origin", b"expect", b"transfer-encoding")
_OK = b"HTTP/1.1 200 OK\r\n%scontent-length: %d\r\ncontent-type: application/json\r\nx-request-id: %s\r\n\r\n"
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\n%sx-request-id: %s\r\n\r\n"


@dataclass(frozen=True)
class Spot:
    """A POST route that can answer on the spot.

    ``prepare`` is given the user and the body, an instance of ``body``. Without an effect and without waiting it
    returns what makes the answer, None where that might have to wait. The answer is JSON, empty for a 204; None
    leaves the request to the framework.
    """

    path: str
    body: type[BaseModel]
    prepare: Callable[[str, Any], Callable[[], str | None] | None]


@dataclass(frozen=True)
class AtHand:
    """What may be known without waiting: the user of a token, and that a request still counts; None and False if not.

    ``count`` raises what the framework's way would raise.
    """

    user_of: Callable[[str], str | None]
    count: Callable[[str], bool]


class OnTheSpot:
    """Answers requests for the given routes, of users who are known at hand."""

    def __init__(
        self, spots: Iterable[Spot], at_hand: AtHand, hosts: Collection[str], on_request: RequestObserver | None
    ) -> None:
        self._spots = {spot.path.encode(): spot for spot in spots}
        self._at_hand = at_hand
        self._hosts = frozenset(host.lower() for host in hosts)
        self._on_request = on_request

    def begin(self, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Begun | None:
        """Return what answers a POST with this head, None where the framework has to. Names are in small letters."""
        spot = self._spots.get(target)
        if spot is None:
            return None
        began, found = time.perf_counter(), dict(headers)
        if len(found) != len(headers) or not _is_usual(found) or not self._is_host(found.get(b"host", b"")):
            return None
        scheme, _, token = found.get(b"authorization", b"").decode("latin-1").partition(" ")
        user = self._at_hand.user_of(token) if scheme == "Bearer" else None
        return None if user is None else Begun(spot, user, began, self._at_hand.count, self._on_request)

    def _is_host(self, header: bytes) -> bool:
        return "*" in self._hosts or host_of(header.decode("latin-1")) in self._hosts


@dataclass(slots=True)
class Begun:
    """A request whose head is as it should be, and whose body is to come. Times are those of ``perf_counter``."""

    spot: Spot
    user: str
    began_at: float
    count: Callable[[str], bool]
    on_request: RequestObserver | None

    def answer(self, content: bytes, more: bytes) -> bytes | None:
        """Return the whole answer, with ``more`` lines in its head, None where the framework has to. Never raises."""
        try:
            made = self._made(content)
        except Exception:  # noqa: BLE001 - the framework meets it again, and answers or logs it
            return None
        if made is None:
            return None
        status, request_id = 200 if made else 204, secrets.token_hex(16)
        seconds = time.perf_counter() - self.began_at
        note(Ended(request_id, self.user, "POST", self.spot.path, status, None, seconds), self.on_request)
        if not made:
            return _NO_CONTENT % (more, request_id.encode())
        written = made.encode()
        return _OK % (more, len(written), request_id.encode()) + written

    def _made(self, content: bytes) -> str | None:
        make = self.spot.prepare(self.user, self.spot.body.model_validate_json(content))
        return make() if make is not None and self.count(f"user:{self.user}") else None


def _is_usual(headers: Mapping[bytes, bytes]) -> bool:
    length = headers.get(b"content-length", b"")
    if not length.isdigit() or int(length) > MAX_CONTENT_BYTES:
        return False
    return headers.get(b"content-type") == b"application/json" and not any(
        name in headers for name in _LEFT_TO_OTHERS
    )
