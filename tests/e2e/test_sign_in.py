"""People of a team with passwords: signed in once, refreshed without a word, shut out, and back again."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt makes its application

import json
import pty
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.config import DesktopConfig
from recorder_desktop.core.model import UploadState
from recorder_desktop.sign_ins import SignIns
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.system.token_store import NO_KEYRING_NOTICE
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.settings import ForgetfulSettings
from tests.e2e.command_line import queue_states, run
from tests.e2e.desktop import ROOT, Desktop
from tests.e2e.team import Team, team
from tests.integration.backend_client import administer
from tests.servers import StoreServer
from tests.terminal import read_until
from tests.waiting import wait_for

PASSWORD = "correct horse battery"
ACCESS_TOKEN_S = 2


@pytest.fixture(scope="module")
def server(store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A team's server whose access tokens soon run out, with an account."""
    settings = {"ACCESS_TOKEN_SECONDS": str(ACCESS_TOKEN_S)}
    with team(store_server, tmp_path_factory.mktemp("sign-in") / "home", settings) as running:
        for name in ("mara", "ines"):
            assert administer(running.server, "user", "add", name, password=PASSWORD).returncode == 0
        yield running


@pytest.fixture
def desktop(alone: Desktop) -> Desktop:
    """Somebody with a keyring."""
    keyring = {
        "PYTHON_KEYRING_BACKEND": "tests.fakes.file_keyring.FileKeyring",
        "TEST_KEYRING_FILE": str(alone.folder / "keyring.json"),
    }
    return Desktop(alone.folder, keyring)


def recording(folder: Path, name: str, size_bytes: int = 100_000) -> Path:
    path = folder / name
    path.write_bytes(bytes(range(250)) * (size_bytes // 250))
    return path


def kept(desktop: Desktop) -> str:
    """The refresh token in the keyring."""
    (only,) = json.loads((desktop.folder / "keyring.json").read_text()).values()
    mark, _, token = only.partition(" ")
    assert mark == "refresh"
    return str(token)


def refreshes(server: Team) -> int:
    return server.server.log().count('"/auth/refresh"')


def test_a_person_signs_in_once_is_shut_out_comes_back_and_signs_out(server: Team, desktop: Desktop) -> None:
    url = server.server.url
    wrong = run(desktop, "login", "--server", url, "--user", "mara", typed="wrong horse battery\n")
    assert (wrong.code, wrong.printed) == (3, "")
    assert "does not know this user name with this password" in wrong.complaint

    signed_in = run(desktop, "login", "--server", url, "--user", "mara", typed=PASSWORD + "\n")
    assert (signed_in.code, signed_in.printed) == (0, f"Signed in. Recordings now go to {url}.\n")
    first, before = kept(desktop), refreshes(server)

    server.line.rate_bytes_per_s = 4e6
    try:
        long = run(desktop, "upload", str(recording(desktop.folder, "long.mp4", 24_000_000)), "--json")
    finally:
        server.line.rate_bytes_per_s = None
    assert (long.code, long.event["event"], long.complaint) == (0, "completed", "")
    assert refreshes(server) - before >= 2  # once to begin with, and again for what the first token did not last for
    assert kept(desktop) != first

    signed_in_elsewhere = httpx.post(
        f"{url}/auth/login", json={"username": "mara", "password": PASSWORD}, trust_env=False
    )
    token = {"Authorization": f"Bearer {signed_in_elsewhere.json()['accessToken']}"}
    assert administer(server.server, "user", "disable", "mara").returncode == 0
    # Within five seconds, that is.
    wait_for(lambda: httpx.get(f"{url}/recordings", headers=token, trust_env=False).status_code == 401, "its end")
    refused = run(desktop, "upload", str(recording(desktop.folder, "talk.mp4")), "--json")
    assert (refused.code, refused.event["code"]) == (3, "sign_in_required")
    assert run(desktop, "login", "--user", "mara", typed=PASSWORD + "\n").code == 3
    assert queue_states(desktop) == {"long.mp4": "completed", "talk.mp4": "queued"}

    assert administer(server.server, "user", "enable", "mara").returncode == 0
    assert run(desktop, "resume", "--json").code == 3
    assert run(desktop, "login", "--user", "mara", typed=PASSWORD + "\n").code == 0
    resumed = run(desktop, "resume", "--json")
    assert (resumed.code, resumed.event["path"]) == (0, str(desktop.folder / "talk.mp4"))

    last = kept(desktop)
    assert run(desktop, "logout").code == 0
    assert json.loads((desktop.folder / "keyring.json").read_text()) == {}
    over = httpx.post(f"{url}/auth/refresh", json={"refreshToken": last}, trust_env=False)
    assert over.status_code == 401

    files = [path for path in desktop.home.rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert not [secret for secret in (PASSWORD, first, last) if secret.encode() in written]


def test_f35_a_token_of_two_seconds_runs_out_again_and_again_and_nothing_is_sent_twice(
    server: Team, desktop: Desktop
) -> None:
    url = server.server.url
    assert run(desktop, "login", "--server", url, "--user", "mara", typed=PASSWORD + "\n").code == 0
    talk = recording(desktop.folder, "through many tokens.mp4", 32_000_000)
    refreshed, sent = refreshes(server), server.line.all_put_bytes()

    server.line.rate_bytes_per_s = 4e6
    try:
        ended = run(desktop, "upload", str(talk), "--json")
    finally:
        server.line.rate_bytes_per_s = None

    assert (ended.code, ended.complaint, ended.event["event"]) == (0, "", "completed")
    assert ended.event["size"] == talk.stat().st_size
    assert refreshes(server) - refreshed >= 2  # how often it is needed hangs on how long the parts take
    assert server.line.all_put_bytes() - sent == talk.stat().st_size
    listed = [json.loads(line) for line in run(desktop, "library", talk.stem, "--json").printed.splitlines()]
    assert [item["fileName"] for item in listed[0]] == [talk.name]


def test_what_waits_for_a_sign_in_in_an_app_that_runs_goes_on_after_a_login(server: Team, desktop: Desktop) -> None:
    environment = {"RECORDER_SERVER": server.server.url, "QT_QPA_PLATFORM": "offscreen"}
    desktop = Desktop(desktop.folder, {**desktop.settings, **environment})
    with_old_token = Desktop(desktop.folder, {**desktop.settings, "RECORDER_TOKEN": "an.old.token"})
    with with_old_token.started(str(recording(desktop.folder, "talk.mp4"))) as app:
        wait_for(lambda: desktop.states() == ["waiting"], "the upload to wait for a sign-in")
        assert run(desktop, "login", "--user", "ines", typed=PASSWORD + "\n").code == 0
        wait_for(lambda: desktop.states() == ["completed"], "the upload to go on")
        assert run(desktop, "upload", str(recording(desktop.folder, "another.mp4")), "--json").code == 0
        app.terminate()
        app.wait(20)


def test_in_the_window_the_dialog_signs_in_and_what_waited_goes_on(
    qapp: QGuiApplication, qtbot: QtBot, server: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keyring.get_keyring", NoKeyring)
    url = server.server.url
    recorder = Recorder(RecorderPaths(tmp_path / "home").create(), DesktopConfig(url, server=url))
    settings = SettingsFile(tmp_path / "settings.toml")
    bridge = EngineBridge()
    window = MainWindow(bridge, ForgetfulSettings(), tray_available=lambda: False)
    qtbot.addWidget(window)
    window.show()
    try:
        bridge.attach(recorder.queue, SignIns(recorder.tokens, settings, recorder.destinations.choose))
        recorder.start()
        window.add_paths([recording(tmp_path, "talk.mp4")])
        qtbot.waitUntil(lambda: "You are not signed in" in window.banner.message, timeout=20_000)
        QTest.mouseClick(window.banner.button, Qt.MouseButton.LeftButton)
        dialog = window.sign_in_dialog
        assert dialog is not None
        for password in ("wrong horse battery", PASSWORD):
            dialog.user.setText("ines")
            dialog.password.setText(password)
            QTest.mouseClick(dialog.sign_in_button, Qt.MouseButton.LeftButton)
            qtbot.waitUntil(lambda: not dialog.isVisible() or dialog.trouble.isVisible(), timeout=20_000)
        assert not dialog.isVisible()
        assert window.banner.message == NO_KEYRING_NOTICE
        qtbot.waitUntil(lambda: window.model.view_at(0).upload.state is UploadState.COMPLETED, timeout=30_000)
    finally:
        bridge.close()
        recorder.close()
        settings.close()


@pytest.mark.parametrize(
    ("answers", "code"), [(["ines", PASSWORD], 0), (["ines", "wrong horse battery"], 3), (["", "nonsense"], 3)]
)
def test_on_a_terminal_name_and_password_are_asked_for_or_a_token(
    server: Team, desktop: Desktop, answers: list[str], code: int
) -> None:
    command = [sys.executable, "-m", "recorder_desktop", "login", "--server", server.server.url]
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        os.execve(sys.executable, command, desktop.environment)
    prompts = ["User name at", "Password of ines:" if answers[0] else "Access token for"]
    shown = ""
    for prompt, answer in zip(prompts, answers, strict=True):
        shown += read_until(terminal, prompt)
        os.write(terminal, f"{answer}\n".encode())
    shown += read_until(terminal, None)
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == code
    assert answers[1] not in shown


def test_a_password_is_no_argument(desktop: Desktop) -> None:
    ended = run(desktop, "login", "--password", PASSWORD)
    assert ended.code == 2
    assert run(desktop, "login", "--user", "mara", "--token").code == 2


def test_a_pipe_without_a_line_asks_for_nothing(server: Team, desktop: Desktop) -> None:
    ended = run(desktop, "login", "--server", server.server.url, "--user", "mara")
    assert (ended.code, ended.printed) == (3, "")
    assert ended.complaint == "No password was given. Ask whoever runs the server for one.\n"
