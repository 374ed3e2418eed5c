"""Gives up uploads that nobody has finished for a long time, so that their parts cost no more."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from backend.completion_service import CompletionService
from backend.errors import BackendError
from backend.model import SessionState, UploadSession, utc_now
from backend.ports import Catalogue, ObjectStore

BATCH = 100

log = logging.getLogger(__name__)


class ReaperService:
    """Aborts old sessions and every multipart upload under their keys, and under no other key."""

    def __init__(
        self, store: ObjectStore, catalogue: Catalogue, completion: CompletionService, max_age: timedelta
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._completion = completion
        self._max_age = max_age

    def reap(self) -> int:
        """Abort uploads opened longer ago than the limit; return how many. Finished objects are recorded instead."""
        reaped = 0
        while old := self._next_batch():
            done = sum(self._reap_one(session) for session in old)
            reaped += done
            if done < len(old):
                break
        return reaped

    def _next_batch(self) -> list[UploadSession]:
        before = utc_now() - self._max_age
        found = self._catalogue.sessions_in_state(SessionState.UPLOADING, BATCH)
        return [session for session in found if session.created_at < before]

    def _reap_one(self, session: UploadSession) -> bool:
        try:
            if session.upload_id is not None and self._completion.finish_if_stored(session):
                return True
            # The parts first: a failure in between leaves the session to be found again.
            for upload_id in self._store.open_upload_ids(session.key):
                self._store.abort_upload(session.key, upload_id)
            self._catalogue.swap_session(session, replace(session, state=SessionState.ABORTED))
        except BackendError as exc:
            log.warning("session %s is not reaped: %s", session.session_id, exc.message)
            return False
        return True
