"""What a value that a parser gave has to be like, whatever it was given."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

MOST = 2**63 - 1
"""What databases and files can count."""


def assert_sound(value: Any) -> None:
    """Numbers are finite, not negative and fit into a database; texts can be written down."""
    match value:
        case None | bool() | bytes() | datetime() | Enum():
            return
        case int():
            assert 0 <= value <= MOST, value
        case float():
            assert math.isfinite(value), value
            assert value >= 0, value
        case str():
            value.encode("utf-8")
        case Mapping():
            assert_sound(list(value.keys()))
            assert_sound(list(value.values()))
        case list() | tuple() | frozenset():
            for each in value:
                assert_sound(each)
        case _:
            assert is_dataclass(value), type(value)
            for field in fields(value):
                assert_sound(getattr(value, field.name))
                # A number where a text belongs, or the other way round, would only be met much later.
                assert_of_type(getattr(value, field.name), str(field.type))


def assert_of_type(value: Any, declared: str) -> None:
    """A value of a simple field is of the type that stands there."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "str": str,
        "str | None": (str, type(None)),
        "int": int,
        "float": float,
        "float | None": (float, type(None)),
    }
    if declared in kinds:
        assert isinstance(value, kinds[declared]), (value, declared)
        assert declared != "int" or not isinstance(value, bool)
