"""What the garbage collector is kept from."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from recorder_desktop.core.long_lived import long_lived, settled


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    thresholds, callbacks = gc.get_threshold(), list(gc.callbacks)
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.callbacks[:] = callbacks


def test_what_many_uploads_are_made_of_is_not_looked_through() -> None:
    with long_lived(500):
        assert not gc.isenabled()
        made = [[number] for number in range(500)]
    assert gc.isenabled()
    assert not {id(each) for each in made} & {id(each) for each in gc.get_objects()}


def test_after_an_error_the_collector_is_at_work_again() -> None:
    with pytest.raises(OSError, match="no room"), long_lived(500):
        raise OSError("no room")
    assert gc.isenabled()


def test_a_few_leave_the_collector_alone() -> None:
    with long_lived(5):
        assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_from_the_first_list_on_what_is_there_is_not_looked_through_and_looks_are_short() -> None:
    gc.set_threshold(50_000)
    loaded = [[number] for number in range(10)]
    settled()
    assert not is_looked_through(loaded)
    young, middle, _ = gc.get_threshold()
    assert young * (middle + 2) <= 20_000


def test_what_is_left_after_a_look_at_everything_is_not_looked_through_again() -> None:
    settled()
    made = [[number] for number in range(10)]
    gc.collect(1)
    assert is_looked_through(made)
    gc.collect()
    assert not is_looked_through(made)


def test_garbage_is_found_as_before() -> None:
    settled()
    circle = Circle()
    found = weakref.ref(circle)
    del circle
    gc.collect()
    assert found() is None


def test_what_has_gone_by_the_next_list_is_freed() -> None:
    settled()
    circle = Circle()
    found = weakref.ref(circle)
    gc.collect()
    assert not is_looked_through(circle)
    del circle
    gc.collect()
    assert found() is not None
    settled()
    assert found() is None


class Circle:
    def __init__(self) -> None:
        self.me = self


def is_looked_through(made: object) -> bool:
    return id(made) in {id(each) for each in gc.get_objects()}
