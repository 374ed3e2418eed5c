"""New places in the queue for what was moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_desktop.core.order import moved_before

ORDER = [("a", -3), ("b", 1), ("c", 2), ("d", 7)]


def after(moved: str, before: str | None) -> str:
    places = dict(ORDER) | moved_before(ORDER, moved, before)
    return "".join(sorted(places, key=places.__getitem__))


@pytest.mark.parametrize(
    ("moved", "before", "order"),
    [("d", "a", "dabc"), ("a", None, "bcda"), ("ac", "d", "bacd"), ("ca", None, "bdac"), ("b", "c", "abcd")],
)
def test_what_is_moved_stands_before_the_other(moved: str, before: str | None, order: str) -> None:
    assert after(moved, before) == order


@pytest.mark.parametrize("before", ["x", "a"])
def test_nothing_changes_beside_what_is_unknown_or_moves_itself(before: str) -> None:
    assert moved_before(ORDER, "a", before) == {}


@given(st.sets(st.sampled_from("abcd")), st.sampled_from(["a", "b", "c", "d", None]))
def test_the_positions_that_are_taken_are_those_that_were_there(moved: set[str], before: str | None) -> None:
    places = dict(ORDER) | moved_before(ORDER, moved, before)

    assert sorted(places.values()) == sorted(place for _, place in ORDER)
