"""Catalogue files of several buckets in one home: what one shared file held comes to its own place."""

from __future__ import annotations

from pathlib import Path

from backend.adapters.sqlite_catalogue import SqliteCatalogue
from backend.adapters.sqlite_database import SqliteDatabase
from backend.model import RecordingOrder, SessionState
from tests.fakes.backend_values import a_recording, a_session


def stored_in(bucket: str, catalogue: SqliteCatalogue) -> str:
    """Put a recording of a bucket into a catalogue; its id."""
    session = catalogue.reserve_session(a_session())
    return catalogue.complete_session(session, a_recording(session, bucket=bucket)).recording_id


def listed(path: Path, bucket: str | None) -> set[str]:
    """The recordings that a backend for this bucket lists."""
    catalogue = SqliteCatalogue(SqliteDatabase(path, bucket))
    found = catalogue.list_recordings("alice", None, None, 10, order=RecordingOrder.NEWEST)
    catalogue.close()
    return {each.recording_id for each in found}


def a_shared_file(home: Path) -> tuple[str, str]:
    """One as it was while local store and own bucket had one catalogue; the ids of its two recordings."""
    shared = SqliteCatalogue(SqliteDatabase(home / "catalogue.db"))
    ids = stored_in("recordings", shared), stored_in("mine", shared)
    shared.reserve_session(a_session(session_id="open", state=SessionState.UPLOADING))
    shared.close()
    return ids


def test_each_place_takes_its_own_of_a_shared_file_whichever_comes_first(tmp_path: Path) -> None:
    for order in ((0, 1, 0, 1), (1, 0, 1, 0)):
        home = tmp_path / str(order[0])
        here, mine = a_shared_file(home)
        places = (
            (home / "catalogue-local.db", "recordings", here),
            (home / "catalogue-1.db", "mine", mine),
        )
        for number in order:
            path, bucket, own = places[number]
            assert listed(path, bucket) == {own}


def test_a_server_that_shares_the_home_keeps_its_catalogue_whole_and_to_itself(tmp_path: Path) -> None:
    ids = a_shared_file(tmp_path)
    assert listed(tmp_path / "catalogue-local.db", "recordings") == {ids[0]}
    server = SqliteCatalogue(SqliteDatabase(tmp_path / "catalogue.db"))
    later = stored_in("recordings", server)
    server.close()

    assert listed(tmp_path / "catalogue-local.db", "recordings") == {ids[0]}
    assert listed(tmp_path / "catalogue.db", None) == {*ids, later}


def test_a_bucket_that_is_new_to_a_home_begins_empty(tmp_path: Path) -> None:
    a_shared_file(tmp_path)

    assert listed(tmp_path / "catalogue-2.db", "another") == set()


def test_a_home_without_a_catalogue_begins_one(tmp_path: Path) -> None:
    assert listed(tmp_path / "catalogue-local.db", "recordings") == set()
    assert listed(tmp_path / "catalogue-1.db", "mine") == set()


def test_a_server_whose_file_nobody_named_keeps_all_that_it_holds(tmp_path: Path) -> None:
    ids = a_shared_file(tmp_path)

    assert listed(tmp_path / "catalogue.db", None) == set(ids)


def test_what_was_open_stays_known(tmp_path: Path) -> None:
    a_shared_file(tmp_path)
    for path, bucket in ((tmp_path / "catalogue-1.db", "mine"), (tmp_path / "catalogue-local.db", "recordings")):
        listed(path, bucket)
        catalogue = SqliteCatalogue(SqliteDatabase(path, bucket))
        assert catalogue.count_open_sessions() == 1
        catalogue.close()
