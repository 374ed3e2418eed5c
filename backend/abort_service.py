"""Ends uploads that will not be completed and frees what they hold in the store.

    marked aborted ──> freed ──> swept once more, when no URL of the upload works any longer

The mark comes first: from then on nothing is signed, assembled or recorded for the session. What fails after it,
and what was still on its way, the sweep finds. Only keys that this catalogue reserved are ever touched, and an
object under them only when it carries the session's mark and no record names it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from backend.completion_service import CompletionService, completed_error
from backend.errors import BackendError, UploadGone
from backend.model import OPEN_STATES, SessionState, UploadMethod, UploadSession, utc_now
from backend.ports import Catalogue, ObjectStore

ABORT_ROUNDS = 5
SWEEP_BATCH = 100
# A PUT that began with the last valid second of its URL may take that long to arrive.
LAST_PUT = timedelta(hours=1)

log = logging.getLogger(__name__)


class AbortService:
    """Aborts sessions. ``presign_ttl_s`` is how long the URLs are valid that were handed out for them."""

    def __init__(
        self, store: ObjectStore, catalogue: Catalogue, completion: CompletionService, presign_ttl_s: int
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._completion = completion
        self._url_life = timedelta(seconds=presign_ttl_s) + LAST_PUT

    def abort(self, session: UploadSession) -> None:
        """End an upload and free its parts; again is no error. Raises UploadCompleted, and the object stays."""
        while session.state in OPEN_STATES:
            if session.state is SessionState.COMPLETING and self._completion.finish_if_stored(session) is not None:
                raise completed_error()
            aborted = replace(session, state=SessionState.ABORTED, sweep_at=self.sweep_time())
            session = self._catalogue.swap_session(session, aborted)
        if session.state is SessionState.COMPLETED:
            raise completed_error()
        self._free(session)

    def sweep_time(self) -> datetime:
        """Return when nothing that was signed until now can arrive any more."""
        return utc_now() + self._url_life

    def sweep(self) -> int:
        """Free what arrived for aborted sessions after their abort, each once; return how many were looked at."""
        swept = 0
        while due := self._catalogue.sessions_to_sweep(utc_now(), SWEEP_BATCH):
            done = sum(self._sweep_one(session) for session in due)
            swept += done
            if done < len(due):
                break
        return swept

    def _sweep_one(self, session: UploadSession) -> bool:
        try:
            if session.method is UploadMethod.MULTIPART:
                for upload_id in self._store.open_upload_ids(session.key):
                    self._store.abort_upload(session.key, upload_id)
            self._delete_orphan(session)
            self._catalogue.swap_session(session, replace(session, sweep_at=None))
        except BackendError as exc:
            log.warning("session %s is not swept: %s", session.session_id, exc.message)
            return False
        return True

    def _delete_orphan(self, session: UploadSession) -> None:
        if self._completion.marked_object(session) is None:
            return
        if self._catalogue.find_recording(session.owner_id, session.session_id) is None:
            self._store.delete_object(session.key)

    def _free(self, session: UploadSession) -> None:
        if session.method is UploadMethod.PUT:
            return self._delete_orphan(session)
        known = [session.upload_id] if session.upload_id else self._store.open_upload_ids(session.key)
        for upload_id in known:
            self._abort_until_gone(session.key, upload_id)
        return None

    def _abort_until_gone(self, key: str, upload_id: str) -> None:
        # Parts in flight can land after an abort: list, and abort again while the store still knows it.
        for _ in range(ABORT_ROUNDS):
            self._store.abort_upload(key, upload_id)
            try:
                self._store.list_parts(key, upload_id)
            except UploadGone:
                return
