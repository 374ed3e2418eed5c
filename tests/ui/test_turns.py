"""How long the window keeps Python's lock: its own way while it works, and the usual one again afterwards."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from recorder_desktop.background import begin
from recorder_desktop.core import precedence
from recorder_desktop.ui import turns


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_the_window_keeps_its_turn_while_it_works_and_wakes_soon_otherwise() -> None:
    turns.let_window_wake_soon()
    resting = sys.getswitchinterval()
    working = turns.in_one_go(sys.getswitchinterval)()
    assert working > 5 * resting
    assert sys.getswitchinterval() == resting


def test_a_handler_within_another_one_does_not_end_its_turn() -> None:
    turns.let_window_wake_soon()

    @turns.in_one_go
    def outer(within: int) -> tuple[float, float]:
        first = turns.in_one_go(sys.getswitchinterval)()
        return first + within, sys.getswitchinterval() + within

    first, afterwards = outer(within=0)
    assert first == afterwards > turns.WAKING_S


def test_others_let_a_handler_pass_while_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "_PATIENCE_S", 20.0)

    @turns.in_one_go
    def handler() -> Future[None]:
        has_come = threading.Event()

        def come() -> None:
            has_come.set()
            precedence.let_pass()

        passing = begin("busy", come)
        assert has_come.wait(10)
        with pytest.raises(TimeoutError):
            passing.result(0.1)
        return passing

    handler().result(10)


def test_a_handler_that_fails_hands_the_lock_on_as_before() -> None:
    turns.let_window_wake_soon()

    @turns.in_one_go
    def fail() -> None:
        raise LookupError("as it came")

    with pytest.raises(LookupError, match="as it came"):
        fail()
    assert sys.getswitchinterval() == pytest.approx(turns.WAKING_S)
