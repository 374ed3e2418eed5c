"""Before a token is asked for, the person knows who could read it on its way."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from recorder_desktop.config import DesktopConfig
from recorder_desktop.core.errors import SignInRequired
from recorder_desktop.headless import doctor
from recorder_desktop.headless.sign_in import login
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile

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
