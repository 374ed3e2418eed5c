"""Turns stored parts into a recording: check, assemble, verify, record. Safe to ask again at any point.

    uploading ──> completing ──> completed      of a multipart upload
                  (S3 complete, HEAD, then session and record in one transaction)
    uploading ─────────────────> completed      of one PUT
                  (HEAD, then session and record in one transaction)

A session that stays ``completing`` (the database was away, the process died) is finished by the next complete
or by ``reconcile_completing``, and given up by the reaper when its client does not come back. Nothing here deletes
an object.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from backend.completion_rules import Completion, difference, expected_session, put_parts, recording_of
from backend.errors import (
    BackendError,
    CatalogueUnavailable,
    ChecksumMismatch,
    FileTooLarge,
    ObjectMismatch,
    PartsMismatch,
    PartTooSmall,
    StoredNotRecorded,
    StoreUnavailable,
    StoreUnclear,
    UploadAborted,
    UploadCompleted,
    UploadGone,
    UploadLost,
    UploadNotFound,
)
from backend.folders import require_folder
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    Cursor,
    Recording,
    SessionState,
    StoredObject,
    StoredPart,
    UploadMethod,
    UploadSession,
    utc_now,
)
from backend.owned_sessions import OwnedSessions
from backend.ports import Catalogue, Folders, ObjectStore
from backend.stored_parts import newest_parts, require_parts

RECONCILE_BATCH = 100
COMPLETE_TRIES = 2
MEANWHILE_TRIES = 20
MEANWHILE_INTERVAL_S = 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CheckedPut:
    """A session whose one PUT is in the store as it should be, and what is to be recorded of it."""

    session: UploadSession
    recording: Recording


class CompletionService:
    """Completes uploads. ``on_recorded`` is called with each new recording, and must return at once."""

    def __init__(
        self,
        store: ObjectStore,
        catalogue: Catalogue,
        sessions: OwnedSessions,
        on_recorded: Callable[[Recording], None],
        *,
        folders: Folders,
        max_file_bytes: int | None = None,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._folders = folders
        self._on_recorded = on_recorded
        self._sessions = sessions
        self._max_file_bytes = max_file_bytes

    def complete(self, owner_id: str, upload_id: str, key: str, completion: Completion) -> Recording:
        """Assemble the file, verify it and return its record; asked again, the same record.

        Raises UploadNotFound, UploadAborted, UploadLost, PartsMismatch, PartTooSmall, ChecksumMismatch,
        ObjectMismatch, FileTooLarge, and StoredNotRecorded when only the record is missing.
        """
        with self._sessions.ending(owner_id, upload_id, key) as session:
            return self._completed(session, completion)

    def _completed(self, session: UploadSession, completion: Completion) -> Recording:
        if session.state is SessionState.COMPLETED:
            return self._recorded(session)
        if session.state is SessionState.ABORTED:
            raise aborted_error()
        if completion.folder_id is not None and completion.folder_id != session.folder_id:
            require_folder(self._folders, session.owner_id, completion.folder_id)
        wanted = expected_session(session, completion)
        complete = self._complete_put if session.method is UploadMethod.PUT else self._complete
        try:
            return complete(session, wanted, completion.parts)
        except (PartsMismatch, UploadLost):
            recording = self._completed_meanwhile(session)
            if recording is None:
                raise
            return recording

    def _complete(self, session: UploadSession, wanted: UploadSession, parts: Sequence[CompletedPart]) -> Recording:
        upload_id = session.upload_id or ""
        try:
            stored = self._store.list_parts(session.key, upload_id)
            self._require_accepted(newest_parts(stored))
            require_parts(stored, parts, wanted.file_size_bytes)
        except UploadGone:
            return self._finish_gone(session, wanted)
        begun = self._begin(session, wanted)
        if begun.state is SessionState.COMPLETED:
            return self._recorded(begun)
        self._assemble(begun, upload_id, sorted(parts, key=lambda part: part.part_number))
        return self._finish(begun)

    def _require_accepted(self, stored: Sequence[StoredPart]) -> None:
        """Raise FileTooLarge for a file of which init was not told how large it would be."""
        limit = self._max_file_bytes
        if limit is not None and sum(part.size_bytes for part in stored) > limit:
            raise FileTooLarge(f"The file is over {limit} bytes, the limit of this server. Abort the upload.")

    def _complete_put(
        self, session: UploadSession, wanted: UploadSession, parts: Sequence[CompletedPart]
    ) -> Recording:
        """Record the object that the PUT left, without a step in between: there is nothing to assemble."""
        return self._record(wanted, _require_sent(wanted, self.marked_object(session), parts))

    def checked_put(
        self, session: UploadSession, completion: Completion, stored: StoredObject | None = None
    ) -> CheckedPut:
        """Return the record of an upload that is one PUT, as it stands in the store. Changes nothing.

        ``stored`` is the session's object where the caller knows of it. Raises InvalidField, and PartsMismatch or
        ObjectMismatch, perhaps only while somebody else completes it.
        """
        wanted = expected_session(session, completion)
        there = _require_sent(wanted, stored or self.marked_object(session), completion.parts)
        return CheckedPut(wanted, recording_of(wanted, there, self._store.bucket))

    def record_puts(self, checked: Sequence[CheckedPut]) -> bool:
        """Record several in one transaction; False, and nothing is changed, where one is not open any more.

        Raises StoredNotRecorded.
        """
        pairs = [(each.session, each.recording) for each in checked]
        with _stored_at_least():
            is_recorded = self._catalogue.complete_open_sessions(pairs)
        for each in checked if is_recorded else ():
            self._on_recorded(each.recording)
        return is_recorded

    def marked_object(self, session: UploadSession) -> StoredObject | None:
        """Return the object under the session's key if it carries the session's mark."""
        stored = self._store.head(session.key)
        return stored if stored is not None and stored.session_id == session.session_id else None

    def _completed_meanwhile(self, session: UploadSession) -> Recording | None:
        """Return the record if another request is completing this upload and gets there soon.

        While a store assembles an object, its part list shrinks and the object is not there yet: to a second
        request that looks as if parts, or the whole upload, were missing.
        """
        for _ in range(MEANWHILE_TRIES):
            now = self._sessions.find(session.owner_id, session.upload_id or "", session.key)
            if now.state is SessionState.COMPLETED:
                return self._recorded(now)
            if now.state is not SessionState.COMPLETING:
                return None
            time.sleep(MEANWHILE_INTERVAL_S)
        self._reopen(now)
        return None

    def _reopen(self, session: UploadSession) -> None:
        """Let an upload whose complete was refused take parts again, unless another request got further."""
        self._catalogue.swap_session(session, replace(session, state=SessionState.UPLOADING))

    def finish_if_stored(self, session: UploadSession) -> Recording | None:
        """Record the session's file if the store has it complete; None when it has not.

        The object counts as the file when it carries the session's mark and agrees in every known respect.
        """
        stored = self._store.head(session.key)
        if stored is None or difference(session, stored) is not None:
            return None
        return self._record(session, stored)

    def reconcile_completing(self) -> int:
        """Finish sessions that the store has complete but the catalogue has not; return how many."""
        finished = 0
        for session in self._completing():
            try:
                finished += self.finish_if_stored(session) is not None
            except BackendError as exc:
                log.warning("session %s stays completing: %s", session.session_id, exc.message)
        return finished

    def _completing(self) -> Iterator[UploadSession]:
        now, after = utc_now(), None
        states = frozenset({SessionState.COMPLETING})
        while batch := self._catalogue.idle_sessions(states, now, after, RECONCILE_BATCH):
            yield from batch
            after = Cursor(batch[-1].created_at, batch[-1].session_id)

    def _begin(self, session: UploadSession, wanted: UploadSession) -> UploadSession:
        """Mark the session completing, whatever else is under way; raises UploadAborted when it was given up."""
        target = replace(wanted, state=SessionState.COMPLETING, active_at=utc_now())
        while True:
            stored = self._catalogue.swap_session(session, target)
            if stored == target or stored.state is SessionState.COMPLETED:
                return stored
            if stored.state is SessionState.ABORTED:
                raise aborted_error()
            if stored.upload_id != target.upload_id:
                raise UploadNotFound
            session = stored

    def _assemble(self, session: UploadSession, upload_id: str, parts: Sequence[CompletedPart]) -> None:
        """Have the store assemble the parts; returns too when only a HEAD can tell whether it did."""
        crc64nvme = session.crc64nvme if session.checksum_algorithm is ChecksumAlgorithm.CRC64NVME else None
        for _ in range(COMPLETE_TRIES):
            try:
                return self._store.complete_upload(session.key, upload_id, parts, crc64nvme)
            except (StoreUnclear, StoreUnavailable) as exc:
                log.warning("complete of %s is unclear: %s", session.session_id, exc.message)
            except UploadGone:
                return None
            except (PartTooSmall, ChecksumMismatch):
                self._reopen(session)
                raise
        return None

    def _finish(self, session: UploadSession) -> Recording:
        """Verify the object by HEAD and record it. Raises UploadLost, ObjectMismatch, StoreUnavailable."""
        stored = self._store.head(session.key)
        if stored is None:
            self._require_gone(session)
            raise _lost()
        differs = difference(session, stored)
        if differs is not None:
            self._reopen(session)
            raise ObjectMismatch(f"The stored file is not the one sent: {differs}. Send it again.")
        return self._record(session, stored)

    def _finish_gone(self, session: UploadSession, wanted: UploadSession) -> Recording:
        """Complete a session whose multipart upload the store no longer has: done before, or lost."""
        stored = self._store.head(session.key)
        if stored is None or difference(wanted, stored) is not None:
            raise _lost()
        return self._record(self._begin(session, wanted), stored)

    def _require_gone(self, session: UploadSession) -> None:
        """Raise StoreUnavailable while the multipart upload is still open: complete has yet to happen."""
        try:
            self._store.list_parts(session.key, session.upload_id or "")
        except UploadGone:
            return
        raise StoreUnavailable("The store did not confirm the assembled file. Ask again.")

    def _record(self, session: UploadSession, stored: StoredObject) -> Recording:
        recording = recording_of(session, stored, self._store.bucket)
        with _stored_at_least():
            kept = self._catalogue.complete_session(session, recording)
        if kept.duration_pending:
            self._on_recorded(kept)
        return kept

    def _recorded(self, session: UploadSession) -> Recording:
        recording = self._catalogue.find_recording(session.owner_id, session.session_id)
        if recording is None:
            raise UploadAborted("This recording was deleted.")
        return recording


def _require_sent(wanted: UploadSession, stored: StoredObject | None, parts: Sequence[CompletedPart]) -> StoredObject:
    """Return the object that one PUT left if it is the file. Raises PartsMismatch, ObjectMismatch."""
    require_parts(put_parts(stored), parts, wanted.file_size_bytes)
    differs = difference(wanted, stored) if stored else "it is gone"
    if stored is None or differs is not None:
        raise ObjectMismatch(f"The stored file is not the one sent: {differs}. Send it again.")
    return stored


@contextmanager
def _stored_at_least() -> Iterator[None]:
    try:
        yield
    except CatalogueUnavailable as exc:
        raise StoredNotRecorded(
            "The file is stored; its record is not written yet, since the database is away. Ask again."
        ) from exc


def completed_error() -> BackendError:
    """Return the error for an upload that is past the point."""
    return UploadCompleted("This upload is already complete; the stored file stays.")


def aborted_error() -> BackendError:
    """Return the error for an upload that was given up."""
    return UploadAborted("This upload was aborted; begin a new one under a new clientUploadId.")


def _lost() -> BackendError:
    return UploadLost("The store has neither the open upload nor the finished file. Send it again.")
