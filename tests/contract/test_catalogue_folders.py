"""What every catalogue promises about folders: SQLite on a real file, MongoDB on a real server, and the fake."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.errors import BackendError, FolderCycle, FolderExists, FolderNotFound, FolderTooDeep
from backend.model import Cursor, Folder, utc_now
from backend.ports import Catalogue

NOW = utc_now()
DEPTH = 5


def a_folder(name: str, parent: Folder | None = None, owner_id: str = "alice", age_s: int = 0) -> Folder:
    created_at = NOW - timedelta(seconds=age_s)
    return Folder(uuid.uuid4().hex, owner_id, name, parent.folder_id if parent else None, created_at)


def kept(catalogue: Catalogue, name: str, parent: Folder | None = None, owner_id: str = "alice") -> Folder:
    return catalogue.reserve_folder(a_folder(name, parent, owner_id))


def into(parent: Folder | None) -> Callable[[Folder], Folder]:
    return lambda folder: replace(folder, parent_id=parent.folder_id if parent else None)


def named(name: str) -> Callable[[Folder], Folder]:
    return lambda folder: replace(folder, name=name)


def test_a_folder_is_found_by_its_owner_alone(catalogue: Catalogue) -> None:
    talks = kept(catalogue, "Talks ü \u202e")
    inside = kept(catalogue, "2026", talks)
    assert catalogue.find_folder("alice", talks.folder_id) == talks
    assert catalogue.find_folder("alice", inside.folder_id) == inside
    assert catalogue.find_folder("bob", talks.folder_id) is None


def test_a_name_is_there_once_in_each_place(catalogue: Catalogue) -> None:
    talks = kept(catalogue, "talks")
    assert kept(catalogue, "talks") == talks
    inside = kept(catalogue, "talks", talks)
    assert inside.folder_id != talks.folder_id
    assert kept(catalogue, "talks", talks) == inside
    assert kept(catalogue, "talks", owner_id="bob").owner_id == "bob"


def test_concurrent_reservations_agree_on_one_folder(catalogue: Catalogue) -> None:
    together = threading.Barrier(8)

    def reserve(_: int) -> str:
        together.wait()
        return kept(catalogue, "talks").folder_id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(reserve, range(8)))) == 1


def test_folders_are_listed_newest_first_in_pages(catalogue: Catalogue) -> None:
    made = [catalogue.reserve_folder(a_folder(f"{age}", age_s=age)) for age in range(5)]
    kept(catalogue, "not mine", owner_id="bob")
    first = catalogue.list_folders("alice", None, 3)
    rest = catalogue.list_folders("alice", Cursor(first[-1].created_at, first[-1].folder_id), 3)
    assert [*first, *rest] == made


def test_a_folder_gets_another_name_and_another_place(catalogue: Catalogue) -> None:
    talks, year = kept(catalogue, "talks"), kept(catalogue, "2026")
    assert catalogue.change_folder("alice", year.folder_id, into(talks), DEPTH).parent_id == talks.folder_id
    assert catalogue.change_folder("alice", year.folder_id, named("this year"), DEPTH).name == "this year"
    assert catalogue.find_folder("alice", year.folder_id) == replace(
        year, name="this year", parent_id=talks.folder_id
    )
    assert catalogue.change_folder("alice", year.folder_id, into(None), DEPTH).parent_id is None


def refused(catalogue: Catalogue, folder: Folder, change: Callable[[Folder], Folder]) -> type[BackendError]:
    with pytest.raises(BackendError) as caught:
        catalogue.change_folder("alice", folder.folder_id, change, DEPTH)
    assert catalogue.find_folder(folder.owner_id, folder.folder_id) == folder
    return caught.type


def test_what_a_folder_cannot_be(catalogue: Catalogue) -> None:
    talks = kept(catalogue, "talks")
    year = kept(catalogue, "2026", talks)
    month = kept(catalogue, "11", year)
    kept(catalogue, "12", year)
    strange = kept(catalogue, "strange", owner_id="bob")
    assert refused(catalogue, talks, into(talks)) is FolderCycle
    assert refused(catalogue, talks, into(month)) is FolderCycle
    assert refused(catalogue, month, named("12")) is FolderExists
    assert refused(catalogue, month, into(strange)) is FolderNotFound
    assert refused(catalogue, strange, named("mine")) is FolderNotFound


def test_a_folder_keeps_its_name_and_place_without_trouble(catalogue: Catalogue) -> None:
    talks = kept(catalogue, "talks")
    assert catalogue.change_folder("alice", talks.folder_id, lambda folder: folder, DEPTH) == talks


def test_folders_are_inside_each_other_to_a_limit(catalogue: Catalogue) -> None:
    deepest: Folder | None = None
    for level in range(DEPTH):
        deepest = kept(catalogue, f"{level}", deepest)
    other = kept(catalogue, "other")
    assert refused(catalogue, other, into(deepest)) is FolderTooDeep


def test_two_folders_moved_into_each_other_at_once_make_no_circle(catalogue: Catalogue) -> None:
    for turn in range(5):
        pair = [kept(catalogue, f"left {turn}"), kept(catalogue, f"right {turn}")]
        together = threading.Barrier(2)

        def move(
            number: int, pair: list[Folder] = pair, together: threading.Barrier = together
        ) -> type[BackendError] | None:
            together.wait()
            try:
                catalogue.change_folder("alice", pair[number].folder_id, into(pair[1 - number]), DEPTH)
            except BackendError as exc:
                return type(exc)
            return None

        with ThreadPoolExecutor(2) as threads:
            outcomes = list(threads.map(move, range(2)))
        assert sorted(outcomes, key=str) == sorted([None, FolderCycle], key=str)
