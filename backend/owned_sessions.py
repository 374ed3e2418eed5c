"""Finds the session that a request names, if it is the caller's own; the last ones found open are kept at hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from backend.errors import UploadNotFound
from backend.kept_answers import KeptAnswers
from backend.model import ACTIVITY_STEP, Recording, SessionState, UploadMethod, UploadSession
from backend.ports import Catalogue

# So long may a part still be signed of an upload that somebody else has just ended. The store refuses it then.
AT_HAND_S = 2.0


class OwnedSessions:
    """Sessions by owner, upload id and key, all three of which have to fit."""

    def __init__(self, catalogue: Catalogue, now: Callable[[], float] = time.monotonic) -> None:
        self._catalogue = catalogue
        self._now = now
        self.answers = KeptAnswers(self._still_open, AT_HAND_S, "sessions-at-hand", now)
        """By upload id, the sessions that were found open."""
        self._when_ended: Callable[[str, str], None] | None = None

    def find(self, owner_id: str, upload_id: str, key: str) -> UploadSession:
        """Return the session as the catalogue has it. Raises UploadNotFound.

        Of one that was completed so long ago that it is forgotten, it is what the recording tells.
        """
        asked_at = self._now()
        session = self._catalogue.find_session(owner_id, upload_id) or self._forgotten(owner_id, upload_id)
        if session is None or session.key != key:
            raise UploadNotFound
        # Not those of a single PUT: what its URL puts into the store stays there.
        if session.state is SessionState.UPLOADING and session.method is UploadMethod.MULTIPART:
            self.answers.put(upload_id, session, asked_at)
        return session

    def at_hand(self, owner_id: str, upload_id: str, key: str) -> UploadSession | None:
        """Return the session if it was found open a moment ago and need not be noted as active. Never waits."""
        session = self.answers.take(upload_id)
        if session is None or (session.owner_id, session.key) != (owner_id, key):
            return None
        return None if datetime.now(UTC) - session.active_at >= ACTIVITY_STEP else session

    def tell_of_ended(self, when_ended: Callable[[str, str], None]) -> None:
        """Call this, which must return at once, with owner and upload id of each that was ended here."""
        self._when_ended = when_ended

    @contextmanager
    def ending(self, owner_id: str, upload_id: str, key: str) -> Iterator[UploadSession]:
        """Yield the session to somebody who may end it; it is not at hand afterwards. Raises UploadNotFound."""
        try:
            yield self.find(owner_id, upload_id, key)
            self.ended(owner_id, upload_id)
        finally:
            self.answers.drop(upload_id)

    def ended(self, owner_id: str, upload_id: str) -> None:
        """Tell whoever wants to know that the session was ended here."""
        if self._when_ended is not None:
            self._when_ended(owner_id, upload_id)

    def _forgotten(self, owner_id: str, upload_id: str) -> UploadSession | None:
        recording = self._catalogue.find_recording_of(owner_id, upload_id)
        return None if recording is None else _session_of(recording)

    def _still_open(self, known: Mapping[str, UploadSession]) -> Mapping[str, UploadSession]:
        uploading = self._catalogue.still_uploading(known)
        return {upload_id: session for upload_id, session in known.items() if upload_id in uploading}


def _session_of(recording: Recording) -> UploadSession:
    return UploadSession(
        session_id=recording.recording_id,
        owner_id=recording.owner_id,
        client_upload_id=None,
        upload_id=recording.upload_id,
        key=recording.key,
        file_name=recording.file_name,
        content_type=recording.content_type,
        folder_id=recording.folder_id,
        file_size_bytes=recording.size_bytes,
        part_size_bytes=recording.size_bytes,  # nobody asks any more in what parts it came
        checksum_algorithm=None,
        crc64nvme=recording.crc64nvme,
        state=SessionState.COMPLETED,
        created_at=recording.created_at,
        active_at=recording.created_at,
    )
