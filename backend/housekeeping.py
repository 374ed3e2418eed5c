"""Work that no request waits for: getting the store ready, finishing and giving up sessions, finding durations."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from backend.completion_service import CompletionService
from backend.content_service import ContentService
from backend.duration_service import DurationService
from backend.errors import BackendError, StoreUnavailable
from backend.model import utc_now
from backend.ports import Catalogue, Leases, ObjectStore
from backend.reaper_service import ReaperService
from backend.survey_service import Survey, SurveyService

# The local store is up within a second or two; what takes longer has a reason that asking does not cure.
WARM_UP_FIRST_PAUSE_S, WARM_UP_MOST_PAUSE_S, WARM_UP_GROWTH = 0.1, 5.0, 1.1
ROUND_INTERVAL_S = 30.0
REAP_INTERVAL_S = 3600.0
# Among instances, the one that began a round does the next ones too; another one when it has missed one.
ROUND_LEASE = timedelta(seconds=ROUND_INTERVAL_S)
REAP_INTERVAL = timedelta(seconds=REAP_INTERVAL_S)
# So long may a round of the reaper take until another instance may begin one, too.
REAP_LEASE = timedelta(minutes=10)
ROUND, REAP = "round", "reap"

log = logging.getLogger(__name__)


class Housekeeping:
    """One daemon thread. ``start`` returns at once; ``stop`` ends it between two pieces of work."""

    def __init__(
        self,
        store: ObjectStore,
        catalogue: Catalogue,
        completion: CompletionService,
        durations: DurationService,
        reaper: ReaperService,
        *,
        contents: ContentService,
        survey: SurveyService,
        leases: Leases,
        create_bucket: bool,
        when_warm: Callable[[], object] = lambda: None,
        look: Callable[[], None] | None = None,
    ) -> None:
        """``when_warm`` is done once, when store and catalogue have answered and all is loaded that talks to them.

        ``look`` is done in each round, for whoever watches; it may raise BackendError.
        """
        self._store = store
        self._catalogue = catalogue
        self._completion = completion
        self._durations = durations
        self._contents = contents
        self._reaper = reaper
        self._survey = survey
        self._leases = leases
        self._when_warm = when_warm
        self._look = look
        self._worker = uuid.uuid4().hex
        self._is_first_round = True
        self._reap_next = 0.0  # the housekeeping thread's own, as ``time.monotonic`` counts
        self._stop = threading.Event()
        self._bucket_ready = threading.Event()
        if not create_bucket:
            self._bucket_ready.set()
        self._trouble: BackendError | None = None  # written by the housekeeping thread only
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin the work."""
        self._durations.start()
        self._contents.start()
        self._thread.start()

    def stop(self) -> None:
        """Ask the threads to end and wait a moment for them."""
        self._stop.set()
        self._contents.stop()
        self._durations.stop()
        self._thread.join(timeout=2)

    def check_ready(self) -> None:
        """Return when store and catalogue answer, else raise what is missing."""
        if not self._bucket_ready.is_set():
            trouble = self._trouble or StoreUnavailable("The object store is not ready yet.")
            # The same object at each request: without its traceback, which would grow.
            raise trouble.with_traceback(None)
        self._store.check()
        self._catalogue.check()

    def _run(self) -> None:
        pause_s = WARM_UP_FIRST_PAUSE_S
        while not self._stop.is_set() and not self._attempt(self._warm_up):
            self._stop.wait(pause_s)
            pause_s = min(WARM_UP_MOST_PAUSE_S, pause_s * WARM_UP_GROWTH)
        if not self._stop.is_set():
            self._when_warm()
        while not self._stop.is_set():
            self._attempt(self._round)
            self._attempt(self._reap)
            if self._look is not None:
                self._attempt(self._look)
            self._stop.wait(ROUND_INTERVAL_S)

    def _warm_up(self) -> None:
        if not self._bucket_ready.is_set():
            self._store.create_bucket()
            self._bucket_ready.set()
        self._catalogue.check()
        self._store.checksum_support()

    def _round(self) -> None:
        # A process that starts may be the one that was killed a moment ago and still has the lease.
        if not self._takes(ROUND, ROUND_LEASE) and not self._is_first_round:
            return
        finished = self._completion.reconcile_completing()
        if finished:
            log.info("recorded %d uploads that were complete in the store only", finished)
        self._contents.pick_up()
        self._durations.pick_up()
        self._is_first_round = False

    def _reap(self) -> None:
        if time.monotonic() < self._reap_next or not self._takes(REAP, REAP_LEASE):
            return
        self._reap_next = time.monotonic() + REAP_LEASE.total_seconds()
        ended = self._reaper.reap()
        if ended:
            log.info("gave up %d uploads that nobody went on with", ended)
        forgotten = self._reaper.forget()
        if forgotten:
            log.info("forgot %d uploads that ended long ago", forgotten)
        found = self._survey.survey()
        if found != Survey(0, 0):
            log.info("aborted %d extra uploads; %d under keys of others stay", found.aborted, found.foreign)
        self._reap_next = time.monotonic() + REAP_INTERVAL_S
        self._leases.report(REAP, self._worker, found.foreign, utc_now() + REAP_INTERVAL)

    def _takes(self, name: str, span: timedelta) -> bool:
        now = utc_now()
        return self._leases.take(name, self._worker, now, now + span)

    def _attempt(self, work: Callable[[], None]) -> bool:
        """Do the work; False when store or catalogue were away. The same trouble is worth one line, not many."""
        try:
            work()
        except BackendError as exc:
            if self._trouble is None or exc.message != self._trouble.message:
                log.warning("not ready: %s", exc.message)
            self._trouble = exc
            return False
        except Exception:  # the top of a thread: logged whole, and tried again
            log.exception("housekeeping failed")
            return False
        self._trouble = None
        return True
