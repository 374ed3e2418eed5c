"""The desktop app as a person runs it: processes of their own, with a home of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recorder_desktop.system.local_stack import BUCKET
from recorder_desktop.system.owner_channel import NoOwner, OwnerGone, call_owner
from recorder_desktop.system.paths import RecorderPaths

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Desktop:
    """One person's Recorder. `folder` is what they call home; `settings` are added to the environment."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def home(self) -> Path:
        """The app's RECORDER_HOME."""
        return self.folder / "recorder home"

    @property
    def environment(self) -> dict[str, str]:
        """What the app is started with; nothing of the test's own environment leaks in."""
        own = {"PATH": os.defpath, "HOME": str(self.folder), "RECORDER_HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        return own | dict(self.settings)

    @contextmanager
    def started(self, *arguments: str, through: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
        """`recorder-desktop` with these arguments, started by `through`, killed should it outlive the block."""
        process = subprocess.Popen(
            [*through, sys.executable, "-m", "recorder_desktop", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:  # closes the pipes
            try:
                yield process
            finally:
                process.kill()

    def run(self, *arguments: str, timeout_s: float = 60.0) -> str:
        """What a command prints; it must succeed."""
        with self.started(*arguments) as process:
            printed, complaint = process.communicate(timeout=timeout_s)
        assert process.returncode == 0, printed + complaint
        return printed

    def queue(self) -> list[dict[str, Any]]:
        """The queue as `queue --json` lists it."""
        listed: list[dict[str, Any]] = json.loads(self.run("queue", "--json"))
        return listed

    def states(self) -> list[str]:
        """The states in the queue of the app that runs now, empty while none answers; costs no process."""
        return [row["state"] for row in self.rows()]

    def rows(self) -> list[dict[str, Any]]:
        """The queue of the app that runs now, empty while none answers; costs no process."""
        with suppress(NoOwner, OwnerGone):
            return list(call_owner(RecorderPaths(self.home), {"do": "queue"}))
        return []

    def stored_bytes(self) -> int:
        """What the embedded store has written of recordings, parts that never became whole included."""
        return sum(volume.stat().st_size for volume in (self.home / "stack" / "data").glob(f"{BUCKET}_*.dat"))

    def processes(self) -> dict[int, str]:
        """Number and command line of every process that works for this home: the app and all its children."""
        mark = os.fsencode(self.home)
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes()
                if mark in command or mark in (entry / "environ").read_bytes():
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode()
            except OSError:  # ended meanwhile, or someone else's
                continue
        return found
