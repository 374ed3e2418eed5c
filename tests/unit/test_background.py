"""A future from a thread of its own: its result, its error, and until when it can be called off."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from recorder_desktop.background import begin, begin_cancellable
from tests.waiting import wait_for


def test_the_work_runs_on_a_daemon_of_that_name() -> None:
    thread = begin("reading", threading.current_thread).result(10)

    assert (thread.name, thread.daemon) == ("reading", True)


def test_what_the_work_raises_reaches_whoever_asked_with_its_traceback() -> None:
    def fail() -> None:
        raise LookupError("nothing there")

    error = begin("failing", fail).exception(10)

    assert isinstance(error, LookupError)
    assert error.__traceback__ is not None


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("fails", [False, True])
def test_a_future_called_off_in_time_is_claimed_in_vain(fails: bool) -> None:
    go_on, claims = threading.Event(), []

    def work(claim: Callable[[], bool]) -> None:
        go_on.wait(10)
        claims.append(claim())
        if fails:
            raise LookupError

    future = begin_cancellable("late", work)
    assert future.cancel()
    go_on.set()

    wait_for(lambda: claims, "the claim")
    assert claims == [False]
    assert future.cancelled()


def test_a_claimed_future_cannot_be_called_off_any_more() -> None:
    claimed, go_on = threading.Event(), threading.Event()

    def work(claim: Callable[[], bool]) -> str:
        claim()
        claimed.set()
        go_on.wait(10)
        return "kept"

    future = begin_cancellable("early", work)
    claimed.wait(10)
    was_cancelled = future.cancel()
    go_on.set()

    assert not was_cancelled
    assert future.result(10) == "kept"


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_never_claims_may_be_called_off_to_its_end() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def work() -> None:
        go_on.wait(10)
        ended.set()

    future = begin("unclaimed", work)
    future.cancel()
    go_on.set()

    assert ended.wait(10)
    assert future.cancelled()
