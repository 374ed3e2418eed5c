"""A test that fails since the minute turned is tried again; one that fails for itself fails at once."""

from __future__ import annotations

import time

import pytest

from tests.minutes import within_a_minute


class Clock:
    def __init__(self) -> None:
        self.now = 119.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time", made)
    return made


@pytest.mark.parametrize(("turns", "tries"), [(0, 1), (1, 2), (9, 3)])
def test_what_fails_is_tried_again_while_the_minute_turns(clock: Clock, turns: int, tries: int) -> None:
    tried: list[float] = []

    @within_a_minute
    def counts() -> None:
        tried.append(clock.now)
        if len(tried) <= turns:
            clock.now += 60
        raise AssertionError("another count")

    with pytest.raises(AssertionError, match="another count"):
        counts()
    assert len(tried) == tries


def test_what_succeeds_in_the_minute_after_has_succeeded(clock: Clock) -> None:
    tried: list[float] = []

    @within_a_minute
    def counts(limit: int) -> None:
        tried.append(clock.now)
        clock.now += 1
        assert len(tried) == limit

    counts(2)
    assert tried == [119.0, 120.0]
