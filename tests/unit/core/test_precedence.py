"""Whoever has much to do waits while the window is at work, and never for long."""

from __future__ import annotations

import pytest

from recorder_desktop.background import begin
from recorder_desktop.core import precedence
from recorder_desktop.core.precedence import at_work, let_pass, unhurried


def test_nobody_waits_for_a_window_that_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_PATIENCE_S", -1)  # without an end

    assert list(unhurried(range(3))) == [0, 1, 2]


def test_what_the_window_does_is_waited_for_a_little_while_only() -> None:
    with at_work():
        begin("busy", let_pass).result(10)

        assert precedence._way.locked()


def test_work_within_work_does_not_end_it() -> None:
    with at_work():
        with at_work():
            pass
        assert precedence._way.locked()
    assert not precedence._way.locked()


def test_work_that_fails_is_over() -> None:
    with pytest.raises(LookupError), at_work():
        raise LookupError

    assert not precedence._way.locked()


def test_the_window_does_not_wait_for_whoever_is_just_passing() -> None:
    with precedence._way:
        with at_work():
            pass
        assert precedence._way.locked()


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
