"""Looks at every open multipart upload of the bucket, which may be shared: whose is it, and is it of any use?

Only what this catalogue reserved the key of is aborted, and what this program left behind when it tried out the
store's checksums. All else is somebody else's: it is counted and never touched.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend.errors import BackendError
from backend.model import OPEN_STATES, PROBE_PREFIX, OpenUpload, UploadSession, utc_now
from backend.ports import Catalogue, ObjectStore

BATCH = 500
# A younger one may be on its way into a session's row.
EXTRA_AGE = timedelta(hours=1)
PROBE_AGE = timedelta(days=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Survey:
    """What was found: extra uploads of ours that were aborted, and uploads of others."""

    aborted: int
    foreign: int


class SurveyService:
    """Finds multipart uploads that no session goes on with. Any number of processes may do so at once."""

    def __init__(self, store: ObjectStore, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    def survey(self) -> Survey:
        """Abort the extra uploads under keys of this catalogue, count those of others."""
        aborted = foreign = 0
        uploads = self._store.open_uploads()
        while batch := list(itertools.islice(uploads, BATCH)):
            probes = [upload for upload in batch if upload.key.startswith(PROBE_PREFIX)]
            others = [upload for upload in batch if not upload.key.startswith(PROBE_PREFIX)]
            sessions = self._sessions(others)
            foreign += sum(upload.key not in sessions for upload in others)
            extra = [upload for upload in others if _is_extra(upload, sessions.get(upload.key))]
            aborted += sum(self._abort_extra(upload) for upload in extra)
            aborted += sum(self._abort(upload) for upload in probes if _is_older(upload, PROBE_AGE))
        return Survey(aborted, foreign)

    def _sessions(self, uploads: Sequence[OpenUpload]) -> dict[str, UploadSession]:
        keys = {upload.key for upload in uploads}
        return {session.key: session for session in self._catalogue.sessions_of_keys(keys)} if keys else {}

    def _abort_extra(self, upload: OpenUpload) -> bool:
        # Asked once more: since the list was read, a client may have gone on with this one.
        session = self._sessions([upload]).get(upload.key)
        return _is_extra(upload, session) and self._abort(upload)

    def _abort(self, upload: OpenUpload) -> bool:
        try:
            self._store.abort_upload(upload.key, upload.upload_id)
        except BackendError as exc:
            log.warning("an extra upload is not aborted: %s", exc.message)
            return False
        return True


def _is_extra(upload: OpenUpload, session: UploadSession | None) -> bool:
    """Whether the upload is under a key of ours, and not the one that its session goes on with."""
    if session is None or not _is_older(upload, EXTRA_AGE):
        return False
    if session.state in OPEN_STATES:
        # Without an id the session may still adopt this one; when it is given up, all under its key are.
        return session.upload_id is not None and session.upload_id != upload.upload_id
    return True


def _is_older(upload: OpenUpload, age: timedelta) -> bool:
    return utc_now() - upload.opened_at > age
