"""What the person chose is there at the next start, and trouble with the file is one line."""

from __future__ import annotations

import logging
import tomllib
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


def test_what_others_wrote_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    window = SettingsFile(path)
    window.set("window.geometry", "small")
    kept(path, server="https://a")  # `login` while the window is open
    window.set("window.geometry", "large")
    window.close()

    now = SettingsFile(path)
    assert (now.get("server"), now.get("window.geometry")) == ("https://a", "large")
    assert window.get("server") == "https://a"


def test_two_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    both = [SettingsFile(path), SettingsFile(path)]
    for number in range(20):
        for name, settings in zip("ab", both, strict=True):
            settings.set(f"{name}.n{number}", "x")
    for settings in both:
        settings.close()

    now = SettingsFile(path)
    assert [now.get(f"{name}.n{number}") for name in "ab" for number in range(20)] == ["x"] * 40


def test_what_a_person_wrote_by_hand_is_understood_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[transfers]\nsenders = 4\nkeep_awake = false\n\n[mine.own]\nnotes = [1, 2]\n")

    settings = kept(path, server="https://a")

    assert settings.get("transfers.senders") == "4"
    assert settings.get("transfers.keep_awake") == "false"
    assert settings.get("transfers") is None
    written = tomllib.loads(path.read_text())
    assert written["transfers"] == {"senders": 4, "keep_awake": False}
    assert written["mine"] == {"own": {"notes": [1, 2]}}


def test_a_damaged_file_is_put_aside_before_another_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("limit = 2 MB/s  # with a mistake")

    assert kept(path, server="https://a").get("server") == "https://a"
    assert (tmp_path / "settings.toml.damaged").read_text() == "limit = 2 MB/s  # with a mistake"


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


def test_a_key_may_have_several_texts(tmp_path: Path) -> None:
    settings = SettingsFile(tmp_path / "settings.toml")
    settings.set("folders.watched", [Path("/a b").as_posix(), "/c"])
    settings.close()
    written = tomllib.loads((tmp_path / "settings.toml").read_text())
    again = SettingsFile(tmp_path / "settings.toml")

    assert written == {"folders": {"watched": ["/a b", "/c"]}}
    assert again.get_all("folders.watched") == ("/a b", "/c")
    assert again.get("folders.watched") is None
    again.set("folders.watched", None)
    assert again.get_all("folders.watched") == ()
    again.close()


def test_a_single_text_counts_as_a_list_of_one(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[folders]\nwatched = "/a"\nother = [1, "/b"]\n')
    settings = SettingsFile(tmp_path / "settings.toml")

    assert settings.get_all("folders.watched") == ("/a",)
    assert settings.get_all("folders.other") == ("/b",)
    settings.close()
