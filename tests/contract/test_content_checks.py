"""What every database promises about recordings that were looked into."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.model import ContentCheck, Recording
from backend.ports import Catalogue, ContentChecks
from tests.fakes.backend_values import EPOCH, a_recording, a_session


def stored(catalogue: Catalogue, age_s: int = 0) -> Recording:
    session = catalogue.reserve_session(a_session())
    return catalogue.complete_session(session, a_recording(session, created_at=EPOCH - timedelta(seconds=age_s)))


def test_new_recordings_are_unchecked_the_oldest_first(catalogue: Catalogue, content_checks: ContentChecks) -> None:
    young, old, middle = (stored(catalogue, age) for age in (1, 3, 2))
    assert content_checks.unchecked(10) == [old, middle, young]
    assert content_checks.unchecked(2) == [old, middle]
    assert young.content_check is ContentCheck.PENDING


@pytest.mark.parametrize("outcome", [ContentCheck.MATCH, ContentCheck.MISMATCH, ContentCheck.UNKNOWN])
def test_what_was_found_is_kept(catalogue: Catalogue, content_checks: ContentChecks, outcome: ContentCheck) -> None:
    first, second = stored(catalogue, 2), stored(catalogue, 1)
    content_checks.set_checked(first.recording_id, outcome)
    content_checks.set_checked("no such recording", outcome)
    assert content_checks.unchecked(10) == [second]
    assert catalogue.find_recording("alice", first.recording_id) == replace(first, content_check=outcome)
