"""The engine: carries out commands in order, keeps as many uploads at work as makes sense. Implements UploadQueue."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.concurrency import ConcurrencyController
from recorder_desktop.core.events import Event, Notice
from recorder_desktop.core.history import Happening
from recorder_desktop.core.lifecycle import UNSERVED, Command, belongs_elsewhere, misses_its_bucket
from recorder_desktop.core.model import PartMap, Problem, Upload, UploadState, UploadView
from recorder_desktop.core.ports import DataPath, Destinations, MediaProbe, UploadStore
from recorder_desktop.core.retry import Backoff
from recorder_desktop.core.upload_queue import Added, AddOptions, AddOutcome
from recorder_desktop.transfer.bandwidth_clock import BandwidthClock
from recorder_desktop.transfer.drive_watch import DRIVE_STALL_S, PatientDrive
from recorder_desktop.transfer.intake import Intake
from recorder_desktop.transfer.job_runner import JobRunner
from recorder_desktop.transfer.listeners import Listeners
from recorder_desktop.transfer.live_queue import LiveQueue
from recorder_desktop.transfer.locating import Locator
from recorder_desktop.transfer.lost_uploads import LostUploads
from recorder_desktop.transfer.mass_commands import MassCommands
from recorder_desktop.transfer.probing import DurationProbing
from recorder_desktop.transfer.progress_reports import ProgressReports
from recorder_desktop.transfer.queue_reading import QueueReading
from recorder_desktop.transfer.reordering import Reordering
from recorder_desktop.transfer.scheduler import Scheduler
from recorder_desktop.transfer.service_status import ServiceStatus
from recorder_desktop.transfer.services import Services
from recorder_desktop.transfer.stored_checks import StoredChecks
from recorder_desktop.transfer.uplinks import Uplinks

_log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_SENDERS = 8
COMMAND_STALL_S = 10.0
"""Commands are carried out one after the other: none of them may wait for a drive as long as an upload does."""

LET_GO_S = 3.0
"""How long closing waits for jobs. One that waits for a server's answer cannot be hurried; it ends with the process,
and whatever the server did is found out at the next start."""


class TransferEngine:
    """The queue at work. Commands run on the control thread, one after the other; see UploadQueue.

    Attributes: status: how each place is doing; to be told by whoever asks one besides the uploads.
    """

    def __init__(
        self,
        store: UploadStore,
        destinations: Destinations,
        data_path: DataPath,
        probe: MediaProbe,
        *,
        senders: int = MAX_SENDERS,
        limits: BandwidthPlan | None = None,
        part_size_bytes: int | None = None,
        backoff: Backoff | None = None,
        on_busy: Callable[[bool], None] = lambda _is_busy: None,
        at_job_start: Callable[[], None] = lambda: None,
        drive_stall_s: float = DRIVE_STALL_S,
        finds_lost: bool = False,
    ) -> None:
        """on_busy: told when uploading begins and when it ends. at_job_start: called on each job's own thread.
        part_size_bytes: of every new upload; None for what suits its line.

        drive_stall_s: a drive that has not answered for so long is not waited for any longer. finds_lost: look among
        the open uploads of the server for those of a queue that was lost.
        """
        self._listeners = Listeners()
        self._destinations = destinations
        self._store = store
        self._queue = LiveQueue(store, self._listeners.emit)
        self._checks = StoredChecks(self._queue, destinations)
        self._intake = Intake(self._queue, PatientDrive(drive_stall_s), self._checks)
        self._drive = PatientDrive(min(drive_stall_s, COMMAND_STALL_S))
        # One for all places: they share this computer's line, which is what decides.
        self._concurrency = ConcurrencyController(senders, on_change=lambda: self._scheduler.wake())  # noqa: PLW0108 - the scheduler comes after it
        self._scheduler = Scheduler(self._concurrency, data_path.lane)
        self._part_size_bytes = part_size_bytes
        self._on_busy = on_busy
        self._is_busy = False  # control thread only
        self._bandwidth = BandwidthClock(data_path.limit_to, limits or BandwidthPlan())
        self._uplinks = Uplinks(store)
        self._reports = ProgressReports()
        self.status = ServiceStatus(self._listeners.emit)
        self._services = Services(
            queue=self._queue,
            destinations=destinations,
            data_path=data_path,
            concurrency=self._concurrency,
            scheduler=self._scheduler,
            status=self.status,
            uplinks=self._uplinks,
            reports=self._reports,
            fixed_part_size=lambda: self._part_size_bytes,
            emit=self._listeners.emit,
            backoff=backoff or Backoff(),
            lost=LostUploads(self._queue, is_looked_for=finds_lost),
        )
        self._probing = DurationProbing(self._queue, probe)
        self._inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._locator = Locator(self._queue, data_path.lane, on_located=lambda: self._inbox.put(lambda: None))
        self._adding: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._jobs = JobRunner(self._services, self._inbox.put, at_job_start, drive_stall_s)  # control thread only
        self._mass_commands = MassCommands(self._queue, self._jobs, self._drive)  # control thread only
        self._reordering = Reordering(self._queue, self._scheduler, self._jobs)  # control thread only
        self._uploading = False  # control thread only
        self._reading = QueueReading(self._queue)
        self._threads = [
            threading.Thread(target=self._control, name="engine", daemon=True),
            threading.Thread(target=self._take_in, name="intake", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    # --- core.upload_queue.UploadQueue ---------------------------------------------------------------------------

    def loaded(self) -> Future[None]:
        """Resolves when the whole queue has been read from disk."""
        return self._reading.done

    def look_again(self, entered: str = "") -> None:
        """Begin what may begin by now: uploads whose place is served, and those that stopped for what has just been
        `entered` for this place."""
        self._inbox.put(lambda: self._take_up_again(entered))

    def add(self, paths: Sequence[Path], options: AddOptions = AddOptions()) -> Future[list[AddOutcome]]:  # noqa: B008 - immutable
        """Queue files, and every recording below folders."""
        done: Future[list[AddOutcome]] = Future()
        wanted = list(paths)
        destination = options.destination or self._destinations.current()

        def work() -> list[AddOutcome]:
            self._reading.done.result()  # in part unknown, what is known already would be added twice
            outcomes: list[AddOutcome] = []
            for lot in self._intake.add(wanted, options, destination):
                self._probing.look(outcome.upload_id for outcome in lot if isinstance(outcome, Added))
                self._inbox.put(lambda: None)
                outcomes += lot
            return outcomes

        self._adding.put(lambda: _settle(done, work))
        return done

    def confirm_stored(self, upload_id: str) -> Future[bool]:
        """Ask the backend whether the recording of an upload is still stored."""
        return self._checks.confirm(upload_id)

    def note_deleted(self, destination: str, file_ids: Collection[str]) -> Future[None]:
        """Recordings were deleted at a place: have the rows that stored them say so."""
        gone = frozenset(file_ids)
        return self._carry_out(lambda: self._checks.note_deleted(destination, gone))

    def pause(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Stop sending now and keep everything sent."""
        return self._command(Command.PAUSE, upload_ids)

    def resume(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Let paused uploads go on."""
        return self._command(Command.RESUME, upload_ids)

    def cancel(self, upload_ids: Iterable[str]) -> Future[None]:
        """Give up for good; the multipart upload is aborted."""
        return self._command(Command.CANCEL, upload_ids)

    def retry(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Try again what needs attention, waits or was cancelled."""
        return self._command(Command.RETRY, upload_ids)

    def locate(self, upload_id: str, path: Path) -> Future[None]:
        """Let an upload whose file is gone go on with this one, if it is the same."""
        return self._locator.locate(upload_id, path)

    def remove(self, upload_ids: Iterable[str]) -> Future[None]:
        """Take rows out of the list; one that is under way is cancelled first."""
        return self._command(Command.REMOVE, upload_ids)

    def move_to_front(self, upload_ids: Iterable[str]) -> Future[None]:
        """Upload these next, in this order; one at work for the queue's end makes room."""
        wanted = list(upload_ids)
        return self._carry_out(lambda: self._reordering.move_to_front(wanted))

    def move_before(self, upload_ids: Iterable[str], before: str | None) -> Future[None]:
        """Have these stand before another one, or behind all with None."""
        wanted = list(upload_ids)
        return self._carry_out(lambda: self._reordering.move_before(wanted, before))

    def part_map(self, upload_id: str) -> Future[PartMap | None]:
        """The parts of one upload as they stand; None before its part size is known."""
        return self._carry_out(lambda: self._queue.part_map(upload_id))

    def history(self, upload_id: str) -> Future[tuple[Happening, ...]]:
        """What happened to one upload, oldest first; of earlier runs too."""
        return self._carry_out(lambda: self._queue.chronicle.read(upload_id))

    def ids(self) -> tuple[str, ...]:
        """The names of all uploads, in queue order."""
        return self._queue.ids()

    def views(self) -> tuple[UploadView, ...]:
        """Every upload in queue order."""
        return self._queue.views()

    def view(self, upload_id: str) -> UploadView | None:
        """One upload as it is now."""
        return self._queue.view(upload_id)

    def awaits_duration(self, upload_id: str) -> bool:
        """Whether the playing time of an upload is being found out, or will be soon."""
        return self._probing.is_soon(upload_id)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` for every event; returns the function that ends the subscription."""
        return self._listeners.subscribe(listener)

    def tell(self, notice: str) -> None:
        """Have whoever listens show this to the person."""
        self._listeners.emit(Notice(notice))

    def set_limits(self, limits: BandwidthPlan) -> None:
        """Keep to this plan from now on, also for what is being sent at this moment."""
        self._bandwidth.set_plan(limits)

    def set_senders(self, ceiling: int) -> None:
        """Send up to this many parts at a time, 1 to 32; how many it really are is found out for the line."""

        def work() -> None:
            self._concurrency.set_ceiling(ceiling)
            self._scheduler.hire()

        self._inbox.put(work)  # where threads are hired and left behind

    def set_part_size(self, size_bytes: int | None) -> None:
        """Cut what is opened from now on into parts of this size; None for what suits its line."""
        self._part_size_bytes = size_bytes

    # --- running -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to upload, with whatever the last run left unfinished. Before this, commands only edit the queue."""
        self._inbox.put(self._begin)

    def close(self) -> None:
        """Let go of everything and return within seconds; nothing confirmed is lost.

        A thread that a dead drive or a silent server holds ends with the process.
        """
        self._reading.ask_to_close()
        self._locator.close()
        self._adding.put(None)
        self._inbox.put(None)
        self._probing.ask_to_close()
        self._scheduler.ask_to_close()
        self._bandwidth.ask_to_close()
        self._reports.ask_to_close()
        deadline = time.monotonic() + 2 * LET_GO_S
        others = (self._probing, self._scheduler, self._bandwidth, self._reports)
        for thread in (*self._threads, *(thread for each in others for thread in each.threads)):
            thread.join(max(0.0, deadline - time.monotonic()))
        self._drive.close()
        self._intake.close()
        self._store.close()

    def _begin(self) -> None:
        self._uploading = self._intake.may_ask = True
        unknown = (upload for upload in self._queue.all() if upload.duration_s is None)
        self._probing.look(upload.id for upload in unknown if not upload.state.is_finished)
        self._explain_unserved(None)

    def _explain_unserved(self, upload_ids: Iterable[str] | None) -> None:
        """Have uploads say so that wait for a place which this run does not serve. In memory: the next run may."""
        named = self._queue.all() if upload_ids is None else map(self._queue.get, upload_ids)
        for upload in named:
            if upload is not None and self._waits_in_vain(upload):
                problem = Problem(UNSERVED, self._destinations.about_unserved(upload.destination))
                self._queue.show(upload.id, self._waits_in_vain, state=UploadState.QUEUED, problem=problem)

    def _take_up_again(self, entered: str) -> None:
        served = [each for each in self._queue.all() if self._destinations.serves(each.destination)]
        for upload in filter(belongs_elsewhere, served):
            self._queue.show(upload.id, belongs_elsewhere, problem=None)
        stuck = [each.id for each in filter(misses_its_bucket, served) if each.destination == entered]
        self._mass_commands.carry_out(Command.RETRY, stuck)

    def _waits_in_vain(self, upload: Upload) -> bool:
        return upload.state.is_running and not self._destinations.serves(upload.destination)

    # --- control thread ------------------------------------------------------------------------------------------

    def _control(self) -> None:
        self._reading.read_on()
        while (message := self._next_message()) is not None:
            try:
                message()
                self._jobs.leave_stuck()
                self._start_jobs()
                self._tell_busy()
            except Exception:  # noqa: BLE001 - the thread's top: without it no command would ever be answered again
                _log.exception("the engine's control thread met a fault")
            del message  # it may hold a job that is over, and the next one may be long in coming
        self._let_go()

    def _tell_busy(self) -> None:
        is_busy = self._jobs.is_uploading
        if is_busy is not self._is_busy:
            self._is_busy = is_busy
            self._probing.set_busy(is_busy)
            self._on_busy(is_busy)

    def _let_go(self) -> None:
        """Stop the uploads. What the person gave up is aborted first, as far as that is quick."""
        self._jobs.stop_uploads()
        deadline = time.monotonic() + LET_GO_S
        self._start_jobs()
        while self._jobs.running and self._ended_until(deadline):
            self._start_jobs()
        self._jobs.stop_all()
        self._queue.chronicle.closing(self._queue.all())

    def _ended_until(self, deadline: float) -> bool:
        """Take in the next end of a job; False when there was none in time."""
        try:
            message = self._inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return False
        if message is not None:
            message()
        return True

    def _next_message(self) -> Callable[[], None] | None:
        due = self._jobs.next_look_at()
        try:
            return self._inbox.get(timeout=None if due is None else max(0.0, due - time.monotonic()))
        except queue.Empty:
            return lambda: None

    def _start_jobs(self) -> None:
        if self._uploading:
            self._jobs.start_jobs()

    # --- commands, on the control thread ---------------------------------------------------------------------------

    def _command(self, command: Command, upload_ids: Iterable[str] | None) -> Future[None]:
        wanted = None if upload_ids is None else list(upload_ids)

        def work() -> None:
            try:
                self._mass_commands.carry_out(command, wanted)
            finally:
                if command in (Command.RESUME, Command.RETRY):
                    self._explain_unserved(wanted)

        return self._carry_out(work)

    def _carry_out(self, work: Callable[[], T]) -> Future[T]:
        done: Future[T] = Future()
        self._inbox.put(lambda: _settle(done, work))
        return done

    # --- intake thread -------------------------------------------------------------------------------------------

    def _take_in(self) -> None:
        while (work := self._adding.get()) is not None:
            work()

    # -----------------------------------------------------------------------------------------------------------


def _settle(done: Future[Any], work: Callable[[], Any]) -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except Exception as exc:  # noqa: BLE001 - it reaches whoever asked, with its traceback
        done.set_exception(exc)
    else:
        done.set_result(result)
