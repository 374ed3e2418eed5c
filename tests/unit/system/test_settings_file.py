"""What the person chose is there at the next start, and trouble with the file is one line."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from recorder_desktop.system.settings_file import SettingsFile


def kept(path: Path, **values: str | None) -> SettingsFile:
    """The settings as the next start reads them."""
    settings = SettingsFile(path)
    for key, value in values.items():
        settings.set(key, value)
    settings.close()
    return SettingsFile(path)


def test_a_choice_is_remembered_and_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"

    assert kept(path, server="https://recorder.example.org").get("server") == "https://recorder.example.org"
    assert kept(path, server=None).get("server") is None


def test_the_first_choice_makes_the_home_and_closes_it_to_others(tmp_path: Path) -> None:
    path = tmp_path / "new" / "home" / "settings.toml"

    assert kept(path, server="https://a").get("server") == "https://a"
    assert path.parent.stat().st_mode & 0o077 == 0
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["not toml", "\x00", "a = [1"])
def test_a_damaged_file_is_one_line_of_warning_and_starts_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(content)

    with caplog.at_level(logging.WARNING):
        assert SettingsFile(path).get("server") is None

    (record,) = caplog.records
    assert str(path) in record.getMessage()
    assert record.exc_info is None


def test_a_home_that_is_none_has_no_settings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()

    assert SettingsFile(tmp_path / "file" / "settings.toml").get("server") is None
    assert caplog.records == []


def test_settings_that_cannot_be_written_are_one_line_of_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()

    kept(tmp_path / "file" / "settings.toml", server="https://a")

    (record,) = caplog.records
    assert "could not be written" in record.getMessage()
    assert record.exc_info is None
