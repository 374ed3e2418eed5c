"""What the services need from an object store and from a database, errors included.

Adapters raise only what is named here, from ``backend.errors``. Every method may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from backend.model import (
    ALWAYS,
    Account,
    ChecksumAlgorithm,
    CompletedPart,
    ContentCheck,
    Cursor,
    Disposition,
    Folder,
    ListedObject,
    OpenUpload,
    PartToSign,
    Period,
    Place,
    Progress,
    Recording,
    RecordingOrder,
    SessionState,
    SignedPart,
    SignIn,
    StoredObject,
    StoredPart,
    UploadSession,
    UploadStatus,
)


class ObjectStore(Protocol):
    """One bucket. Every method but the presigning ones may raise StoreError's kinds."""

    @property
    def bucket(self) -> str:
        """The bucket's name."""

    def check(self) -> None:
        """Return when the bucket answers; fails fast, without the retries of the other methods."""

    def create_bucket(self) -> None:
        """Create the bucket; nothing happens when it exists and is ours."""

    def checksum_support(self) -> frozenset[ChecksumAlgorithm]:
        """Return what the store checks on arrival. Found out once; an outage meanwhile raises and pins nothing."""

    def open_upload(self, session: UploadSession) -> str:
        """Open a multipart upload for the session's key and return its upload id."""

    def open_upload_ids(self, key: str) -> list[str]:
        """Return the ids of all open multipart uploads under exactly this key."""

    def open_uploads(self) -> Iterator[OpenUpload]:
        """Yield all open multipart uploads of the bucket, whoever opened them, in no order."""

    def presign_part(self, session: UploadSession, upload_id: str, part: PartToSign, expires_in_s: int) -> SignedPart:
        """Return a URL for one PUT of this part; length and checksum bind where given."""

    def presign_put(self, session: UploadSession, expires_in_s: int) -> SignedPart:
        """Return a URL for one PUT of the session's whole file, as its only part.

        Length, content type, checksum and the session's mark bind: no other bytes, and none of another session.
        """

    def list_parts(self, key: str, upload_id: str) -> list[StoredPart]:
        """Return every entry of every page, in no order, superseded ones included. Raises UploadGone."""

    def complete_upload(
        self, key: str, upload_id: str, parts: Sequence[CompletedPart], crc64nvme: str | None
    ) -> None:
        """Assemble the parts, which are sorted by number; with a checksum the store compares the whole.

        Raises UploadGone, PartsMismatch, PartTooSmall, ChecksumMismatch: the upload stays open for a repair.
        Raises StoreUnclear when the answer does not prove success: only a HEAD can tell.
        """

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Abort the multipart upload; an unknown one is no error, a completed object stays."""

    def head(self, key: str) -> StoredObject | None:
        """Return what is known of the finished object, None when there is none. One request for one that is there."""

    def list_objects(self, first: str, last: str, limit: int) -> Mapping[str, ListedObject]:
        """Return what a listing tells of the first ``limit`` objects, 1,000 at most, from one key to another.

        Both keys are in one directory, and only that is looked at. One request. Those without an ETag are left out.
        """

    def presign_download(
        self, key: str, file_name: str, disposition: Disposition, expires_in_s: int, served_as: str | None = None
    ) -> str:
        """Return a URL that downloads the object under the given file name, or shows it.

        ``served_as`` is the content type of the answer, where it is not to be the object's own.
        """

    def link_origin(self) -> str:
        """Return the scheme, host and port of what is shown under its own type; nothing is signed for it."""

    def file_url(self, key: str) -> str:
        """Return the object's lasting, unsigned address."""

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return at most ``length`` bytes from ``start``; empty when the object is gone or shorter."""

    def delete_object(self, key: str) -> None:
        """Delete the object; a missing one is no error."""


class Catalogue(Protocol):
    """Sessions and recordings. Every method may raise CatalogueUnavailable; a write is durable on return."""

    def check(self) -> None:
        """Return when the database answers; raises CatalogueUnusable when it can never work."""

    def reserve_session(self, session: UploadSession) -> UploadSession:
        """Insert the session, or return the one that has the same owner and client upload id already."""

    def reserve_sessions(self, sessions: Sequence[UploadSession]) -> list[UploadSession]:
        """Do the same for several, all with client upload ids; what counts of each, in the same order.

        Not in one transaction: after an error, any of them may have been inserted.
        """

    def find_session(self, owner_id: str, upload_id: str) -> UploadSession | None:
        """Return the owner's session of this upload id."""

    def find_sessions(self, owner_id: str, upload_ids: Collection[str]) -> list[UploadSession]:
        """Return those of the owner's sessions that have one of these upload ids, in no order."""

    def find_client_session(self, owner_id: str, client_upload_id: str) -> UploadSession | None:
        """Return the owner's session of this client upload id."""

    def still_uploading(self, upload_ids: Collection[str]) -> frozenset[str]:
        """Return those of these upload ids whose sessions, of all owners, are still ``uploading``."""

    def swap_session(self, old: UploadSession, new: UploadSession) -> UploadSession:
        """Store ``new`` if state and upload id are still those of ``old``; return the session as it now is.

        Raises UploadNotFound when the session does not exist.
        """

    def list_sessions(
        self, owner_id: str, states: frozenset[SessionState], before: Cursor | None, limit: int
    ) -> list[UploadSession]:
        """Return up to ``limit`` of the owner's sessions in these states, newest first, after the cursor."""

    def count_open_sessions(self) -> int:
        """Return how many sessions of all owners are neither completed nor aborted."""

    def touch_session(self, session: UploadSession, active_at: datetime) -> None:
        """Note that the session's client was heard of, and change nothing else; a missing session is no error."""

    def idle_sessions(
        self, states: frozenset[SessionState], idle_since: datetime, after: Cursor | None, limit: int
    ) -> list[UploadSession]:
        """Return up to ``limit`` sessions of all owners in these states, last active then or earlier.

        The ones that were created first come first; the cursor continues after one of them.
        """

    def sessions_of_keys(self, keys: Collection[str]) -> list[UploadSession]:
        """Return the sessions of all owners that reserved one of these keys, in no order."""

    def sessions_to_sweep(self, until: datetime, limit: int) -> list[UploadSession]:
        """Return up to ``limit`` aborted sessions of all owners whose ``sweep_at`` has come, earliest first."""

    def forget_sessions(self, idle_since: datetime, limit: int) -> int:
        """Delete up to ``limit`` sessions of all owners that are of no more use; return how many.

        They were completed or aborted, last active then or earlier, and are not to be swept. Recordings stay.
        """

    def complete_session(self, session: UploadSession, recording: Recording) -> Recording:
        """In one transaction insert the recording and mark the session completed; return the stored recording.

        Asked again, or by several at once, there is one recording and all get it. Raises UploadAborted when the
        session was aborted meanwhile: then there is none.
        """

    def complete_open_sessions(self, completed: Sequence[tuple[UploadSession, Recording]]) -> bool:
        """In one transaction do the same for several sessions, if all of them are still open; return whether.

        If not, or if one is named twice, nothing is changed.
        """

    def find_recording(self, owner_id: str, recording_id: str) -> Recording | None:
        """Return the owner's recording."""

    def find_recording_of(self, owner_id: str, upload_id: str) -> Recording | None:
        """Return the owner's recording that came of the upload of this id."""

    def list_recordings(
        self,
        owner_id: str,
        query: str | None,
        after: Place | None,
        limit: int,
        *,
        created: Period = ALWAYS,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> list[Recording]:
        """Return up to ``limit`` recordings of this time, in this order, after the place.

        ``query`` keeps those whose file name contains it, case folded; nothing in it is a wildcard.
        """

    def delete_recording(self, recording: Recording, sweep_at: datetime) -> None:
        """In one transaction delete the recording and mark its session aborted, to be swept at that time.

        A missing one is no error.
        """

    def recordings_without_duration(self, limit: int) -> list[Recording]:
        """Return up to ``limit`` recordings whose duration has not been looked for, oldest first."""

    def claim_duration(self, recording_id: str, worker: str, now: datetime, until: datetime) -> bool:
        """Return whether this worker may look for the duration, and keep others from it until then.

        It may when nobody has found it yet and no other worker's claim holds now. Its own may be renewed.
        """

    def set_duration(self, recording_id: str, duration_s: float | None) -> None:
        """Store what was found, None for unknown, and that it need not be looked for again."""

    def close(self) -> None:
        """Release connections; the catalogue is not used afterwards."""


class Folders(Protocol):
    """The folders of the library. Every method may raise CatalogueUnavailable; a write is durable on return."""

    def reserve_folder(self, folder: Folder) -> Folder:
        """Insert the folder, or return the one that its owner has under this name in this place already."""

    def find_folder(self, owner_id: str, folder_id: str) -> Folder | None:
        """Return the owner's folder."""

    def list_folders(self, owner_id: str, before: Cursor | None, limit: int) -> list[Folder]:
        """Return up to ``limit`` of the owner's folders, newest first, after the cursor."""

    def change_folder(
        self, owner_id: str, folder_id: str, change: Callable[[Folder], Folder], max_depth: int
    ) -> Folder:
        """In one transaction store the name and place that ``change`` gives to the owner's folder; return it.

        Raises FolderNotFound for it or its new parent, FolderExists, FolderCycle, and FolderTooDeep when it would
        have ``max_depth`` folders above it or more. Two changes at once are as good as one after the other.
        """

    def delete_folder(self, owner_id: str, folder_id: str) -> None:
        """In one transaction delete the owner's folder if there is nothing in it.

        In it are folders, recordings, and uploads that are neither completed nor aborted. Raises FolderNotFound,
        FolderNotEmpty. An upload that is opened into it in the same instant keeps the name of a folder that is gone.
        """


class RequestCounts(Protocol):
    """How much was asked for in each minute, counted with all instances. May raise CatalogueUnavailable."""

    def count_requests(self, who: str, minute: int, count: int) -> int:
        """Add requests to those of this name in this minute since 1970, and return how many that makes.

        A negative count takes some back. Counts of past minutes are forgotten. They need not be
        durable on return.
        """


class Accounts(Protocol):
    """People with passwords, and where they are signed in. Every method may raise CatalogueUnavailable."""

    def add_account(self, account: Account) -> None:
        """Insert the account. Raises AccountExists when there is one of this name."""

    def find_account(self, user: str) -> Account | None:
        """Return the account of exactly this name."""

    def disabled_among(self, users: Collection[str]) -> frozenset[str]:
        """Return those of these users whose account is disabled."""

    def list_accounts(self, after: str, limit: int) -> list[Account]:
        """Return up to ``limit`` accounts by name, those after this name; an empty one is before all."""

    def set_disabled(self, user: str, is_disabled: bool) -> None:
        """Disable the account and add one to its generation, or enable it. Raises AccountNotFound."""

    def set_password(self, user: str, password_hash: str) -> None:
        """Store another password's hash and add one to the generation. Raises AccountNotFound."""

    def renew_hash(self, account: Account, password_hash: str) -> None:
        """Store another hash of the same password, unless it has been changed since the account was read."""

    def add_sign_in(self, sign_in: SignIn) -> None:
        """Insert the sign-in. Expired ones are forgotten some time after."""

    def find_sign_in(self, family: str) -> SignIn | None:
        """Return the sign-in, an expired one perhaps too."""

    def rotate_sign_in(self, old: SignIn, new: SignIn) -> bool:
        """Store the new hashes and times if the token that counts is still the old one's; return whether it was."""

    def delete_sign_in(self, family: str) -> None:
        """End the sign-in; a missing one is no error."""


class ChangeWatch(Protocol):
    """What changes from now on, in whichever process it is changed. For one thread."""

    def next(self, wait_s: float) -> frozenset[str]:
        """Return the ids of sessions of which anything was changed, empty when nothing was for ``wait_s`` seconds.

        Raises ChangesMissed when some may be missing, at the first call too: what is read after that is newer than
        they are, and later ones are told. After CatalogueUnavailable ask again, nothing is lost by it.
        """

    def close(self) -> None:
        """Stop watching; never raises."""


class ProgressBoard(Protocol):
    """How far uploads are. Every method may raise CatalogueUnavailable; no write is durable for sure."""

    def note(self, progress: Sequence[Progress]) -> list[Progress]:
        """Keep what is further than what is known, a client's own word before any estimate.

        Return the known ones that were further or better, in place of those that were passed over for them.
        """

    def correct(self, progress: Progress) -> None:
        """Keep this, whatever is known."""

    def statuses(self, owner_ids: Collection[str], session_ids: Collection[str]) -> list[UploadStatus]:
        """Return the statuses of those of these sessions that belong to one of these owners, in no order."""

    def watch(self) -> ChangeWatch:
        """Return a watch on the sessions, recordings and progress of all owners. Does not connect yet."""


class ContentChecks(Protocol):
    """Which recordings have been looked into. Every method may raise CatalogueUnavailable."""

    def unchecked(self, now: datetime, limit: int) -> list[Recording]:
        """Return up to ``limit`` recordings of all owners that are pending and not postponed, oldest first."""

    def postpone(self, recording_id: str, until: datetime) -> None:
        """Leave the recording out of what is unchecked until then; a missing one is no error."""

    def set_checked(self, recording_id: str, outcome: ContentCheck) -> None:
        """Store what was found; a missing recording is no error."""


class Leases(Protocol):
    """Who does a piece of work for which one instance at a time is enough. May raise CatalogueUnavailable.

    It saves work and guards nothing: clocks differ and a holder may be slow, so the work has to be safe on all
    instances at once.
    """

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Return whether this holder has the lease until then: it had it already, or nobody else's holds now."""

    def report(self, name: str, holder: str, found: int, until: datetime) -> None:
        """Store what the work found, and keep the lease until then unless another holder has taken it meanwhile."""

    def found(self, name: str) -> int | None:
        """Return what the work found when it was last done, by whichever instance; None where it never was."""
