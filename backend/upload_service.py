"""Opens uploads, signs their parts and lists them. Completing and aborting have services of their own.

The rule that makes a lost answer or a crash harmless: the session's row, with its key, exists before the store
opens a multipart upload, and the row's upload id decides. Whoever opened another one under that key aborts it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from backend.abort_service import AbortService
from backend.checksum import check_checksum
from backend.completion_rules import put_parts
from backend.completion_service import CompletionService, aborted_error, completed_error
from backend.cursor import decode_cursor, encode_cursor
from backend.errors import (
    BackendError,
    ChecksumMismatch,
    ContentTypeRefused,
    FileTooLarge,
    InvalidField,
    UploadGone,
)
from backend.folders import require_folder
from backend.model import (
    ACTIVITY_STEP,
    OPEN_STATES,
    ChecksumAlgorithm,
    Cursor,
    Page,
    PartToSign,
    SessionState,
    SignedPart,
    StoredPart,
    UploadMethod,
    UploadSession,
    utc_now,
)
from backend.object_key import make_key
from backend.owned_sessions import OwnedSessions
from backend.part_size import choose_part_size
from backend.ports import Catalogue, Folders, ObjectStore
from backend.stored_parts import newest_parts


@dataclass(frozen=True)
class UploadPolicy:
    """What this backend accepts. ``max_file_bytes`` None and ``content_types`` empty mean no limit."""

    presign_ttl_s: int = 3600
    max_file_bytes: int | None = None
    content_types: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NewUpload:
    """What a client says about the file it is going to send."""

    file_name: str
    content_type: str
    directory: str | None = None
    folder_id: str | None = None
    client_upload_id: str | None = None
    file_size_bytes: int | None = None
    part_size_hint_bytes: int | None = None
    checksum_algorithms: Sequence[ChecksumAlgorithm] = ()
    parts: Sequence[PartToSign] = ()
    single_put: bool = False


@dataclass(frozen=True)
class OpenedUpload:
    """An upload as init answers it; ``urls`` is None unless the client's assumptions came out."""

    session: UploadSession
    urls: Sequence[SignedPart] | None


class UploadService:
    """The life of an upload up to its completion.

    ``on_signed`` is called with each upload and the parts that URLs were asked for, and must return at once.
    """

    def __init__(
        self,
        store: ObjectStore,
        catalogue: Catalogue,
        sessions: OwnedSessions,
        completion: CompletionService,
        aborts: AbortService,
        *,
        folders: Folders,
        policy: UploadPolicy,
        on_signed: Callable[[UploadSession, Sequence[PartToSign]], None] = lambda _session, _parts: None,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._folders = folders
        self._sessions = sessions
        self._completion = completion
        self._aborts = aborts
        self._policy = policy
        self._on_signed = on_signed

    def init(self, owner_id: str, new: NewUpload) -> OpenedUpload:
        """Open an upload, or return the one that this client upload id already names.

        Raises InvalidField, FileTooLarge, ContentTypeRefused, FolderNotFound, UploadAborted.
        """
        try:
            fresh = self.new_session(owner_id, new)
            if new.folder_id is not None:
                require_folder(self._folders, owner_id, new.folder_id)
        except BackendError:
            # What is open already goes on, whatever is accepted by now.
            reserved = self._known(owner_id, new.client_upload_id)
            if reserved is None:
                raise
        else:
            # Not looked for before: nearly every upload is a new one, and this finds the others as well.
            reserved = self._catalogue.reserve_session(fresh)
            if reserved == fresh and fresh.method is UploadMethod.MULTIPART:
                return self.opened(self._adopt(fresh, self._store.open_upload(fresh)), new)
        return self.opened(self._ensure_open(reserved), new)

    def opened(self, session: UploadSession, new: NewUpload) -> OpenedUpload:
        """Return the open session as the answer to who asked for it."""
        return OpenedUpload(session, self._assumed_urls(session, new))

    def sign_parts(self, owner_id: str, upload_id: str, key: str, parts: Sequence[PartToSign]) -> list[SignedPart]:
        """Return a URL for each part, in the same order. Raises UploadNotFound, UploadCompleted, UploadAborted."""
        session = self._sessions.find(owner_id, upload_id, key)
        if session.state is SessionState.COMPLETED:
            raise completed_error()
        if session.state is SessionState.ABORTED:
            raise aborted_error()
        self._note_activity(session)
        signed = self._sign(session, upload_id, parts)
        self._on_signed(session, parts)
        return signed

    def at_hand(self, owner_id: str, upload_id: str, key: str, part: PartToSign) -> Callable[[], SignedPart] | None:
        """Return what makes a URL for a part where that needs no waiting for the catalogue, else None.

        Then ``sign_parts`` has to be asked. Raises InvalidField.
        """
        session = self._sessions.at_hand(owner_id, upload_id, key)
        if session is None:
            return None
        _check_part_checksum(session, part)
        return partial(self._sign_at_hand, session, upload_id, part)

    def _sign_at_hand(self, session: UploadSession, upload_id: str, part: PartToSign) -> SignedPart:
        signed = self._store.presign_part(session, upload_id, part, self._policy.presign_ttl_s)
        self._on_signed(session, [part])
        return signed

    def list_parts(self, owner_id: str, upload_id: str, key: str) -> list[StoredPart]:
        """Return the newest entry of each part, sorted. Raises UploadNotFound, UploadCompleted, UploadGone."""
        session = self._sessions.find(owner_id, upload_id, key)
        if session.state is SessionState.COMPLETED:
            raise completed_error()
        if session.method is UploadMethod.MULTIPART:
            return newest_parts(self._store.list_parts(key, upload_id))
        if session.state is SessionState.ABORTED:
            raise UploadGone("This upload was aborted.")
        return put_parts(self._completion.marked_object(session))

    def list_open(self, owner_id: str, cursor: str | None, limit: int) -> Page[UploadSession]:
        """Return the owner's open uploads, newest first."""
        before = decode_cursor(cursor)
        found = self._catalogue.list_sessions(owner_id, OPEN_STATES, before, limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        following = encode_cursor(Cursor(last.created_at, last.session_id)) if last else None
        return Page(found[:limit], following)

    def abort(self, owner_id: str, upload_id: str, key: str) -> None:
        """Abort an open upload and free its parts; again is no error. Raises UploadNotFound, UploadCompleted."""
        with self._sessions.ending(owner_id, upload_id, key) as session:
            self._aborts.abort(session)

    def _note_activity(self, session: UploadSession) -> None:
        now = utc_now()
        if now - session.active_at >= ACTIVITY_STEP:
            self._catalogue.touch_session(session, now)

    def _known(self, owner_id: str, client_upload_id: str | None) -> UploadSession | None:
        if client_upload_id is None:
            return None
        return self._catalogue.find_client_session(owner_id, client_upload_id)

    def _check_accepted(self, new: NewUpload) -> None:
        limit = self._policy.max_file_bytes
        if limit is not None and (new.file_size_bytes or 0) > limit:
            raise FileTooLarge(f"The file is over {limit} bytes, the limit of this server.")
        allowed = self._policy.content_types
        if new.single_put:
            _check_single_put(new)
        if allowed and new.content_type.partition(";")[0].strip().lower() not in allowed:
            raise ContentTypeRefused(f"contentType: {new.content_type} is not accepted by this server.")

    def new_session(self, owner_id: str, new: NewUpload) -> UploadSession:
        """Return a session of its own for what a client is going to send; nobody knows of it yet.

        Its folder is not looked for. Raises InvalidField, FileTooLarge, ContentTypeRefused.
        """
        self._check_accepted(new)
        created_at = utc_now()
        part_size = choose_part_size(new.file_size_bytes, new.part_size_hint_bytes)
        algorithm = self._choose_algorithm(new.checksum_algorithms)
        session = UploadSession(
            session_id=uuid.uuid4().hex,
            owner_id=owner_id,
            client_upload_id=new.client_upload_id,
            upload_id=None,
            key=make_key(new.directory, new.file_name, created_at),
            file_name=new.file_name,
            content_type=new.content_type,
            folder_id=new.folder_id,
            file_size_bytes=new.file_size_bytes,
            part_size_bytes=part_size,
            checksum_algorithm=algorithm,
            crc64nvme=None,
            state=SessionState.UPLOADING,
            created_at=created_at,
            active_at=created_at,
        )
        return _as_put(session, new.parts[0]) if _fits_one_put(session, new) else session

    def _choose_algorithm(self, offered: Sequence[ChecksumAlgorithm]) -> ChecksumAlgorithm | None:
        if not offered:
            return None
        supported = self._store.checksum_support()
        return next((algorithm for algorithm in offered if algorithm in supported), None)

    def _ensure_open(self, session: UploadSession) -> UploadSession:
        """Return the session with a multipart upload that the store really has, if it is still to be sent."""
        if session.state is SessionState.ABORTED:
            raise aborted_error()
        if session.state is not SessionState.UPLOADING:
            return session
        self._note_activity(session)
        if session.method is UploadMethod.PUT:
            return session
        open_ids = self._store.open_upload_ids(session.key)
        if session.upload_id not in open_ids:
            if session.upload_id is not None and self._completion.finish_if_stored(session):
                return replace(session, state=SessionState.COMPLETED)
            candidate = min(open_ids) if open_ids else self._store.open_upload(session)
            session = self._adopt(session, candidate)
        self._abort_others(session, open_ids)
        return session

    def _adopt(self, session: UploadSession, upload_id: str) -> UploadSession:
        """Make this the session's multipart upload, or abort it when another request was faster."""
        stored = self._catalogue.swap_session(session, replace(session, upload_id=upload_id))
        if stored.upload_id != upload_id:
            self._store.abort_upload(session.key, upload_id)
        return stored

    def _abort_others(self, session: UploadSession, open_ids: Sequence[str]) -> None:
        for other in open_ids:
            if other != session.upload_id:
                self._store.abort_upload(session.key, other)

    def _assumed_urls(self, session: UploadSession, new: NewUpload) -> list[SignedPart] | None:
        """Sign the parts that came with init, if the client cut and hashed them as was then decided."""
        if session.method is UploadMethod.PUT:
            return self._assumed_put(session, new)
        assumed = (new.part_size_hint_bytes, next(iter(new.checksum_algorithms), None))
        if not new.parts or new.single_put or assumed != (session.part_size_bytes, session.checksum_algorithm):
            return None
        if session.state is not SessionState.UPLOADING or session.upload_id is None:
            return None
        return self._sign(session, session.upload_id, new.parts)

    def _assumed_put(self, session: UploadSession, new: NewUpload) -> list[SignedPart] | None:
        same = (1, session.file_size_bytes, session.put_checksum)
        asked = [(part.part_number, part.content_length, part.checksum) for part in new.parts]
        if session.state is not SessionState.UPLOADING or asked != [same]:
            return None
        return [self._store.presign_put(session, self._policy.presign_ttl_s)]

    def _sign(self, session: UploadSession, upload_id: str, parts: Sequence[PartToSign]) -> list[SignedPart]:
        ttl_s = self._policy.presign_ttl_s
        if session.method is UploadMethod.PUT:
            for part in parts:
                _check_put(session, part)
            return [self._store.presign_put(session, ttl_s) for _ in parts]
        for part in parts:
            _check_part_checksum(session, part)
        return [self._store.presign_part(session, upload_id, part, ttl_s) for part in parts]


def _check_single_put(new: NewUpload) -> None:
    """Raise InvalidField unless everything came along that one PUT needs."""
    for field, value in (("clientUploadId", new.client_upload_id), ("fileSize", new.file_size_bytes)):
        if value is None:
            raise InvalidField(field, "needed with singlePut")
    if not new.checksum_algorithms:
        raise InvalidField("checksumAlgorithms", "singlePut needs one that is known here")
    whole = [(part.part_number, part.content_length) for part in new.parts]
    if whole != [(1, new.file_size_bytes)] or new.parts[0].checksum is None:
        raise InvalidField("parts", "singlePut needs part 1 alone, with the file's size and a checksum")
    check_checksum("checksum", new.checksum_algorithms[0], new.parts[0].checksum)


def _fits_one_put(session: UploadSession, new: NewUpload) -> bool:
    if not new.single_put or session.checksum_algorithm is not new.checksum_algorithms[0]:
        return False
    return (session.file_size_bytes or 0) <= session.part_size_bytes


def _as_put(session: UploadSession, part: PartToSign) -> UploadSession:
    is_crc64nvme = session.checksum_algorithm is ChecksumAlgorithm.CRC64NVME
    return replace(
        session,
        method=UploadMethod.PUT,
        upload_id=f"put-{uuid.uuid4().hex}",
        put_checksum=part.checksum,
        crc64nvme=part.checksum if is_crc64nvme else None,
    )


def _check_put(session: UploadSession, part: PartToSign) -> None:
    """Raise InvalidField for what can never be, ChecksumMismatch for other bytes than the upload was opened for.

    A URL for other bytes could put them in the place of a file that is recorded already.
    """
    if part.part_number != 1:
        raise InvalidField("partNumber", "this upload is one PUT, part 1")
    if part.content_length not in (None, session.file_size_bytes):
        raise InvalidField("contentLength", f"this upload has {session.file_size_bytes} bytes")
    _check_part_checksum(session, part)
    if part.checksum not in (None, session.put_checksum):
        raise ChecksumMismatch("This upload was opened for other bytes: begin a new one under a new clientUploadId.")


def _check_part_checksum(session: UploadSession, part: PartToSign) -> None:
    if part.checksum is None:
        return
    if session.checksum_algorithm is None:
        raise InvalidField("checksum", "this upload was opened without a checksum algorithm")
    check_checksum("checksum", session.checksum_algorithm, part.checksum)
