"""Starting at login: the real desktop entry, and what is written for systems that are not here."""

from __future__ import annotations

import plistlib
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recorder_desktop.core.errors import NeedsPerson
from recorder_desktop.system.login_start import (
    DesktopEntry,
    LaunchAgent,
    LoginEntry,
    RunKey,
    entry_of_this_system,
    set_starting,
    start_command,
)

COMMAND = ["/opt/my apps/Recorder", "-m", 'odd "$`\\% name']


class FakeRegistry:
    """The part of winreg that is used, on a dictionary."""

    HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ = "HKCU", 2, 1

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, str]] = {}

    @contextmanager
    def CreateKey(self, root: str, path: str) -> Iterator[dict[str, str]]:
        yield self.keys.setdefault(f"{root}\\{path}", {})

    @contextmanager
    def OpenKey(self, root: str, path: str, reserved: int = 0, access: int = 1) -> Iterator[dict[str, str]]:
        if f"{root}\\{path}" not in self.keys:
            raise FileNotFoundError(2, "no such key")
        yield self.keys[f"{root}\\{path}"]

    def QueryValueEx(self, key: dict[str, str], name: str) -> tuple[str, int]:
        if name not in key:
            raise FileNotFoundError(2, "no such value")
        return key[name], self.REG_SZ

    def SetValueEx(self, key: dict[str, str], name: str, reserved: int, kind: int, value: str) -> None:
        assert kind == self.REG_SZ
        key[name] = value

    def DeleteValue(self, key: dict[str, str], name: str) -> None:
        if name not in key:
            raise FileNotFoundError(2, "no such value")
        del key[name]


@pytest.mark.parametrize("kind", ["desktop entry", "launch agent", "run key"])
def test_an_entry_is_there_from_when_it_is_written_to_when_it_is_removed(kind: str, tmp_path: Path) -> None:
    registry = FakeRegistry()
    entries: dict[str, LoginEntry] = {
        "desktop entry": DesktopEntry(tmp_path / "config" / "autostart"),
        "launch agent": LaunchAgent(tmp_path / "LaunchAgents"),
        "run key": RunKey(lambda: registry),
    }
    entry = entries[kind]
    assert not entry.is_there()
    entry.remove()
    entry.write(["old"])
    entry.write(COMMAND)
    assert entry.is_there()

    entry.remove()
    assert not entry.is_there()


def test_the_desktop_entry_runs_exactly_this_command(tmp_path: Path) -> None:
    printer = tmp_path / "my apps" / "printer"
    printer.parent.mkdir()
    printer.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    printer.chmod(0o700)
    command = [str(printer), *COMMAND[1:]]
    DesktopEntry(tmp_path).write(command)
    (written,) = tmp_path.glob("*.desktop")
    (line,) = [line for line in written.read_text("utf-8").splitlines() if line.startswith("Exec=")]

    # As a desktop reads it: the value's escapes, the field codes, then the quotes, which are those of a shell.
    unescaped = line.removeprefix("Exec=").replace("\\\\", "\0").replace("\0", "\\").replace("%%", "%")
    ran = subprocess.run(["/bin/sh", "-c", unescaped], capture_output=True, text=True, check=True, timeout=10)

    assert ran.stdout.splitlines() == command[1:]
    assert shlex.split(unescaped)[0] == command[0]
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_an_entry_that_the_desktop_switched_off_does_not_count(tmp_path: Path, line: str) -> None:
    entry = DesktopEntry(tmp_path)
    entry.write(COMMAND)
    (written,) = tmp_path.glob("*.desktop")
    written.write_text(f"{written.read_text()}{line}\n")

    assert not entry.is_there()
    entry.write(COMMAND)
    assert entry.is_there()


def test_the_launch_agent_is_a_property_list(tmp_path: Path) -> None:
    LaunchAgent(tmp_path).write(COMMAND)

    (written,) = tmp_path.glob("*.plist")
    agent = plistlib.loads(written.read_bytes())
    assert (agent["Label"], written.stem) == (written.stem, agent["Label"])
    assert (agent["ProgramArguments"], agent["RunAtLoad"]) == (COMMAND, True)


def test_the_run_key_holds_one_command_line() -> None:
    registry = FakeRegistry()
    RunKey(lambda: registry).write(["C:\\Program Files\\Recorder\\recorder.exe", "-m", "x"])

    assert registry.keys == {
        "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run": {
            "recorder-desktop": '"C:\\Program Files\\Recorder\\recorder.exe" -m x'
        }
    }


def test_this_system_has_an_entry_in_the_persons_own_folder(tmp_path: Path) -> None:
    entry = entry_of_this_system({"XDG_CONFIG_HOME": str(tmp_path)})

    assert set_starting(entry, to_on=True)
    assert (tmp_path / "autostart" / "recorder-desktop.desktop").exists()
    assert not set_starting(entry, to_on=False)


def test_a_folder_that_is_none_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "autostart").write_text("not a folder")

    with pytest.raises(NeedsPerson, match="settings of your system"):
        set_starting(DesktopEntry(tmp_path / "autostart"), to_on=True)


def test_the_command_starts_this_app() -> None:
    ran = subprocess.run([*start_command(), "--version"], capture_output=True, text=True, check=True, timeout=30)

    assert ran.stdout.startswith("recorder-desktop ")
    assert start_command()[0] == sys.executable
