"""Parsing, and how errors become a sentence and an exit code."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder_desktop import __main__, cli
from recorder_desktop.core.errors import (
    FileMissing,
    Offline,
    QueueDamaged,
    Refused,
    SignInRequired,
    StoreFull,
    Unavailable,
)
from recorder_desktop.headless.commands import Commands


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A home of its own, nothing configured, and signals that harm nobody; afterwards all is as it was."""
    handlers = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGHUP)}
    for name in ("RECORDER_SERVER", "RECORDER_TOKEN", "S3_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RECORDER_HOME", str(tmp_path / "home"))
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    """The exit code of a command that ends with this exception."""

    def end(error: BaseException) -> int:
        def queue(_self: Commands, *, as_json: bool) -> int:
            raise error

        monkeypatch.setattr(Commands, "queue", queue)
        return cli.main(["queue"])

    return end


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SignInRequired("Sign in."), 3),
        (Refused("No address.", code="server_address"), 2),
        (Refused("No region.", code="settings"), 2),
        (Refused("No.", code="refused"), 1),
        (Unavailable("It is silent. Close it, then try again.", code="owner_silent"), 1),
        (StoreFull("Full."), 1),
        (QueueDamaged("Damaged."), 1),
        (FileMissing("Gone."), 1),
    ],
    ids=lambda value: value.code if hasattr(value, "code") else str(value),
)
def test_an_error_is_its_sentence_and_its_exit_code(
    ending: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str], error: Refused, code: int
) -> None:
    assert ending(error) == code
    assert capsys.readouterr() == ("", error.message + "\n")


def test_nobody_who_waits_is_told_that_uploads_go_on(
    ending: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(Offline("x cannot be reached. The upload goes on by itself when it can.")) == 1
    assert capsys.readouterr().err == "x cannot be reached. Check the address and the network, then try again.\n"


def test_an_interrupt_is_told_with_the_way_on(
    ending: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "Interrupted. What is unfinished goes on with “recorder-desktop resume”.\n"


def test_trouble_with_the_homes_files_is_a_sentence_that_names_the_file(
    ending: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(PermissionError(13, "Permission denied", "/home/ada/owner.lock")) == 1
    told = capsys.readouterr().err
    assert told.startswith(
        "Recorder could not use its files (/home/ada/owner.lock: Permission denied). Free some space"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_end_of_a_session_or_a_terminal_interrupts(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def queue(_self: Commands, *, as_json: bool) -> int:
        signal.raise_signal(number)
        return 0

    monkeypatch.setattr(Commands, "queue", queue)

    assert cli.main(["queue"]) == 130


def test_under_nohup_the_end_of_the_terminal_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    def queue(_self: Commands, *, as_json: bool) -> int:
        signal.raise_signal(signal.SIGHUP)
        return 0

    monkeypatch.setattr(Commands, "queue", queue)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    assert cli.main(["queue"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["upload"], ["add"], ["get"], ["pause"], ["cancel"], ["retry"], ["sing"], ["queue", "x"]),
        *(["upload", "--x"], ["upload", ""], ["add", "a.mp4", ""], ["get", ""], ["get", "../passwd"]),
    ],
    ids=" ".join,
)
def test_bad_usage_is_told_and_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: recorder-desktop")


@pytest.mark.parametrize("arguments", [["library", "--bogus"], ["get"], ["get", "../passwd"]], ids=" ".join)
def test_bad_usage_is_told_with_the_usage_of_its_command_alone(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(arguments)

    usage, complaint = capsys.readouterr().err.splitlines()
    assert usage.startswith(f"usage: recorder-desktop {arguments[0]} [-h]")
    assert complaint.startswith(f"recorder-desktop {arguments[0]}: error: ")


@pytest.mark.parametrize("arguments", [["--help"], ["upload", "--help"], ["get", "-h"]], ids=" ".join)
def test_help_is_no_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)

    assert ended.value.code == 0
    assert "usage: recorder-desktop" in capsys.readouterr().out


def test_upload_takes_everything_it_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def upload(self: Commands, files: list[str], directory: str, folder_id: str | None, *, as_json: bool) -> int:
        seen.extend([self.config.destination, files, directory, folder_id, as_json])
        return 1

    monkeypatch.setattr(Commands, "upload", upload)
    options = [
        "--directory",
        "talks/2026",
        "--folder-id",
        "f1",
        "--server",
        "https://recorder.example.org/",
        "--json",
    ]

    assert cli.main(["upload", "a.mp4", "b", *options]) == 1
    assert seen == ["https://recorder.example.org", ["a.mp4", "b"], "talks/2026", "f1", True]


@pytest.mark.parametrize("command", ["pause", "cancel", "retry"])
def test_edits_take_any_number_of_uploads(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    seen: list[object] = []

    def edit(_self: Commands, what: str, ids: list[str]) -> int:
        seen.extend([what, ids])
        return 0

    monkeypatch.setattr(Commands, "edit", edit)

    assert cli.main([command, "a", "b"]) == 0
    assert seen == [command, ["a", "b"]]


@pytest.mark.parametrize("ids", [[], ["a"], ["a", "b"]], ids=str)
def test_resume_takes_all_or_the_uploads_that_are_named(monkeypatch: pytest.MonkeyPatch, ids: list[str]) -> None:
    seen: list[object] = []

    def resume(_self: Commands, named: list[str], *, as_json: bool) -> int:
        seen.extend([named, as_json])
        return 0

    monkeypatch.setattr(Commands, "resume", resume)

    assert cli.main(["resume", *ids, "--json"]) == 0
    assert seen == [ids, True]


@pytest.mark.parametrize("word", ["lirbary", "--bogus", "", "remove"])
def test_a_mistyped_command_is_no_file_for_the_window(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main([word]) == 2
    assert f"no command, file or folder “{word}”" in capsys.readouterr().err


def test_every_command_of_the_parser_is_kept_away_from_the_window() -> None:
    (commands,) = (action for action in cli._parser()._actions if action.dest == "command")

    assert set(commands.choices or ()) == __main__._COMMANDS


def test_the_command_line_works_without_qt() -> None:
    import subprocess
    import sys

    code = "import sys, recorder_desktop.cli; sys.exit('PySide6' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0
