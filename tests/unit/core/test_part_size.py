"""The part size that is asked for, and the one that is expected: the backend must come to the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.part_size import choose_part_size
from recorder_desktop.core.part_size import (
    PartSizeRefused,
    expected_part_size,
    part_size_hint,
    part_size_text,
    read_part_size,
)
from recorder_desktop.core.parts import MIN_PART_SIZE_BYTES

MIB = 1024 * 1024
SIZES = st.integers(0, 5_000 * 5 * 1024 * MIB)


@given(SIZES, st.one_of(st.none(), st.integers(1, 6 * 1024 * MIB)))
def test_the_backend_answers_what_is_expected(size: int, hint: int | None) -> None:
    assert expected_part_size(size, hint) == choose_part_size(size, hint)


@given(st.floats(1, 1e10), SIZES, st.integers(1, 32))
def test_a_hint_is_within_the_limits(rate: float, size: int, senders: int) -> None:
    hint = part_size_hint(rate, size, senders)
    assert hint is not None
    assert MIN_PART_SIZE_BYTES <= hint <= 64 * MIB


def test_a_fast_line_asks_for_large_parts_and_a_thin_one_for_small_ones() -> None:
    assert part_size_hint(200e6, 100 << 30, 8) == 64 * MIB
    assert part_size_hint(250e3, 100 << 30, 8) == MIN_PART_SIZE_BYTES
    assert part_size_hint(16e6, 100 << 30, 8) == 10_000_000


def test_every_sender_gets_parts_of_a_file_of_medium_size() -> None:
    hint = part_size_hint(1e9, 320 * MIB, 8)
    assert hint == 10 * MIB


def test_an_unknown_line_asks_for_nothing() -> None:
    assert part_size_hint(None, 1 << 30, 8) is None


def test_a_file_of_one_usual_part_is_not_cut_because_the_line_is_known() -> None:
    assert part_size_hint(1e9, 6 * MIB, 8) == 8 * MIB


@given(st.none() | st.integers(5, 5 * 1024).map(lambda mib: mib * MIB))
def test_a_written_part_size_is_read_back(size: int | None) -> None:
    assert read_part_size(part_size_text(size)) == size


def test_a_part_size_may_be_written_as_people_do() -> None:
    assert [read_part_size(text) for text in ("16", " 16mib ", "16 MiB", "1 GiB", "Automatic")] == [
        16 * MIB,
        16 * MIB,
        16 * MIB,
        1024 * MIB,
        None,
    ]


@pytest.mark.parametrize("text", ["4 MiB", "0", "5121 MiB", "6 GiB", "-8", "16 MB", "8.5 MiB", "", "large"])
def test_a_part_size_that_no_store_takes_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(PartSizeRefused, match=r"\. Write "):
        read_part_size(text)
