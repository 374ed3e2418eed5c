"""New positions in the queue for what was moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_desktop.core.order import GAP, moved_before, positions_between

ORDER = [(-3 * GAP, "a"), (1, "b"), (2, "c"), (7 * GAP, "d")]


def after(moved: str, at: int) -> str:
    staying = [entry for entry in ORDER if entry[1] not in moved]
    places = {name: position for position, name in staying} | moved_before(staying, at, moved)
    assert len(set(places.values())) == len(ORDER)
    return "".join(sorted(places, key=places.__getitem__))


@pytest.mark.parametrize(
    ("moved", "at", "order"),
    [("d", 0, "dabc"), ("a", 3, "bcda"), ("ac", 1, "bacd"), ("ca", 2, "bdca"), ("d", 2, "abdc")],
)
def test_what_is_moved_stands_there_in_the_order_given(moved: str, at: int, order: str) -> None:
    assert after(moved, at) == order


def test_what_stays_keeps_its_position_where_there_is_room() -> None:
    assert set(moved_before(ORDER[:1] + ORDER[2:], 1, "b")) == {"b"}


def test_only_as_many_as_must_step_aside() -> None:
    crowded = [(0, "a"), (1, "b"), (2, "c"), (3 * GAP, "d"), (4 * GAP, "e")]

    assert set(moved_before(crowded, 1, "x")) == {"x", "b", "c", "d"}


@given(st.integers(-5, 5), st.integers(1, 40), st.integers(1, 8))
def test_positions_rise_strictly_between_their_neighbours(low: int, room: int, count: int) -> None:
    found = positions_between(low, low + room, count)

    if found is None:
        assert room <= count
    else:
        assert [low, *found, low + room] == sorted({low, *found, low + room})


def test_forty_rows_fit_between_two_one_after_the_other() -> None:
    low, high = 0, GAP
    for _ in range(40):
        between = positions_between(low, high, 1)
        assert between is not None
        (low,) = between
