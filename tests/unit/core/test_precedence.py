"""Whoever has much to do waits while the window is at work, and never for long."""

from __future__ import annotations

import pytest

from recorder_desktop.background import begin
from recorder_desktop.core import precedence
from recorder_desktop.core.precedence import at_work, let_pass, unhurried


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long somebody has waited each time, on a clock that moves by that alone."""
    slept: list[float] = []
    monkeypatch.setattr("recorder_desktop.core.precedence.sleep", slept.append)
    monkeypatch.setattr("recorder_desktop.core.precedence.monotonic", lambda: sum(slept))
    return slept


def test_nobody_waits_for_a_window_that_does_nothing(slept: list[float]) -> None:
    assert list(unhurried(range(3))) == [0, 1, 2]
    assert slept == []


def test_what_the_window_does_is_waited_for_a_little_while_only(slept: list[float]) -> None:
    with at_work():
        let_pass()
    assert 0.01 < sum(slept) < 0.05


def test_work_within_work_does_not_end_it(slept: list[float]) -> None:
    with at_work():
        with at_work():
            pass
        let_pass()
    assert slept
    before = len(slept)
    let_pass()
    assert len(slept) == before


def test_work_that_fails_is_over(slept: list[float]) -> None:
    with pytest.raises(LookupError), at_work():
        raise LookupError
    let_pass()
    assert slept == []


def test_the_next_one_comes_when_the_window_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_PATIENCE_S", 20.0)
    seen: list[int] = []
    with at_work():
        going = begin("busy", lambda: seen.extend(unhurried(range(3))))
        with pytest.raises(TimeoutError):
            going.result(0.05)
        assert seen == []
    going.result(10)
    assert seen == [0, 1, 2]
