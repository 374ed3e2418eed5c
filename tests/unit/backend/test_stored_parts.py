from __future__ import annotations

import pytest

from backend.errors import PartsMismatch
from backend.model import CompletedPart, StoredPart
from backend.stored_parts import newest_parts, require_parts
from tests.fakes.backend_values import later


def stored(number: int, etag: str, size: int = 10, minute: int = 0) -> StoredPart:
    return StoredPart(number, etag, size, later(minute))


def mismatch(listed: list[StoredPart], named: list[tuple[int, str]], size: int | None) -> dict[str, object]:
    with pytest.raises(PartsMismatch) as caught:
        require_parts(listed, [CompletedPart(*part) for part in named], size)
    assert caught.value.details is not None
    return caught.value.details


def test_parts_that_are_stored_and_add_up_are_accepted_in_any_order() -> None:
    require_parts([stored(2, "b"), stored(1, "a")], [CompletedPart(2, "b"), CompletedPart(1, "a")], 20)


def test_f47_a_part_that_is_not_stored_is_missing() -> None:
    assert mismatch([stored(1, "a")], [(1, "a"), (2, "b")], 20)["missing"] == [2]


def test_f47_an_etag_that_was_replaced_is_superseded() -> None:
    listed = [stored(1, "new", minute=1), stored(1, "old")]
    assert mismatch(listed, [(1, "old")], 10)["superseded"] == [1]
    require_parts(listed, [CompletedPart(1, "new")], 10)


def test_two_entries_of_one_second_are_both_acceptable() -> None:
    listed = [stored(1, "x"), stored(1, "y")]
    for etag in "xy":
        require_parts(listed, [CompletedPart(1, etag)], 10)


def test_s15_parts_that_do_not_add_up_to_the_file_are_refused() -> None:
    details = mismatch([stored(1, "a"), stored(2, "b")], [(1, "a")], 20)
    assert (details["storedBytes"], details["expectedBytes"], details["omitted"]) == (10, 20, [2])


def test_without_a_file_size_no_stored_part_may_be_left_out() -> None:
    assert mismatch([stored(1, "a"), stored(2, "b")], [(1, "a")], None)["omitted"] == [2]


def test_the_newest_entry_of_each_part_is_listed_in_order() -> None:
    listed = [stored(10, "j"), stored(2, "old"), stored(2, "new", minute=1), stored(1, "a")]
    assert [(part.part_number, part.etag) for part in newest_parts(listed)] == [(1, "a"), (2, "new"), (10, "j")]
