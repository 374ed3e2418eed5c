"""Commands as a script sees them: what they print, what they complain about, and their exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.desktop import ROOT, Desktop

COMPLETED_FIELDS = [
    "event", "path", "fileId", "fileName", "key", "bucket", "fileUrl", "size", "crc64nvme", "durationSeconds",
]  # fmt: skip
"""The fields of a `completed` event, as promised to scripts."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    printed: str
    complaint: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """What `--json` printed, one object a line."""
        return [json.loads(line) for line in self.printed.splitlines()]

    @property
    def event(self) -> dict[str, Any]:
        """The only event."""
        (event,) = self.events
        return event


def end_of(process: subprocess.Popen[str], timeout_s: float = 60.0) -> Ended:
    """Wait for a command's end."""
    printed, complaint = process.communicate(timeout=timeout_s)
    return Ended(process.returncode, printed, complaint)


def run(
    desktop: Desktop, *arguments: str, through: Sequence[str] = (), folder: Path = ROOT, typed: str = ""
) -> Ended:
    """Run one command to its end, in `folder`, started by the program `through`, with `typed` as its input."""
    done = subprocess.run(
        [*through, sys.executable, "-m", "recorder_desktop", *arguments],
        cwd=folder,
        env=desktop.environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def queue_states(desktop: Desktop) -> dict[str, str]:
    """The state of every upload in the queue, by file name."""
    return {row["path"].rpartition("/")[2]: row["state"] for row in desktop.queue()}
