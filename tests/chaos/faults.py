"""What the chaos proxy can do to a request, and to which ones. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
"""How a store asks for less, with status 503."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Happens to requests of `method` (empty: any) whose path and query `target` (an expression) is found in.

    The first `skip` of them pass; it happens to the `times` after those, None: to all.
    """

    method: str = ""
    target: str = ""
    skip: int = 0
    times: int | None = 1

    def is_for(self, method: str, target: str) -> bool:
        """Whether it is meant for such a request at all."""
        return self.method in ("", method) and re.search(self.target, target) is not None


@dataclass(frozen=True, kw_only=True)
class DropAnswer(Fault):
    """The request arrives and is carried out; its answer gets lost with the connection."""


@dataclass(frozen=True, kw_only=True)
class Reset(Fault):
    """The connection is reset when so many bytes of the request's body have passed, or all of them."""

    after_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Stall(Fault):
    """From that byte of the body on nothing passes, either way, and nobody hangs up. for_s None: for good."""

    after_bytes: int = 0
    for_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Throttle(Fault):
    """The request's body passes no faster than this."""

    rate_bytes_per_s: float


@dataclass(frozen=True, kw_only=True)
class Flip(Fault):
    """One bit of the body's byte `at_byte` arrives as another."""

    at_byte: int = 0


@dataclass(frozen=True, kw_only=True)
class Replace(Fault):
    """Another answer comes. is_asked: the target is asked all the same, and its answer thrown away."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_asked: bool = False

    def answer(self, *, is_last: bool) -> bytes:
        """The answer as it goes over the wire; is_last: the connection ends with it."""
        lines = [f"HTTP/1.1 {self.status} Chaos", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += ["Connection: close"] if is_last else []
        return "\r\n".join([*lines, "", ""]).encode() + self.body
