"""Positions in the queue: whole numbers with room between them, so that what is moved moves alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence

GAP = 1 << 40
"""Between neighbours: halved forty times before any of them has to step aside, and room for millions in 64 bits."""


def positions_between(low: int | None, high: int | None, count: int) -> list[int] | None:
    """`count` rising positions above `low` and below `high`; None where there is no room. None: no such neighbour."""
    if high is None:
        start = 0 if low is None else low
        return [start + GAP * rank for rank in range(1, count + 1)]
    if low is None:
        return [high - GAP * rank for rank in range(count, 0, -1)]
    step = (high - low) // (count + 1)
    return [low + step * rank for rank in range(1, count + 1)] if step else None


def moved_before(staying: Sequence[tuple[int, str]], at: int, going: Sequence[str]) -> dict[str, int]:
    """The new positions of all whose position changes when `going`, in this order, come to stand at `at`.

    staying: position and id of all others, in queue order. Where there is no room, as few as possible of those behind
    step aside.
    """
    low = staying[at - 1][0] if at else None
    aside = 0
    while True:
        last = at + aside
        high = staying[last][0] if last < len(staying) else None
        names = [*going, *(name for _, name in staying[at:last])]
        positions = positions_between(low, high, len(names))
        if positions is not None:
            return dict(zip(names, positions, strict=True))
        aside = min(len(staying) - at, 2 * aside + 1)
