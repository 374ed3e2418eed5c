"""What the garbage collector is kept from."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from recorder_desktop.core.long_lived import long_lived


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


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
