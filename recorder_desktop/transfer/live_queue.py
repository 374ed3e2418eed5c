"""The queue in memory, in step with the one on disk: every change of an upload goes through here.

Disk first, then memory, then the event; so what a listener sees is durable. What needs no durability (an outage
that passes) is only shown.
"""

from __future__ import annotations

import heapq
import logging
import threading
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from recorder_desktop.core.events import (
    Event,
    UploadChanged,
    UploadsAdded,
    UploadsMoved,
    UploadsPlaced,
    UploadsRemoved,
)
from recorder_desktop.core.model import ConfirmedPart, PartMap, Problem, Upload, UploadState, UploadView
from recorder_desktop.core.order import moved_before
from recorder_desktop.core.parts import equal_parts
from recorder_desktop.core.ports import UploadStore
from recorder_desktop.core.progress import LiveProgress
from recorder_desktop.transfer.chronicle import Chronicle

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
        self._change_locks: dict[str, threading.Lock] = {}  # by upload, see _changing; guarded by _lock
        self._uploads: dict[str, Upload] = {}  # in queue order; guarded by _lock
        self._progress: dict[str, LiveProgress] = {}  # of uploads that have run; guarded by _lock
        self._by_path: dict[Path, list[str]] = {}  # guarded by _lock
        # Position and id of what a job can be started for, in queue order, by destination; guarded by _lock
        self._startable: dict[str, list[tuple[int, str]]] = {}

    def load(self) -> None:
        """Read the queue from disk. What ran when the last process ended is queued again."""
        loaded = self._store.load()
        self.chronicle.opened(loaded)
        with self._lock:
            for upload in loaded:
                if upload.state.is_running:
                    upload = replace(upload, state=UploadState.QUEUED, problem=None)  # noqa: PLW2901
                self._keep(upload)

    def insert(self, uploads: Sequence[Upload]) -> None:
        """Append new uploads; their positions are assigned here."""
        with self._placing:
            start = 1 + max((upload.position for upload in self.all()), default=0)
            placed = [replace(upload, position=start + rank) for rank, upload in enumerate(uploads)]
            self._store.insert(placed)
            with self._lock:
                for upload in placed:
                    self._keep(upload)
        self._emit(UploadsAdded(tuple(upload.id for upload in placed)))

    def get(self, upload_id: str) -> Upload | None:
        """One upload, forgotten ones included; None for an unknown id."""
        with self._lock:
            return self._uploads.get(upload_id)

    def all(self) -> list[Upload]:
        """Every upload in queue order, forgotten ones included."""
        with self._lock:
            return list(self._uploads.values())

    def awaited_destinations(self) -> list[str]:
        """Where the uploads go that wait for a job."""
        with self._lock:
            return list(self._startable)

    def startable(self, destinations: Collection[str], accept: Callable[[Upload], bool], limit: int) -> list[Upload]:
        """The first `limit` uploads to these destinations that wait for a job and that `accept` takes.

        In queue order. Where the first ones are accepted, it costs no more in a queue of a hundred thousand.
        """
        with self._lock:
            entries = heapq.merge(*(self._startable.get(each, ()) for each in destinations))
            waiting = (self._uploads[upload_id] for _, upload_id in entries)
            return list(islice((upload for upload in waiting if accept(upload)), limit))

    def at_path(self, path: Path) -> list[Upload]:
        """The uploads of one path, oldest first, without forgotten ones."""
        with self._lock:
            found = [self._uploads[upload_id] for upload_id in self._by_path.get(path, ())]
        return [upload for upload in found if not upload.forgotten]

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
            changes = [(upload, replace(upload, **wanted[upload.id])) for upload in present if when(upload)]
            changed = [after for _, after in changes]
            for before, after in changes:
                self.chronicle.changed(before, after)
            if changed:
                self._store.update(*changed)
            with self._lock:
                for upload in changed:
                    self._keep(upload)
        for upload in changed:
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
        with self._changing(upload_id):
            present = self.get(upload_id)
            if present is None or not when(present):
                return None
            new = fresh(present)
            hidden = replace(
                present, id=f"{present.id}.{present.client_upload_id}", state=UploadState.CANCELLED, forgotten=True
            )
            abandoned = hidden if present.maybe_open else None
            self.chronicle.changed(present, new)
            self._store.replace_attempt(new, abandoned)
            self.progress(upload_id).reset(0)
            self._put(new)
            if abandoned is not None:
                self._put(abandoned)
        self._emit(UploadChanged(upload_id))
        return new

    def move_to_front(self, upload_ids: Sequence[str]) -> None:
        """Put uploads before all others, in this order."""
        with self._placing, self._changing(*upload_ids):
            everything = self.all()
            known = {upload.id: upload for upload in everything}
            moved = [known[upload_id] for upload_id in dict.fromkeys(upload_ids) if upload_id in known]
            if not moved:
                return
            start = min(upload.position for upload in everything) - len(moved)
            placed = [replace(upload, position=start + rank) for rank, upload in enumerate(moved)]
            self._store.move({upload.id: upload.position for upload in placed})
            with self._lock:
                for upload in placed:
                    self._keep(upload)
                first = {upload.id: upload for upload in placed}
                self._uploads = first | {key: kept for key, kept in self._uploads.items() if key not in first}
        self._emit(UploadsMoved(tuple(upload.id for upload in placed)))

    def move_before(self, upload_ids: Sequence[str], before: str | None) -> None:
        """Have uploads stand before another one, or behind all with None."""
        with self._placing:
            # Only here and where uploads are added do positions change, and both hold _placing.
            places = moved_before([(upload.id, upload.position) for upload in self.all()], upload_ids, before)
            if not places:
                return
            with self._changing(*places):
                self._store.move(places)
                with self._lock:
                    for upload_id, position in places.items():
                        if upload_id in self._uploads:
                            self._keep(replace(self._uploads[upload_id], position=position))
                    self._uploads = dict(sorted(self._uploads.items(), key=lambda item: item[1].position))
        self._emit(UploadsPlaced(tuple(upload_ids), before))

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
        self._change_locks.pop(upload_id, None)
        self.chronicle.forget(upload_id)
        if upload is not None:
            self._by_path[upload.path].remove(upload_id)
            self._set_startable(upload, is_startable=False)

    @contextmanager
    def _changing(self, *upload_ids: str) -> Iterator[None]:
        """One change of an upload at a time, its commit included. Changes of others meanwhile share that commit."""
        with self._lock:
            # In one order for everybody, so that nobody waits in a circle.
            locks = [self._change_locks[each] for each in sorted(set(upload_ids)) if each in self._change_locks]
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
        """Make these the only confirmed parts."""
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
            shown = [(upload, self._progress.get(upload.id)) for upload in self._uploads.values()]
        return tuple(_view(upload, progress) for upload, progress in shown if not upload.forgotten)

    def view(self, upload_id: str) -> UploadView | None:
        """One upload as it is now."""
        with self._lock:
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
        if before is None:
            self._change_locks[upload.id] = threading.Lock()
        else:
            self._set_startable(before, is_startable=False)
        if before is None or before.path != upload.path:
            if before is not None:
                self._by_path[before.path].remove(upload.id)
            self._by_path.setdefault(upload.path, []).append(upload.id)
        self._uploads[upload.id] = upload
        self._set_startable(upload, is_startable=_can_be_started(upload))

    def _set_startable(self, upload: Upload, *, is_startable: bool) -> None:
        entry = (upload.position, upload.id)
        listed = self._startable.setdefault(upload.destination, [])
        at = bisect_left(listed, entry)
        is_listed = at < len(listed) and listed[at] == entry
        if is_startable and not is_listed:
            listed.insert(at, entry)
        elif is_listed and not is_startable:
            del listed[at]
        if not listed:
            del self._startable[upload.destination]


def _change_of(upload: Upload) -> Event:
    at_rest = not upload.state.is_running
    return UploadsRemoved((upload.id,)) if upload.forgotten else UploadChanged(upload.id, at_rest)


def _can_be_started(upload: Upload) -> bool:
    if upload.state is UploadState.CANCELLED:
        return upload.maybe_open  # an abort is owed
    return upload.state in (UploadState.QUEUED, UploadState.WAITING)


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
