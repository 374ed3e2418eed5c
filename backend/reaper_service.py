"""Gives up uploads that nobody has gone on with for a long time, so that their parts cost no more."""

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
