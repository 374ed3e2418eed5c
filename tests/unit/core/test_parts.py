"""Part plans, by their invariants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_desktop.core.parts import MIN_PART_SIZE_BYTES, equal_parts

MIB = 1024 * 1024


@given(size=st.integers(0, 200 * 1024 * MIB), part_mib=st.integers(5, 5120))
def test_parts_cover_the_file_without_gap_or_overlap(size: int, part_mib: int) -> None:
    part_size = max(part_mib * MIB, size // 5000)
    end = 0
    for number, part in enumerate(equal_parts(size, part_size), start=1):
        assert part.number == number
        assert part.offset == end
        end += part.size_bytes
    assert end == size


@given(size=st.integers(1, 1024 * MIB), part_mib=st.integers(5, 64))
def test_every_part_but_the_last_has_the_part_size(size: int, part_mib: int) -> None:
    *full, last = equal_parts(size, part_mib * MIB)
    assert all(part.size_bytes == part_mib * MIB for part in full)
    assert 0 < last.size_bytes <= part_mib * MIB


def test_f18_an_empty_file_is_one_empty_part() -> None:
    (only,) = equal_parts(0, MIN_PART_SIZE_BYTES)
    assert (only.number, only.offset, only.size_bytes) == (1, 0, 0)


def test_a_part_size_below_the_minimum_is_refused() -> None:
    with pytest.raises(ValueError, match="below the minimum"):
        equal_parts(10, MIN_PART_SIZE_BYTES - 1)


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 bytes"):
        equal_parts(-1, MIN_PART_SIZE_BYTES)
