"""Looks into stored recordings: whether their first bytes are what was declared for them. Delays no upload."""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import suppress
from datetime import timedelta

from backend.content_type import HEAD_BYTES, compare_content
from backend.errors import BackendError, BucketMissing, CatalogueUnavailable, StoreSlowDown, StoreUnavailable
from backend.model import ContentCheck, Recording, utc_now
from backend.ports import ContentChecks, ObjectStore
from backend.quiet import QUIET_S, Quiet

QUEUE_LIMIT = 1024
GRACE_S = 1.0
# Uploads come first, but until it was looked into a recording is not played.
PATIENCE_S = 30.0
# What could not be looked into may be in cold storage; meanwhile the others have their turn.
LATER = timedelta(hours=1)
# These say nothing about the one recording: all can be looked into as soon as they are over.
_TROUBLE_FOR_ALL = (StoreUnavailable, StoreSlowDown, BucketMissing, CatalogueUnavailable)

log = logging.getLogger(__name__)


class ContentService:
    """One daemon thread with a bounded queue, one small read a recording, when uploads leave time for it.

    What does not fit, or met a store that was away, ``pick_up`` finds again; what the store refuses, ``LATER``. That
    several processes look into the same recording is harmless: they find the same.
    """

    def __init__(self, store: ObjectStore, checks: ContentChecks, quiet_s: float = QUIET_S) -> None:
        self._store = store
        self._checks = checks
        self._quiet = Quiet(quiet_s)
        self._without_waiting = 0  # how many have their turn now; the thread's own
        self._queue: queue.Queue[Recording | None] = queue.Queue(QUEUE_LIMIT)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="contents", daemon=True)

    def start(self) -> None:
        """Begin to work on the queue."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the recording that it looks into."""
        self._stopping.set()
        with suppress(queue.Full):
            self._queue.put_nowait(None)
        if self._thread.is_alive():
            self._thread.join(GRACE_S)

    def add(self, recording: Recording) -> None:
        """Queue a recording that was uploaded just now; returns at once, also when the queue is full."""
        self._quiet.disturb()
        self._enqueue(recording)

    def _enqueue(self, recording: Recording) -> None:
        with suppress(queue.Full):
            self._queue.put_nowait(recording)

    def pick_up(self) -> None:
        """Queue recordings that nobody has looked into, unless there is enough to do."""
        if self._queue.empty():
            for recording in self._checks.unchecked(utc_now(), QUEUE_LIMIT):
                self._enqueue(recording)

    def _run(self) -> None:
        while (recording := self._queue.get()) is not None and not self._is_stopped_in_quiet():
            try:
                self._look_into(recording)
            except BackendError as exc:
                log.warning("recording %s is not looked into: %s", recording.recording_id, exc.message)
                if not isinstance(exc, _TROUBLE_FOR_ALL):
                    self._postpone(recording)
            except Exception:  # the top of a thread: logged whole, and tried again later
                log.exception("looking into recording %s failed", recording.recording_id)
                self._postpone(recording)

    def _is_stopped_in_quiet(self) -> bool:
        """Wait until uploads leave time, once for all that wait by then."""
        if not self._without_waiting:
            self._quiet.wait(PATIENCE_S, self._stopping)
            self._without_waiting = 1 + self._queue.qsize()
        self._without_waiting -= 1
        return self._stopping.is_set()

    def _postpone(self, recording: Recording) -> None:
        try:
            self._checks.postpone(recording.recording_id, utc_now() + LATER)
        except BackendError as exc:
            log.warning("recording %s is not put off: %s", recording.recording_id, exc.message)

    def _look_into(self, recording: Recording) -> None:
        head = b"" if recording.size_bytes == 0 else self._store.read_range(recording.key, 0, HEAD_BYTES)
        # Gone from the store, by an expiry rule perhaps: nothing to look into, now or later.
        outcome = compare_content(recording.content_type, head)
        if outcome is ContentCheck.MISMATCH:
            log.warning("recording %s is not of the type that was declared", recording.recording_id)
        self._checks.set_checked(recording.recording_id, outcome)
