"""Before a token is asked for, the person knows who could read it on its way; afterwards, where recordings go."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from recorder_desktop.config import DesktopConfig
from recorder_desktop.core.errors import Refused, SignInRequired
from recorder_desktop.headless import doctor
from recorder_desktop.headless.sign_in import login
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from tests.unit.client.local_servers import answering
from tests.unit.system.test_token_store import FakeKeyring
from tests.unit.test_sign_ins import NOTHING_STORED, answer

CASES = [
    ("http://recorder.example.org", True),
    ("http://192.0.2.7:8000", True),
    ("https://recorder.example.org", False),
    ("http://localhost:8000", False),
    ("http://127.0.0.1:8000", False),
    ("http://[::1]:8000", False),
]


@pytest.mark.parametrize(("url", "is_warned"), CASES)
def test_login_warns_of_an_address_without_encryption(
    url: str,
    is_warned: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(SignInRequired):
        login(url, None, {}, SettingsFile(tmp_path / "settings.toml"), with_token=False)
    assert ("is not encrypted" in capsys.readouterr().err) is is_warned


@pytest.mark.parametrize(("url", "is_warned"), CASES)
def test_the_doctor_calls_it_a_problem(url: str, is_warned: bool, tmp_path: Path) -> None:
    findings = list(doctor._encryption(RecorderPaths(tmp_path), DesktopConfig(url, server=url)))
    assert [fine for fine, _text in findings] == [False] * is_warned


@pytest.mark.parametrize("place", [None, "the server", "local"])
def test_login_says_where_recordings_go(
    place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keyring = FakeKeyring()
    monkeypatch.setattr("keyring.get_keyring", lambda: keyring)
    monkeypatch.setattr("sys.stdin", io.StringIO("token\n"))
    with answering(answer(NOTHING_STORED)) as server:
        url = server.url
        settings = SettingsFile(tmp_path / "settings.toml")
        current = url if place == "the server" else place
        assert login(url, None, {}, settings, with_token=False, tell=lambda _url: current) == 0
    said = capsys.readouterr().out
    if place == "local":
        assert said.startswith(f"Signed in. Recordings that commands add now go to {url}. ")
        assert said.endswith("goes elsewhere until that is started anew: Stored on this computer.\n")
    else:
        assert said == f"Signed in. Recordings now go to {url}.\n"


def test_a_login_that_cannot_be_kept_is_told_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = FakeKeyring()
    keyring.is_read_only = True
    monkeypatch.setattr("keyring.get_keyring", lambda: keyring)
    monkeypatch.setattr("sys.stdin", io.StringIO("token\n"))
    told: list[str] = []
    with answering(answer(NOTHING_STORED)) as server, pytest.raises(Refused, match="no usable keyring"):
        login(server.url, None, {}, SettingsFile(tmp_path / "settings.toml"), with_token=False, tell=told.append)
    assert told == []
