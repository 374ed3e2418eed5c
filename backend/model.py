"""The values that services, ports and adapters exchange. Immutable; no input or output here.

Sizes are bytes. Times are aware UTC with whole milliseconds, the precision that every catalogue keeps.
Checksums are base64 text as S3 writes it. ETags are kept without quotes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar
from urllib.parse import quote

Item = TypeVar("Item")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class ChecksumAlgorithm(StrEnum):
    """How a part's bytes are protected on their way into the store."""

    CRC64NVME = "CRC64NVME"
    MD5 = "MD5"


class UploadMethod(StrEnum):
    """How a file gets into the store: as the parts of a multipart upload, or with one PUT."""

    MULTIPART = "multipart"
    PUT = "put"


class Disposition(StrEnum):
    """What a browser does with a recording's link: keep it as a file, or play it where it stands."""

    ATTACHMENT = "attachment"
    INLINE = "inline"


class ContentCheck(StrEnum):
    """Whether a recording's first bytes are what its content type says; UNKNOWN where nobody can tell."""

    PENDING = "pending"
    MATCH = "match"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


class SessionState(StrEnum):
    """Where an upload stands: uploading, then completing, then completed; or aborted."""

    UPLOADING = "uploading"
    COMPLETING = "completing"
    COMPLETED = "completed"
    ABORTED = "aborted"


OPEN_STATES = frozenset({SessionState.UPLOADING, SessionState.COMPLETING})
ENDED_STATES = frozenset({SessionState.COMPLETED, SessionState.ABORTED})
# Where checksum support is tried out. No upload's key begins with a dot, see ``object_key``.
PROBE_PREFIX = ".recorder-probe/"
# How exactly a session's last activity is kept: a write an hour costs nothing, a write a part would.
ACTIVITY_STEP = timedelta(hours=1)


@dataclass(frozen=True)
class UploadSession:
    """One upload as the catalogue knows it. ``upload_id`` is None until the store has opened it.

    ``active_at`` is when its client was last heard of, to the ``ACTIVITY_STEP``. ``sweep_at`` is when an aborted
    session's key is looked at once more, None when there is no need. With the method PUT the backend makes the
    upload id, and ``put_checksum`` is what the bytes must have, by the session's algorithm.
    """

    session_id: str
    owner_id: str
    client_upload_id: str | None
    upload_id: str | None
    key: str
    file_name: str
    content_type: str
    folder_id: str | None
    file_size_bytes: int | None
    part_size_bytes: int
    checksum_algorithm: ChecksumAlgorithm | None
    crc64nvme: str | None
    state: SessionState
    created_at: datetime
    active_at: datetime
    sweep_at: datetime | None = None
    method: UploadMethod = UploadMethod.MULTIPART
    put_checksum: str | None = None

    def object_metadata(self) -> dict[str, str]:
        """Return the metadata that marks an object as this session's; ASCII, as S3's headers demand."""
        return {"user-id": quote(self.owner_id, safe=""), "session-id": self.session_id}


@dataclass(frozen=True)
class Recording:
    """One stored and verified file. ``recording_id`` equals the id of the session that brought it."""

    recording_id: str
    owner_id: str
    upload_id: str
    bucket: str
    key: str
    file_name: str
    content_type: str
    folder_id: str | None
    size_bytes: int
    crc64nvme: str | None
    created_at: datetime
    duration_s: float | None = None
    duration_pending: bool = True
    content_check: ContentCheck = ContentCheck.PENDING


@dataclass(frozen=True)
class Progress:
    """How much of an upload's file has arrived: as its client says, or estimated from the URLs that it asked for."""

    session_id: str
    owner_id: str
    bytes_confirmed: int
    estimated: bool
    updated_at: datetime


@dataclass(frozen=True)
class UploadStatus:
    """All that a watcher is told of one upload; ``recording`` is there when it is completed and not deleted."""

    session: UploadSession
    progress: Progress | None
    recording: Recording | None


@dataclass(frozen=True)
class Folder:
    """A place in the library where an owner puts recordings; ``parent_id`` is None at the top."""

    folder_id: str
    owner_id: str
    name: str
    parent_id: str | None
    created_at: datetime


@dataclass(frozen=True)
class Period:
    """From one time on and up to another one, both included; None leaves that side open."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, moment: datetime) -> bool:
        """Return whether the moment lies in it."""
        return (self.since is None or self.since <= moment) and (self.until is None or moment <= self.until)


ALWAYS = Period()


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items and the cursor of the next page, None on the last one."""

    items: Sequence[Item]
    next_cursor: str | None


@dataclass(frozen=True)
class Cursor:
    """A place in a list that is sorted newest first, ties by id descending."""

    created_at: datetime
    item_id: str


class RecordingOrder(StrEnum):
    """By what recordings are listed, with a minus from the greatest down; ties by id, in the same direction.

    Names count case folded. A playing time that is unknown is less than any.
    """

    NEWEST = "-createdAt"
    OLDEST = "createdAt"
    NAME = "fileName"
    NAME_BACKWARDS = "-fileName"
    LARGEST = "-size"
    SMALLEST = "size"
    LONGEST = "-duration"
    SHORTEST = "duration"

    @property
    def is_descending(self) -> bool:
        """Whether the greatest comes first."""
        return self.value.startswith("-")

    @property
    def key(self) -> str:
        """By what, whatever the direction: createdAt, fileName, size or duration."""
        return self.value.removeprefix("-")


@dataclass(frozen=True)
class Place:
    """A place in a list of recordings: what its last item is sorted by, and its id.

    value: milliseconds, a folded name, bytes, or seconds; None for an unknown playing time.
    """

    value: int | float | str | None
    item_id: str


def place_of(recording: Recording, order: RecordingOrder) -> Place:
    """Return where the recording stands in this order."""
    values: dict[str, int | float | str | None] = {
        "createdAt": to_millis(recording.created_at),
        "fileName": recording.file_name.casefold(),
        "size": recording.size_bytes,
        "duration": recording.duration_s,
    }
    return Place(values[order.key], recording.recording_id)


@dataclass(frozen=True)
class PartToSign:
    """A part for which a URL is wanted; length and checksum are signed where given."""

    part_number: int
    content_length: int | None = None
    checksum: str | None = None


@dataclass(frozen=True)
class SignedPart:
    """A URL for one PUT, and the headers that the PUT must carry besides Host."""

    part_number: int
    url: str = field(repr=False)
    headers: Mapping[str, str]
    expires_in_s: int


@dataclass(frozen=True)
class StoredPart:
    """One entry of the store's part list. A part number may occur more than once, see ``stored_parts``."""

    part_number: int
    etag: str
    size_bytes: int
    modified_at: datetime
    crc64nvme: str | None = None


@dataclass(frozen=True)
class OpenUpload:
    """A multipart upload that the store has open, whoever opened it; opened now where the store does not say when."""

    key: str
    upload_id: str
    opened_at: datetime


@dataclass(frozen=True)
class AbortRule:
    """A rule of the bucket that aborts what is still open so many days after it was begun.

    ``is_filtered`` by more than the prefix: by tags or sizes. ``is_ours`` when this program has set it.
    """

    days: int
    prefix: str
    is_filtered: bool
    is_ours: bool

    @property
    def is_for_all(self) -> bool:
        """Whether it is for every upload of the bucket."""
        return not self.prefix and not self.is_filtered

    def may_match(self, beginning: str) -> bool:
        """Whether it may be for a key that begins like this."""
        return self.prefix.startswith(beginning) or beginning.startswith(self.prefix)


@dataclass(frozen=True)
class CompletedPart:
    """A part as the client names it at complete."""

    part_number: int
    etag: str


@dataclass(frozen=True)
class StoredObject:
    """What a HEAD says of a finished object."""

    size_bytes: int
    etag: str
    modified_at: datetime
    crc64nvme: str | None
    session_id: str | None


@dataclass(frozen=True)
class ListedObject:
    """What a listing says of a finished object."""

    size_bytes: int
    etag: str
    modified_at: datetime


@dataclass(frozen=True)
class Account:
    """Somebody who signs in here. ``user`` is the name and the owner id of all that is theirs.

    ``generation`` grows when the account is disabled or gets another password: what was signed in before ends.
    """

    user: str
    password_hash: str = field(repr=False)
    created_at: datetime
    is_disabled: bool = False
    generation: int = 0


@dataclass(frozen=True)
class SignIn:
    """One sign-in on one computer, from its password until it ends: the family of its refresh tokens.

    Of those only hashes are kept: that of the one which counts, and that of the one before, replaced at
    ``rotated_at``. ``generation`` is the account's at the time of the password.
    """

    family: str
    user: str
    generation: int
    token_hash: str = field(repr=False)
    previous_hash: str | None = field(repr=False)
    rotated_at: datetime
    expires_at: datetime


def utc_now() -> datetime:
    """Return the time, aware, in whole milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def normal_name(user: str) -> str:
    """Return a user's name as it is kept: a letter with an accent is one character, however it was typed (NFC)."""
    return unicodedata.normalize("NFC", user)


def to_millis(moment: datetime) -> int:
    """Return milliseconds since 1970 as a whole number, without a float in between."""
    return (moment - _EPOCH) // _MILLISECOND


def from_millis(millis: int) -> datetime:
    """Return the aware UTC time; the inverse of ``to_millis``."""
    return _EPOCH + millis * _MILLISECOND


def bare_etag(etag: str) -> str:
    """Return an ETag without quotes and without a proxy's weak mark."""
    return etag.removeprefix("W/").strip('"')
