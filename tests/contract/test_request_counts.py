"""What every keeper of request counts promises."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from backend.ports import RequestCounts


def test_requests_are_counted_by_name_and_minute(request_counts: RequestCounts) -> None:
    assert request_counts.count_requests("user:alice", 100, 5) == 5
    assert request_counts.count_requests("user:alice", 100, 5) == 10
    assert request_counts.count_requests("user:bob", 100, 1) == 1
    assert request_counts.count_requests("user:alice", 101, 1) == 1


def test_requests_that_many_count_at_once_are_all_counted(request_counts: RequestCounts) -> None:
    together = threading.Barrier(8)

    def count(_: int) -> int:
        together.wait()
        return request_counts.count_requests("user:alice", 7, 1)

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(count, range(8))) == list(range(1, 9))
