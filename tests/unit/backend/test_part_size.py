from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import FileTooLarge
from backend.part_size import (
    MAX_PART_BYTES,
    MAX_PARTS,
    MIB,
    MIN_PART_BYTES,
    choose_part_size,
)

LARGEST = MAX_PARTS * MAX_PART_BYTES


@given(st.integers(0, LARGEST), st.none() | st.integers(0, 2**63 - 1))
def test_a_part_size_is_whole_mib_within_s3s_limits_and_5000_parts_hold_the_file(size: int, hint: int | None) -> None:
    part = choose_part_size(size, hint)
    assert part % MIB == 0
    assert MIN_PART_BYTES <= part <= MAX_PART_BYTES
    assert part * MAX_PARTS >= size


@given(st.integers(0, 5000 * MIN_PART_BYTES), st.integers(0, 2**40))
def test_a_hint_counts_between_5_mib_and_5_gib(size: int, hint: int) -> None:
    assert choose_part_size(size, hint) == min(max(-(-hint // MIB) * MIB, MIN_PART_BYTES), MAX_PART_BYTES)


@pytest.mark.parametrize(
    ("size", "expected_mib"),
    [(None, 5), (0, 8), (100 * MIB, 8), (1024 * MIB, 16), (100 * 1024 * MIB, 21), (LARGEST, 5120)],
)
def test_without_a_hint_the_size_decides(size: int | None, expected_mib: int) -> None:
    assert choose_part_size(size, None) == expected_mib * MIB


def test_one_byte_more_than_5000_largest_parts_is_too_large() -> None:
    with pytest.raises(FileTooLarge):
        choose_part_size(LARGEST + 1, None)
