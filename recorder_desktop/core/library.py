"""What is stored, as the window shows it: pages of recordings, and what can be done with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from recorder_desktop.core.model import StoredRecording


class RecordingOrder(Enum):
    """What comes first in a list of recordings; the values are the backend's words.

    Names count case folded; an unknown playing time is less than any.
    """

    NEWEST = "-createdAt"
    OLDEST = "createdAt"
    NAME = "fileName"
    NAME_BACKWARDS = "-fileName"
    LARGEST = "-size"
    SMALLEST = "size"
    LONGEST = "-duration"
    SHORTEST = "duration"

    @property
    def is_descending(self) -> bool:
        """Whether the greatest comes first."""
        return self.value.startswith("-")


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """A page of the library; `next_cursor` is None on the last one. `destination`: the place that it is from."""

    items: tuple[StoredRecording, ...]
    next_cursor: str | None
    destination: str = ""


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """A recording that was fetched. `checksum_agreed`: False where the library has none: only its size did."""

    path: Path
    checksum_agreed: bool


class LibraryDesk(Protocol):
    """The library of the place that this run queues for, and recordings of any place that it serves.

    Every call returns at once; its future raises core.errors and is resolved on a thread of its own.
    """

    def page(
        self,
        query: str,
        cursor: str | None,
        destination: str | None = None,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> Future[RecordingPage]:
        """The recordings whose names hold `query`, in this order, from `cursor` on.

        `destination` is the place that the cursor is from, with the same order; None for the present one.
        """

    def link(self, file_id: str, destination: str, *, to_play: bool) -> Future[str]:
        """An address that works for a while without a sign-in: one to play from, or one to fetch."""

    def download(
        self, recording: StoredRecording, destination: str, folder: Path, on_received: Callable[[int], None]
    ) -> Future[DownloadedFile]:
        """Fetch a recording into `folder`, under a name that no other file there has, and check it.

        `on_received` is told the bytes as they come, on the download's thread. What it raises ends the download and
        leaves nothing behind.
        """

    def delete(self, file_ids: Sequence[str], destination: str) -> Future[None]:
        """Delete recordings that are stored there for good; one that is gone already is no error."""
