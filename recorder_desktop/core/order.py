"""Where uploads stand in the queue after some of them were moved. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def moved_before(order: Sequence[tuple[str, int]], moved: Collection[str], before: str | None) -> dict[str, int]:
    """The new positions of all uploads whose position changes.

    order: every upload's id and position, in queue order. moved: the ids that go to stand before `before`, in the
    order that they have; behind all others with None. Nothing changes if `before` is unknown or among the moved.
    """
    chosen = set(moved)
    going = [name for name, _ in order if name in chosen]
    staying = [name for name, _ in order if name not in chosen]
    if before is not None and before not in staying:
        return {}
    at = len(staying) if before is None else staying.index(before)
    after = staying[:at] + going + staying[at:]
    return {name: place for name, (old, place) in zip(after, order, strict=True) if name != old}
