"""Answers as nobody should give them: any bytes, any JSON, and valid ones in which something is wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
"""Half characters and control characters too."""
WHOLE = st.one_of(
    st.integers(), st.sampled_from([-1, 0, 1, 2**31, 2**63 - 1, 2**63, 10**400]), st.integers(-(10**30), 10**30)
)
SCALARS = st.one_of(st.none(), st.booleans(), WHOLE, st.floats(), TEXT)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=8,
)
NESTED = st.sampled_from([100, 3_000, 20_000]).map(lambda depth: b"[" * depth)
"""Deeper than a parser can follow."""


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


@st.composite
def damaged(draw: st.DrawFn, valid: Any) -> Any:
    """A valid value of which one to three places are missing, twice, or something else."""
    value = copy.deepcopy(valid)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(value))
        if not places:
            return draw(JSON)
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["other", "other", "other", "missing", "more"])):
            case "missing":
                del holder[key]
            case "more" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case _:
                holder[key] = draw(_instead_of(holder[key]))
    return value


def _instead_of(value: Any) -> st.SearchStrategy[Any]:
    """Mostly something of the same kind that means nothing, or too much."""
    match value:
        case int() | float():
            return st.one_of(WHOLE, WHOLE, st.floats(), JSON)
        case str():
            return st.one_of(TEXT, cut(value.encode()).map(lambda read: read.decode("latin-1")), JSON)
    return JSON


def _places(value: Any) -> Any:
    if isinstance(value, dict):
        keys: Any = value
    elif isinstance(value, list):
        keys = range(len(value))
    else:
        return
    for key in keys:
        yield value, key
        yield from _places(value[key])


def json_like(valid: Any) -> st.SearchStrategy[bytes]:
    """Bytes where this JSON was expected: mostly JSON with something wrong in it."""
    nearly = damaged(valid).map(as_bytes)
    others = st.one_of(JSON.map(as_bytes), cut(as_bytes(valid)), st.binary(max_size=200), NESTED)
    return st.integers(0, 3).flatmap(lambda choice: nearly if choice else others)


def cut(valid: bytes) -> st.SearchStrategy[bytes]:
    """Valid bytes with some of them replaced by others."""
    ends = st.tuples(st.integers(0, len(valid)), st.integers(0, len(valid)), st.binary(max_size=20))
    return ends.map(lambda at: valid[: min(at[:2])] + at[2] + valid[max(at[:2]) :])
