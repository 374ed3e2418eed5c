"""Finds playing times of queued recordings in the background, one file at a time."""

from __future__ import annotations

import logging
import os
import queue
import stat
import threading
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from recorder_desktop.core.errors import DriveStalled, UploadError
from recorder_desktop.core.model import UploadState
from recorder_desktop.core.playing_time import playing_time_s
from recorder_desktop.core.ports import MediaProbe
from recorder_desktop.core.recordings import is_recording
from recorder_desktop.transfer.drive_watch import PatientDrive
from recorder_desktop.transfer.live_queue import LiveQueue

_log = logging.getLogger(__name__)

BUSY_PAUSE_S = 2.0
"""While uploads are at work, a file is looked at now and then only: starting ffprobe costs more than sending a small
recording does."""
SOON = 4
"""For the next so many files it is worth waiting. In a folder of hundreds, playing times take far longer than the
upload. So many are looked at without a pause, too."""


_DRIVE_STALL_S = 15.0
"""A drive that does not answer is not waited for longer than ffprobe is."""


class DurationProbing:
    """A thread that looks into each file, asks the probe where its head does not tell, and writes the answer into the
    queue. A file that cannot be told stays without.

    Attributes:
        threads: for whoever waits for their end.
    """

    def __init__(self, uploads: LiveQueue, probe: MediaProbe) -> None:
        self._uploads = uploads
        self._probe = probe
        self._drive = PatientDrive(_DRIVE_STALL_S)
        self._wanted: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._at_rest = threading.Event()
        self._at_rest.set()
        self._at_once = SOON  # the thread's own
        self._lock = threading.Lock()
        self._unseen: dict[str, None] = {}  # wanted and not looked at yet, in turn; guarded by _lock
        self.threads = [threading.Thread(target=self._run, name="durations", daemon=True)]
        for thread in self.threads:
            thread.start()

    def look(self, upload_ids: Iterable[str]) -> None:
        """Look at these uploads when there is time."""
        for upload_id in upload_ids:
            with self._lock:
                self._unseen[upload_id] = None
            self._wanted.put(upload_id)

    def set_busy(self, is_busy: bool) -> None:
        """Uploads are at work, or not any more."""
        if is_busy:
            self._at_rest.clear()
        else:
            self._at_rest.set()

    def is_soon(self, upload_id: str) -> bool:
        """Whether this upload is being looked at, or has its turn soon."""
        with self._lock:
            return upload_id in islice(self._unseen, SOON)

    def ask_to_close(self) -> None:
        """End after the file that is being looked at."""
        self._closing.set()
        self._at_rest.set()
        self._wanted.put(None)
        self._drive.close()

    def _run(self) -> None:
        while (upload_id := self._wanted.get()) is not None:
            self._wait_for_turn()
            if self._closing.is_set():
                return
            try:
                self._look_at(upload_id)
            except Exception:  # noqa: BLE001 - the thread's top; a playing time is worth no fuss
                _log.exception("the playing time of %s could not be found", upload_id)
            with self._lock:
                self._unseen.pop(upload_id, None)
            if self._uploads.get(upload_id) is not None:
                self._uploads.moved(upload_id)

    def _wait_for_turn(self) -> None:
        if self._at_rest.is_set():
            self._at_once = SOON
        elif self._at_once:
            self._at_once -= 1
        else:
            self._at_rest.wait(BUSY_PAUSE_S)

    def _look_at(self, upload_id: str) -> None:
        upload = self._uploads.get(upload_id)
        if upload is None or upload.duration_s is not None or upload.state is UploadState.CANCELLED:
            return
        if not is_recording(upload.path):
            return  # a file of another type may be uploaded, but does not play
        duration_s = self._found_out(upload.path)
        if duration_s is None:
            return
        try:
            self._uploads.change(upload_id, lambda _upload: True, duration_s=duration_s)
        except UploadError as exc:
            # Such as a full disk. Whoever waits for it gets it all the same, and the next start looks again.
            _log.warning("the playing time of %s could not be kept: %s", upload_id, exc.code)
            self._uploads.show(upload_id, lambda _upload: True, duration_s=duration_s)

    def _found_out(self, path: Path) -> float | None:
        try:
            told = self._drive.ask(path, lambda: _told_by_head(path))
        except DriveStalled:  # its upload says so
            return None
        except OSError:
            told = None
        return self._probe.duration_s(path) if told is None else told


def _told_by_head(path: Path) -> float | None:
    # Not to be held up by what stands there instead of the file by now, such as a pipe.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb", buffering=0) as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return None

        def read_at(offset: int, count: int) -> bytes:
            file.seek(offset)
            return file.read(count)

        return playing_time_s(read_at, found.st_size)
