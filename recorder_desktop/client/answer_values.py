"""Reads values out of a backend's answers. What is not as expected raises what `understood_answer` turns into the
message to update."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import urllib3

T = TypeVar("T")


ANSWER_LIMIT_BYTES = 8 * 1024 * 1024
"""Of any answer: the longest, a list of 10,000 parts, has less than two."""

_PIECE_BYTES = 16 * 1024
_MOST = 2**63 - 1
"""What a database can count, here and at the server."""


@dataclass(frozen=True)
class Answer:
    """An answer as it came; of a body that is too long its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer_from(response: urllib3.BaseHTTPResponse, limit_bytes: int = ANSWER_LIMIT_BYTES) -> Answer:
    """Read an answer that was asked for with preload_content=False. Raises what urllib3 raises.

    In small pieces: what was compressed on the way grows a thousandfold at most when it is unpacked.
    """
    body = b""
    # To the end of it, or its being cut off would go unnoticed.
    while len(body) < limit_bytes and (block := response.read(min(_PIECE_BYTES, limit_bytes - len(body)))):
        body += block
    if len(body) >= limit_bytes:
        response.close()  # the connection is of no use any more: the rest of it is still to come
    else:
        response.release_conn()
    return Answer(response.status, response.headers, body)


def json_of(content: bytes) -> Any:
    """The answer as JSON, None when it is something else."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def typed(value: Any, kind: type[T]) -> T:
    """The value, which must be of this kind."""
    if not isinstance(value, kind):
        raise TypeError(f"not a {kind.__name__}")
    return value


def whole(value: Any) -> int:
    """The value, which must be a whole number that can be counted with."""
    number = typed(value, int)
    if isinstance(value, bool) or not 0 <= number <= _MOST:
        raise ValueError("not a number that can be counted with")
    return number


def text(value: Any) -> str:
    """The value, which must be a text that can be written down: JSON can spell half a character."""
    typed(value, str).encode("utf-8")
    return str(value)


def text_or_none(value: Any) -> str | None:
    """The value, which must be such a text or null."""
    return None if value is None else text(value)


def seconds(value: Any) -> float:
    """The value, which must be a time that can be waited for or played."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise ValueError("not a number of seconds")
    return float(value)
