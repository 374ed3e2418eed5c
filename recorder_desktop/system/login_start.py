"""Starts Recorder when the person logs in: a desktop entry, a value of the registry or a launch agent.

Each system has one entry that belongs to the person alone, which its own settings show and can take away.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

from recorder_desktop.background import begin
from recorder_desktop.core.errors import NeedsPerson
from recorder_desktop.system.paths import write_private

NAME = "recorder-desktop"
_LABEL = "org.recorder.desktop"
_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"


class LoginEntry(Protocol):
    """The entry of one system. Its methods wait for the disk; they raise OSError."""

    def is_there(self) -> bool:
        """Whether the app starts at login."""

    def write(self, command: Sequence[str]) -> None:
        """Have this command run at login."""

    def remove(self) -> None:
        """Have it run no more; one that is not there is no error."""


def start_command() -> list[str]:
    """What starts this very app: the program of a build, else this Python with the package."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "recorder_desktop"]


def set_starting(entry: LoginEntry, *, to_on: bool) -> bool:
    """Write or remove the entry; returns whether it is there then. Raises NeedsPerson where that is not allowed."""
    try:
        if to_on:
            entry.write(start_command())
        else:
            entry.remove()
        return entry.is_there()
    except OSError as exc:
        raise NeedsPerson(
            f"The list of what starts at login could not be changed ({exc.strerror or exc}). "
            "Change it in the settings of your system.",
            code="login_start",
        ) from exc


def entry_of_this_system(environment: Mapping[str, str] = os.environ) -> LoginEntry:
    """The entry that counts here."""
    if sys.platform == "win32":
        return RunKey()
    if sys.platform == "darwin":
        return LaunchAgent(Path.home() / "Library" / "LaunchAgents")
    folder = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return DesktopEntry(Path(folder) / "autostart")


class LoginStarts:
    """Implements core.preferences.LoginStart."""

    def __init__(self, entry: LoginEntry | None = None) -> None:
        self._entry = entry or entry_of_this_system()

    def look(self) -> Future[bool]:
        """How it is now."""
        return begin("login-start", self._entry.is_there)

    def switch(self, *, to_on: bool) -> Future[bool]:
        """Have it so."""
        return begin("login-start", lambda: set_starting(self._entry, to_on=to_on))


class DesktopEntry:
    """A file of the XDG autostart folder. Source: freedesktop.org, "Desktop Application Autostart Specification"."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{NAME}.desktop"

    def is_there(self) -> bool:
        """Whether it is there, and not switched off by a desktop's own settings."""
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return "Hidden=true" not in lines and "X-GNOME-Autostart-enabled=false" not in lines

    def write(self, command: Sequence[str]) -> None:
        """Put it there."""
        lines = (
            "[Desktop Entry]",
            "Type=Application",
            "Name=Recorder",
            "Comment=Drop recordings; they arrive verified",
            f"Exec={' '.join(map(_quoted, command))}",
            "Icon=recorder",
            "Terminal=false",
        )
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self._path, "".join(f"{line}\n" for line in lines).encode())

    def remove(self) -> None:
        """Take it away."""
        self._path.unlink(missing_ok=True)


class LaunchAgent:
    """A property list that launchd reads at login. Source: launchd.plist(5). Not tried on macOS."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{_LABEL}.plist"

    def is_there(self) -> bool:
        """Whether it is there."""
        return self._path.exists()

    def write(self, command: Sequence[str]) -> None:
        """Put it there. It counts from the next login on: loading it now would start a second app."""
        agent = {
            "Label": _LABEL,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_private(self._path, plistlib.dumps(agent))

    def remove(self) -> None:
        """Take it away."""
        self._path.unlink(missing_ok=True)


class RunKey:
    """A value of the person's Run key in the registry. Not tried on Windows."""

    def __init__(self, registry: Callable[[], Any] | None = None) -> None:
        """`registry` gives the module winreg, or what stands in for it."""
        self._registry = registry or _winreg

    def is_there(self) -> bool:
        """Whether it is there."""
        registry = self._registry()
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, _RUN_KEY) as key:
                registry.QueryValueEx(key, NAME)
        except FileNotFoundError:
            return False
        return True

    def write(self, command: Sequence[str]) -> None:
        """Put it there."""
        registry = self._registry()
        with registry.CreateKey(registry.HKEY_CURRENT_USER, _RUN_KEY) as key:
            registry.SetValueEx(key, NAME, 0, registry.REG_SZ, subprocess.list2cmdline(command))

    def remove(self) -> None:
        """Take it away."""
        registry = self._registry()
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, _RUN_KEY, 0, registry.KEY_SET_VALUE) as key:
                registry.DeleteValue(key, NAME)
        except FileNotFoundError:
            return


def _winreg() -> Any:
    import winreg

    return winreg


def _quoted(argument: str) -> str:
    """An argument as the Exec line takes it: first quoted, then escaped as every value of a desktop entry."""
    inside = "".join(f"\\{char}" if char in '"`$\\' else char for char in argument).replace("%", "%%")
    return '"' + inside.replace("\\", "\\\\") + '"'
