"""What every database promises about recordings that were looked into."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.adapters.mongo_catalogue import MongoCatalogue
from backend.adapters.mongo_content_checks import MongoContentChecks
from backend.adapters.mongo_database import MongoDatabase
from backend.model import ContentCheck, Recording
from backend.ports import Catalogue, ContentChecks
from tests.fakes.backend_values import EPOCH, a_recording, a_session
from tests.servers import MongoServer


def stored(catalogue: Catalogue, age_s: int = 0) -> Recording:
    session = catalogue.reserve_session(a_session())
    return catalogue.complete_session(session, a_recording(session, created_at=EPOCH - timedelta(seconds=age_s)))


def test_new_recordings_are_unchecked_the_oldest_first(catalogue: Catalogue, content_checks: ContentChecks) -> None:
    young, old, middle = (stored(catalogue, age) for age in (1, 3, 2))
    assert content_checks.unchecked(EPOCH, 10) == [old, middle, young]
    assert content_checks.unchecked(EPOCH, 2) == [old, middle]
    assert young.content_check is ContentCheck.PENDING


def test_a_postponed_recording_lets_others_pass_until_its_time(
    catalogue: Catalogue, content_checks: ContentChecks
) -> None:
    old, young = stored(catalogue, 2), stored(catalogue, 1)
    later = EPOCH + timedelta(hours=1)
    content_checks.postpone(old.recording_id, later)
    content_checks.postpone("no such recording", later)
    assert content_checks.unchecked(later - timedelta(seconds=1), 1) == [young]
    assert content_checks.unchecked(later, 1) == [old]


@pytest.mark.parametrize("outcome", [ContentCheck.MATCH, ContentCheck.MISMATCH, ContentCheck.UNKNOWN])
def test_what_was_found_is_kept(catalogue: Catalogue, content_checks: ContentChecks, outcome: ContentCheck) -> None:
    first, second = stored(catalogue, 2), stored(catalogue, 1)
    content_checks.set_checked(first.recording_id, outcome)
    content_checks.set_checked("no such recording", outcome)
    assert content_checks.unchecked(EPOCH, 10) == [second]
    assert catalogue.find_recording("alice", first.recording_id) == replace(first, content_check=outcome)


def test_recordings_of_a_version_without_the_field_are_unchecked_too(mongo_server: MongoServer) -> None:
    database = MongoDatabase(mongo_server.uri.replace("/?", f"/t{uuid.uuid4().hex}?"))
    catalogue = MongoCatalogue(database)
    recording = stored(catalogue)
    with database.mapped_errors():
        database.collection("recordings").update_one({}, {"$unset": {"content_check": ""}})
    checks = MongoContentChecks(database)
    assert checks.unchecked(EPOCH, 10) == [recording]
    checks.set_checked(recording.recording_id, ContentCheck.MATCH)
    assert MongoContentChecks(database).unchecked(EPOCH, 10) == []
    catalogue.close()
