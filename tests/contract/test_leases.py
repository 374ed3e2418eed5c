"""What every database promises about leases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from backend.ports import Leases
from tests.fakes.backend_values import later


def test_one_holder_has_a_lease_until_its_time(leases: Leases) -> None:
    assert leases.take("round", "a", later(0), later(10))
    assert not leases.take("round", "b", later(9), later(20))
    assert leases.take("reap", "b", later(0), later(10))
    assert leases.take("round", "b", later(10), later(20))
    assert not leases.take("round", "a", later(11), later(21))


def test_its_holder_renews_it_and_gives_it_back(leases: Leases) -> None:
    assert leases.take("round", "a", later(0), later(10))
    assert leases.take("round", "a", later(5), later(15))
    assert not leases.take("round", "b", later(12), later(20))
    assert leases.take("round", "a", later(12), later(12))
    assert leases.take("round", "b", later(12), later(20))


def test_of_many_at_once_one_gets_it(leases: Leases) -> None:
    together = threading.Barrier(8)

    def take(number: int) -> bool:
        together.wait()
        return leases.take("round", f"holder {number}", later(0), later(10))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(8))) == 1
        late = threads.map(lambda number: leases.take("round", f"late {number}", later(10), later(20)), range(8))
        assert sum(late) == 1


def test_what_was_found_is_known_to_all(leases: Leases) -> None:
    assert leases.found("reap") is None
    leases.take("reap", "a", later(0), later(1))
    assert leases.found("reap") is None
    leases.report("reap", "a", 7, later(60))
    assert leases.found("reap") == 7
    assert not leases.take("reap", "b", later(59), later(70))
    assert leases.take("reap", "b", later(60), later(70))
    leases.report("reap", "a", 8, later(200))
    assert leases.found("reap") == 8
    assert leases.take("reap", "c", later(70), later(80))
