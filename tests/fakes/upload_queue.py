"""An upload queue without an engine: does at once what is asked, and remembers it, for tests of the window."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.events import (
    Event,
    UploadChanged,
    UploadsAdded,
    UploadsMoved,
    UploadsRemoved,
)
from recorder_desktop.core.history import Happening, what_happened
from recorder_desktop.core.model import FileIdentity, PartMap, Upload, UploadState, UploadView
from recorder_desktop.core.order import GAP, moved_before
from recorder_desktop.core.recordings import content_type_of
from recorder_desktop.core.upload_queue import Added, AddOptions, AddOutcome

T = TypeVar("T")


def make_view(
    name: str = "talk.mp4",
    state: UploadState = UploadState.QUEUED,
    size_bytes: int = 1_000_000,
    folder: str = "/recordings",
    upload_id: str | None = None,
    **changes: Any,
) -> UploadView:
    """A view with sensible values; `changes` are fields of Upload or UploadView."""
    of_view = {
        key: changes.pop(key) for key in ("bytes_in_flight", "rate_bytes_per_s", "seconds_left") if key in changes
    }
    path = Path(folder) / name
    upload = Upload(
        id=upload_id or name,
        client_upload_id=f"client-{upload_id or name}",
        path_text=str(path),
        identity=FileIdentity(size_bytes, 0, 0, 0, 0),
        content_type=content_type_of(path),
        destination=changes.pop("destination", "local"),
        directory="",
        folder_id=None,
        position=0,
        created_at="2026-01-01T00:00:00Z",
        state=state,
        **changes,
    )
    return UploadView(upload, **of_view)


class FakeUploadQueue:
    """Implements UploadQueue in memory.

    calls: every command as (name, ids or paths). outcomes: answers of the next `add`s instead of Added.
    histories: answers of `history`; what changes through this queue is added, at the time of `clock`.
    part_maps: answers of `part_map`, which is kept apart in maps_asked: the window asks by itself.
    loading: what `loaded` answers. failure: raised by the next command's future, once.
    still_stored: the answer of `confirm_stored`.
    """

    def __init__(self, views: Iterable[UploadView] = ()) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.options: list[AddOptions] = []
        self.outcomes: list[list[AddOutcome]] = []
        self.failure: Exception | None = None
        self.still_stored = True
        self.maps_asked: list[str] = []
        self.part_maps: dict[str, PartMap] = {}
        self.histories: dict[str, list[Happening]] = {}
        self.clock = time.time
        self.loading: Future[None] = self._answer(None)
        self._lock = threading.Lock()
        self._last = 0  # the last position; guarded by _lock, as is the next
        self._views: dict[str, UploadView] = {}
        self._listeners: list[Callable[[Event], None]] = []
        self._number = 0
        self.append(*views)

    # --- UploadQueue -------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[Path], options: AddOptions = AddOptions()) -> Future[list[AddOutcome]]:  # noqa: B008
        self.calls.append(("add", list(paths)))
        self.options.append(options)
        if self.outcomes:
            return self._answer(self.outcomes.pop(0))
        outcomes: list[AddOutcome] = []
        for path in paths:
            self._number += 1
            view = make_view(path.name, folder=str(path.parent), upload_id=f"added-{self._number}")
            self.append(view)
            outcomes.append(Added(str(path), view.upload.id))
        return self._answer(outcomes)

    def confirm_stored(self, upload_id: str) -> Future[bool]:
        self.calls.append(("confirm_stored", upload_id))
        return self._answer(self.still_stored)

    def note_deleted(self, destination: str, file_ids: Collection[str]) -> Future[None]:
        self.calls.append(("note_deleted", (destination, list(file_ids))))
        return self._answer(None)

    def loaded(self) -> Future[None]:
        return self.loading

    def pause(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        return self._move("pause", upload_ids, UploadState.PAUSED, lambda view: view.upload.state.is_running)

    def resume(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        return self._move(
            "resume", upload_ids, UploadState.QUEUED, lambda view: view.upload.state is UploadState.PAUSED
        )

    def cancel(self, upload_ids: Iterable[str]) -> Future[None]:
        return self._move("cancel", upload_ids, UploadState.CANCELLED, lambda view: not view.upload.state.is_finished)

    def retry(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        tried = (UploadState.ATTENTION, UploadState.WAITING, UploadState.CANCELLED)
        return self._move("retry", upload_ids, UploadState.QUEUED, lambda view: view.upload.state in tried)

    def locate(self, upload_id: str, path: Path) -> Future[None]:
        self.calls.append(("locate", (upload_id, path)))
        if self.failure is None:
            self.change(upload_id, path_text=str(path), state=UploadState.QUEUED, problem=None)
        return self._answer(None)

    def remove(self, upload_ids: Iterable[str]) -> Future[None]:
        gone = tuple(upload_ids)
        self.calls.append(("remove", list(gone)))
        with self._lock:
            for upload_id in gone:
                self._views.pop(upload_id, None)
        self.tell(UploadsRemoved(gone))
        return self._answer(None)

    def move_to_front(self, upload_ids: Iterable[str]) -> Future[None]:
        moved = tuple(upload_ids)
        self.calls.append(("move_to_front", list(moved)))
        with self._lock:
            places = moved_before(self._order()[:1], 0, moved)
        return self._place(places)

    def move_before(self, upload_ids: Iterable[str], before: str | None) -> Future[None]:
        moved = tuple(upload_ids)
        self.calls.append(("move_before", (list(moved), before)))
        with self._lock:
            staying = [entry for entry in self._order() if entry[1] not in moved]
            going = [name for _, name in self._order() if name in moved]
            names = [name for _, name in staying]
            places = moved_before(staying, len(staying) if before is None else names.index(before), going)
        return self._place(places)

    def set_limits(self, limits: BandwidthPlan) -> None:
        self.calls.append(("set_limits", str(limits)))

    def set_senders(self, ceiling: int) -> None:
        self.calls.append(("set_senders", ceiling))

    def set_part_size(self, size_bytes: int | None) -> None:
        self.calls.append(("set_part_size", size_bytes))

    def part_map(self, upload_id: str) -> Future[PartMap | None]:
        self.maps_asked.append(upload_id)
        return self._answer(self.part_maps.get(upload_id))

    def history(self, upload_id: str) -> Future[tuple[Happening, ...]]:
        return self._answer(tuple(self.histories.get(upload_id, ())))

    def ids(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(name for _, name in self._order())

    def views(self) -> tuple[UploadView, ...]:
        with self._lock:
            return tuple(self._views[name] for _, name in self._order())

    def view(self, upload_id: str) -> UploadView | None:
        with self._lock:
            return self._views.get(upload_id)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- for tests ---------------------------------------------------------------------------------------------

    @property
    def listener_count(self) -> int:
        return len(self._listeners)

    def append(self, *views: UploadView) -> None:
        """Put rows in behind the others, with their event."""
        with self._lock:
            for view in views:
                self._last += GAP
                self._views[view.upload.id] = changed(view, {"position": self._last})
        self.tell(UploadsAdded(tuple(view.upload.id for view in views)))

    def change(self, upload_id: str, **changes: Any) -> None:
        """Change fields of an upload or its view, with the event."""
        with self._lock:
            before = self._views[upload_id]
            self._views[upload_id] = view = changed(before, changes)
        happened = what_happened(before.upload, view.upload)
        if happened is not None:
            self.histories.setdefault(upload_id, []).append(Happening(self.clock(), *happened))
        self.tell(UploadChanged(upload_id, at_rest=not view.upload.state.is_running))

    def tell(self, event: Event) -> None:
        """Send an event to whoever listens, on the calling thread."""
        for listener in list(self._listeners):
            listener(event)

    def _order(self) -> list[tuple[int, str]]:
        return sorted((view.upload.position, name) for name, view in self._views.items())

    def _place(self, positions: dict[str, int]) -> Future[None]:
        with self._lock:
            for name, position in positions.items():
                self._views[name] = changed(self._views[name], {"position": position})
        self.tell(UploadsMoved(tuple(positions)))
        return self._answer(None)

    def _move(
        self,
        command: str,
        upload_ids: Iterable[str] | None,
        state: UploadState,
        applies: Callable[[UploadView], bool],
    ) -> Future[None]:
        wanted = None if upload_ids is None else list(upload_ids)
        self.calls.append((command, wanted))
        for view in self.views():
            if (wanted is None or view.upload.id in wanted) and applies(view):
                self.change(view.upload.id, state=state, problem=None, rate_bytes_per_s=0.0, seconds_left=None)
        return self._answer(None)

    def _answer(self, value: T) -> Future[T]:
        """A future that is done, as it is when the engine was quick."""
        future: Future[T] = Future()
        if self.failure is not None:
            future.set_exception(self.failure)
            self.failure = None
        else:
            future.set_result(value)
        return future


def changed(view: UploadView, changes: dict[str, Any]) -> UploadView:
    """The view with some of its own or its upload's fields replaced."""
    own = {key: value for key, value in changes.items() if key in UploadView.__dataclass_fields__}
    rest = {key: value for key, value in changes.items() if key not in own}
    return replace(view, upload=replace(view.upload, **rest), **own)
