"""So many requests a minute: counted with others, seldom asked for, forgotten in time."""

from __future__ import annotations

import pytest

from backend import rate_limit_service
from backend.errors import TooManyRequests
from backend.rate_limit_service import SHARES, RateLimitService
from tests.fakes.memory_request_counts import MemoryRequestCounts

LIMIT = 100


class Clock:
    """Seconds since 1970 as a test says."""

    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counts() -> MemoryRequestCounts:
    return MemoryRequestCounts()


@pytest.fixture
def service(counts: MemoryRequestCounts, clock: Clock) -> RateLimitService:
    return RateLimitService(counts, LIMIT, clock)


def asked(service: RateLimitService, who: str = "user:alice") -> bool:
    """Whether a request is answered."""
    try:
        if not service.take(who):
            service.reserve(who)
    except TooManyRequests:
        return False
    return True


def answered(service: RateLimitService, count: int, who: str = "user:alice") -> int:
    return sum(asked(service, who) for _ in range(count))


def test_no_more_than_the_limit_is_answered_until_the_next_minute(service: RateLimitService, clock: Clock) -> None:
    assert answered(service, 2 * LIMIT) == LIMIT
    clock.now += 59
    assert answered(service, 1) == 0
    clock.now += 1
    assert answered(service, 2 * LIMIT) == LIMIT


def test_everybody_has_a_limit_of_their_own(service: RateLimitService) -> None:
    answered(service, 2 * LIMIT)
    assert answered(service, LIMIT, "user:bob") == LIMIT


def test_instances_on_one_catalogue_share_it(
    service: RateLimitService, counts: MemoryRequestCounts, clock: Clock
) -> None:
    other = RateLimitService(counts, LIMIT, clock)
    assert sum(asked(each) for _ in range(LIMIT) for each in (service, other)) == LIMIT


def test_the_catalogue_is_asked_a_few_times_only(
    service: RateLimitService, counts: MemoryRequestCounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    count = counts.count_requests

    def counted(who: str, minute: int, more: int) -> int:
        calls.append(more)
        return count(who, minute, more)

    monkeypatch.setattr(counts, "count_requests", counted)
    answered(service, 3 * LIMIT)
    assert len(calls) == SHARES + 1


def test_a_small_limit_is_exact(counts: MemoryRequestCounts, clock: Clock) -> None:
    assert answered(RateLimitService(counts, 3, clock), 10) == 3


def test_who_is_refused_hears_when_to_come_again(service: RateLimitService, clock: Clock) -> None:
    answered(service, LIMIT)
    clock.now += 48
    with pytest.raises(TooManyRequests) as caught:
        service.reserve("user:alice")
    assert caught.value.retry_after_s == 12


def test_while_the_catalogue_is_away_nobody_is_refused(
    service: RateLimitService, counts: MemoryRequestCounts
) -> None:
    counts.down = True
    assert answered(service, 2 * LIMIT) == 2 * LIMIT


def test_what_is_remembered_is_bounded(service: RateLimitService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit_service, "MOST_REMEMBERED", 10)
    answered(service, LIMIT)
    for number in range(100):
        asked(service, f"address:10.0.0.{number}")
    assert len(service._allowances) <= 10
    assert answered(service, 1) == 0  # what was forgotten here is still counted
