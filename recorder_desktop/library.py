"""The library of the present destination, asked on threads of its own. Implements core.library.LibraryDesk."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TypeVar

from recorder_desktop.core.errors import ErrorKind, Refused, Unavailable, UploadError
from recorder_desktop.core.library import RecordingPage
from recorder_desktop.core.model import StoredRecording
from recorder_desktop.core.recordings import file_name_here

T = TypeVar("T")

PAGE_SIZE = 100

_TRY_AGAIN = "Check the network, then try again."


class Shelf(Protocol):
    """The part of a backend that this module asks; see client.backend_api.BackendApi."""

    def recordings(self, query: str = "", cursor: str | None = None, limit: int = PAGE_SIZE) -> RecordingPage:
        """A page of stored recordings."""

    def recording_url(self, file_id: str, *, to_play: bool = False) -> str:
        """An address that works for a while."""

    def delete_recording(self, file_id: str) -> None:
        """Delete one for good."""


class Library:
    """Asks whatever place is the present one at the time of each call."""

    def __init__(self, connect: Callable[[], Shelf]) -> None:
        """`connect` gives the present place's backend; it may take seconds and raise core.errors."""
        self._connect = connect

    def page(self, query: str, cursor: str | None) -> Future[RecordingPage]:
        """A page of recordings, newest first."""
        return _begin("page", lambda: self._connect().recordings(query, cursor, PAGE_SIZE))

    def link(self, file_id: str, *, to_play: bool) -> Future[str]:
        """An address that works for a while."""
        return _begin("link", lambda: self._connect().recording_url(file_id, to_play=to_play))

    def download(self, recording: StoredRecording, folder: Path, on_received: Callable[[int], None]) -> Future[Path]:
        """Fetch a recording into a folder and check it."""
        return _begin("download", lambda: self._download(recording, folder, on_received))

    def delete(self, file_ids: Sequence[str]) -> Future[None]:
        """Delete stored recordings."""
        return _begin("delete", lambda: self._delete(tuple(file_ids)))

    def _download(self, recording: StoredRecording, folder: Path, on_received: Callable[[int], None]) -> Path:
        # Imported late: the window is up before that.
        from recorder_desktop.client.recording_download import download

        url = self._connect().recording_url(recording.file_id)
        target = free_name(folder, file_name_here(recording.file_name, recording.file_id))
        download(recording, url, target, on_received)
        return target

    def _delete(self, file_ids: tuple[str, ...]) -> None:
        shelf = self._connect()
        for file_id in file_ids:
            try:
                shelf.delete_recording(file_id)
            except Refused as exc:
                if exc.code != "recording_not_found":
                    raise


def free_name(folder: Path, name: str) -> Path:
    """`name` in `folder`, with a number before its extension where something has that name already."""
    target = folder / name
    number = 2
    while os.path.lexists(target):
        target = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
        number += 1
    return target


def _begin(what: str, work: Callable[[], T]) -> Future[T]:
    done: Future[T] = Future()

    def run() -> None:
        try:
            result = work()
        except UploadError as exc:
            done.set_exception(_for_whoever_looks(exc))
        except Exception as exc:  # noqa: BLE001 - it reaches whoever asked, with its traceback
            done.set_exception(exc)
        else:
            done.set_result(result)

    # A daemon: nobody who quits waits for a server that does not answer. A half download has a name of its own.
    threading.Thread(target=run, name=f"library-{what}", daemon=True).start()
    return done


def _for_whoever_looks(error: UploadError) -> UploadError:
    """The same error in words for somebody who looks on: nothing here goes on by itself."""
    passes = error.kind in (ErrorKind.RETRY, ErrorKind.WAIT) and error.code not in (
        "slow_down",
        "local_stack_stopped",
    )
    if not passes or error.message.endswith("again."):  # a download says so already
        return error
    happened = error.message.partition(". ")[0].removesuffix(".")
    return Unavailable(f"{happened}. {_TRY_AGAIN}", code=error.code)
