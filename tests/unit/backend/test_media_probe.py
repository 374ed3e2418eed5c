from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from backend import media_probe
from backend.media_probe import MediaProbe, probe_command
from tests.fakes.backend_values import a_recording
from tests.fakes.memory_object_store import MemoryObjectStore


def clip(path: Path, *options: str) -> bytes:
    """Return three seconds of sound, made by ffmpeg."""
    source = ["-f", "lavfi", "-i", "sine=frequency=440:duration=3"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, *options, str(path)], check=True)
    return path.read_bytes()


def duration(body: bytes, probe: MediaProbe | None = None) -> float | None:
    store = MemoryObjectStore()
    recording = a_recording(size_bytes=len(body))
    store.objects[recording.key] = (body, "s")
    return (probe or MediaProbe()).duration_s(store, recording)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.wav", "a.flac", "a.mp3", "a.ts", "a.ogg"])
def test_the_duration_of_usual_formats_is_found(name: str, tmp_path: Path) -> None:
    assert duration(clip(tmp_path / name)) == pytest.approx(3, abs=0.2)


def boxed(kind: bytes, payload: bytes) -> bytes:
    return (len(payload) + 8).to_bytes(4, "big") + kind + payload


@pytest.mark.parametrize("long_header", [False, True])
def test_a_moov_box_in_the_middle_of_a_large_file_is_found(
    long_header: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_probe, "HEAD_BYTES", 4096)
    monkeypatch.setattr(media_probe, "TAIL_BYTES", 4096)
    short = clip(tmp_path / "a.mp4", "-movflags", "+faststart")
    start = int.from_bytes(short[:4], "big")
    moov_length = int.from_bytes(short[start : start + 4], "big")
    assert short[start + 4 : start + 8] == b"moov"
    padding = boxed(b"free", bytes(100_000))
    if long_header:
        padding = (1).to_bytes(4, "big") + b"free" + (100_016).to_bytes(8, "big") + bytes(100_000)
    body = short[:start] + padding + short[start : start + moov_length] + boxed(b"mdat", bytes(200_000))
    assert duration(body) == pytest.approx(3, abs=0.2)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"no media at all" * 100,
        boxed(b"ftyp", b"isom") + b"\0\0\0\4moov",
        b"\0\0\0\1moov",
        b"\0\0\0\0ftyp",
    ],
)
def test_f51_what_is_no_media_has_no_duration(body: bytes) -> None:
    assert duration(body) is None


def test_f51_a_missing_ffprobe_means_no_duration(tmp_path: Path) -> None:
    assert duration(clip(tmp_path / "a.wav"), MediaProbe("no-such-ffprobe")) is None


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "ffprobe"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return str(path)


def test_f51_a_hanging_ffprobe_is_ended(tmp_path: Path) -> None:
    hanging = script(tmp_path, "import time\ntime.sleep(60)")
    assert duration(b"abc", MediaProbe(hanging, timeout_s=0.2)) is None


def test_everything_else_goes_before_ffprobe(tmp_path: Path) -> None:
    waiting = 'import os, time\nwhile os.nice(0) != 19: time.sleep(0.001)\nprint(\'{"format": {"duration": 3}}\')'
    assert duration(b"abc", MediaProbe(script(tmp_path, waiting), timeout_s=10)) == 3


@pytest.mark.parametrize("answer", ["", "{}", "[]", '{"format":{"duration":"N/A"}}', '{"format":{"duration":"nan"}}'])
def test_f51_an_answer_that_is_none_means_no_duration(answer: str, tmp_path: Path) -> None:
    assert duration(b"abc", MediaProbe(script(tmp_path, f"print('''{answer}''')"))) is None


def test_s22_ffprobe_gets_no_secret_and_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    spy = script(tmp_path, f"import os, sys\nopen({str(seen)!r}, 'w').write(repr((sys.argv, dict(os.environ))))")
    monkeypatch.setenv("AWS_SECRET_KEY", "secret-of-the-store")
    duration(b"abc", MediaProbe(spy))
    told = seen.read_text()
    assert "secret-of-the-store" not in told
    assert "://" not in told


def test_s22_a_playlist_in_disguise_makes_no_request() -> None:
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/secret.ts"
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{address}\n#EXT-X-ENDLIST\n"
        assert duration(playlist.encode()) is None
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert requests == []


def test_s22_only_local_files_and_formats_without_references_are_opened(tmp_path: Path) -> None:
    command = probe_command("ffprobe", tmp_path / "a.mp4")
    assert command[command.index("-protocol_whitelist") + 1] == "file"
    formats = command[command.index("-format_whitelist") + 1].split(",")
    assert not {"hls", "concat", "dash", "sdp", "image2", "rtsp"} & set(formats)


class _HugeObject(MemoryObjectStore):
    """An object of any size that is all zeros, and how much of it was read."""

    read = 0

    def read_range(self, key: str, start: int, length: int) -> bytes:
        self.read += length
        return bytes(length)


def test_the_file_for_the_probe_takes_the_room_of_what_was_fetched(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    look = "import os, sys\nfound = os.stat(sys.argv[-1].removeprefix('file:'))\n"
    spy = script(tmp_path, f"{look}open({str(seen)!r}, 'w').write(f'{{found.st_size}} {{found.st_blocks * 512}}')")
    MediaProbe(spy).duration_s(_HugeObject(), a_recording(size_bytes=2**40))
    size, room = map(int, seen.read_text().split())
    assert size == 2**40
    assert room < 4 * 1024 * 1024


@pytest.mark.parametrize(("size", "fetched"), [(media_probe.MAX_SOLID_BYTES + 1, False), (1000, True)])
def test_a_folder_without_sparse_files_is_not_filled(
    size: int, fetched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_probe, "_stretch", lambda *_: False)
    store = _HugeObject()
    assert MediaProbe().duration_s(store, a_recording(size_bytes=size)) is None
    assert bool(store.read) is fetched


def test_a_file_of_windows_is_marked_sparse_before_it_is_stretched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def mark(descriptor: int) -> bool:
        sizes.append(os.fstat(descriptor).st_size)
        return False

    monkeypatch.setattr(media_probe, "_allow_gaps", mark)
    with (tmp_path / "f").open("wb") as file:
        assert not media_probe._stretch(file, 10_000)
    assert sizes == [0]


def test_nothing_of_a_probe_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    duration(clip(tmp_path / "a.wav"))
    assert os.listdir(place) == []  # noqa: PTH208 - a list to compare
