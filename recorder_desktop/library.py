"""The libraries of the places that this run serves, asked on threads. Implements core.library.LibraryDesk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from recorder_desktop.background import begin
from recorder_desktop.config import describe
from recorder_desktop.core.errors import Refused, UploadError, for_whoever_waits
from recorder_desktop.core.library import DownloadedFile, RecordingOrder, RecordingPage
from recorder_desktop.core.model import StoredRecording

T = TypeVar("T")

PAGE_SIZE = 100

_TRY_AGAIN = "Check the network, then try again."


class Shelf(Protocol):
    """The part of a backend that this module asks; see client.backend_api.BackendApi."""

    def recordings(
        self,
        query: str = "",
        cursor: str | None = None,
        limit: int = PAGE_SIZE,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> RecordingPage:
        """A page of stored recordings."""

    def recording_url(self, file_id: str, *, to_play: bool = False) -> str:
        """An address that works for a while."""

    def delete_recording(self, file_id: str) -> None:
        """Delete one for good."""


class Places(Protocol):
    """What this module needs of the places; see core.ports.Destinations."""

    def current(self) -> str:
        """The place that this run queues for."""

    def serves(self, destination: str) -> bool:
        """Whether this run can reach it at all."""

    def connect(self, destination: str) -> Shelf:
        """The backend of a place; it may take seconds. Raises core.errors."""


class Library:
    """Lists whatever place is the present one at the time. Acts on a recording at the place where it is stored."""

    def __init__(self, places: Places, on_deleted: Callable[[str, Sequence[str]], object]) -> None:
        """`on_deleted` is told at which place which recordings are gone, also when others could not be deleted."""
        self._places = places
        self._on_deleted = on_deleted

    def page(
        self,
        query: str,
        cursor: str | None,
        destination: str | None = None,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> Future[RecordingPage]:
        """A page of recordings in this order."""
        return _begin("page", lambda: self._page(query, cursor, destination, order))

    def link(self, file_id: str, destination: str, *, to_play: bool) -> Future[str]:
        """An address that works for a while."""
        return _begin("link", lambda: self._shelf(destination).recording_url(file_id, to_play=to_play))

    def download(
        self, recording: StoredRecording, destination: str, folder: Path, on_received: Callable[[int], None]
    ) -> Future[DownloadedFile]:
        """Fetch a recording into a folder and check it."""
        return _begin("download", lambda: self._download(recording, destination, folder, on_received))

    def delete(self, file_ids: Sequence[str], destination: str) -> Future[None]:
        """Delete stored recordings."""
        return _begin("delete", lambda: self._delete(tuple(file_ids), destination))

    def _page(self, query: str, cursor: str | None, destination: str | None, order: RecordingOrder) -> RecordingPage:
        asked = destination or self._places.current()
        return replace(self._shelf(asked).recordings(query, cursor, PAGE_SIZE, order), destination=asked)

    def _download(
        self, recording: StoredRecording, destination: str, folder: Path, on_received: Callable[[int], None]
    ) -> DownloadedFile:
        # Imported late: the window is up before that.
        from recorder_desktop.client.recording_download import download_into

        url = self._shelf(destination).recording_url(recording.file_id)
        return download_into(recording, url, folder, on_received)

    def _delete(self, file_ids: tuple[str, ...], destination: str) -> None:
        shelf = self._shelf(destination)
        gone: list[str] = []
        try:
            for file_id in file_ids:
                _delete_one(shelf, file_id)
                gone.append(file_id)
        finally:
            if gone:
                self._on_deleted(destination, gone)

    def _shelf(self, destination: str) -> Shelf:
        if not self._places.serves(destination):
            raise Refused(
                f"This recording is kept elsewhere ({describe(destination)}). "
                "Choose that place again, then try again.",
                code="other_destination",
            )
        return self._places.connect(destination)


def _delete_one(shelf: Shelf, file_id: str) -> None:
    try:
        shelf.delete_recording(file_id)
    except Refused as exc:
        if exc.code != "recording_not_found":
            raise


def _begin(what: str, work: Callable[[], T]) -> Future[T]:
    def asked() -> T:
        try:
            return work()
        except UploadError as exc:
            told = for_whoever_waits(exc, _TRY_AGAIN)
            if told is exc:
                raise
            raise told from exc

    return begin(f"library-{what}", asked)
