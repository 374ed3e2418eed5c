"""Thumbnails from real ffmpeg, and what a hostile file cannot make it do."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from recorder_desktop.core.thumbnails import HEIGHT, WIDTH, MediaKind, Thumbnailer, ThumbnailSource, is_waveform
from recorder_desktop.system.thumbnailer import FfmpegThumbnailer
from tests.unit.system.waiting import runs, wait_until


@pytest.fixture(scope="module")
def thumbnailer() -> Iterator[FfmpegThumbnailer]:
    with closing(FfmpegThumbnailer(timeout_s=60)) as made:
        yield made


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film that is black at first and red later, and sounds."""
    folder = tmp_path_factory.mktemp("media")
    black, red = "color=black:s=320x180:r=10:d=2", "color=red:s=320x180:r=10:d=18"
    joined = ["-filter_complex", f"{black}[a];{red}[b];[a][b]concat,format=yuv420p", "-g", "10"]
    for arguments, name in (
        (joined, "talk.mp4"),
        (["-f", "lavfi", "-i", "color=red:s=180x320:r=10:d=1", "-pix_fmt", "yuv420p"], "phone.mov"),
        (["-f", "lavfi", "-i", "sine=duration=2", "-f", "lavfi", "-i", "anullsrc=d=2"], "voice.wav"),
        (["-f", "lavfi", "-i", "sine=duration=2"], "only sound.mp4"),
    ):
        subprocess.run(["ffmpeg", "-v", "error", *arguments, str(folder / name)], check=True, timeout=60)
    return folder


def source(path: Path, kind: MediaKind = MediaKind.VIDEO, duration_s: float | None = None) -> ThumbnailSource:
    return ThumbnailSource("key", kind, path=path, duration_s=duration_s)


def size_and_colour(picture: bytes) -> tuple[int, int, tuple[int, ...]]:
    """Of a picture, as ffmpeg itself reads it: width, height, and its middle pixel."""
    decode = ["ffmpeg", "-v", "error", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    raw = subprocess.run(decode, input=picture, capture_output=True, check=True, timeout=60).stdout
    ask = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", "pipe:0"]
    told = subprocess.run(ask, input=picture, capture_output=True, check=True, timeout=60).stdout
    width, height = map(int, told.decode().strip().split(","))
    middle = (height // 2 * width + width // 2) * 3
    return width, height, tuple(raw[middle : middle + 3])


def test_a_frame_is_taken_where_the_film_is_under_way(thumbnailer: FfmpegThumbnailer, media: Path) -> None:
    port: Thumbnailer = thumbnailer

    picture = port.picture(source(media / "talk.mp4", duration_s=50))

    assert picture is not None
    assert not is_waveform(picture)
    width, height, (red, green, blue) = size_and_colour(picture)
    assert (width, height) == (WIDTH, HEIGHT)
    assert red > 200 > 60 > max(green, blue)


def test_a_film_that_is_shorter_than_thought_has_its_first_frame(thumbnailer: FfmpegThumbnailer, media: Path) -> None:
    picture = thumbnailer.picture(source(media / "talk.mp4", duration_s=9999))

    assert picture is not None
    assert max(size_and_colour(picture)[2]) < 60


def test_an_upright_film_is_shown_whole(thumbnailer: FfmpegThumbnailer, media: Path) -> None:
    picture = thumbnailer.picture(source(media / "phone.mov"))

    assert picture is not None
    assert size_and_colour(picture)[:2] == (60, HEIGHT)


@pytest.mark.parametrize(("name", "kind"), [("voice.wav", MediaKind.AUDIO), ("only sound.mp4", MediaKind.VIDEO)])
def test_what_is_only_heard_has_a_waveform(
    thumbnailer: FfmpegThumbnailer, media: Path, name: str, kind: MediaKind
) -> None:
    picture = thumbnailer.picture(source(media / name, kind))

    assert picture is not None
    assert is_waveform(picture)
    assert size_and_colour(picture)[:2] == (WIDTH, HEIGHT)


@pytest.mark.parametrize("content", [b"", b"not a recording\n" * 100, os.urandom(4096)])
def test_f51_what_is_no_recording_has_no_picture(
    thumbnailer: FfmpegThumbnailer, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(content)

    assert thumbnailer.picture(source(path)) is None


def test_f51_a_film_that_breaks_off_does_not_end_the_program(
    thumbnailer: FfmpegThumbnailer, media: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes((media / "talk.mp4").read_bytes()[:900])

    assert thumbnailer.picture(source(broken)) is None
    assert thumbnailer.picture(source(media / "phone.mov")) is not None


@pytest.mark.parametrize("name", ["-i.mp4", "http:x.mp4", "two\nlines.mp4", "ünï 日本.mp4", "a'b\"c $(x) %d.mp4"])
def test_f21_odd_file_names_are_taken_as_they_are(
    thumbnailer: FfmpegThumbnailer, media: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes((media / "phone.mov").read_bytes())

    assert thumbnailer.picture(source(tmp_path / name)) is not None


@pytest.mark.parametrize("address", ["http", "file"])
def test_s22_a_playlist_dressed_as_a_recording_is_not_followed(
    thumbnailer: FfmpegThumbnailer, media: Path, tmp_path: Path, address: str
) -> None:
    stream = tmp_path / "stream.ts"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(media / "phone.mov"), str(stream)], check=True, timeout=60)
    assert thumbnailer.picture(source(stream)) is not None
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        there = f"http://127.0.0.1:{server.getsockname()[1]}/part.ts" if address == "http" else str(stream)
        playlist = tmp_path / "talk.mp4"
        playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n{there}\n#EXT-X-ENDLIST\n")

        assert thumbnailer.picture(source(playlist)) is None
        with pytest.raises(BlockingIOError):
            server.accept()


def stub_ffmpeg(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = folder / "ffmpeg"
    stub.write_text(f"#!{sys.executable}\n{script}")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_s22_ffmpeg_gets_no_secret_goes_last_and_has_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = (
        "import ctypes, json, os, platform, resource, sys\n"
        "disk = ctypes.CDLL(None).syscall({'x86_64': 252, 'aarch64': 31}[platform.machine()], 1, 0) >> 13\n"
        "memory, files = resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "told = [sorted(os.environ), os.nice(0), disk, memory[0], files[0], 'file' in sys.argv]\n"
        "sys.stdout.write(json.dumps(told))"
    )
    stub_ffmpeg(tmp_path, seen, monkeypatch)
    monkeypatch.setenv("AWS_SECRET_KEY", "very-secret")

    with closing(FfmpegThumbnailer()) as thumbnailer:
        told = thumbnailer.picture(source(tmp_path / "x.mp4"))

    assert told is not None
    environment, niceness, disk, memory, written, only_files = json.loads(told)
    assert "AWS_SECRET_KEY" not in environment
    assert (niceness, disk, written, only_files) == (19, 3, 0, True)
    assert 0 < memory <= 1 << 30


def test_what_claims_to_be_a_picture_and_is_huge_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub_ffmpeg(tmp_path, "print('x' * 1_000_000)", monkeypatch)

    with closing(FfmpegThumbnailer()) as thumbnailer:
        assert thumbnailer.picture(source(tmp_path / "x.mp4")) is None


def test_f51_a_hanging_ffmpeg_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # It may write no file, so it says who it is by a folder's name.
    script = f"import os, time; os.mkdir({str(tmp_path / 'pid-')!r} + str(os.getpid())); time.sleep(60)"
    stub_ffmpeg(tmp_path, script, monkeypatch)

    with closing(FfmpegThumbnailer(timeout_s=4)) as thumbnailer:
        assert thumbnailer.picture(source(tmp_path / "x.mp4")) is None

    started = [int(folder.name.partition("-")[2]) for folder in tmp_path.glob("pid-*")]
    assert started
    wait_until(lambda: not any(map(runs, started)), "the end of ffmpeg")


def test_f51_a_missing_ffmpeg_is_no_trouble(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with closing(FfmpegThumbnailer()) as thumbnailer:
        assert thumbnailer.picture(source(media / "talk.mp4")) is None
