"""Finds thumbnails in the cache and has missing ones made, one at a time, behind everything else."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from recorder_desktop.core.errors import DriveStalled, UploadError
from recorder_desktop.core.events import Event, UploadChanged
from recorder_desktop.core.model import UploadView
from recorder_desktop.core.thumbnails import PictureStore, Thumbnailer, ThumbnailSource, source_of_upload
from recorder_desktop.transfer.drive_watch import PatientDrive
from recorder_desktop.transfer.newest_first import NewestFirst
from recorder_desktop.transfer.source_file import read_identity

_log = logging.getLogger(__name__)

WANTED_AT_MOST = 64
"""Two large screens full of rows; what was scrolled past before those is not wanted any more."""
STORED_AT_MOST = 1000
"""Of more uploads that are done at once, some have no picture in the library before it is made there."""
_DRIVE_STALL_S = 5.0
_SHUNNED_S = 60.0
"""How long nothing is asked of a drive that did not answer."""
_REST_PER_WORK = 3.0
"""While something is uploaded, how long nothing is made after each picture, measured by what that one took."""

Listener = Callable[[str, bytes | None], None]


class ThumbnailLoader:
    """Implements core.thumbnails.ThumbnailDesk.

    A thread each looks into the cache, has pictures made, and renames those of what is stored.

    Attributes: threads: for whoever waits for their end.
    """

    def __init__(
        self,
        store: PictureStore,
        thumbnailer: Thumbnailer,
        *,
        is_busy: Callable[[], bool],
        rest: Callable[[float], object] | None = None,
    ) -> None:
        """is_busy: whether something is being uploaded. rest: waits so many seconds; for tests."""
        self._store = store
        self._thumbnailer = thumbnailer
        self._is_busy = is_busy
        self._closing = threading.Event()
        self._rest = rest or self._closing.wait
        self._wanted: NewestFirst[ThumbnailSource] = NewestFirst(_key_of, WANTED_AT_MOST)
        self._missing: NewestFirst[ThumbnailSource] = NewestFirst(_key_of, WANTED_AT_MOST)
        self._stored: NewestFirst[ThumbnailSource] = NewestFirst(_key_of, STORED_AT_MOST)
        self._drive = PatientDrive(_DRIVE_STALL_S)
        self._shunned: dict[int, float] = {}  # devices, and until when; the making thread's alone
        self._listeners: list[Listener] = []  # replaced, never changed
        work = ((self._wanted, self._look_up), (self._missing, self._make), (self._stored, self._kept))
        self.threads = [
            threading.Thread(target=self._run, args=each, name=f"thumbnails-{number}", daemon=True)
            for number, each in enumerate(work, start=1)
        ]
        for thread in self.threads:
            thread.start()

    def want(self, sources: Sequence[ThumbnailSource]) -> None:
        """These are looked at now."""
        self._wanted.put(sources)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` told keys and pictures, on this loader's threads."""
        self._listeners = [*self._listeners, listener]

        def end() -> None:
            self._listeners = [each for each in self._listeners if each is not listener]

        return end

    def follow(self, view: Callable[[str], UploadView | None]) -> Callable[[Event], None]:
        """A listener for the queue's events: what is stored takes its picture along into the library."""

        def note(event: Event) -> None:
            if isinstance(event, UploadChanged) and event.at_rest:
                present = view(event.upload_id)
                if present is None or present.upload.recording is None:
                    return
                source = source_of_upload(present.upload)
                if source is not None and source.also is not None:
                    self._stored.put([source])

        return note

    def ask_to_close(self) -> None:
        """End after what is being done."""
        self._closing.set()
        for waiting in (self._wanted, self._missing, self._stored):
            waiting.close()
        self._drive.close()

    # --- the threads ---------------------------------------------------------------------------------------------

    def _run(self, waiting: NewestFirst[ThumbnailSource], work: Callable[[ThumbnailSource], object]) -> None:
        while (source := waiting.take()) is not None:
            try:
                work(source)
            except Exception:  # noqa: BLE001 - the thread's top; a thumbnail is worth no fuss
                _log.exception("a thumbnail could not be had")
                self._tell(source.key, None)

    def _look_up(self, source: ThumbnailSource) -> None:
        picture = self._kept(source)
        if picture is not None:
            self._tell(source.key, picture)
        else:
            self._missing.put([source])

    def _kept(self, source: ThumbnailSource) -> bytes | None:
        picture = self._store.get(source.key)
        if picture is None and source.also is not None:
            picture = self._store.get(source.also)
            if picture is not None:
                self._store.put(source.key, picture)
        return picture

    def _make(self, source: ThumbnailSource) -> None:
        began = time.monotonic()
        picture = self._made(source)
        if picture is not None:
            self._store.put(source.key, picture)
        self._tell(source.key, picture)
        if self._is_busy():
            self._rest((time.monotonic() - began) * _REST_PER_WORK)

    def _made(self, source: ThumbnailSource) -> bytes | None:
        if source.path is None or source.identity is None:
            return None
        path, device = source.path, source.identity.device
        if self._shunned.get(device, 0.0) > time.monotonic():
            return None
        try:
            present = self._drive.ask(path, lambda: read_identity(path))
        except DriveStalled:
            self._shunned[device] = time.monotonic() + _SHUNNED_S
            return None
        except UploadError:
            return None  # gone, or not to be read
        # The picture of another state of the file would stand under the wrong name for good.
        return self._thumbnailer.picture(source) if present == source.identity else None

    def _tell(self, key: str, picture: bytes | None) -> None:
        for listener in self._listeners:
            listener(key, picture)


def _key_of(source: ThumbnailSource) -> str:
    return source.key
