"""Reads values out of a backend's answers. What is not as expected raises what `understood_answer` turns into the
message to update."""

from __future__ import annotations

import json
from typing import Any, TypeVar

T = TypeVar("T")


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


def typed_or_none(value: Any, kind: type[T]) -> T | None:
    """The value, which must be of this kind or null."""
    return None if value is None else typed(value, kind)
