"""The queue in memory, in step with the one on disk: every change of an upload goes through here.

Disk first, then memory, then the event; so what a listener sees is durable. What needs no durability (an outage
that passes) is only shown.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any
from weakref import WeakValueDictionary

from recorder_desktop.core.events import (
    Event,
    UploadChanged,
    UploadsAdded,
    UploadsMoved,
    UploadsRemoved,
)
from recorder_desktop.core.long_lived import long_lived
from recorder_desktop.core.model import ConfirmedPart, PartMap, Problem, Upload, UploadState, UploadView
from recorder_desktop.core.order import GAP
from recorder_desktop.core.parts import equal_parts
from recorder_desktop.core.ports import UploadStore
from recorder_desktop.core.precedence import unhurried
from recorder_desktop.core.progress import LiveProgress
from recorder_desktop.transfer.chronicle import Chronicle
from recorder_desktop.transfer.queue_order import QueueOrder

_log = logging.getLogger(__name__)


class LiveQueue:
    """Uploads by id and in order. Safe to use from every thread.

    Attributes: chronicle: what happened to each.
    """

    def __init__(self, store: UploadStore, emit: Callable[[Event], None]) -> None:
        self._store = store
        self._emit = emit
        self.chronicle = Chronicle(store)
        self._placing = threading.Lock()  # one change of positions at a time; taken before _changing
        self._lock = threading.Lock()
        # By upload, see _changing; they are there as long as somebody holds or awaits them. Guarded by _lock
        self._change_locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._uploads: dict[str, Upload] = {}  # guarded by _lock, but for a single look
        self._order = QueueOrder()  # guarded by _lock
        self._progress: dict[str, LiveProgress] = {}  # of uploads that have run; guarded likewise

    def load(self) -> Iterator[None]:
        """Read the queue from disk, a lot at each step. What ran when the last process ended is queued again."""
        for lot in self._store.load():
            self.chronicle.opened(lot)
            with long_lived(len(lot)), self._lock:
                for upload in lot:
                    has_run = upload.state.is_running and (upload.state, upload.problem) != (UploadState.QUEUED, None)
                    self._keep(replace(upload, state=UploadState.QUEUED, problem=None) if has_run else upload)
            self._emit(UploadsAdded(tuple(upload.id for upload in lot if not upload.forgotten)))
            yield

    def insert(self, uploads: Sequence[Upload]) -> None:
        """Append new uploads; their positions are assigned here."""
        with self._placing:
            with self._lock:
                last = self._order.last
            placed = [replace(upload, position=last + GAP * rank) for rank, upload in enumerate(uploads, start=1)]
            self._store.insert(placed)
            with long_lived(len(placed)), self._lock:
                for upload in placed:
                    self._keep(upload)
        self._emit(UploadsAdded(tuple(upload.id for upload in placed)))

    def get(self, upload_id: str) -> Upload | None:
        """One upload, forgotten ones included; None for an unknown id."""
        return self._uploads.get(upload_id)  # a single look into a dictionary needs no lock

    def all(self) -> list[Upload]:
        """Every upload in queue order, forgotten ones included."""
        with self._lock:
            return list(map(self._uploads.__getitem__, self._order.ids()))

    def awaited_destinations(self) -> list[str]:
        """Where the uploads go that wait for a job."""
        with self._lock:
            return self._order.awaited_destinations()

    def startable(self, destinations: Collection[str], accept: Callable[[Upload], bool], limit: int) -> list[Upload]:
        """The first `limit` uploads to these destinations that wait for a job and that `accept` takes.

        In queue order. Where the first ones are accepted, it costs no more in a queue of a hundred thousand.
        """
        with self._lock:
            waiting = map(self._uploads.__getitem__, self._order.startable(destinations))
            return list(islice(filter(accept, waiting), limit))

    def change(self, upload_id: str, when: Callable[[Upload], bool], **fields: Any) -> Upload | None:
        """Durably set fields of an upload if `when` holds for it at that instant; returns it, or None if not."""
        with self._changing(upload_id):
            present = self.get(upload_id)
            if present is None or not when(present):
                return None
            changed = replace(present, **fields)
            self.chronicle.changed(present, changed)
            self._store.update(changed)
            self._put(changed)
        self._emit(_change_of(changed))
        return changed

    def change_together(
        self, wanted: Mapping[str, Mapping[str, Any]], when: Callable[[Upload], bool]
    ) -> list[Upload]:
        """Like change() for the fields of several, in one commit; returns those for which `when` held."""
        with self._changing(*wanted):
            present = [upload for upload_id in wanted if (upload := self.get(upload_id)) is not None]
            changes = [(each, replace(each, **wanted[each.id])) for each in unhurried(present) if when(each)]
            changed = [after for _, after in changes]
            for before, after in unhurried(changes):
                self.chronicle.changed(before, after)
            if changed:
                self._store.update(*changed)
            with long_lived(len(changed)), self._lock:
                for upload in changed:
                    self._keep(upload)
        for upload in unhurried(changed):
            self._emit(_change_of(upload))
        return changed

    def show(self, upload_id: str, when: Callable[[Upload], bool], **fields: Any) -> None:
        """Like change(), in memory only: for what the next start would find out anew."""
        with self._changing(upload_id):
            present = self.get(upload_id)
            if present is None or not when(present):
                return
            shown = replace(present, **fields)
            self.chronicle.shown(present, shown)
            self._put(shown)
        self._emit(UploadChanged(upload_id))

    def restart(
        self, upload_id: str, when: Callable[[Upload], bool], fresh: Callable[[Upload], Upload]
    ) -> Upload | None:
        """Give an upload a new attempt from zero. If the old one may be open in the store, it lives on as a hidden
        row until it is aborted. `fresh` makes the new attempt from the present upload."""
        restarted = self.restart_together([upload_id], when, fresh)
        return restarted[0] if restarted else None

    def restart_together(
        self, upload_ids: Iterable[str], when: Callable[[Upload], bool], fresh: Callable[[Upload], Upload]
    ) -> list[Upload]:
        """Like restart() for several, in one commit; returns the new attempts of those for which `when` held."""
        wanted = tuple(upload_ids)
        with self._changing(*wanted):
            present = [upload for upload in map(self.get, wanted) if upload is not None and when(upload)]
            new = [fresh(upload) for upload in present]
            abandoned = [_abandoned(upload) if upload.maybe_open else None for upload in present]
            for before, after in zip(present, new, strict=True):
                self.chronicle.changed(before, after)
            if new:
                self._store.replace_attempts(list(zip(new, abandoned, strict=True)))
            for upload in new:
                self.progress(upload.id).reset(0)
            with long_lived(len(new)), self._lock:
                for upload in (*new, *filter(None, abandoned)):
                    self._keep(upload)
        for upload in new:
            self._emit(UploadChanged(upload.id))
        return new

    def move_to_front(self, upload_ids: Sequence[str]) -> None:
        """Put uploads before all others, in this order."""
        with self._placing:
            with self._lock:
                places = self._order.moved_to_front(each for each in upload_ids if each in self._uploads)
            self._place(places)

    def move_before(self, upload_ids: Sequence[str], before: str | None) -> None:
        """Have uploads stand before another one, or behind all with None."""
        with self._placing:
            with self._lock:
                target = None if before is None else self._uploads.get(before)
                if before is not None and target is None:
                    return
                places = self._order.moved_before(upload_ids, target)
            self._place(places)

    def _place(self, positions: Mapping[str, int]) -> None:
        """Move uploads, under _placing: only there do positions change."""
        if not positions:
            return
        with self._changing(*positions):
            self._store.move(positions)
            with self._lock:
                for upload_id, position in positions.items():
                    if upload_id in self._uploads:
                        self._keep(replace(self._uploads[upload_id], position=position))
        self._emit(UploadsMoved(tuple(positions)))

    def delete(self, upload_ids: Iterable[str]) -> None:
        """Forget rows for good."""
        ids = tuple(upload_ids)
        with self._changing(*ids):
            self._store.delete(ids)
            with self._lock:
                for upload_id in ids:
                    self._forget(upload_id)
        self._emit(UploadsRemoved(ids))

    def _forget(self, upload_id: str) -> None:
        upload = self._uploads.pop(upload_id, None)
        self._progress.pop(upload_id, None)
        self.chronicle.forget(upload_id)
        if upload is not None:
            self._order.replace(upload, None)

    @contextmanager
    def _changing(self, *upload_ids: str) -> Iterator[None]:
        """One change of an upload at a time, its commit included. Changes of others meanwhile share that commit."""
        with self._lock:
            # In one order for everybody, so that nobody waits in a circle.
            locks = [self._change_locks.setdefault(each, threading.Lock()) for each in sorted(set(upload_ids))]
        with ExitStack() as held:
            for lock in locks:
                held.enter_context(lock)
            yield

    # --- parts -------------------------------------------------------------------------------------------------

    def parts(self, upload_id: str) -> list[ConfirmedPart]:
        """The confirmed parts of one upload by number."""
        return self._store.parts(upload_id)

    def confirm_part(self, upload_id: str, part: ConfirmedPart) -> int:
        """Keep an acknowledged part; returns the upload's confirmed bytes when it is committed."""
        total = self._store.confirm_part(upload_id, part)
        self.progress(upload_id).confirmed(part.number, total)
        self._emit(UploadChanged(upload_id))
        return total

    def confirm_parts(self, parts: Mapping[str, ConfirmedPart]) -> None:
        """Keep one acknowledged part each of several uploads; returns when they are committed."""
        for upload_id, total in self._store.confirm_parts(parts).items():
            self.progress(upload_id).confirmed(parts[upload_id].number, total)
            self._emit(UploadChanged(upload_id))

    def replace_parts(self, upload_id: str, parts: Sequence[ConfirmedPart]) -> None:
        """Make these the only confirmed parts of an upload, unless it has left the queue."""
        with self._changing(upload_id):
            if self.get(upload_id) is None:
                return
            self.progress(upload_id).reset(self._store.replace_parts(upload_id, parts))
        self._emit(UploadChanged(upload_id))

    def part_map(self, upload_id: str) -> PartMap | None:
        """The parts of one upload as they stand, None before its part size is known. Reads from disk."""
        upload = self.get(upload_id)
        if upload is None or upload.remote is None:
            return None
        plan = equal_parts(upload.size_bytes, upload.remote.part_size_bytes)
        confirmed = frozenset(part.number for part in self._store.parts(upload_id))
        if upload.state is UploadState.COMPLETED:
            confirmed = frozenset(part.number for part in plan)
        return PartMap(tuple(part.size_bytes for part in plan), confirmed, self.progress(upload_id).in_flight())

    def progress(self, upload_id: str) -> LiveProgress:
        """The live byte counts of an upload."""
        with self._lock:
            if upload_id not in self._progress:
                self._progress[upload_id] = LiveProgress(self._uploads[upload_id].bytes_confirmed)
            return self._progress[upload_id]

    # --- what is shown -----------------------------------------------------------------------------------------

    def views(self) -> tuple[UploadView, ...]:
        """Every upload that is not forgotten, in queue order."""
        with self._lock:
            shown = [(self._uploads[upload_id], self._progress.get(upload_id)) for upload_id in self._order.ids()]
        return tuple(_view(upload, progress) for upload, progress in shown if not upload.forgotten)

    def ids(self) -> tuple[str, ...]:
        """The names of all that are not forgotten, in queue order."""
        with self._lock:
            return tuple(upload_id for upload_id in self._order.ids() if not self._uploads[upload_id].forgotten)

    def view(self, upload_id: str) -> UploadView | None:
        """One upload as it is now. Waits for nobody: the window asks for hundreds while the queue changes."""
        upload, progress = self._uploads.get(upload_id), self._progress.get(upload_id)
        return None if upload is None or upload.forgotten else _view(upload, progress)

    def moved(self, upload_id: str) -> None:
        """Tell listeners that bytes of an upload moved."""
        self._emit(UploadChanged(upload_id))

    def _put(self, upload: Upload) -> None:
        with self._lock:
            self._keep(upload)

    def _keep(self, upload: Upload) -> None:
        before = self._uploads.get(upload.id)
        self._order.replace(before, upload)
        self._uploads[upload.id] = upload
        if upload.state is UploadState.COMPLETED:  # its row says all, and a long queue ends with many
            self._progress.pop(upload.id, None)


def _abandoned(upload: Upload) -> Upload:
    """The attempt that an upload leaves behind."""
    name = f"{upload.id}.{upload.client_upload_id}"
    return replace(upload, id=name, state=UploadState.CANCELLED, forgotten=True)


def _change_of(upload: Upload) -> Event:
    at_rest = not upload.state.is_running
    return UploadsRemoved((upload.id,)) if upload.forgotten else UploadChanged(upload.id, at_rest)


def _view(upload: Upload, progress: LiveProgress | None) -> UploadView:
    if progress is None:
        return UploadView(upload)
    confirmed, in_flight, rate, seconds_left = progress.read(upload.size_bytes)
    upload = replace(upload, bytes_confirmed=confirmed)
    if upload.state is not UploadState.UPLOADING:
        return UploadView(upload)
    return UploadView(upload, in_flight, rate, seconds_left)


def problem_of(error: Exception) -> Problem:
    """The Problem that an error of core.errors shows to the person."""
    return Problem(getattr(error, "code", "failed"), str(error))
