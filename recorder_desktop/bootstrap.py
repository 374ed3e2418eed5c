"""Wires the desktop: the one place that knows which class stands behind which port."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from recorder_desktop.config import DesktopConfig
from recorder_desktop.core.concurrency import MAX_CEILING
from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.events import Event, ServiceChanged, ServiceState
from recorder_desktop.core.ports import DataPath, Destinations, UploadStore
from recorder_desktop.core.steps import KillPoint
from recorder_desktop.destinations import ConfiguredDestinations, is_server
from recorder_desktop.system.io_priority import lower_this_thread
from recorder_desktop.system.keep_awake import AwakeWhileBusy
from recorder_desktop.system.media_probe import FfprobeMediaProbe
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.token_store import TokenStore

if TYPE_CHECKING:
    from recorder_desktop.core.thumbnails import ThumbnailDesk
    from recorder_desktop.system.thumbnailer import FfmpegThumbnailer
    from recorder_desktop.transfer.thumbnails import ThumbnailLoader

_log = logging.getLogger(__name__)


class Recorder:
    """Everything that the owner of a RECORDER_HOME runs: queue, engine and destinations.

    Only the process that holds the owner lock makes one. Opening reads the queue; nothing is uploaded before `start`.
    No child is started before something asks a destination, or with `uploading` at once, since it will.
    """

    def __init__(
        self,
        paths: RecorderPaths,
        config: DesktopConfig,
        *,
        uploading: bool = False,
        new_data_path: Callable[[], DataPath] | None = None,
    ) -> None:
        self.paths = paths
        self.config = config
        self.tokens = TokenStore(on_notice=self._tell)
        self.destinations = ConfiguredDestinations(paths, config, self.tokens)
        self._probe = FfprobeMediaProbe()
        try:
            if uploading:
                self.destinations.begin()
            self._open(new_data_path or data_path_here)
        except BaseException:
            self._probe.close()
            self.destinations.close()
            raise

    def _open(self, new_data_path: Callable[[], DataPath]) -> None:
        # Imported here: that takes a third of a second, in which the children start.
        from recorder_desktop.store.upload_store import SqliteUploadStore
        from recorder_desktop.transfer.engine import TransferEngine

        database = SqliteUploadStore(self.paths.queue_database)
        self.set_aside = database.set_aside
        transfers = self.config.transfers
        self._data_path = new_data_path()
        store, destinations, data_path = _killable(database, self.destinations, self._data_path)
        self._awake = AwakeWhileBusy(is_wanted=transfers.keep_awake)
        self._is_busy = False
        self._thumbnails: tuple[ThumbnailLoader, FfmpegThumbnailer] | None = None
        self.queue = TransferEngine(
            store,
            destinations,
            data_path,
            self._probe,
            senders=transfers.senders,
            limits=transfers.limits,
            part_size_bytes=transfers.part_size_bytes,
            on_busy=self._note_busy,
            at_job_start=lower_this_thread,
            finds_lost=bool(self.paths.lost_queues()),
        )
        self._reached: set[str] = set()
        self._unreached: dict[str, str] = {}  # why, by destination; that of a place once reached means nothing
        self.queue.subscribe(self._note)

    def start(self) -> None:
        """Begin to upload, with whatever the last run left unfinished."""
        self.queue.start()

    def keep_awake(self, is_wanted: bool) -> None:
        """Keep the computer from sleeping while something is sent, or let it sleep, from now on."""
        self._awake.set_wanted(is_wanted)

    def warm_up(self) -> None:
        """Load what the details of an upload need. Start or reach the present destination before the first upload
        needs it, and tell how it is doing.

        May take as long as the services of this computer take to start. Servers are asked on a thread of its own,
        which ends with the process: nobody who quits waits for one that does not answer.
        """
        from recorder_desktop.store.history_notes import prepare_reading

        prepare_reading()
        destination = self.config.destination
        if is_server(destination):
            self.look_at_place()
        else:
            self._look_at(destination)

    def look_at_place(self, entered: str = "") -> None:
        """Do the same for the place that this run queues for by now, on a thread of its own. `entered`: as in
        TransferEngine.look_again."""
        destination = self.destinations.current()
        self.queue.look_again(entered)
        Thread(target=self._look_at, args=[destination], name="first-look", daemon=True).start()

    def _look_at(self, destination: str) -> None:
        try:
            backend = self.destinations.connect(destination)
            if is_server(destination):  # of which nobody has asked anything yet
                backend.recordings("", None)
        except UploadError as exc:
            _log.warning("the destination is not there yet: %s", exc.code)
            self.queue.status.failed(destination, exc)
        else:
            self.queue.status.reached(destination)

    def about_set_aside(self) -> str | None:
        """What the person should know when the queue was found damaged and a new one begun, else None."""
        if self.set_aside is None:
            return None
        return (
            f"The list of uploads was damaged. It is kept as {self.set_aside.name}, and a new one was begun. "
            "Add recordings that had not finished again: what had arrived of them is found again, and nothing that "
            "was stored is lost."
        )

    def why_unreached(self, destination: str) -> str | None:
        """Why no call to this place has gone through since this process began; None where one has, or none was tried.

        None as well while the stack on this computer starts: that takes as long as it takes.
        """
        return None if destination in self._reached else self._unreached.get(destination)

    def open_thumbnails(self) -> ThumbnailDesk:
        """Thumbnails for the window. None is made before somebody looks at its row."""
        from recorder_desktop.system.picture_cache import PictureCache
        from recorder_desktop.system.thumbnailer import FfmpegThumbnailer
        from recorder_desktop.transfer.thumbnails import ThumbnailLoader

        thumbnailer = FfmpegThumbnailer()
        loader = ThumbnailLoader(PictureCache(self.paths.thumbnails), thumbnailer, is_busy=lambda: self._is_busy)
        self.queue.subscribe(loader.follow(self.queue.view))
        self._thumbnails = loader, thumbnailer
        return loader

    def close(self) -> None:
        """Stop everything; what is unfinished goes on at the next start."""
        if self._thumbnails is not None:
            loader, thumbnailer = self._thumbnails
            loader.ask_to_close()
            thumbnailer.close()
        self.queue.close()
        self._probe.close()
        self._awake.close()
        self._data_path.close()
        self.destinations.close()

    def _tell(self, notice: str) -> None:
        self.queue.tell(notice)  # the queue comes after the tokens

    def _note_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self._awake.note_busy(is_busy)

    def _note(self, event: Event) -> None:
        if not isinstance(event, ServiceChanged):
            return
        if event.state is ServiceState.READY:
            self._reached.add(event.destination)
        elif event.message:
            self._unreached[event.destination] = event.message
        elif is_server(event.destination):
            self._unreached[event.destination] = f"{event.destination} does not answer."


def data_path_here() -> DataPath:
    """The data path of a command: in its own process."""
    from recorder_desktop.client.part_sender import StorePartSender
    from recorder_desktop.data_path.here import DataPathHere

    return DataPathHere(StorePartSender(max_connections=MAX_CEILING))  # as many as a person may set while this runs


def data_path_apart() -> DataPath:
    """The data path of a window: in a process that the window does not wait for."""
    from recorder_desktop.data_path.apart import DataPathApart

    return DataPathApart()


def _killable(
    store: UploadStore, destinations: Destinations, data_path: DataPath
) -> tuple[UploadStore, Destinations, DataPath]:
    """All as they are, unless a test wants this process to end after a step: see core.steps."""
    kill_point = KillPoint.armed(os.environ)
    if kill_point is None:
        return store, destinations, data_path
    return kill_point.around(store), kill_point.around(destinations), kill_point.around(data_path)


def log_to_file(paths: RecorderPaths) -> None:
    """Send the log to `logs/recorder.log`, a few megabytes at most, readable by the person alone."""
    paths.create()
    handler = _PrivateLog(paths.logs / "recorder.log", maxBytes=2 << 20, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    logging.getLogger("recorder_desktop").addHandler(handler)
    logging.getLogger("recorder_desktop").setLevel(logging.INFO)


class _PrivateLog(RotatingFileHandler):
    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        # Such as a full disk: what the person reads must not drown in tracebacks.
        return

    def _open(self) -> TextIOWrapper:
        stream = super()._open()
        Path(self.baseFilename).chmod(0o600)
        return stream
