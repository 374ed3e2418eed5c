"""The library's desk: which place it asks, where a download lands, and what failures say."""

from __future__ import annotations

import threading
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from awscrt.checksums import crc64nvme

from recorder_desktop.core.errors import Offline, Refused, Unavailable
from recorder_desktop.core.library import DownloadedFile, RecordingOrder, RecordingPage
from recorder_desktop.core.model import StoredRecording
from recorder_desktop.library import Library
from tests.fakes.recorder import FakeLibrary, a_stored_recording
from tests.unit.client.local_servers import Answer, answering


class FakeShelf(FakeLibrary):
    """A library that can be deleted from; `fails` by file id, or for everything with ""."""

    def __init__(self) -> None:
        super().__init__(a_stored_recording("a.mp4"), a_stored_recording("b.mp4"))
        self.deleted: list[str] = []
        self.orders: list[RecordingOrder] = []
        self.fails: dict[str, Exception] = {}
        self.address = "https://store.example.org"

    def recordings(
        self,
        query: str = "",
        cursor: str | None = None,
        limit: int = 100,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> RecordingPage:
        if "" in self.fails:
            raise self.fails[""]
        self.orders.append(order)
        return super().recordings(query, cursor, limit)

    def recording_url(self, file_id: str, *, to_play: bool = False) -> str:
        return f"{self.address}/{file_id}?play={to_play}"

    def delete_recording(self, file_id: str) -> None:
        if file_id in self.fails:
            raise self.fails[file_id]
        self.deleted.append(file_id)


class FakePlaces:
    """Two servers; `present` is the one that this run queues for."""

    def __init__(self) -> None:
        self.shelves = {"https://a": FakeShelf(), "https://b": FakeShelf()}
        self.present = "https://a"

    def current(self) -> str:
        return self.present

    def serves(self, destination: str) -> bool:
        return destination in self.shelves

    def connect(self, destination: str) -> FakeShelf:
        return self.shelves[destination]


@pytest.fixture
def places() -> FakePlaces:
    return FakePlaces()


@pytest.fixture
def here(places: FakePlaces) -> FakeShelf:
    return places.shelves["https://a"]


@pytest.fixture
def told() -> list[tuple[str, list[str]]]:
    """What the library said is gone."""
    return []


@pytest.fixture
def library(places: FakePlaces, told: list[tuple[str, list[str]]]) -> Library:
    return Library(places, lambda place, file_ids: told.append((place, list(file_ids))))


def test_a_first_page_is_from_the_place_that_is_the_present_one_then(places: FakePlaces, library: Library) -> None:
    places.shelves["https://b"].stored = ()
    first = library.page("", None).result(5)
    assert (len(first.items), first.destination) == (1, "https://a")
    places.present = "https://b"

    assert library.page("", None).result(5) == RecordingPage((), None, "https://b")


def test_the_next_page_is_from_the_place_of_the_first(places: FakePlaces, library: Library) -> None:
    first = library.page("", None).result(5)
    places.present = "https://b"
    places.shelves["https://b"].stored = ()

    assert library.page("", first.next_cursor, first.destination).result(5).items[0].file_name == "b.mp4"


def test_a_page_is_asked_for_in_its_order(here: FakeShelf, library: Library) -> None:
    library.page("", None, order=RecordingOrder.LARGEST).result(5)

    assert here.orders == [RecordingOrder.LARGEST]


def test_a_link_is_for_playing_or_for_fetching(library: Library) -> None:
    assert library.link("x", "https://a", to_play=True).result(5).endswith("play=True")
    assert library.link("x", "https://a", to_play=False).result(5).endswith("play=False")


def test_what_is_done_with_a_recording_is_done_where_it_is_stored(places: FakePlaces, library: Library) -> None:
    there = places.shelves["https://b"]
    there.address = "https://store-of-b.example.org"
    places.shelves["https://a"].fails["x"] = Refused("There is none.", code="recording_not_found")
    library.delete(["x"], "https://b").result(5)

    assert there.deleted == ["x"]
    assert library.link("x", "https://b", to_play=True).result(5).startswith(there.address)


def test_a_place_that_this_run_does_not_reach_is_named(library: Library) -> None:
    with pytest.raises(Refused, match="Your bucket mine at eu-west-1") as caught:
        library.link("x", "bucket:mine at eu-west-1", to_play=True).result(5)

    assert caught.value.code == "other_destination"


def test_deleting_goes_on_past_what_is_gone_already(here: FakeShelf, library: Library) -> None:
    here.fails["a"] = Refused("There is none.", code="recording_not_found")
    library.delete(["a", "b"], "https://a").result(5)

    assert here.deleted == ["b"]


def test_another_refusal_ends_a_delete(here: FakeShelf, library: Library, told: list[tuple[str, list[str]]]) -> None:
    here.fails["a"] = Refused("No.", code="forbidden")
    with pytest.raises(Refused, match="No"):
        library.delete(["b", "a", "c"], "https://a").result(5)

    assert here.deleted == ["b"]
    assert told == [("https://a", ["b"])]


def test_nothing_is_said_to_go_on_by_itself(here: FakeShelf, library: Library) -> None:
    here.fails[""] = Offline("No way to the server. It goes on by itself.")
    with pytest.raises(Unavailable) as caught:
        library.page("", None).result(5)

    assert caught.value.message == "No way to the server. Check the network, then try again."


# --- downloads ---------------------------------------------------------------------------------------------------

DATA = b"the bytes of a talk"


def a_talk(name: str = "talk.mp4") -> StoredRecording:
    return replace(
        a_stored_recording(name),
        size_bytes=len(DATA),
        crc64nvme=b64encode(crc64nvme(DATA).to_bytes(8, "big")).decode(),
    )


def test_a_download_never_takes_the_name_of_another_file(here: FakeShelf, library: Library, tmp_path: Path) -> None:
    (tmp_path / "talk (2).mp4").symlink_to("nowhere")
    mine = tmp_path / "talk.mp4"
    # Both are under way when the person's own file comes.
    both_begun = threading.Barrier(2)

    def wait_for_the_other(_count: int) -> None:
        if both_begun.wait(20) == 0:
            mine.write_bytes(b"mine")
        both_begun.wait(20)

    with answering(Answer(200, DATA)) as store:
        here.address = store.url
        begun = [library.download(a_talk(), "https://a", tmp_path, wait_for_the_other) for _ in range(2)]
        files = {each.result(20).path for each in begun}

    assert files == {tmp_path / "talk (3).mp4", tmp_path / "talk (4).mp4"}
    assert [file.read_bytes() for file in files] == [DATA, DATA]
    assert mine.read_bytes() == b"mine"
    assert {file.name for file in tmp_path.iterdir()} == {"talk.mp4", "talk (2).mp4", "talk (3).mp4", "talk (4).mp4"}


def test_downloads_of_one_name_that_end_at_once_get_a_name_each(
    here: FakeShelf, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_named = threading.Barrier(2)
    rename = Path.replace

    def rename_with_the_other(partial: Path, target: Path) -> Path:
        both_named.wait(20)
        return rename(partial, target)

    monkeypatch.setattr(Path, "replace", rename_with_the_other)
    with answering(Answer(200, DATA)) as store:
        here.address = store.url
        begun = [library.download(a_talk(), "https://a", tmp_path, lambda _count: None) for _ in range(2)]
        files = {each.result(20).path for each in begun}

    assert files == {tmp_path / "talk.mp4", tmp_path / "talk (2).mp4"}
    assert [file.read_bytes() for file in files] == [DATA, DATA]


@pytest.mark.parametrize("name", ["t" * 300 + ".mp4", "ü" * 200 + ".mp4", "t." + "m" * 300, "x" * 254 + "."])
def test_a_name_that_is_too_long_is_cut_and_not_refused(
    here: FakeShelf, library: Library, tmp_path: Path, name: str
) -> None:
    with answering(Answer(200, DATA)) as store:
        here.address = store.url
        files = [
            library.download(a_talk(name), "https://a", tmp_path, lambda _count: None).result(20).path
            for _ in range(11)
        ]

    assert {file.read_bytes() for file in tmp_path.iterdir()} == {DATA}
    assert sorted(tmp_path.iterdir()) == sorted(set(files))
    assert len(files) == len(set(files))
    assert all(file.name.endswith(".mp4") for file in files) is name.endswith(".mp4")


def test_without_a_checksum_a_download_says_that_only_the_size_agreed(
    here: FakeShelf, library: Library, tmp_path: Path
) -> None:
    with answering(Answer(200, DATA)) as store:
        here.address = store.url
        bare = replace(a_talk("bare.mp4"), crc64nvme=None)
        files = [
            library.download(each, "https://a", tmp_path, lambda _count: None).result(20) for each in (bare, a_talk())
        ]

    assert files == [
        DownloadedFile(tmp_path / "bare.mp4", checksum_agreed=False),
        DownloadedFile(tmp_path / "talk.mp4", checksum_agreed=True),
    ]
