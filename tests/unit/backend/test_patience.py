"""What a request waits for the database is counted over all its questions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from backend.errors import CatalogueUnavailable
from backend.patience import patient_for, waiting


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def waited(clock: Clock, seconds: float) -> float | None:
    with waiting(clock) as left_s:
        clock.now += seconds
    return left_s


def failed(clock: Clock, seconds: float) -> None:
    with waiting(clock):
        clock.now += seconds
        raise ValueError("away")


def test_without_a_limit_there_is_none() -> None:
    assert waited(Clock(), 1000) is None


def test_each_question_leaves_less_for_the_next_until_there_is_nothing_left() -> None:
    clock = Clock()
    with patient_for(10):
        assert [waited(clock, seconds) for seconds in (4, 5, 3)] == [10, 6, 1]
        with pytest.raises(CatalogueUnavailable):
            waited(clock, 0)
    assert waited(clock, 1) is None


def test_what_fails_was_waited_for_as_well_and_what_is_done_in_between_was_not() -> None:
    clock = Clock()
    with patient_for(10):
        with pytest.raises(ValueError, match="away"):
            failed(clock, 7)
        clock.now += 1000
        assert waited(clock, 0) == 3


def test_threads_that_work_for_a_request_share_what_is_left() -> None:
    clock = Clock()
    with patient_for(10), ThreadPoolExecutor(1) as threads:
        assert threads.submit(copy_context().run, waited, clock, 6).result() == 10
        assert waited(clock, 0) == 4


def test_others_have_a_patience_of_their_own() -> None:
    clock = Clock()
    with patient_for(10):
        waited(clock, 6)
        with patient_for(2):
            assert waited(clock, 6) == 2
        assert waited(clock, 0) == 4
