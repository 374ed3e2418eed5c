"""Finds out how long recordings last, in the background and when uploads leave time for it."""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from backend.errors import BackendError
from backend.model import Recording, utc_now
from backend.ports import Catalogue, ObjectStore
from backend.quiet import QUIET_S, Quiet

QUEUE_LIMIT = 256
# Uploads come first: a recording is looked at when none has come for so long. Where that never happens, one is
# looked at nevertheless each time the other span is over.
PATIENCE_S = 60.0
# Far longer than any probe takes; the claim of a process that died ends by itself.
CLAIM = timedelta(minutes=10)
# Most probes take less. A backend that serves one short command would otherwise never finish one.
GRACE_S = 1.0

log = logging.getLogger(__name__)

Prober = Callable[[ObjectStore, Recording], float | None]


class DurationService:
    """One daemon thread with a bounded queue, one recording at a time. What does not fit ``pick_up`` finds again.

    Any number of processes may do this on one catalogue: each claims a recording before it looks.
    """

    def __init__(
        self,
        store: ObjectStore,
        catalogue: Catalogue,
        probe: Prober,
        quiet_s: float = QUIET_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._probe = probe
        self._quiet = Quiet(quiet_s, now)
        self._worker = uuid.uuid4().hex
        self._queue: queue.Queue[Recording | None] = queue.Queue(QUEUE_LIMIT)
        self._waiting: set[str] = set()  # queued, or failed for an unknown reason; guarded by _lock
        self._lock = threading.Lock()
        self._looked_at: Recording | None = None  # written by the thread only
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="durations", daemon=True)

    def start(self) -> None:
        """Begin to work on the queue."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread. A probe under way gets a moment; then it is given up, and its recording is free at once."""
        self._stopping.set()
        with suppress(queue.Full):
            self._queue.put_nowait(None)
        if self._thread.is_alive():
            self._thread.join(GRACE_S)
        if (left := self._looked_at) is not None:
            now = utc_now()
            with suppress(BackendError):
                self._catalogue.claim_duration(left.recording_id, self._worker, now, now)

    def add(self, recording: Recording) -> None:
        """Queue a recording that was uploaded just now; returns at once, also when the queue is full."""
        self._quiet.disturb()
        self._enqueue(recording)

    def _enqueue(self, recording: Recording) -> None:
        with self._lock:
            if recording.recording_id in self._waiting:
                return
            try:
                self._queue.put_nowait(recording)
            except queue.Full:
                return
            self._waiting.add(recording.recording_id)

    def pick_up(self) -> None:
        """Queue recordings whose duration was never looked for: an earlier process ended too soon."""
        for recording in self._catalogue.recordings_without_duration(QUEUE_LIMIT):
            self._enqueue(recording)

    def _run(self) -> None:
        while (recording := self._queue.get()) is not None and not self._stopping.is_set():
            self._find(recording)

    def _find(self, recording: Recording) -> None:
        """Probe one recording and store the result. Store or database away: it stays pending."""
        try:
            if self._is_ours(recording):
                self._looked_at = recording
                # At the end it is looked at all the same: a backend that serves one short command ends at once.
                self._quiet.wait(PATIENCE_S, self._stopping)
                self._catalogue.set_duration(recording.recording_id, self._probed(recording))
        except BackendError as exc:
            log.warning("duration of %s stays open: %s", recording.recording_id, exc.message)
            self._forget(recording)
        except Exception:  # the top of a thread: logged whole, and not tried again before the next start
            log.exception("duration of %s failed", recording.recording_id)
        else:
            self._forget(recording)
        finally:
            self._looked_at = None

    def _is_ours(self, recording: Recording) -> bool:
        now = utc_now()
        return self._catalogue.claim_duration(recording.recording_id, self._worker, now, now + CLAIM)

    def _forget(self, recording: Recording) -> None:
        with self._lock:
            self._waiting.discard(recording.recording_id)

    def _probed(self, recording: Recording) -> float | None:
        duration_s = self._probe(self._store, recording)
        if duration_s is None:
            log.info("duration of %s is unknown", recording.recording_id)
        return duration_s
