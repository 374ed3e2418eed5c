"""Playing times from real ffprobe, and what a hostile file cannot make it do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from recorder_desktop.core.ports import MediaProbe
from recorder_desktop.system import media_probe
from recorder_desktop.system.media_probe import FfprobeMediaProbe
from tests.unit.system.waiting import runs, wait_until

StartProbe = Callable[..., FfprobeMediaProbe]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of sound and picture."""
    path = tmp_path_factory.mktemp("media") / "talk.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=10", "-f", "lavfi", "-i", "sine"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-t", "2", str(path)], check=True, timeout=60)
    return path


@pytest.fixture
def start_probe() -> Iterator[StartProbe]:
    """Makes probes, which start their program only when they are asked: PATH may be set before."""
    with ExitStack() as probes:

        def start(**settings: float) -> FfprobeMediaProbe:
            return probes.enter_context(closing(FfprobeMediaProbe(**settings)))

        yield start


@pytest.fixture
def listener() -> Iterator[tuple[str, list[object]]]:
    """A listening address, and the connections it got."""
    got: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        is_over = threading.Event()

        def accept() -> None:
            while not is_over.is_set():
                try:
                    connection, peer = server.accept()
                except TimeoutError:
                    continue
                got.append(peer)
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/part.ts", got
        is_over.set()
        thread.join()


def test_the_probe_is_the_port(start_probe: StartProbe) -> None:
    probe: MediaProbe = start_probe()

    assert probe.duration_s(Path("/nowhere.mp4")) is None


def test_a_recordings_playing_time(start_probe: StartProbe, recording: Path) -> None:
    duration_s = start_probe().duration_s(recording)

    assert duration_s == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("name", ["-i.mp4", "http:x.mp4", "two\nlines.mp4", "ünï 日本.mp4", "a'b\"c $(x) %d.mp4"])
def test_f21_odd_file_names_are_probed_as_they_are(
    start_probe: StartProbe, recording: Path, tmp_path: Path, name: str
) -> None:
    odd = tmp_path / name
    shutil.copy(recording, odd)

    assert start_probe().duration_s(odd) == pytest.approx(2.0, abs=0.1)


def test_a_relative_path_that_begins_with_a_dash(
    start_probe: StartProbe, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(recording, tmp_path / "-version")
    monkeypatch.chdir(tmp_path)

    assert start_probe().duration_s(Path("-version")) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("content", [b"", b"not a recording\n" * 100, os.urandom(4096)])
def test_f51_what_is_no_recording_has_no_playing_time(
    start_probe: StartProbe, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(content)

    assert start_probe().duration_s(path) is None


def test_a_name_with_nul_has_no_playing_time(start_probe: StartProbe) -> None:
    assert start_probe().duration_s(Path("a\0b.mp4")) is None


def hls(url: str) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n{url}\n#EXT-X-ENDLIST\n"


def test_the_listener_notices_an_unguarded_ffprobe(tmp_path: Path, listener: tuple[str, list[object]]) -> None:
    # Proves that the next test can fail.
    url, got = listener
    (tmp_path / "talk.m3u8").write_text(hls(url))

    open_doors = ["-protocol_whitelist", "file,http,tcp"]
    subprocess.run(["ffprobe", "-v", "quiet", *open_doors, str(tmp_path / "talk.m3u8")], check=False, timeout=60)

    wait_until(lambda: bool(got), "a request")


@pytest.mark.parametrize("extension", ["mp4", "m3u8", "ts"])
def test_s22_a_playlist_dressed_as_a_recording_causes_no_request(
    start_probe: StartProbe, tmp_path: Path, listener: tuple[str, list[object]], extension: str
) -> None:
    url, got = listener
    path = tmp_path / f"talk.{extension}"
    path.write_text(hls(url))

    assert start_probe().duration_s(path) is None
    assert got == []


def test_s22_a_playlist_of_local_files_is_not_followed_either(
    start_probe: StartProbe, recording: Path, tmp_path: Path
) -> None:
    stream = tmp_path / "stream.ts"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(recording), str(stream)], check=True, timeout=60)
    assert start_probe().duration_s(stream) is not None
    (tmp_path / "talk.m3u8").write_text(hls(str(stream)))

    assert start_probe().duration_s(tmp_path / "talk.m3u8") is None


def stub_ffprobe(folder: Path, script: str) -> None:
    folder.mkdir()
    stub = folder / "ffprobe"
    stub.write_text(f"#!{sys.executable}\n{script}")
    stub.chmod(0o755)


def test_f51_a_hanging_ffprobe_is_ended(
    start_probe: StartProbe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_file = tmp_path / "pid"
    script = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    stub_ffprobe(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    began = time.monotonic()
    assert start_probe(timeout_s=2).duration_s(tmp_path / "x.mp4") is None

    assert time.monotonic() - began < 5
    pid = int(pid_file.read_text())
    wait_until(lambda: not runs(pid), "the end of ffprobe")


def test_f51_a_missing_ffprobe_is_no_trouble(
    start_probe: StartProbe, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert start_probe().duration_s(recording) is None


@pytest.mark.parametrize("duration", ["nan", "inf", "-3", "N/A"])
def test_an_impossible_playing_time_is_none(
    start_probe: StartProbe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, duration: str
) -> None:
    stub_ffprobe(tmp_path / "bin", f"""print('{{"format": {{"duration": "{duration}"}}}}')""")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert start_probe().duration_s(tmp_path / "x.mp4") is None


def test_s22_ffprobe_gets_no_secret_from_the_environment(
    start_probe: StartProbe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "environment"
    stub_ffprobe(tmp_path / "bin", f"import os; open({str(seen)!r}, 'w').write(repr(dict(os.environ)))")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("AWS_SECRET_KEY", "very-secret")
    monkeypatch.setenv("RECORDER_TOKEN", "very-secret")

    start_probe().duration_s(tmp_path / "x.mp4")

    assert "PATH" in seen.read_text()
    assert "very-secret" not in seen.read_text()


def hanging_ffprobe(folder: Path) -> Path:
    """Put an ffprobe into `bin` that never ends; returns where it writes its parent's pid and its own."""
    pids = folder / "pids"
    script = f"import os, time; open({str(pids)!r}, 'w').write(f'{{os.getppid()}} {{os.getpid()}}'); time.sleep(60)"
    stub_ffprobe(folder / "bin", script)
    return pids


def test_one_program_answers_for_many_files_and_gives_way_after_the_first(
    start_probe: StartProbe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    script = f"import os; open({str(seen)!r}, 'a').write(f'{{os.getppid()}} {{os.nice(0)}}\\n')"
    stub_ffprobe(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    probe = start_probe()

    for name in ("a.mp4", "b.mp4", "c.mp4"):
        probe.duration_s(tmp_path / name)

    parents, niceness = zip(*(line.split() for line in seen.read_text().splitlines()), strict=True)
    assert len(set(parents)) == 1
    assert niceness == (str(os.nice(0)), "19", "19")


@pytest.mark.parametrize("program", ["pass", "input()"])
def test_a_program_that_has_ended_or_ends_at_this_moment_is_started_again(
    start_probe: StartProbe, recording: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(media_probe, "program_command", lambda *_: [sys.executable, "-c", program])
    probe = start_probe()
    probe._program._running()
    monkeypatch.undo()
    if program == "pass":
        time.sleep(0.5)  # it ends by itself, and its pipe with it

    assert probe.duration_s(recording) == pytest.approx(2.0, abs=0.1)


def test_the_program_ends_with_the_app_and_takes_ffprobe_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = hanging_ffprobe(tmp_path)
    app = (
        "import pathlib; from recorder_desktop.system.media_probe import FfprobeMediaProbe; "
        "FfprobeMediaProbe().duration_s(pathlib.Path('x.mp4'))"
    )
    environment = {**os.environ, "PATH": str(tmp_path / "bin")}
    with subprocess.Popen([sys.executable, "-c", app], env=environment) as process:
        wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2, "ffprobe")
        process.kill()

    program, ffprobe = map(int, pids.read_text().split())
    wait_until(lambda: not runs(program) and not runs(ffprobe), "the end of both")


def test_closing_ends_the_program_whatever_it_does(
    start_probe: StartProbe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = hanging_ffprobe(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    probe = start_probe()
    asking = threading.Thread(target=probe.duration_s, args=[tmp_path / "x.mp4"])
    asking.start()
    wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2, "ffprobe")

    began = time.monotonic()
    probe.close()
    asking.join(5)

    assert time.monotonic() - began < 5
    program, ffprobe = map(int, pids.read_text().split())
    wait_until(lambda: not runs(program) and not runs(ffprobe), "the end of both")
    assert probe.duration_s(tmp_path / "x.mp4") is None
