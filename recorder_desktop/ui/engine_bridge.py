"""Carries commands from the window to the engine and events back, without ever making the UI thread wait."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from recorder_desktop.background import begin
from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.events import Event, Notice, ServiceChanged, UploadChanged, UploadsAdded
from recorder_desktop.core.history import Happening
from recorder_desktop.core.lifecycle import waiting_for_sign_in
from recorder_desktop.core.long_lived import long_lived
from recorder_desktop.core.model import PartMap, UploadView
from recorder_desktop.core.ports import SignInDesk
from recorder_desktop.core.sign_in import SignedIn, SignInRequest
from recorder_desktop.core.upload_queue import Added, AddOptions, AddOutcome, UploadQueue
from recorder_desktop.ui.event_inbox import EventInbox
from recorder_desktop.ui.text import tr, translated
from recorder_desktop.ui.turns import in_one_go

logger = logging.getLogger(__name__)

DRAIN_INTERVAL_S = 0.1
"""At most ten updates a second reach the window: more cannot be read, and each one costs painting."""

FADE_INTERVAL_MS = 1000

TURN_S = 0.006
"""How long one drain lasts, far below a frame. What is left follows right after whatever else wants its turn."""

SLICE = 100
"""Rows taken before the clock is looked at: one or two milliseconds of work."""

BACKLOG_PAUSE_MS = 2


class EngineBridge(QObject):
    """The window's only link to the engine. Lives on the UI thread.

    Made without a queue, because the window is on screen before the engine is imported; what is added until
    `attach` is kept and handed over then.

    Signals (byte counts overflow Qt's int, so values travel as `object`):
        attached: the queue is there.
        listed: the whole queue was read from disk and is shown; once.
        uploads_added: tuple[UploadView, ...] in queue order.
        uploads_changed: tuple[UploadView, ...], at most ten times a second; their positions may have changed.
        uploads_removed: tuple[str, ...], the ids.
        service_changed: ServiceChanged.
        notice: a sentence or two that the person should see once.
        command_failed: what happened and what to do, ready to be shown.
        add_finished: list[AddOutcome], without those that were simply added.
        adding_changed: int, how many add commands are not answered yet.
        signed_in: SignedIn, and the number of the attempt that `new_sign_in` gave; what waited for it goes on.
        sign_in_failed: what happened and what to do, ready to be shown; the number of the attempt.
    """

    attached = Signal()
    listed = Signal()
    uploads_added = Signal(object)
    uploads_changed = Signal(object)
    uploads_removed = Signal(object)
    service_changed = Signal(object)
    notice = Signal(str)
    command_failed = Signal(str)
    add_finished = Signal(object)
    adding_changed = Signal(int)
    signed_in = Signal(object, int)
    sign_in_failed = Signal(str, int)

    _woken = Signal()
    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: UploadQueue | None = None
        self._sign_ins: SignInDesk | None = None
        self._sign_in_number = 0
        self._signing_in: dict[int, Future[SignedIn]] = {}
        self._kept_adds: list[tuple[list[Path], AddOptions]] = []
        self._adding = 0
        self._inbox = EventInbox()
        self._unsubscribe: Callable[[], None] | None = None
        self._closed = False
        self._is_loaded = self._is_listed = False
        self._last_drain = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._drain)
        # A speed fades without an event: what was moving is looked at once a second until it rests.
        self._moving: set[str] = set()
        self._fading = QTimer(self, singleShot=True, interval=FADE_INTERVAL_MS)
        self._fading.timeout.connect(self._look_at_moving)
        # Both are emitted on the engine's threads; the connection carries them over to this object's thread.
        self._woken.connect(self._schedule)
        self._answered.connect(self._handle_answer)

    @property
    def is_attached(self) -> bool:
        """Whether the engine is there; before, commands other than `add` have nothing to act on."""
        return self._queue is not None

    @property
    def is_busy(self) -> bool:
        """Whether events wait to be shown, or a speed may still fade. At rest nothing ticks."""
        return self._timer.isActive() or self._fading.isActive()

    def attach(self, queue: UploadQueue, sign_ins: SignInDesk | None = None) -> None:
        """Show this queue from now on, and hand over what was added before it was there."""
        if self._queue is not None:
            raise RuntimeError("a bridge serves one queue")
        self._queue = queue
        self._sign_ins = sign_ins
        # Subscribe first: an upload added in between then comes twice, and the inbox takes it once.
        self._unsubscribe = queue.subscribe(self._receive)
        self._inbox.put(UploadsAdded(queue.ids()))
        self._drain()
        self.attached.emit()
        queue.loaded().add_done_callback(self._pass_on(self._on_loaded))
        kept, self._kept_adds = self._kept_adds, []
        for paths, options in kept:
            self._send_add(queue, paths, options)

    def close(self) -> None:
        """Stop listening; to be called before the engine shuts down. Later commands are ignored."""
        self._closed = True
        self._timer.stop()
        self._fading.stop()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    # --- commands ------------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[Path], options: AddOptions | None = None) -> None:
        """Queue files and folders; `add_finished` tells what became of those that were not simply added."""
        if not paths or self._closed:
            return
        self._set_adding(self._adding + 1)
        wanted = options or AddOptions(leaves_verified=True)
        if self._queue is None:
            self._kept_adds.append((list(paths), wanted))
        else:
            self._send_add(self._queue, paths, wanted)

    def unsent_adds(self) -> list[tuple[list[Path], AddOptions]]:
        """What was added and is kept for an engine that is not there yet."""
        return list(self._kept_adds)

    def pause(self, upload_ids: Iterable[str] | None = None) -> None:
        """Pause these uploads, or all that run."""
        self._command(lambda queue: queue.pause(upload_ids))

    def resume(self, upload_ids: Iterable[str] | None = None) -> None:
        """Let these uploads go on, or all that are paused."""
        self._command(lambda queue: queue.resume(upload_ids))

    def cancel(self, upload_ids: Iterable[str]) -> None:
        """Give these uploads up; what was sent of them is thrown away."""
        self._command(lambda queue: queue.cancel(upload_ids))

    def retry(self, upload_ids: Iterable[str] | None = None) -> None:
        """Try these uploads again, or all that need it."""
        self._command(lambda queue: queue.retry(upload_ids))

    def locate(self, upload_id: str, path: Path) -> None:
        """Have an upload whose file is gone go on with this one, if it is the same."""
        self._command(lambda queue: queue.locate(upload_id, path))

    def remove(self, upload_ids: Iterable[str], on_failure: Callable[[], None] = lambda: None) -> None:
        """Take these uploads out of the list; `on_failure` is called where some of them may have stayed."""
        self._command(lambda queue: queue.remove(upload_ids), on_failure)

    def move_to_front(self, upload_ids: Iterable[str]) -> None:
        """Upload these next."""
        self._command(lambda queue: queue.move_to_front(upload_ids))

    def move_before(self, upload_ids: Iterable[str], before: str | None) -> None:
        """Have these uploads stand before another one, or behind all with None."""
        self._command(lambda queue: queue.move_before(upload_ids, before))

    def set_limits(self, limits: BandwidthPlan) -> None:
        """Send no faster than this from now on."""
        if self._queue is not None and not self._closed:
            self._queue.set_limits(limits)

    def set_senders(self, ceiling: int) -> None:
        """Have at most this many parts in flight from now on."""
        if self._queue is not None and not self._closed:
            self._queue.set_senders(ceiling)

    def set_part_size(self, size_bytes: int | None) -> None:
        """Cut what is opened from now on into parts of this size, with None as suits the line."""
        if self._queue is not None and not self._closed:
            self._queue.set_part_size(size_bytes)

    def part_map(self, upload_id: str) -> Future[PartMap | None] | None:
        """The parts of an upload; its future ends on the engine's thread. None while there is no engine."""
        return self._queue.part_map(upload_id) if self._queue is not None and not self._closed else None

    def confirm_stored(self, upload_id: str) -> Future[bool] | None:
        """Whether the recording of an upload is still stored; as part_map, on a thread of its own."""
        return self._queue.confirm_stored(upload_id) if self._queue is not None and not self._closed else None

    def history(self, upload_id: str) -> Future[tuple[Happening, ...]] | None:
        """What happened to an upload; as part_map."""
        return self._queue.history(upload_id) if self._queue is not None and not self._closed else None

    def new_sign_in(self) -> int:
        """The number of an attempt to sign in. Asked for before it, since its answer may come at once."""
        self._sign_in_number += 1
        return self._sign_in_number

    def sign_in(self, request: SignInRequest, number: int) -> None:
        """Sign in to a team server; `signed_in` or `sign_in_failed` with this number tells what came of it."""
        if self._sign_ins is None or self._closed:
            self.sign_in_failed.emit(tr("Recorder is not ready yet. Try again in a moment."), number)
            return
        attempt = self._sign_ins.begin(request)
        self._signing_in[number] = attempt
        attempt.add_done_callback(self._pass_on(lambda future: self._on_sign_in_done(future, number)))

    def cancel_sign_in(self, number: int) -> None:
        """Give an attempt up. Nothing is heard of it any more, unless the server has accepted it already."""
        if number in self._signing_in:
            self._signing_in[number].cancel()

    def _command(
        self, send: Callable[[UploadQueue], Future[None]], on_failure: Callable[[], None] = lambda: None
    ) -> None:
        def on_done(future: Future[None]) -> None:
            if self._report_failure(future):
                on_failure()

        if self._queue is not None and not self._closed:
            send(self._queue).add_done_callback(self._pass_on(on_done))

    def _send_add(self, queue: UploadQueue, paths: Sequence[Path], options: AddOptions) -> None:
        pass_on = self._pass_on(self._on_add_done)
        # Sorted on the engine's thread, which is also where a large folder's hundred thousand answers are let go.
        queue.add(paths, options).add_done_callback(lambda added: pass_on(_worth_a_word(added)))

    # --- answers -------------------------------------------------------------------------------------------------

    def _pass_on(self, handle: Callable[[Future[Any]], None]) -> Callable[[Future[Any]], None]:
        """A callback for the engine's thread that has `handle` run on the UI thread."""

        def on_done(future: Future[Any]) -> None:
            if not self._closed:
                self._answered.emit(lambda: handle(future))

        return on_done

    @Slot(object)
    def _handle_answer(self, handle: Callable[[], None]) -> None:
        if not self._closed:
            handle()

    def _on_loaded(self, future: Future[None]) -> None:
        if not self._report_failure(future):
            self._is_loaded = True
            self._schedule()

    def _on_add_done(self, future: Future[list[AddOutcome]]) -> None:
        self._set_adding(self._adding - 1)
        if not self._report_failure(future):
            self._drain()  # the rows first: the answer may point at them
            self.add_finished.emit(future.result())

    def _on_sign_in_done(self, future: Future[SignedIn], number: int) -> None:
        del self._signing_in[number]
        if self._report_failure(future, lambda message: self.sign_in_failed.emit(message, number)):
            return
        signed_in = future.result()
        if self._queue is not None:
            self._retry_waiting(self._queue, signed_in.server)
        self.signed_in.emit(signed_in, number)

    def _retry_waiting(self, queue: UploadQueue, server: str) -> None:
        """Let what waited for this go on. Looking through a very long queue takes a second, so on its own thread."""
        waiting = begin("waiting-for-sign-in", lambda: waiting_for_sign_in(queue.views(), server))
        waiting.add_done_callback(self._pass_on(self._on_waiting_found))

    def _on_waiting_found(self, future: Future[list[str]]) -> None:
        if not self._report_failure(future):
            self.retry(future.result())

    def _report_failure(self, future: Future[Any], show: Callable[[str], None] | None = None) -> bool:
        """Have a failed command's message shown. True if it failed or was called off by a shutdown."""
        if future.cancelled():
            return True
        error = future.exception()
        if error is None:
            return False
        message = tr("That did not work because of a fault in Recorder. Try again; the log has the details.")
        if isinstance(error, UploadError):
            message = translated(error.message)
        else:
            logger.error("a command of the window failed", exc_info=error)
        (show or self.command_failed.emit)(message)
        return True

    def _set_adding(self, count: int) -> None:
        self._adding = count
        self.adding_changed.emit(count)

    # --- events --------------------------------------------------------------------------------------------------

    def _receive(self, event: Event) -> None:
        """Runs on the engine's threads."""
        if self._inbox.put(event) and not self._closed:
            self._woken.emit()

    @Slot()
    def _schedule(self) -> None:
        if self._timer.isActive() or self._closed:
            return
        rest_s = self._last_drain + DRAIN_INTERVAL_S - time.monotonic()
        self._timer.start(max(0, round(rest_s * 1000)))

    @Slot()
    @in_one_go
    def _drain(self) -> None:
        if self._queue is None or self._closed:
            return
        self._last_drain = time.monotonic()
        while self._emit_batch(self._queue):
            if time.monotonic() > self._last_drain + TURN_S:
                self._timer.start(BACKLOG_PAUSE_MS)
                return
        if self._is_loaded and not self._is_listed:
            self._is_listed = True
            self.listed.emit()

    def _emit_batch(self, queue: UploadQueue) -> bool:
        """Hand on some of what happened; whether there is more."""
        batch = self._inbox.take(SLICE)
        if batch.removed:
            self.uploads_removed.emit(batch.removed)
        with long_lived(len(batch.added)):
            self._emit_views(self.uploads_added, queue, batch.added)
        self._emit_views(self.uploads_changed, queue, batch.changed)
        for message in batch.messages:
            self._emit_message(message)
        return batch.more

    def _emit_views(self, signal: Any, queue: UploadQueue, upload_ids: tuple[str, ...]) -> None:
        views: list[UploadView] = []
        for upload_id in upload_ids:
            view = queue.view(upload_id)
            self._moving.discard(upload_id)
            if view is not None:  # removed since: that event is on its way
                views.append(view)
                if view.rate_bytes_per_s > 0:
                    self._moving.add(upload_id)
        if self._moving and not self._fading.isActive():
            self._fading.start()
        if views:
            signal.emit(tuple(views))

    @Slot()
    def _look_at_moving(self) -> None:
        """Have them shown with whatever else has changed."""
        for upload_id in self._moving:
            self._receive(UploadChanged(upload_id))

    def _emit_message(self, message: ServiceChanged | Notice) -> None:
        match message:
            case ServiceChanged():
                self.service_changed.emit(message)
            case Notice(text):
                self.notice.emit(translated(text))


def _worth_a_word(added: Future[list[AddOutcome]]) -> Future[list[AddOutcome]]:
    """The answer to an add command, without those that were simply added."""
    told: Future[list[AddOutcome]] = Future()
    if added.cancelled():
        told.cancel()
    elif (error := added.exception()) is not None:
        told.set_exception(error)
    else:
        told.set_result([outcome for outcome in added.result() if not isinstance(outcome, Added)])
    return told
