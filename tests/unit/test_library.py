"""The library's desk: which place it asks, where a download lands, and what failures say."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder_desktop.core.errors import Offline, Refused, Unavailable
from recorder_desktop.core.library import RecordingPage
from recorder_desktop.library import Library, free_name
from tests.fakes.recorder import FakeLibrary, a_stored_recording


class FakeShelf(FakeLibrary):
    """A library that can be deleted from; `fails` by file id, or for everything with ""."""

    def __init__(self) -> None:
        super().__init__(a_stored_recording("a.mp4"), a_stored_recording("b.mp4"))
        self.deleted: list[str] = []
        self.fails: dict[str, Exception] = {}

    def recordings(self, query: str = "", cursor: str | None = None, limit: int = 100) -> RecordingPage:
        if "" in self.fails:
            raise self.fails[""]
        return super().recordings(query, cursor, limit)

    def recording_url(self, file_id: str, *, to_play: bool = False) -> str:
        return f"{super().recording_url(file_id)}&play={to_play}"

    def delete_recording(self, file_id: str) -> None:
        if file_id in self.fails:
            raise self.fails[file_id]
        self.deleted.append(file_id)


def test_each_call_asks_the_place_that_is_the_present_one_then() -> None:
    places = [FakeShelf(), FakeShelf()]
    places[1].stored = ()
    library = Library(lambda: places[0])
    assert len(library.page("", None).result(5).items) == 1
    places.reverse()

    assert library.page("", None).result(5).items == ()


def test_a_link_is_for_playing_or_for_fetching() -> None:
    library = Library(FakeShelf)

    assert library.link("x", to_play=True).result(5).endswith("play=True")
    assert library.link("x", to_play=False).result(5).endswith("play=False")


def test_deleting_goes_on_past_what_is_gone_already() -> None:
    shelf = FakeShelf()
    shelf.fails["a"] = Refused("There is none.", code="recording_not_found")
    Library(lambda: shelf).delete(["a", "b"]).result(5)

    assert shelf.deleted == ["b"]


def test_another_refusal_ends_a_delete() -> None:
    shelf = FakeShelf()
    shelf.fails["a"] = Refused("No.", code="forbidden")
    with pytest.raises(Refused, match="No"):
        Library(lambda: shelf).delete(["a", "b"]).result(5)

    assert shelf.deleted == []


def test_nothing_is_said_to_go_on_by_itself() -> None:
    shelf = FakeShelf()
    shelf.fails[""] = Offline("No way to the server. It goes on by itself.")
    with pytest.raises(Unavailable) as caught:
        Library(lambda: shelf).page("", None).result(5)

    assert caught.value.message == "No way to the server. Check the network, then try again."


def test_a_download_never_takes_the_name_of_another_file(tmp_path: Path) -> None:
    assert free_name(tmp_path, "talk.mp4") == tmp_path / "talk.mp4"
    (tmp_path / "talk.mp4").touch()
    (tmp_path / "talk (2).mp4").symlink_to("nowhere")

    assert free_name(tmp_path, "talk.mp4") == tmp_path / "talk (3).mp4"
