"""A folder that is watched: how it is doing, and which of its recordings have stopped growing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple, Protocol

SETTLE_S = 10.0
"""A recording is taken once it has kept size and time for so long: whoever writes it has finished, or pauses. One
that grows again after that is noticed while it is sent."""


class FolderState(Enum):
    """How a watched folder is doing."""

    WATCHED = auto()
    AWAY = auto()  # it is not there: a drive was pulled out, a network is gone
    REFUSED = auto()  # it is there and may not be read, or is no folder
    INCOMPLETE = auto()  # it is watched, and a recording in it could not be added yet


@dataclass(frozen=True, slots=True)
class FolderReport:
    """How `folder` is doing since now. `message`: what happened and what to do, empty while all is well."""

    folder: Path
    state: FolderState
    message: str = ""


class WatchDesk(Protocol):
    """Watches folders for the window."""

    def watch(self, folders: Sequence[Path]) -> None:
        """Watch these folders and no others from now on; returns at once, and the rest is heard in reports."""


class Glance(NamedTuple):
    """What one look at a file shows."""

    size_bytes: int
    mtime_ns: int


class Settling:
    """Tells which recordings are due, by their paths as text: there may be a hundred thousand of them.

    Each version of a file is due once: until `hand_in`, at every look.

    A file without a byte is none yet: some programs make one long before they write.
    """

    def __init__(self, settle_s: float = SETTLE_S, handed_in: Mapping[str, Glance] | None = None) -> None:
        self._settle_s = settle_s
        self._handed_in = dict(handed_in or {})
        self._since: dict[str, tuple[Glance, float]] = {}  # what each waiting file looks like, and since when

    def look(self, found: Mapping[str, Glance], now: float) -> list[str]:
        """Take in all recordings that are there at `now`, monotonic seconds; return those due, in order."""
        since = {}
        for path, glance in found.items():
            if not glance.size_bytes or self._handed_in.get(path) == glance:
                continue
            before, began = self._since.get(path, (glance, now))
            since[path] = (glance, began if before == glance else now)
        self._since = since
        return sorted(path for path, (_, began) in since.items() if now - began >= self._settle_s)

    def refused(self, paths: Iterable[str], now: float) -> None:
        """Note that nobody took these: they are due again once they have kept size and time as long once more."""
        for path in paths:
            self._since[path] = (self._since[path][0], now)

    def hand_in(self, paths: Iterable[str]) -> dict[str, Glance]:
        """Note that these, as `look` gave them, are in other hands now; returns what they look like."""
        taken = {path: self._since.pop(path)[0] for path in paths}
        self._handed_in |= taken
        return taken
