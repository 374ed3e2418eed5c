"""No change of a file goes unnoticed, whatever else changed with it."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder_desktop.core.identity import FileChange, compare
from recorder_desktop.core.model import FileIdentity

QUEUED = FileIdentity(size_bytes=100, mtime_ns=1, ctime_ns=2, device=3, file_id=4)

number = st.integers(0, 3)  # few values, so that fields often agree
identities = st.builds(FileIdentity, number, number, number, number, number)


@given(queued=identities, present=identities)
def test_only_an_identity_that_agrees_in_everything_is_unchanged(queued: FileIdentity, present: FileIdentity) -> None:
    assert (compare(queued, present) is FileChange.NONE) == (queued == present)


@pytest.mark.parametrize("field", [field.name for field in fields(FileIdentity)])
def test_every_field_alone_betrays_a_change(field: str) -> None:
    assert compare(QUEUED, replace(QUEUED, **{field: 99})) is not FileChange.NONE


@given(queued=identities, present=identities)
def test_a_file_of_another_size_is_never_compared_part_by_part(queued: FileIdentity, present: FileIdentity) -> None:
    if queued.size_bytes != present.size_bytes:
        assert compare(queued, present) in (FileChange.GROWN, FileChange.SHORTENED, FileChange.REPLACED)


@given(queued=identities, present=identities)
def test_only_a_file_with_another_device_or_number_counts_as_replaced(
    queued: FileIdentity, present: FileIdentity
) -> None:
    if (queued.device, queued.file_id) == (present.device, present.file_id):
        assert compare(queued, present) is not FileChange.REPLACED


@given(queued=identities, present=identities)
def test_a_drive_plugged_in_again_never_costs_the_parts_already_sent(
    queued: FileIdentity, present: FileIdentity
) -> None:
    same_content = replace(present, size_bytes=queued.size_bytes, mtime_ns=queued.mtime_ns)
    assert compare(queued, same_content) in (FileChange.NONE, FileChange.TOUCHED)


@given(queued=identities, present=identities)
def test_the_direction_of_a_change_matters_for_its_size_alone(queued: FileIdentity, present: FileIdentity) -> None:
    back = {FileChange.GROWN: FileChange.SHORTENED, FileChange.SHORTENED: FileChange.GROWN}
    change = compare(queued, present)
    assert compare(present, queued) is back.get(change, change)
