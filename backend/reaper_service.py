"""Gives up uploads that nobody goes on with, so that their parts cost no more, and forgets those long over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from backend.abort_service import AbortService
from backend.completion_service import CompletionService
from backend.errors import BackendError, UploadCompleted
from backend.model import ACTIVITY_STEP, OPEN_STATES, Cursor, UploadSession, utc_now
from backend.ports import Catalogue

BATCH = 100
# A client that comes back hears so long how its upload ended, and that it has this clientUploadId open already.
# Whether it was completed is known for good: its recording has the upload id, too.
REMEMBERED = timedelta(days=30)
FORGET_BATCH = 1000
# At most so many batches a round: six million sessions a day.
FORGET_BATCHES = 250

log = logging.getLogger(__name__)


class ReaperService:
    """Ends sessions that were idle for ``max_idle``. Any number of processes may do so at once."""

    def __init__(
        self, catalogue: Catalogue, completion: CompletionService, aborts: AbortService, max_idle: timedelta
    ) -> None:
        self._catalogue = catalogue
        self._completion = completion
        self._aborts = aborts
        self._max_idle = max_idle

    def reap(self) -> int:
        """Abort idle uploads; return how many were ended. Finished objects are recorded instead."""
        ended = sum(self._end(session) for session in self._idle())
        self._aborts.sweep()
        return ended

    def forget(self) -> int:
        """Delete sessions that ended long ago and are of no more use, in batches; return how many."""
        until, forgotten = utc_now() - REMEMBERED, 0
        for _ in range(FORGET_BATCHES):
            found = self._catalogue.forget_sessions(until, FORGET_BATCH)
            forgotten += found
            if found < FORGET_BATCH:
                break
        return forgotten

    def _idle(self) -> Iterator[UploadSession]:
        # The last activity is known to the hour only; who was just short of it is not idle yet.
        since, after = utc_now() - self._max_idle - ACTIVITY_STEP, None
        while batch := self._catalogue.idle_sessions(OPEN_STATES, since, after, BATCH):
            yield from batch
            after = Cursor(batch[-1].created_at, batch[-1].session_id)

    def _end(self, session: UploadSession) -> bool:
        try:
            if session.upload_id is not None and self._completion.finish_if_stored(session) is not None:
                return True
            self._aborts.abort(session)
        except UploadCompleted:
            return True
        except BackendError as exc:
            log.warning("session %s is not reaped: %s", session.session_id, exc.message)
            return False
        return True
