"""Speed and byte counts, by their invariants."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_desktop.core.progress import LiveProgress, RateMeter

PART = 100
PARTS = 8
SIZE = PARTS * PART


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


# --- speed -------------------------------------------------------------------------------------------------------

moves = st.lists(st.tuples(st.floats(0.0, 2.0), st.integers(0, 10**9)), max_size=60)


@given(moves=moves)
def test_the_rate_is_never_negative_and_never_more_than_moved_in_half_a_second(
    moves: list[tuple[float, int]],
) -> None:
    clock = Clock()
    meter = RateMeter(clock)
    for pause_s, size_bytes in moves:
        clock.now += pause_s
        meter.add(size_bytes)
        assert 0.0 <= meter.bytes_per_s() <= sum(size for _, size in moves) / 0.5


@given(moves=moves, rest_s=st.floats(6.5, 1e6))
def test_whatever_moved_the_rate_is_zero_after_a_rest(moves: list[tuple[float, int]], rest_s: float) -> None:
    clock = Clock()
    meter = RateMeter(clock)
    for pause_s, size_bytes in moves:
        clock.now += pause_s
        meter.add(size_bytes)
    clock.now += rest_s
    assert meter.bytes_per_s() == 0.0


def test_before_anything_moves_the_rate_is_zero() -> None:
    assert RateMeter(Clock()).bytes_per_s() == 0.0


def test_the_first_burst_into_the_sockets_buffer_is_no_gigabyte_a_second() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    meter.add(1000)
    clock.now += 0.001
    assert meter.bytes_per_s() == 2000


@pytest.mark.parametrize("step_s", [0.01, 0.1, 0.25, 0.3, 1.0])
def test_a_steady_stream_shows_its_rate_however_it_is_cut(step_s: float) -> None:
    clock = Clock()
    meter = RateMeter(clock)
    for _ in range(int(20 / step_s)):
        clock.now += step_s
        meter.add(int(1_000_000 * step_s))
    assert meter.bytes_per_s() == pytest.approx(1_000_000, rel=0.2)


def test_a_change_of_speed_shows_within_the_window() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    for rate, seconds in ((1_000_000, 20), (100_000, 7)):
        for _ in range(seconds * 10):
            clock.now += 0.1
            meter.add(rate // 10)
    assert meter.bytes_per_s() == pytest.approx(100_000, rel=0.2)


def test_a_new_start_after_a_rest_is_not_averaged_with_it() -> None:
    clock = Clock()
    meter = RateMeter(clock)
    meter.add(1000)
    clock.now += 3600
    for _ in range(20):
        meter.add(100_000)
        clock.now += 0.1
    assert meter.bytes_per_s() == pytest.approx(1_000_000, rel=0.1)


# --- one upload's bytes ------------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(st.sampled_from(["sent", "dropped", "confirmed"]), st.integers(1, PARTS), st.integers(0, PART)),
    max_size=100,
)


@given(steps=steps)
def test_progress_never_shows_more_than_the_file_and_confirmed_bytes_never_shrink(
    steps: list[tuple[str, int, int]],
) -> None:
    progress = LiveProgress(0)
    done: set[int] = set()
    before = 0
    for what, number, size_bytes in steps:
        if what == "sent":
            progress.sent(number, size_bytes)  # more than once, even for a confirmed part: retries and replays
        elif what == "dropped":
            progress.dropped(number)
        else:
            done.add(number)
            progress.confirmed(number, len(done) * PART)
        confirmed, in_flight, rate, left_s = progress.read(SIZE)
        assert before <= confirmed == len(done) * PART
        assert in_flight >= 0
        assert confirmed + in_flight <= SIZE
        assert rate >= 0
        assert left_s is None or left_s >= 0
        before = confirmed


@given(order=st.permutations(range(1, PARTS + 1)))
def test_totals_that_are_told_out_of_order_never_take_progress_back(order: list[int]) -> None:
    progress = LiveProgress(0)
    seen = [0]
    for count in order:
        progress.confirmed(count, count * PART)
        seen.append(progress.read(SIZE)[0])
    assert seen == sorted(seen)
    assert seen[-1] == SIZE


def test_a_part_moves_from_in_flight_to_confirmed_without_a_dip_or_a_jump() -> None:
    progress = LiveProgress(0)
    progress.sent(1, PART)
    progress.sent(2, PART // 2)
    shown = [sum(progress.read(SIZE)[:2])]
    progress.confirmed(1, PART)
    shown.append(sum(progress.read(SIZE)[:2]))
    assert shown == [PART + PART // 2] * 2


def test_a_late_drop_of_a_confirmed_part_changes_nothing() -> None:
    progress = LiveProgress(0)
    progress.sent(1, PART)
    progress.confirmed(1, PART)
    progress.dropped(1)
    assert progress.read(SIZE)[:2] == (PART, 0)


def test_only_a_reset_takes_confirmed_bytes_back() -> None:
    progress = LiveProgress(3 * PART)
    progress.sent(4, 10)
    progress.reset(PART)
    assert progress.read(SIZE)[:2] == (PART, 0)


def test_an_upload_that_goes_on_begins_with_what_was_confirmed() -> None:
    assert LiveProgress(3 * PART).read(SIZE) == (3 * PART, 0, 0.0, None)


def test_the_time_left_counts_neither_confirmed_bytes_nor_those_in_flight() -> None:
    clock = Clock()
    progress = LiveProgress(400, clock)
    progress.sent(5, 100)
    clock.now += 1
    assert progress.read(1000) == (400, 100, 100.0, 5.0)


def test_at_the_end_no_time_is_left() -> None:
    clock = Clock()
    progress = LiveProgress(0, clock)
    progress.sent(1, SIZE)
    progress.confirmed(1, SIZE)
    clock.now += 1
    assert progress.read(SIZE) == (SIZE, 0, float(SIZE), 0.0)


def test_an_empty_file_is_never_more_than_nothing() -> None:
    progress = LiveProgress(0)
    progress.sent(1, 0)
    assert progress.read(0)[:2] == (0, 0)


def test_many_senders_at_once_lose_no_byte() -> None:
    progress = LiveProgress(0)
    together = threading.Barrier(4)

    def send(number: int) -> None:
        together.wait(10)
        for _ in range(1000):
            progress.sent(number, 1)

    with ThreadPoolExecutor(4) as senders:
        list(senders.map(send, range(1, 5)))
    assert progress.read(10_000)[:2] == (0, 4000)
