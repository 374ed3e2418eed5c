"""Whoever has much to do waits while the window is at work, and never for long."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from recorder_desktop.background import begin
from recorder_desktop.core import precedence
from recorder_desktop.core.precedence import at_work, let_pass, unhurried


def passing() -> Future[None]:
    """Somebody who lets the window pass, and has come to it."""
    has_come = threading.Event()

    def come() -> None:
        has_come.set()
        let_pass()

    going = begin("busy", come)
    assert has_come.wait(10)
    return going


def is_held_up(going: Future[None]) -> bool:
    try:
        going.result(0.1)
    except TimeoutError:
        return True
    return False


def test_nobody_waits_for_a_window_that_does_nothing() -> None:
    assert list(unhurried(range(3))) == [0, 1, 2]


def test_what_the_window_does_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_PATIENCE_S", 20.0)
    with at_work():
        going = passing()
        assert is_held_up(going)
    going.result(10)


def test_but_for_a_little_while_only() -> None:
    with at_work():
        passing().result(10)


def test_work_within_work_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_PATIENCE_S", 20.0)
    with at_work():
        with at_work():
            pass
        going = passing()
        assert is_held_up(going)
    going.result(10)


def test_work_that_fails_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_PATIENCE_S", 20.0)
    with pytest.raises(LookupError), at_work():
        raise LookupError
    let_pass()

    assert precedence._way is None


def test_who_still_passes_after_a_turn_does_not_keep_the_next_one_from_the_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precedence, "_PATIENCE_S", 20.0)
    with at_work():
        first = precedence._way
    assert first is not None
    with first, at_work():  # somebody has it, and waits for Python's lock
        going = passing()
        assert is_held_up(going)
    going.result(10)


def test_the_next_one_comes_when_the_window_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_PATIENCE_S", 20.0)
    seen: list[int] = []
    with at_work():
        going = begin("busy", lambda: seen.extend(unhurried(range(3))))
        assert is_held_up(going)
        assert seen == []
    going.result(10)
    assert seen == [0, 1, 2]
