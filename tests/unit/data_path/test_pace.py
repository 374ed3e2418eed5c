"""Pieces that grow with the line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recorder_desktop.core.concurrency import ConcurrencyController
from recorder_desktop.core.progress import LiveProgress
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path.pace import FIRST_PIECE_BYTES, MOST_AT_FIRST_BYTES, AttemptPace
from recorder_desktop.data_path.rate_limit import MAX_PIECE_BYTES, RateLimiter
from recorder_desktop.transfer.part_task import AttemptTally

MIB = 1 << 20


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pace_at(clock: Clock, limit: int | None = None, concurrency: ConcurrencyController | None = None) -> AttemptPace:
    tally = AttemptTally(1, concurrency or ConcurrencyController(), LiveProgress(0), lambda _count: None)
    return AttemptPace(StopToken(), RateLimiter(limit), tally, clock=clock)


def pieces(pace: AttemptPace, clock: Clock, size_bytes: int, bytes_per_s: float) -> Iterator[int]:
    """The sizes in which so many bytes go out on a line."""
    left = size_bytes
    while left:
        piece = pace.take(left)
        clock.now += piece / bytes_per_s
        pace.handed_over(piece)
        left -= piece
        yield piece


def test_on_a_fast_line_a_part_takes_few_pieces(clock: Clock) -> None:
    sizes = list(pieces(pace_at(clock), clock, 16 * MIB, bytes_per_s=10**9))

    assert sizes[:4] == [FIRST_PIECE_BYTES, 4 * FIRST_PIECE_BYTES, 16 * FIRST_PIECE_BYTES, MAX_PIECE_BYTES]
    assert len(sizes) == 7


def test_on_a_thin_line_bytes_are_counted_every_few_seconds_at_most(clock: Clock) -> None:
    bytes_per_s = 2_000_000 / 8 / 8  # 2 Mbit/s, shared by eight senders

    sizes = list(pieces(pace_at(clock), clock, 5 * MIB, bytes_per_s))

    assert set(sizes) == {FIRST_PIECE_BYTES}
    assert FIRST_PIECE_BYTES / bytes_per_s < 3


def test_a_line_that_becomes_thin_gets_small_pieces_again(clock: Clock) -> None:
    pace = pace_at(clock)
    list(pieces(pace, clock, 16 * MIB, bytes_per_s=10**9))

    sizes = list(pieces(pace, clock, 16 * MIB, bytes_per_s=100_000))

    assert sizes[0] == MAX_PIECE_BYTES
    assert sizes[-1] == FIRST_PIECE_BYTES


def test_the_next_attempt_begins_with_what_this_one_came_to_but_not_with_all_of_it(clock: Clock) -> None:
    quick, slow = pace_at(clock), pace_at(clock)
    list(pieces(quick, clock, 16 * MIB, bytes_per_s=10**9))
    list(pieces(slow, clock, MIB, bytes_per_s=100_000))

    assert quick.next_first_piece_bytes == MOST_AT_FIRST_BYTES
    assert slow.next_first_piece_bytes == FIRST_PIECE_BYTES


def test_the_limit_bounds_pieces_too(clock: Clock) -> None:
    sizes = list(pieces(pace_at(clock, limit=1_600_000), clock, 500_000, bytes_per_s=10**9))

    assert sizes == [FIRST_PIECE_BYTES, 160_000, 160_000, 500_000 - FIRST_PIECE_BYTES - 2 * 160_000]


class ToldOfStarving(ConcurrencyController):
    """Counts how often it heard that less goes out than could."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def starved(self, now: float) -> None:
        super().starved(now)
        self.count += 1


def test_a_persons_limit_is_not_taken_for_the_lines(clock: Clock) -> None:
    limited, unlimited = ToldOfStarving(), ToldOfStarving()

    list(pieces(pace_at(clock, 1_000_000, limited), clock, 100_000, bytes_per_s=10**9))
    list(pieces(pace_at(clock, None, unlimited), clock, 100_000, bytes_per_s=10**9))

    assert limited.count > 0
    assert unlimited.count == 0
