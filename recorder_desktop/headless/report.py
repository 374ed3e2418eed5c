"""Shows what happens to uploads: JSON lines for programs, progress bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from types import TracebackType
from typing import TYPE_CHECKING

from recorder_desktop.headless.answers import Message

if TYPE_CHECKING:
    from rich.progress import TaskID


class Report(ABC):
    """Is given every message once, in order; a context so that bars are taken down whatever happens."""

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    @abstractmethod
    def show(self, message: Message) -> None:
        """Show a `progress`, `completed`, `failed` or `notice` message."""


def choose_report(*, as_json: bool, is_here: bool = False) -> Report:
    """The report that suits where standard output goes. is_here: recordings are stored on this very computer."""
    if as_json:
        return JsonReport()
    return BarsReport(is_here=is_here) if sys.stdout.isatty() else LinesReport(is_here=is_here)


class JsonReport(Report):
    """One object a line; only what the contract names, progress is left out."""

    def show(self, message: Message) -> None:
        """Print a result."""
        if message.get("event") in ("completed", "failed"):
            print(json.dumps(message), flush=True)
        elif "notice" in message:
            print(message["notice"], file=sys.stderr, flush=True)


class LinesReport(Report):
    """A line for each result."""

    def __init__(self, *, is_here: bool = False) -> None:
        self._is_here = is_here

    def show(self, message: Message) -> None:
        """Print a result as a sentence; failures on standard error."""
        line = sentence(message, is_here=self._is_here)
        if line:
            failed = message.get("event") != "completed"
            print(printable(line), file=sys.stderr if failed else sys.stdout, flush=True)


class BarsReport(Report):
    """A bar for each upload at work, results above them."""

    def __init__(self, *, is_here: bool = False) -> None:
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[state]}", markup=False),
        )
        self._tasks: dict[str, TaskID] = {}
        self._is_here = is_here

    def __enter__(self) -> Report:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def show(self, message: Message) -> None:
        """Move a bar, or take it down and print the result."""
        if message.get("event") == "progress":
            self._move(message)
            return
        task = self._tasks.pop(message.get("path", ""), None)
        if task is not None:
            self._bars.remove_task(task)
        line = sentence(message, is_here=self._is_here)
        if line:
            self._bars.console.print(printable(line), markup=False, highlight=False)

    def _move(self, message: Message) -> None:
        path = message["path"]
        if path not in self._tasks:
            if message["state"] == "queued":
                return  # thousands may wait; a bar stands for work
            name = printable(path.rpartition("/")[2])
            self._tasks[path] = self._bars.add_task(name, total=message["size"], state="")
        moved = message["bytesConfirmed"] + message["bytesInFlight"]
        state = message["error"]["message"] if message["error"] else message["state"]
        self._bars.update(self._tasks[path], completed=moved, state=state)


def sentence(message: Message, *, is_here: bool = False) -> str | None:
    """A message in words; None for one that says nothing to a person. is_here: as in choose_report."""
    match message:
        case {"event": "completed", "path": path, "fileId": file_id}:
            return f"{path}: {_verified(message, is_here=is_here)} (id {file_id})"
        case {"event": "failed", "path": path, "message": text}:
            return f"{path}: {text}"
        case {"event": "queued", "path": path}:
            return None
        case {"notice": text}:
            return str(text)
    return None


def _verified(completed: Message, *, is_here: bool) -> str:
    if completed.get("size") == 0:
        return "stored, but the file is empty"
    return "verified, stored a second time on this computer" if is_here else "verified, safe to delete your copy"


def printable(text: str) -> str:
    """Text that a terminal shows exactly: control characters and bytes that are no text are escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text
    )
