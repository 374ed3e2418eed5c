"""Thumbnails in the real window: only what is looked at is asked for, and what comes is painted."""

from __future__ import annotations

import itertools
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.core.thumbnails import (
    HEIGHT,
    WIDTH,
    MediaKind,
    source_of_recording,
    source_of_upload,
)
from recorder_desktop.system.picture_cache import PictureCache
from recorder_desktop.system.thumbnailer import FfmpegThumbnailer
from recorder_desktop.transfer.source_file import read_identity
from recorder_desktop.transfer.thumbnails import ThumbnailLoader
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.palette import LIGHT
from recorder_desktop.ui.thumbnails import HELD_AT_MOST, THUMBNAIL, Thumbnails
from recorder_desktop.ui.view_switch import LIBRARY
from tests.fakes.library_desk import FakeLibraryDesk
from tests.fakes.recorder import a_stored_recording
from tests.fakes.thumbnail_desk import FakeThumbnailDesk, a_waveform, encoded, one_colour
from tests.fakes.upload_queue import FakeUploadQueue, make_view

RED = "#d02020"


@pytest.fixture
def desk(window: MainWindow) -> FakeThumbnailDesk:
    made = FakeThumbnailDesk()
    window.thumbnails.attach(made)
    return made


def key_of(view: UploadView) -> str:
    source = source_of_upload(view.upload)
    assert source is not None
    return source.key


def middle_of_thumbnail(window: MainWindow, row: int) -> QColor:
    """The pixel in the middle of a row's thumbnail, as the queue shows it."""
    view = window.queue.view
    cell = view.visualRect(view.model().index(row, 0))
    place = QPoint(cell.left() + 8 + THUMBNAIL.width() // 2, cell.center().y())
    picture = view.viewport().grab().toImage()
    return picture.pixelColor(place * picture.devicePixelRatio())


def is_near(colour: QColor, wanted: str) -> bool:
    other = QColor(wanted)
    apart = (colour.red() - other.red(), colour.green() - other.green(), colour.blue() - other.blue())
    return max(map(abs, apart)) < 24


def test_a_picture_takes_the_place_of_the_icon_when_it_comes(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, desk: FakeThumbnailDesk
) -> None:
    talk = make_view("talk.mp4")
    queue.append(talk)
    qtbot.waitUntil(lambda: bool(desk.wanted))
    assert [each.path for each in desk.wanted[0]] == [talk.upload.path]
    assert not is_near(middle_of_thumbnail(window, 0), RED)

    desk.answer(key_of(talk), one_colour(RED))

    qtbot.waitUntil(lambda: is_near(middle_of_thumbnail(window, 0), RED))


def test_a_length_that_is_found_out_later_says_where_in_the_film_to_look(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, desk: FakeThumbnailDesk
) -> None:
    queue.append(make_view("talk.mp4"))
    qtbot.waitUntil(lambda: bool(desk.wanted))
    queue.change("talk.mp4", duration_s=90.0)
    qtbot.waitUntil(lambda: desk.wanted[-1][-1].duration_s == 90.0)


def test_a_real_film_and_a_real_sound_are_shown_by_the_real_loader(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, tmp_path: Path
) -> None:
    film, sound = tmp_path / "film.mp4", tmp_path / "sound.wav"
    for source, path in ((f"color=0x{RED[1:]}:s=320x180:r=10:d=2", film), ("sine=d=2", sound)):
        made = ["-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"] if path is film else ["-f", "lavfi", "-i", source]
        subprocess.run(["ffmpeg", "-v", "error", *made, str(path)], check=True, timeout=60)
    rows = [make_view(path.name, folder=str(tmp_path)) for path in (film, sound)]
    rows = [replace(row, upload=replace(row.upload, identity=read_identity(row.upload.path))) for row in rows]
    thumbnailer = FfmpegThumbnailer(timeout_s=60)
    loader = ThumbnailLoader(PictureCache(tmp_path / "thumbnails"), thumbnailer, is_busy=lambda: False)
    window.thumbnails.attach(loader)

    queue.append(*rows)

    qtbot.waitUntil(lambda: is_near(middle_of_thumbnail(window, 0), RED), timeout=60_000)
    qtbot.waitUntil(lambda: is_near(middle_of_thumbnail(window, 1), LIGHT.accent), timeout=60_000)
    assert {path.name for path in (tmp_path / "thumbnails").iterdir()} == set(map(key_of, rows))
    loader.ask_to_close()
    thumbnailer.close()


def test_of_a_hundred_thousand_rows_only_those_in_sight_are_asked_for(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, desk: FakeThumbnailDesk
) -> None:
    queue.append(*(make_view(f"{n:06}.mp4", size_bytes=n, upload_id=str(n)) for n in range(100_000)))
    qtbot.waitUntil(lambda: window.queue.shown.rowCount() == 100_000, timeout=60_000)
    qtbot.waitUntil(lambda: bool(desk.wanted))
    desk.wanted.clear()

    def names() -> set[str]:
        return {str(each.path and each.path.name) for wish in desk.wanted for each in wish}

    window.queue.view.scrollToBottom()
    qtbot.waitUntil(lambda: "099999.mp4" in names())

    assert len(names()) < 60


def test_what_has_no_picture_keeps_its_icon_and_is_not_asked_for_again(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, desk: FakeThumbnailDesk
) -> None:
    talk = make_view("talk.mp4")
    queue.append(talk, make_view("notes.pdf", size_bytes=7))
    qtbot.waitUntil(lambda: bool(desk.wanted))
    assert [each.key for each in desk.wanted[0]] == [key_of(talk)]  # a document has none

    desk.answer(key_of(talk), None)
    desk.wanted.clear()
    window.queue.view.viewport().repaint()
    other = make_view("later.mp4", size_bytes=9)
    queue.append(other)
    qtbot.waitUntil(lambda: bool(desk.wanted))

    assert {each.key for wish in desk.wanted for each in wish} == {key_of(other)}


def test_damaged_pictures_are_none(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, desk: FakeThumbnailDesk
) -> None:
    talk, other = make_view("talk.mp4"), make_view("other.mp4", size_bytes=9)
    queue.append(talk)
    qtbot.waitUntil(lambda: bool(desk.wanted))

    desk.answer(key_of(talk), b"\xff\xd8\xff nothing of a picture")
    desk.wanted.clear()
    queue.append(other)
    qtbot.waitUntil(lambda: bool(desk.wanted))

    assert {each.key for wish in desk.wanted for each in wish} == {key_of(other)}


def test_a_stored_recording_keeps_the_picture_that_its_upload_had(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, desk: FakeThumbnailDesk
) -> None:
    talk = make_view("talk.mp4")
    queue.append(talk)
    qtbot.waitUntil(lambda: bool(desk.wanted))
    desk.answer(key_of(talk), one_colour(RED))
    qtbot.waitUntil(lambda: is_near(middle_of_thumbnail(window, 0), RED))

    stored = replace(a_stored_recording("talk.mp4"), crc64nvme="j1oQz7kcmLw=")
    queue.change("talk.mp4", state=UploadState.COMPLETED, recording=stored)
    qtbot.waitUntil(lambda: window.model.view_at(0).upload.state is UploadState.COMPLETED)

    assert is_near(middle_of_thumbnail(window, 0), RED)
    window.attach_library(FakeLibraryDesk([stored]))
    desk.wanted.clear()
    window.switch.choose(LIBRARY)
    qtbot.waitUntil(lambda: bool(desk.wanted))
    in_library = source_of_recording(stored)
    assert in_library is not None
    assert in_library.key in {each.key for wish in desk.wanted for each in wish}


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
def test_pictures_are_as_sharp_as_the_screen(qtbot: QtBot, scale: float) -> None:
    desk, thumbnails = FakeThumbnailDesk(), Thumbnails()
    thumbnails.attach(desk)
    upload = make_view("talk.mp4").upload
    lines = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    for x, y in itertools.product(range(WIDTH), range(HEIGHT)):
        lines.setPixelColor(x, y, QColor("black" if x // 6 % 2 else "white"))
    screen = QImage(round(100 * scale), round(60 * scale), QImage.Format.Format_RGB32)
    screen.setDevicePixelRatio(scale)

    def paint() -> None:
        screen.fill(0)
        painter = QPainter(screen)
        thumbnails.paint(painter, QRect(0, 0, 100, 60), source_of_upload(upload), LIGHT, scale)
        painter.end()

    paint()
    qtbot.waitUntil(lambda: bool(desk.wanted))
    with qtbot.waitSignal(thumbnails.arrived):
        desk.answer(key_of(UploadView(upload)), encoded(lines, "JPEG"))
    paint()

    held = next(iter(thumbnails._held.values())).pixmap
    assert (held.width(), held.height()) == (THUMBNAIL.width() * scale, THUMBNAIL.height() * scale)
    assert held.devicePixelRatio() == scale


def test_a_waveform_has_the_colour_of_the_theme(qtbot: QtBot) -> None:
    desk, thumbnails = FakeThumbnailDesk(), Thumbnails()
    thumbnails.attach(desk)
    source = source_of_upload(make_view("voice.wav").upload)
    assert source is not None
    assert source.kind is MediaKind.AUDIO
    screen = QImage(100, 60, QImage.Format.Format_RGB32)

    def paint() -> None:
        painter = QPainter(screen)
        thumbnails.paint(painter, QRect(0, 0, 100, 60), source, LIGHT, 1.0)
        painter.end()

    paint()
    qtbot.waitUntil(lambda: bool(desk.wanted))
    with qtbot.waitSignal(thumbnails.arrived):
        desk.answer(source.key, a_waveform("voice"))
    paint()

    column = [screen.pixelColor(32, y).name() for y in range(12, 48)]
    assert LIGHT.accent in column
    assert LIGHT.accent_soft in column


def test_memory_holds_the_last_pictures_only(qtbot: QtBot) -> None:
    thumbnails = Thumbnails()
    desk = FakeThumbnailDesk()
    thumbnails.attach(desk)
    picture = one_colour(RED)

    for number in range(HELD_AT_MOST + 50):
        desk.answer(str(number), picture)

    assert len(thumbnails._held) == HELD_AT_MOST


def test_a_window_that_leaves_hears_nothing_more(window: MainWindow, desk: FakeThumbnailDesk) -> None:
    window.leave()

    desk.answer("key", one_colour(RED))

    assert len(window.thumbnails._held) == 0
