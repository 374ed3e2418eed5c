"""Sums up the queue for the overall bar and the tray, at a constant cost a change. No Qt."""

from __future__ import annotations

from collections import Counter

from recorder_desktop.core.lifecycle import belongs_elsewhere
from recorder_desktop.core.model import UploadState, UploadView

_STOPPED = frozenset({UploadState.PAUSED, UploadState.ATTENTION})


class QueueTotals:
    """Running sums over the present batch, and the number of uploads in each state over the whole queue.

    A batch is everything that was unfinished since the last moment at which nothing was left to do. Without that
    limit, last week's 500 GB would make a new file look 99 % done.
    """

    def __init__(self) -> None:
        self.states: Counter[UploadState] = Counter()
        self.batch_files = 0
        self.batch_files_stored = 0
        self.batch_files_cancelled = 0  # beside batch_files, which does not count them
        self.batch_bytes = 0
        self.batch_bytes_confirmed = 0
        self.batch_bytes_in_flight = 0
        self.batch_bytes_stopped = 0  # not confirmed, of uploads that go on when a person does something
        self.elsewhere = 0  # queued for a place that this run does not serve
        self._batch: set[str] = set()
        self._rates: dict[str, float] = {}  # only of uploads that move: a handful

    def replace(self, old: UploadView | None, new: UploadView | None) -> None:
        """Account for an upload that appeared (no old), changed, or left (no new)."""
        if old is not None:
            self._count(old, -1)
        if new is not None and not new.upload.state.is_finished and new.upload.id not in self._batch:
            self._join(new.upload.id)
        if new is not None:
            self._count(new, +1)
        elif old is not None:
            self._batch.discard(old.upload.id)
            self._rates.pop(old.upload.id, None)

    @property
    def running(self) -> int:
        """Uploads that the engine is at work on."""
        return sum(count for state, count in self.states.items() if state.is_running)

    @property
    def unfinished(self) -> int:
        """Uploads that are neither stored nor given up."""
        return sum(count for state, count in self.states.items() if not state.is_finished)

    @property
    def rate_bytes_per_s(self) -> float:
        """The speed of all uploads together."""
        return sum(self._rates.values())

    @property
    def seconds_left(self) -> float | None:
        """A guess from the present speed, for what goes on by itself; None while nothing moves."""
        rate = self.rate_bytes_per_s
        left = self.batch_bytes - self.batch_bytes_confirmed - self.batch_bytes_stopped
        return left / rate if rate >= 1 else None

    @property
    def fraction(self) -> float:
        """The confirmed share of the batch, 0 to 1."""
        if self.batch_bytes:
            return self.batch_bytes_confirmed / self.batch_bytes
        return 1.0 if self.batch_files and self.batch_files == self.batch_files_stored else 0.0

    def _join(self, upload_id: str) -> None:
        if self.unfinished == 0:
            self._start_batch()
        self._batch.add(upload_id)

    def _start_batch(self) -> None:
        self._batch.clear()
        self.batch_files = self.batch_files_stored = self.batch_files_cancelled = 0
        self.batch_bytes = self.batch_bytes_confirmed = self.batch_bytes_in_flight = 0
        self.batch_bytes_stopped = 0

    def _count(self, view: UploadView, sign: int) -> None:
        upload = view.upload
        self.states[upload.state] += sign
        is_elsewhere = belongs_elsewhere(upload)
        self.elsewhere += sign * is_elsewhere
        if sign > 0 and view.rate_bytes_per_s > 0:
            self._rates[upload.id] = view.rate_bytes_per_s
        else:
            self._rates.pop(upload.id, None)
        if upload.id not in self._batch:
            return
        if upload.state is UploadState.CANCELLED:
            self.batch_files_cancelled += sign
            return
        self.batch_files += sign
        self.batch_files_stored += sign * (upload.state is UploadState.COMPLETED)
        self.batch_bytes += sign * upload.size_bytes
        self.batch_bytes_confirmed += sign * upload.bytes_confirmed
        self.batch_bytes_in_flight += sign * view.bytes_in_flight
        if upload.state in _STOPPED or is_elsewhere:
            self.batch_bytes_stopped += sign * (upload.size_bytes - upload.bytes_confirmed)
