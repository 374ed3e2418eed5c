"""What is stored, as the window shows it: pages of recordings, and what can be done with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recorder_desktop.core.model import StoredRecording


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """A page of the library; `next_cursor` is None on the last one."""

    items: tuple[StoredRecording, ...]
    next_cursor: str | None


class LibraryDesk(Protocol):
    """The library of the place that this run queues for.

    Every call returns at once; its future raises core.errors and is resolved on a thread of its own.
    """

    def page(self, query: str, cursor: str | None) -> Future[RecordingPage]:
        """The recordings whose names hold `query`, newest first, from `cursor` on."""

    def link(self, file_id: str, *, to_play: bool) -> Future[str]:
        """An address that works for a while without a sign-in: one to play from, or one to fetch."""

    def download(self, recording: StoredRecording, folder: Path, on_received: Callable[[int], None]) -> Future[Path]:
        """Fetch a recording into `folder`, under a name that is free there, and check it; the future has the file.

        `on_received` is told the bytes as they come, on the download's thread. What it raises ends the download and
        leaves nothing behind.
        """

    def delete(self, file_ids: Sequence[str]) -> Future[None]:
        """Delete stored recordings for good; one that is gone already is no error."""
