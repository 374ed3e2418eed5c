"""Work that can wait begins when uploads leave time for it, or after some patience."""

from __future__ import annotations

import threading

import pytest

from backend.quiet import Quiet


class Clock(threading.Event):
    """A clock that goes on by what somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now_s += timeout or 0.0
        return self.is_set()


@pytest.mark.parametrize(("disturbed_at", "waited_until"), [(None, 10.0), (10.0, 12.0), (9.0, 11.0), (7.0, 10.0)])
def test_it_is_quiet_some_time_after_the_last_disturbance(disturbed_at: float | None, waited_until: float) -> None:
    clock = Clock()
    quiet = Quiet(2.0, lambda: clock.now_s)
    if disturbed_at is not None:
        clock.now_s = disturbed_at
        quiet.disturb()
    clock.now_s = 10.0

    quiet.wait(60.0, clock)

    assert clock.now_s == waited_until


def test_patience_ends_before_a_long_disturbance_does_and_the_end_comes_at_once() -> None:
    clock = Clock()
    quiet = Quiet(3600.0, lambda: clock.now_s)
    quiet.disturb()
    quiet.wait(30.0, clock)
    assert clock.now_s == 30.0
    clock.set()
    quiet.wait(3600.0, clock)
    assert clock.now_s <= 30.0 + 3600.0
