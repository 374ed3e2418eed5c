"""The limit of all senders together: exact over time, fair, changed at once, and free where there is none."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder_desktop.core.errors import Interrupted
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.rate_limit import Grant, RateLimiter, _Bucket
from tests.waiting import wait_for

KIB = 1024


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Senders:
    """Threads that take from one limiter on a clock that the test moves."""

    def __init__(self, limit: int | None) -> None:
        self.clock = Clock()
        self.limiter = RateLimiter(limit, self.clock)
        self.stop = StopToken()
        self.order: list[str] = []
        self._pool = ThreadPoolExecutor(40)
        self._futures: list[Future[Grant]] = []

    def __enter__(self) -> Senders:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._pool.shutdown()

    def take(self, count: int, name: str = "", stop: StopToken | None = None) -> Future[Grant]:
        """Take on a thread of its own; returns when that thread waits, or has got its bytes."""
        waiting = len(self.limiter._turns)

        def work() -> Grant:
            granted = self.limiter.take(count, stop or self.stop)
            self.order.append(name)
            return granted

        future = self._pool.submit(work)
        wait_for(lambda: future.done() or len(self.limiter._turns) > waiting, "the thread to wait")
        self._futures.append(future)
        return future

    def pass_time(self, seconds: float) -> None:
        """Move the clock, and let whoever is next look at it."""
        self.clock.now += seconds
        with self.limiter._lock:
            self.limiter._wake_next()


# --- the arithmetic ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [5_000, 100_000, 2_000_000, 1_000_000_000])
def test_over_ten_seconds_the_limit_is_met_within_five_percent(limit: int) -> None:
    clock = Clock()
    bucket = _Bucket(limit, clock.now)
    piece = RateLimiter(limit).piece_bytes()
    end, moved = clock.now + 10, 0
    while True:
        pause_s = bucket.take(piece, clock.now)
        if not pause_s:
            moved += piece
        elif clock.now + pause_s > end:
            break
        clock.now += pause_s
    assert moved == pytest.approx(10 * limit, rel=0.05)


@settings(deadline=None)
@given(
    limit=st.integers(1, 10**9),
    steps=st.lists(st.tuples(st.floats(0, 3), st.floats(0.001, 0.25)), max_size=60),
)
def test_no_stretch_of_time_sees_more_than_the_limit_and_a_quarter_second(
    limit: int, steps: list[tuple[float, float]]
) -> None:
    clock = Clock()
    bucket = _Bucket(limit, clock.now)
    taken: list[tuple[float, int]] = []
    for pause_s, share in steps:
        clock.now += pause_s
        count = int(limit * share)
        if not bucket.take(count, clock.now):
            taken.append((clock.now, count))
    for first in range(len(taken)):
        moved = 0
        for instant, count in taken[first:]:
            moved += count
            assert moved <= limit * (instant - taken[first][0] + 0.25 + 1e-4)


@settings(deadline=None)
@given(limit=st.integers(1, 10**8), count=st.integers(1, 10**7))
def test_the_pause_that_is_named_is_enough_and_not_too_long(limit: int, count: int) -> None:
    now = 1000.0
    bucket = _Bucket(limit, now)
    pause_s = bucket.take(count, now)

    assert 0 <= pause_s <= 0.25
    if pause_s:
        assert pause_s < 1e-5 or bucket.take(count, now + pause_s * 0.9) > 0
        assert bucket.take(count, now + pause_s) == 0


def test_a_piece_larger_than_the_bucket_goes_once_and_is_paid_for() -> None:
    bucket = _Bucket(1000, 0.0)

    assert bucket.take(4000, 0.25) == 0
    assert bucket.take(250, 0.25) == pytest.approx(4.0)
    assert bucket.take(250, 4.25) == 0


def test_a_debt_from_a_fast_time_is_no_long_wait_in_a_slow_one() -> None:
    bucket = _Bucket(1_000_000, 0.0)
    bucket.take(1_250_000, 0.25)  # one second's worth more than was there
    bucket.change(1000, 0.25)

    assert bucket.take(250, 0.25) == pytest.approx(1.25)


def test_what_was_saved_up_is_cut_to_the_new_quarter_second() -> None:
    bucket = _Bucket(1_000_000, 0.0)
    bucket.change(1000, 10.0)

    assert bucket.take(250, 10.0) == 0
    assert bucket.take(1, 10.0) > 0


@pytest.mark.parametrize(
    ("limit", "piece"),
    [
        (None, 4096 * KIB),
        (10**9, 4096 * KIB),
        (2_000_000, 200_000),
        (100_000, 10_000),
        (30_000, 4 * KIB),
        (1, 4 * KIB),
    ],
)
def test_a_piece_is_a_tenth_of_a_second_within_bounds(limit: int | None, piece: int) -> None:
    assert RateLimiter(limit).piece_bytes() == piece


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_lets_nothing_through_is_refused_and_changes_nothing(limit: int) -> None:
    limiter = RateLimiter(2_000_000)
    with pytest.raises(ValueError, match="nothing through"):
        limiter.set_limit(limit)
    assert limiter.piece_bytes() == 200_000


# --- threads -----------------------------------------------------------------------------------------------------


def test_without_a_limit_nobody_waits_and_no_lock_is_touched() -> None:
    limiter = RateLimiter()
    with limiter._lock:  # whoever needed it would never return
        for _ in range(1000):
            limiter.take(10**12, StopToken())


def test_a_limit_is_waited_for() -> None:
    with Senders(1000) as senders:
        future = senders.take(100)
        assert not future.done()
        senders.pass_time(0.09)
        assert not future.done()
        senders.pass_time(0.02)
        future.result(20)


def test_who_came_first_goes_first_and_a_later_small_piece_does_not_overtake() -> None:
    with Senders(1000) as senders:
        names = [f"{number}" for number in range(32)]
        for number, name in enumerate(names):
            senders.take(250 if number % 2 else 1, name)
        while len(senders.order) < 32:
            before = len(senders.order)
            senders.pass_time(0.25)
            wait_for(lambda before=before: len(senders.order) > before, "somebody to go")  # type: ignore[misc]
        assert senders.order == names


def test_a_newcomer_for_whom_there_is_enough_does_not_overtake_who_waits_for_more() -> None:
    with Senders(1000) as senders:
        first = senders.take(200, "first")
        senders.clock.now += 0.1  # enough for the second alone
        second = senders.take(50, "second")
        assert not second.done()
        senders.pass_time(0.15)
        first.result(20)
        second.result(20)
        assert senders.order == ["first", "second"]


@pytest.mark.parametrize("threads", [8, 32])
def test_every_thread_gets_its_share(threads: int) -> None:
    with Senders(1000) as senders:
        got: Counter[int] = Counter()

        def work(number: int) -> None:
            try:
                while True:
                    senders.limiter.take(100, senders.stop)
                    got[number] += 1
            except Interrupted:
                pass

        for number in range(threads):
            senders._pool.submit(work, number)
        wait_for(lambda: len(senders.limiter._turns) == threads, "all to wait")
        for step in range(1, 5 * threads + 1):
            senders.pass_time(0.1000001)
            wait_for(lambda step=step: got.total() == step, "the next piece")  # type: ignore[misc]
            wait_for(lambda: len(senders.limiter._turns) == threads, "all to wait")
        assert set(got.values()) == {5}


def test_a_thread_that_waits_is_let_go_when_the_limit_is_lifted() -> None:
    with Senders(1) as senders:
        futures = [senders.take(4 * KIB) for _ in range(8)]
        senders.limiter.set_limit(None)
        for future in futures:
            future.result(20)


def test_a_thread_that_waits_goes_by_a_higher_limit_at_once() -> None:
    limiter = RateLimiter(1)
    limiter.take(4 * KIB, StopToken())
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(limiter.take, 4 * KIB, StopToken())
        wait_for(lambda: limiter._turns, "the thread to wait for an hour")
        limiter.set_limit(10**9)
        future.result(20)


def test_a_lower_limit_holds_at_once_for_a_thread_that_waits() -> None:
    with Senders(1000) as senders:
        future = senders.take(100)
        senders.limiter.set_limit(10)
        senders.pass_time(0.1)
        assert len(senders.limiter._turns) == 1
        assert not future.done()
        senders.pass_time(0.2)
        future.result(20)


def test_whoever_waits_for_a_large_piece_while_the_limit_falls_gets_a_small_one() -> None:
    with Senders(40_000_000) as senders:
        first, second = senders.take(4096 * KIB), senders.take(4096 * KIB)
        senders.limiter.set_limit(100_000)
        senders.pass_time(0.25)
        assert [first.result(20), second.result(20)] == 2 * [Grant(10_000, has_waited=True)]


def test_a_limit_that_is_set_while_nothing_was_limited_holds_from_then_on() -> None:
    with Senders(None) as senders:
        senders.take(10**9).result(20)
        senders.limiter.set_limit(1000)
        future = senders.take(100)
        assert not future.done()
        senders.pass_time(0.11)
        future.result(20)


def test_a_stop_ends_the_wait_and_takes_nothing() -> None:
    with Senders(1000) as senders:
        stop = StopToken()
        stopped = senders.take(100, stop=stop)
        other = senders.take(100)
        stop.set()
        with pytest.raises(Interrupted):
            stopped.result(20)
        senders.pass_time(0.11)
        other.result(20)
        assert not stop._actions


def test_the_next_in_turn_moves_up_when_the_one_before_is_stopped() -> None:
    with Senders(1000) as senders:
        stops = [StopToken() for _ in range(8)]
        futures = [senders.take(100, stop=stop) for stop in stops]
        for stop in stops[:7]:
            stop.set()
        wait_for(lambda: len(senders.limiter._turns) == 1, "seven to leave")
        senders.pass_time(0.11)
        futures[7].result(20)


@pytest.mark.parametrize("limit", [None, 1000])
def test_a_stop_that_came_before_is_heard(limit: int | None) -> None:
    stop = StopToken()
    stop.set()
    with pytest.raises(Interrupted):
        RateLimiter(limit).take(1, stop)


def test_a_stopped_upload_leaves_no_action_behind() -> None:
    with Senders(1000) as senders:
        future = senders.take(100)
        senders.pass_time(0.11)
        future.result(20)
        assert not senders.stop._actions


def test_eight_real_threads_send_no_more_than_the_limit_in_real_time() -> None:
    limit, threads = 8_000_000, 8
    limiter = RateLimiter(limit)
    stop = StopToken()
    moved = [0] * threads
    together = threading.Barrier(threads)
    began = time.monotonic()

    def work(number: int) -> None:
        together.wait(20)
        while sum(moved) < limit:  # about a second's worth in all
            piece = limiter.take(limit, stop).size_bytes
            moved[number] += piece
            # However busy the computer is: bytes that went early cannot be explained by threads that came late.
            assert sum(moved) - threads * piece <= limit * (time.monotonic() - began + 0.25)

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(work, number) for number in range(threads)]:
            future.result(60)
    elapsed_s = time.monotonic() - began
    assert limit <= sum(moved) <= limit * (elapsed_s + 0.25)
    assert all(moved)


@settings(max_examples=20, deadline=None)
@given(limits=st.lists(st.none() | st.integers(10**7, 10**9), min_size=1, max_size=6))
def test_whatever_limits_are_set_meanwhile_every_thread_comes_through(limits: list[int | None]) -> None:
    limiter = RateLimiter(limits[0])
    stop = StopToken()
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(limiter.take, 10_000, stop) for _ in range(24)]
        for limit in limits:
            limiter.set_limit(limit)
        for future in futures:
            future.result(60)


def test_whether_it_had_to_wait_is_told() -> None:
    limiter = RateLimiter(1_000_000)
    assert limiter.take(1_000, StopToken()).has_waited
    limiter.set_limit(None)
    assert not limiter.take(10**9, StopToken()).has_waited
