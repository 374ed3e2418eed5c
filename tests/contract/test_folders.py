"""What every keeper of folders promises: SQLite on a real file, MongoDB on a real server, and the fake."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from backend.errors import (
    BackendError,
    FolderCycle,
    FolderExists,
    FolderNotEmpty,
    FolderNotFound,
    FolderTooDeep,
)
from backend.model import OPEN_STATES, Cursor, Folder, SessionState, UploadSession, utc_now
from backend.ports import Catalogue, Folders
from tests.fakes.backend_values import a_recording, a_session

NOW = utc_now()
DEPTH = 5


def a_folder(name: str, parent: Folder | None = None, owner_id: str = "alice", age_s: int = 0) -> Folder:
    created_at = NOW - timedelta(seconds=age_s)
    return Folder(uuid.uuid4().hex, owner_id, name, parent.folder_id if parent else None, created_at)


def kept(folders: Folders, name: str, parent: Folder | None = None, owner_id: str = "alice") -> Folder:
    return folders.reserve_folder(a_folder(name, parent, owner_id))


def into(parent: Folder | None) -> Callable[[Folder], Folder]:
    return lambda folder: replace(folder, parent_id=parent.folder_id if parent else None)


def named(name: str) -> Callable[[Folder], Folder]:
    return lambda folder: replace(folder, name=name)


def test_a_folder_is_found_by_its_owner_alone(folders: Folders) -> None:
    talks = kept(folders, "Talks ü \u202e")
    inside = kept(folders, "2026", talks)
    assert folders.find_folder("alice", talks.folder_id) == talks
    assert folders.find_folder("alice", inside.folder_id) == inside
    assert folders.find_folder("bob", talks.folder_id) is None


def test_a_name_is_there_once_in_each_place(folders: Folders) -> None:
    talks = kept(folders, "talks")
    assert kept(folders, "talks") == talks
    inside = kept(folders, "talks", talks)
    assert inside.folder_id != talks.folder_id
    assert kept(folders, "talks", talks) == inside
    assert kept(folders, "talks", owner_id="bob").owner_id == "bob"


def test_concurrent_reservations_agree_on_one_folder(folders: Folders) -> None:
    together = threading.Barrier(8)

    def reserve(_: int) -> str:
        together.wait()
        return kept(folders, "talks").folder_id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(reserve, range(8)))) == 1


def test_folders_are_listed_newest_first_in_pages(folders: Folders) -> None:
    made = [folders.reserve_folder(a_folder(f"{age}", age_s=age)) for age in range(5)]
    kept(folders, "not mine", owner_id="bob")
    first = folders.list_folders("alice", None, 3)
    rest = folders.list_folders("alice", Cursor(first[-1].created_at, first[-1].folder_id), 3)
    assert [*first, *rest] == made


def test_a_folder_gets_another_name_and_another_place(folders: Folders) -> None:
    talks, year = kept(folders, "talks"), kept(folders, "2026")
    assert folders.change_folder("alice", year.folder_id, into(talks), DEPTH).parent_id == talks.folder_id
    assert folders.change_folder("alice", year.folder_id, named("this year"), DEPTH).name == "this year"
    assert folders.find_folder("alice", year.folder_id) == replace(year, name="this year", parent_id=talks.folder_id)
    assert folders.change_folder("alice", year.folder_id, into(None), DEPTH).parent_id is None


def refused(folders: Folders, folder: Folder, change: Callable[[Folder], Folder]) -> type[BackendError]:
    with pytest.raises(BackendError) as caught:
        folders.change_folder("alice", folder.folder_id, change, DEPTH)
    assert folders.find_folder(folder.owner_id, folder.folder_id) == folder
    return caught.type


def test_what_a_folder_cannot_be(folders: Folders) -> None:
    talks = kept(folders, "talks")
    year = kept(folders, "2026", talks)
    month = kept(folders, "11", year)
    kept(folders, "12", year)
    strange = kept(folders, "strange", owner_id="bob")
    assert refused(folders, talks, into(talks)) is FolderCycle
    assert refused(folders, talks, into(month)) is FolderCycle
    assert refused(folders, month, named("12")) is FolderExists
    assert refused(folders, month, into(strange)) is FolderNotFound
    assert refused(folders, strange, named("mine")) is FolderNotFound


def test_a_folder_keeps_its_name_and_place_without_trouble(folders: Folders) -> None:
    talks = kept(folders, "talks")
    assert folders.change_folder("alice", talks.folder_id, lambda folder: folder, DEPTH) == talks


def test_folders_are_inside_each_other_to_a_limit(folders: Folders) -> None:
    deepest: Folder | None = None
    for level in range(DEPTH):
        deepest = kept(folders, f"{level}", deepest)
    other = kept(folders, "other")
    assert refused(folders, other, into(deepest)) is FolderTooDeep


def test_two_folders_moved_into_each_other_at_once_make_no_circle(folders: Folders) -> None:
    for turn in range(5):
        pair = [kept(folders, f"left {turn}"), kept(folders, f"right {turn}")]
        together = threading.Barrier(2)

        def move(
            number: int, pair: list[Folder] = pair, together: threading.Barrier = together
        ) -> type[BackendError] | None:
            together.wait()
            try:
                folders.change_folder("alice", pair[number].folder_id, into(pair[1 - number]), DEPTH)
            except BackendError as exc:
                return type(exc)
            return None

        with ThreadPoolExecutor(2) as threads:
            outcomes = list(threads.map(move, range(2)))
        assert sorted(outcomes, key=str) == sorted([None, FolderCycle], key=str)


def an_upload(folder: Folder, state: SessionState) -> UploadSession:
    name = uuid.uuid4().hex
    return a_session(
        session_id=name, upload_id=name, key=name, client_upload_id=None, folder_id=folder.folder_id, state=state
    )


def is_deleted(folders: Folders, folder: Folder) -> bool:
    try:
        folders.delete_folder("alice", folder.folder_id)
    except FolderNotEmpty:
        assert folders.find_folder("alice", folder.folder_id) == folder
        return False
    assert folders.find_folder("alice", folder.folder_id) is None
    return True


def test_a_folder_is_deleted_when_the_folder_in_it_is(folders: Folders) -> None:
    talks, other = kept(folders, "talks"), kept(folders, "other")
    year = kept(folders, "2026", talks)
    assert not is_deleted(folders, talks)
    assert is_deleted(folders, year)
    assert is_deleted(folders, talks)
    assert folders.list_folders("alice", None, 10) == [other]
    assert kept(folders, "talks").folder_id != talks.folder_id


@pytest.mark.parametrize("state", SessionState)
def test_a_folder_with_an_upload_under_way_is_not_deleted(
    folders: Folders, catalogue: Catalogue, state: SessionState
) -> None:
    talks = kept(folders, "talks")
    catalogue.reserve_session(an_upload(talks, state))
    assert is_deleted(folders, talks) == (state not in OPEN_STATES)


def test_a_folder_with_a_recording_is_not_deleted(folders: Folders, catalogue: Catalogue) -> None:
    talks, other = kept(folders, "talks"), kept(folders, "other")
    session = catalogue.reserve_session(an_upload(talks, SessionState.COMPLETING))
    recording = catalogue.complete_session(session, a_recording(session, folder_id=talks.folder_id))
    assert not is_deleted(folders, talks)
    assert is_deleted(folders, other)
    catalogue.delete_recording(recording, NOW)
    assert is_deleted(folders, talks)


def test_what_is_no_folder_of_the_owners_is_not_deleted(folders: Folders) -> None:
    strange = kept(folders, "strange", owner_id="bob")
    for folder_id in (strange.folder_id, "unknown"):
        with pytest.raises(FolderNotFound):
            folders.delete_folder("alice", folder_id)
    assert folders.find_folder("bob", strange.folder_id) == strange


def test_a_folder_that_is_deleted_while_another_moves_into_it_has_nothing_in_it(folders: Folders) -> None:
    for turn in range(5):
        goal, moved = kept(folders, f"goal {turn}"), kept(folders, f"moved {turn}")
        together = threading.Barrier(2)

        def outcome(act: Callable[[], object], together: threading.Barrier = together) -> type[BackendError] | None:
            together.wait()
            try:
                act()
            except BackendError as exc:
                return type(exc)
            return None

        acts: list[Callable[[], object]] = [
            partial(folders.delete_folder, "alice", goal.folder_id),
            partial(folders.change_folder, "alice", moved.folder_id, into(goal), DEPTH),
        ]
        with ThreadPoolExecutor(2) as threads:
            outcomes = list(threads.map(outcome, acts))
        assert outcomes in ([None, FolderNotFound], [FolderNotEmpty, None])
