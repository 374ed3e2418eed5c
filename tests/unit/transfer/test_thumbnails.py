"""The loader of thumbnails on real threads and real files: what comes first, and what holds up nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from recorder_desktop.core.errors import DriveStalled
from recorder_desktop.core.events import UploadChanged
from recorder_desktop.core.model import Upload, UploadState, UploadView
from recorder_desktop.core.thumbnails import ThumbnailSource, source_of_recording, source_of_upload
from recorder_desktop.transfer import thumbnails
from recorder_desktop.transfer.source_file import read_identity
from recorder_desktop.transfer.thumbnails import WANTED_AT_MOST, ThumbnailLoader
from tests.fakes.recorder import a_stored_recording
from tests.fakes.upload_queue import make_view
from tests.unit.system.waiting import wait_until


class Pictures(dict[str, bytes]):
    """A picture store in memory."""

    def put(self, key: str, picture: bytes) -> None:
        self[key] = picture


class Maker:
    """Makes a picture of a file's name; `gate` holds it up."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def picture(self, source: ThumbnailSource) -> bytes | None:
        assert source.path is not None
        self.asked.append(source.path.name)
        assert self.gate.wait(20)
        return None if "broken" in source.path.name else source.path.name.encode()


class Rig:
    """A loader, what it works with, and what it told."""

    def __init__(self, *, is_busy: bool = False) -> None:
        self.store, self.maker = Pictures(), Maker()
        self.rests: list[float] = []
        self.told: list[tuple[str, bytes | None]] = []
        self.loader = ThumbnailLoader(self.store, self.maker, is_busy=lambda: is_busy, rest=self.rests.append)
        self.loader.subscribe(lambda key, picture: self.told.append((key, picture)))

    def has_told(self, count: int) -> bool:
        return len(self.told) == count

    def close(self) -> None:
        self.maker.gate.set()
        self.loader.ask_to_close()
        for thread in self.loader.threads:
            thread.join(20)
            assert not thread.is_alive()


Source = Callable[[str], ThumbnailSource]


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Makes sources of real files."""

    def make(name: str) -> ThumbnailSource:
        found = source_of_upload(upload_of(tmp_path, name))
        assert found is not None
        return found

    return make


def upload_of(folder: Path, name: str) -> Upload:
    path = folder / name
    path.write_bytes(name.encode())
    return replace(
        make_view(name).upload, path_text=str(path), identity=read_identity(path), content_type="video/mp4"
    )


def test_a_picture_is_made_once_and_then_found(rig: Rig, source: Source) -> None:
    film = source("film.mp4")
    for count in (1, 2):
        rig.loader.want([film])
        wait_until(partial(rig.has_told, count), "a picture")

    assert rig.told == [(film.key, b"film.mp4")] * 2
    assert rig.maker.asked == ["film.mp4"]
    assert rig.store == {film.key: b"film.mp4"}


def test_the_newest_wish_comes_first_and_what_was_scrolled_past_is_dropped(rig: Rig, source: Source) -> None:
    rig.maker.gate.clear()
    rig.loader.want([source("first.mp4")])
    wait_until(lambda: rig.maker.asked == ["first.mp4"], "the first")
    names = [f"{number:03}.mp4" for number in range(WANTED_AT_MOST + 20)]
    for name in names:
        film = source(name)
        rig.loader.want([film])
        wait_until(partial(rig.loader._missing.__contains__, film.key), "the look into the cache")
    rig.maker.gate.set()

    wait_until(lambda: len(rig.told) == 1 + WANTED_AT_MOST, "what is still wanted")

    assert rig.maker.asked[1:] == names[: -WANTED_AT_MOST - 1 : -1]


def test_f51_a_picture_that_takes_long_holds_up_none_that_is_there(rig: Rig, source: Source) -> None:
    there = source("there.mp4")
    rig.store[there.key] = b"kept"
    rig.maker.gate.clear()
    rig.loader.want([source("endless.mp4")])
    wait_until(lambda: rig.maker.asked == ["endless.mp4"], "the long one")

    rig.loader.want([there])

    wait_until(lambda: rig.told == [(there.key, b"kept")], "the picture that is there")


def test_there_is_no_picture_of_a_file_that_is_gone_changed_or_broken(rig: Rig, source: Source) -> None:
    gone, changed, broken = source("gone.mp4"), source("changed.mp4"), source("broken.mp4")
    assert gone.path is not None
    assert changed.path is not None
    gone.path.unlink()
    changed.path.write_bytes(b"something else altogether")

    rig.loader.want([gone, changed, broken])

    wait_until(lambda: len(rig.told) == 3, "all three")
    assert set(rig.told) == {(each.key, None) for each in (gone, changed, broken)}
    assert rig.maker.asked == ["broken.mp4"]
    assert rig.store == {}


def test_a_drive_that_hangs_is_asked_once_and_then_left_alone(
    rig: Rig, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def hang(path: Path, _question: object) -> None:
        asked.append(path)
        raise DriveStalled("it does not answer")

    monkeypatch.setattr(rig.loader._drive, "ask", hang)

    rig.loader.want([source("one.mp4"), source("two.mp4"), source("three.mp4")])

    wait_until(lambda: len(rig.told) == 3, "all three")
    assert len(asked) == 1
    assert rig.maker.asked == []


@pytest.mark.parametrize("is_busy", [True, False])
def test_it_rests_after_each_picture_while_something_is_uploaded(source: Source, is_busy: bool) -> None:
    rig = Rig(is_busy=is_busy)
    rig.loader.want([source("one.mp4"), source("two.mp4")])
    wait_until(lambda: len(rig.told) == 2, "both")
    rig.close()

    assert len(rig.rests) == (2 if is_busy else 0)
    assert all(rest >= 0 for rest in rig.rests)


def test_what_is_stored_has_its_picture_in_the_library(rig: Rig, tmp_path: Path) -> None:
    upload = upload_of(tmp_path, "talk.mp4")
    before = source_of_upload(upload)
    recording = replace(
        a_stored_recording(), file_name="talk.mp4", content_type="video/mp4", crc64nvme="j1oQz7kcmLw="
    )
    stored = replace(upload, state=UploadState.COMPLETED, recording=recording)
    assert before is not None
    rig.store[before.key] = b"a frame"

    rig.loader.follow(lambda _id: UploadView(stored))(UploadChanged(upload.id, at_rest=True))

    in_library = source_of_recording(recording)
    assert in_library is not None
    wait_until(lambda: rig.store.get(in_library.key) == b"a frame", "the picture under its content's name")


def test_what_goes_wrong_with_one_picture_leaves_the_others(
    rig: Rig, source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = rig.maker.picture

    def fail_once(wanted: ThumbnailSource) -> bytes | None:
        monkeypatch.setattr(rig.maker, "picture", real)
        raise RuntimeError("a fault")

    monkeypatch.setattr(rig.maker, "picture", fail_once)
    faulty, good = source("faulty.mp4"), source("good.mp4")
    rig.loader.want([faulty])
    wait_until(lambda: rig.told == [(faulty.key, None)], "the faulty one")
    rig.loader.want([good])

    wait_until(lambda: rig.told[1:] == [(good.key, b"good.mp4")], "the good one")
    assert "a fault" in caplog.text
    assert thumbnails.__name__ in caplog.text
