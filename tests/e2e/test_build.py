"""The packaged app, really built and really run: away from the checkout, with nothing of Python's in reach."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from recorder_desktop.ui.translation import ENGLISH, LANGUAGES
from tests.e2e.display import window_titles, x_display
from tests.integration.live_watcher import watching
from tests.servers import BackendServer, ServerProcess, StoreServer, free_ports
from tests.waiting import wait_for

# Building takes some 40 s on two idle cores, and counts for whichever test comes first.
pytestmark = pytest.mark.timeout(420)

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 260 << 20  # besides the store's program, which alone has 147 MiB
DEVELOPERS_TOOLS = {
    "moto",
    "pytest",
    "_pytest",
    "hypothesis",
    "mypy",
    "setuptools",
    "flask",
    "sympy",
    "tkinter",
    "test",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that `make build` makes, built below a temporary one."""
    work = tmp_path_factory.mktemp("build")
    command = [
        sys.executable,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level",
        "WARN",
        "--workpath",
        str(work / "work"),
    ]
    done = subprocess.run(
        [*command, "--distpath", str(work / "dist"), str(ROOT / "build.spec")],
        cwd=ROOT,
        env=os.environ | {"PYINSTALLER_CONFIG_DIR": str(work / "cache")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    yield work / "dist" / "recorder"
    shutil.rmtree(work, ignore_errors=True)


@pytest.fixture
def environment(app: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What a person's session gives the app, with a home of its own; no process of the app may be left afterwards."""
    yield {"PATH": os.defpath, "HOME": str(tmp_path), "RECORDER_HOME": str(tmp_path / "home"), "LC_ALL": "C.UTF-8"}
    wait_for(lambda: not processes_of(app), "the end of every process of the app", 10.0)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "Vorlesung über Äpfel.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=duration=3:size=640x360"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-c:v", "mpeg4", str(path)], check=True, timeout=60)
    return path


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of its own."""
    with x_display() as name:
        yield name


def processes_of(app: Path) -> dict[int, str]:
    """Number and command line of every process that runs a program out of the app's folder."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "exe").readlink().is_relative_to(app):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # ended meanwhile, or someone else's
            continue
    return found


def run(app: Path, environment: dict[str, str], *arguments: str) -> str:
    """What a command of the packaged app prints; it must succeed."""
    done = subprocess.run(
        [app / "recorder-desktop", *arguments],
        cwd=environment["HOME"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def queue(app: Path, environment: dict[str, str]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(run(app, environment, "queue", "--json"))
    return listed


@contextmanager
def window(app: Path, environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The app with its window, killed should the test leave it running."""
    process = subprocess.Popen(
        [app / "recorder-desktop", *arguments],
        cwd=environment["HOME"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def test_the_app_stores_a_recording_and_gives_it_back_byte_for_byte(
    app: Path, environment: dict[str, str], recording: Path, tmp_path: Path
) -> None:
    completed = json.loads(run(app, environment, "upload", str(recording), "--json"))
    listed = json.loads(run(app, environment, "library", "--json"))
    run(app, environment, "get", completed["fileId"], "-o", str(tmp_path / "fetched.mp4"))

    assert completed["event"] == "completed"
    assert completed["durationSeconds"] == pytest.approx(3.0, abs=0.2)
    assert [item["fileId"] for item in listed] == [completed["fileId"]]
    assert [item["state"] for item in queue(app, environment)] == ["completed"]
    assert (tmp_path / "fetched.mp4").read_bytes() == recording.read_bytes()


def test_the_doctor_finds_everything_in_its_place(app: Path, environment: dict[str, str]) -> None:
    assert "problem" not in run(app, environment, "doctor")


def test_the_window_uploads_and_ends_on_sigterm_with_all_its_children(
    app: Path, environment: dict[str, str], recording: Path, display: str
) -> None:
    with window(app, environment | {"DISPLAY": display}, str(recording)) as process:
        wait_for(lambda: window_titles(display), "the window", 30.0)
        assert all(title.startswith("Recorder") for title in window_titles(display))
        wait_for(lambda: [item["state"] for item in queue(app, environment)] == ["completed"], "the upload", 60.0)
        commands = " ".join(processes_of(app).values())
        assert "--backend serve" in commands
        assert "/bin/weed" in commands

        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0
    # The fixture waits for the children's end.


def test_children_die_with_a_killed_app(app: Path, environment: dict[str, str], display: str) -> None:
    with window(app, environment | {"DISPLAY": display}) as process:
        wait_for(lambda: any("/bin/weed" in command for command in processes_of(app).values()), "the store", 30.0)

        process.kill()

        wait_for(lambda: not set(processes_of(app)) - {process.pid}, "the end of the children", 15.0)


def test_the_bundled_server_program_serves_with_several_processes(
    app: Path, environment: dict[str, str], store_server: StoreServer, tmp_path: Path
) -> None:
    bucket = store_server.create_bucket(f"packaged-{secrets.token_hex(4)}")
    settings = environment | store_server.backend_env(bucket) | {"JWT_SECRET": secrets.token_hex(32)}
    port = free_ports(1)[0]
    command = [str(app / "recorder-backend"), "serve", "--port", str(port), "--workers", "2"]
    process = ServerProcess(command, tmp_path, settings, tmp_path / "backend.log", stdout_pipe=True)
    server = BackendServer("", settings, process)
    try:
        server.start()
        server.wait_ready()
        answer = urllib3.request("GET", f"{server.url}/recordings", headers=server.auth(), retries=False)
        page = urllib3.request("GET", f"{server.url}/", retries=False)
        script = urllib3.request("GET", f"{server.url}/web/main.js", retries=False)
        with watching(server) as watcher:
            told = watcher.snapshot()
    finally:
        process.terminate()

    assert (answer.status, answer.json()["items"]) == (200, [])
    assert (page.status, script.status, told) == (200, 200, [])


def test_programs_outside_the_app_run_with_their_own_libraries(app: Path, environment: dict[str, str]) -> None:
    given = environment | {"LD_LIBRARY_PATH": "/opt/their/own"}
    with subprocess.Popen(
        [app / "recorder-desktop", "--child-guard", "1", "", "/usr/bin/env"],
        env=given,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as guard:
        assert guard.wait(20) == 0
        assert guard.stdout is not None
        seen = dict(line.split("=", 1) for line in guard.stdout.read().splitlines())

    assert seen["LD_LIBRARY_PATH"] == "/opt/their/own"
    assert not [name for name in seen if name.startswith("QT_")]


def test_the_words_of_every_language_come_along_and_no_others(app: Path) -> None:
    found = {path.name for path in app.rglob("*.ts")} | {path.name for path in app.rglob("*.qm")}

    foreign = [language for language in LANGUAGES if language != ENGLISH]
    assert found == {name for language in foreign for name in (f"recorder_{language}.ts", f"qtbase_{language}.qm")}


def test_nothing_of_the_developers_tools_comes_along(app: Path) -> None:
    from PyInstaller.archive.readers import CArchiveReader

    modules = set(CArchiveReader(str(app / "recorder-desktop")).open_embedded_archive("PYZ.pyz").toc)
    store = app / "_internal" / "bin" / "weed"
    files = [path for path in app.rglob("*") if path.is_file() and not path.is_symlink()]

    assert {"backend.server", "recorder_desktop.app", "keyring.backends.SecretService"} <= modules
    assert not {name.partition(".")[0] for name in modules} & DEVELOPERS_TOOLS
    assert sum(path.stat().st_size for path in files if path != store) < MOST_BYTES
