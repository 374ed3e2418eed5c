"""A library that answers when the test says so, or at once, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from recorder_desktop.core.library import DownloadedFile, RecordingOrder, RecordingPage
from recorder_desktop.core.model import StoredRecording
from tests.fakes.recorder import a_stored_recording

T = TypeVar("T")


def recordings(count: int) -> list[StoredRecording]:
    """Newest first: talk 0 is the newest, the smallest and the shortest."""
    return [
        replace(
            a_stored_recording(f"talk {number:04}.mp4", 60.0 + number),
            size_bytes=1_000_000 * (number + 1),
            created_at=f"2026-01-{28 - number * 27 // max(count, 2):02}T{timedelta(seconds=80_000 - number)}Z",
        )
        for number in range(count)
    ]


_KEYS: dict[str, Callable[[StoredRecording], Any]] = {
    "createdAt": lambda each: each.created_at,
    "fileName": lambda each: each.file_name.casefold(),
    "size": lambda each: each.size_bytes,
    "duration": lambda each: each.duration_s or -1.0,
}


class FakeLibraryDesk:
    """Implements core.library.LibraryDesk in memory, in pages of `page_size`.

    asked: (query, cursor) of each page; orders: how each was to be sorted. failure: raised by every call's future
    while set. holds: pages are kept back in `held` until the test releases them. downloads: what was asked for, with
    its future and byte counter. place: the present one. acted_at: the place of each link, download and delete.
    """

    def __init__(self, stored: Sequence[StoredRecording] = (), page_size: int = 50) -> None:
        self.stored = list(stored)
        self.page_size = page_size
        self.place = "local"
        self.acted_at: list[str] = []
        self.asked: list[tuple[str, str | None]] = []
        self.orders: list[RecordingOrder] = []
        self.links: list[tuple[str, bool]] = []
        self.deleted: list[str] = []
        self.downloads: list[tuple[StoredRecording, Path, Callable[[int], None], Future[DownloadedFile]]] = []
        self.failure: Exception | None = None
        self.holds = False
        self.held: list[tuple[Future[RecordingPage], RecordingPage]] = []

    def page(
        self,
        query: str,
        cursor: str | None,
        destination: str | None = None,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> Future[RecordingPage]:
        self.asked.append((query, cursor))
        self.orders.append(order)
        found = [each for each in self.stored if query.casefold() in each.file_name.casefold()]
        if order is not RecordingOrder.NEWEST:  # as which they are stored here
            key = _KEYS[order.value.removeprefix("-")]
            found.sort(key=lambda each: (key(each), each.file_id), reverse=order.is_descending)
        at = int(cursor or 0)
        end = at + self.page_size
        page = RecordingPage(tuple(found[at:end]), str(end) if end < len(found) else None, destination or self.place)
        future: Future[RecordingPage] = Future()
        if self.holds:
            self.held.append((future, page))
        else:
            self._settle(future, page)
        return future

    def link(self, file_id: str, destination: str, *, to_play: bool) -> Future[str]:
        self.acted_at.append(destination)
        self.links.append((file_id, to_play))
        future: Future[str] = Future()
        self._settle(future, f"https://store.example.org/{file_id}?signed")
        return future

    def download(
        self, recording: StoredRecording, destination: str, folder: Path, on_received: Callable[[int], None]
    ) -> Future[DownloadedFile]:
        self.acted_at.append(destination)
        future: Future[DownloadedFile] = Future()
        self.downloads.append((recording, folder, on_received, future))
        return future

    def delete(self, file_ids: Sequence[str], destination: str) -> Future[None]:
        self.acted_at.append(destination)
        future: Future[None] = Future()
        if self.failure is None:
            self.deleted += file_ids
            self.stored = [each for each in self.stored if each.file_id not in file_ids]
        self._settle(future, None)
        return future

    def release(self, number: int = 0) -> None:
        """Let a page that was held back arrive."""
        future, page = self.held.pop(number)
        self._settle(future, page)

    def _settle(self, future: Future[T], value: T) -> None:
        if self.failure is not None:
            future.set_exception(self.failure)
        else:
            future.set_result(value)
