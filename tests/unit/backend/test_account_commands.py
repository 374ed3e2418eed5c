"""The command ``recorder-backend user``, as whoever keeps the accounts runs it."""

from __future__ import annotations

import io
import os
import pty
import sys
from pathlib import Path

import pytest

from backend.__main__ import main
from tests.servers import clean_env
from tests.terminal import read_until

PASSWORD = "correct horse battery"


class Console:
    """Runs the command with a password on a pipe, and knows what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def run(self, *arguments: str, password: str = "") -> tuple[int, str, str]:
        """Return exit code, output and errors."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(password))
        try:
            code = main(["user", *arguments])
        except SystemExit as end:
            code = int(str(end.code))
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Console:
    monkeypatch.delenv("MONGO_URI", raising=False)
    monkeypatch.setenv("RECORDER_HOME", str(tmp_path))
    return Console(monkeypatch, capsys)


def test_accounts_are_made_listed_disabled_and_enabled(console: Console) -> None:
    assert console.run("list") == (0, "", "")
    assert console.run("add", "mara b", password=PASSWORD + "\n") == (0, "mara b can sign in now\n", "")
    assert console.run("add", "ada", password=PASSWORD + "\r\n")[0] == 0
    for action, state in (("disable", "disabled"), ("disable", "disabled"), ("enable", "enabled")):
        assert console.run(action, "mara b")[0] == 0
        listed = console.run("list")[1].splitlines()
        assert [line.split("\t")[:2] for line in listed] == [["ada", "enabled"], ["mara b", state]]
    assert console.run("password", "ada", password="another password")[0] == 0


def test_a_name_typed_in_another_way_is_the_same_name(console: Console) -> None:
    composed, decomposed = "Jos\u00e9", "Jose\u0301"
    assert console.run("add", composed, password=PASSWORD)[0] == 0
    assert console.run("add", decomposed, password=PASSWORD)[0] == 1
    assert console.run("disable", decomposed)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "password", "code", "message"),
    [
        (["add", "taken"], PASSWORD, 1, "There is an account taken already"),
        (["add", "x"], "short", 2, "password: must have 8 to 1024 characters"),
        (["add", "x"], "", 2, "password: must have 8 to 1024 characters"),
        (["add", "x"], "abcdefgh\udcff", 2, "password: is not text in UTF-8"),
        (["add", " x"], PASSWORD, 2, "name: must be 1 to 255"),
        (["add", "x\ny"], PASSWORD, 2, "name: must be 1 to 255"),
        (["add", "x" * 256], PASSWORD, 2, "name: must be 1 to 255"),
        (["add"], "", 2, "NAME"),
        ([], "", 2, "ACTION"),
        (["disable", "nobody"], "", 1, "There is no account nobody"),
        (["enable", "nobody"], "", 1, "There is no account nobody"),
        (["password", "nobody"], PASSWORD, 1, "There is no account nobody"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    console: Console, arguments: list[str], password: str, code: int, message: str
) -> None:
    console.run("add", "taken", password=PASSWORD)
    ended, output, errors = console.run(*arguments, password=password)
    assert (ended, output) == (code, "")
    assert message in errors.splitlines()[-1]


def test_a_missing_database_is_said_in_a_line(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URI", "mongodb://127.0.0.1:9/?timeoutMS=500")
    assert console.run("list") == (1, "", "recorder-backend: The database cannot be reached.\n")
    monkeypatch.setenv("MONGO_URI", "ftp://nonsense")
    assert console.run("list") == (2, "", "recorder-backend: MONGO_URI: not a MongoDB address\n")


@pytest.mark.parametrize(("again", "code", "answer"), [(PASSWORD, 0, "can sign in now"), ("another", 2, "differ")])
def test_on_a_terminal_the_password_is_asked_for_twice_and_never_shown(
    tmp_path: Path, again: str, code: int, answer: str
) -> None:
    environment = clean_env({"RECORDER_HOME": str(tmp_path)})
    process, terminal = pty.fork()
    if process == 0:
        os.execve(sys.executable, [sys.executable, "-m", "backend", "user", "add", "mara"], environment)
    shown = read_until(terminal, "Password for mara: ")
    os.write(terminal, f"{PASSWORD}\n".encode())
    shown += read_until(terminal, "The same again: ")
    os.write(terminal, f"{again}\n".encode())
    shown += read_until(terminal, None)
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == code
    assert answer in shown
    assert PASSWORD not in shown
