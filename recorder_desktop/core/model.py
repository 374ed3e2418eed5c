"""What an upload is made of: immutable values shared by every room of the desktop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class UploadState(Enum):
    """Where an upload stands; the values are the words of the command line and of the database."""

    QUEUED = "queued"
    UPLOADING = "uploading"
    WAITING = "waiting"  # for the network, the server or a sign-in; goes on by itself
    PAUSED = "paused"  # by the person
    FINALISING = "finalising"  # all parts are stored; complete and verify
    COMPLETED = "completed"  # verified: safe to delete the local copy
    ATTENTION = "attention"  # only the person can help
    CANCELLED = "cancelled"

    # Rows are counted by state, by the hundred thousand. Enum's own hash is a function in Python.
    __hash__ = object.__hash__

    @property
    def is_finished(self) -> bool:
        """Nothing is left to send, or nothing will be sent."""
        return self in (UploadState.COMPLETED, UploadState.CANCELLED)

    @property
    def is_running(self) -> bool:
        """The engine is at work on it, or will be as soon as a thread is free."""
        return self in (
            UploadState.QUEUED,
            UploadState.UPLOADING,
            UploadState.WAITING,
            UploadState.FINALISING,
        )


class ChecksumAlgorithm(Enum):
    """How a part is proven whole; the values are the backend's words."""

    CRC64NVME = "CRC64NVME"
    MD5 = "MD5"


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What tells one state of a file from another without reading it.

    `ctime_ns` is the inode change time; on Windows the file system's ChangeTime. It is the only field that a
    program cannot set back, so it betrays an overwrite whose mtime was restored.
    """

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    device: int
    file_id: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an upload does not move: a stable code, and a sentence or two for the person."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RemoteUpload:
    """The upload that the backend opened: what every later call needs."""

    upload_id: str
    key: str
    bucket: str
    part_size_bytes: int
    checksum_algorithm: ChecksumAlgorithm | None


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A recording in the bucket and in the catalogue. `crc64nvme` is base64, as S3 writes it."""

    file_id: str
    file_name: str
    key: str
    bucket: str
    file_url: str
    size_bytes: int
    content_type: str
    crc64nvme: str | None
    duration_s: float | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way; a row of the queue.

    id: this row's name for people and commands. client_upload_id: the name under which the backend knows the
    present attempt; a restart from zero takes a new one. path_text: the whole path of its file; as a text, because
    a hundred thousand are kept, and a Path takes four times the memory. destination: the place the upload was queued
    for and stays with. position: its rank in the queue. bytes_confirmed: bytes whose ETag is stored on this computer.
    maybe_open: the backend was asked to open an upload for it, so giving up means an abort is owed.
    forgotten: the person removed it; the row stays, unseen, until the abort is done. owner: who was signed in when
    it was first sent; nobody else sends it. Empty where the destination's sign-ins name nobody.
    """

    id: str
    client_upload_id: str
    path_text: str
    identity: FileIdentity
    content_type: str
    destination: str
    directory: str
    folder_id: str | None
    position: int
    created_at: str
    state: UploadState = UploadState.QUEUED
    problem: Problem | None = None
    remote: RemoteUpload | None = None
    bytes_confirmed: int = 0
    duration_s: float | None = None
    recording: StoredRecording | None = None
    maybe_open: bool = False
    forgotten: bool = False
    owner: str | None = None

    @property
    def path(self) -> Path:
        """Where the file is on this computer."""
        return Path(self.path_text)

    @property
    def file_name(self) -> str:
        """What its file is called."""
        return os.path.basename(self.path_text)  # noqa: PTH119 - a Path costs ten times as much

    @property
    def size_bytes(self) -> int:
        """The file's size when it was last looked at."""
        return self.identity.size_bytes


@dataclass(frozen=True, slots=True)
class PartRange:
    """The bytes of one part: `size_bytes` from `offset` on. Numbers start at 1."""

    number: int
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ConfirmedPart:
    """A part that the store acknowledged. `crc64nvme` is the integer from which the whole file's is combined, known
    whatever the upload's algorithm is."""

    number: int
    size_bytes: int
    etag: str
    crc64nvme: int


@dataclass(frozen=True, slots=True)
class RemotePart:
    """A part as list-parts tells it. `crc64nvme` is base64, None where the store lists no checksums."""

    number: int
    size_bytes: int
    etag: str
    crc64nvme: str | None = None


@dataclass(frozen=True, slots=True)
class SignedPart:
    """Leave to PUT one part: the URL and the headers that its signature covers.

    `valid_for_s` counts from the moment the answer arrived.
    """

    url: str
    headers: dict[str, str]
    valid_for_s: float

    def __repr__(self) -> str:
        return f"SignedPart(url=<masked>, valid_for_s={self.valid_for_s})"


@dataclass(frozen=True, slots=True)
class PartMap:
    """How every part of an upload stands: `sizes` in order; the numbers of those confirmed; bytes sent but not
    confirmed, by part number."""

    sizes: tuple[int, ...]
    confirmed: frozenset[int]
    in_flight: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class UploadView:
    """An upload as it looks at this instant. In-flight bytes are sent but not confirmed, so they may count
    again. rate: bytes/s over the last seconds, 0 at rest; seconds_left: None while unknown."""

    upload: Upload
    bytes_in_flight: int = 0
    rate_bytes_per_s: float = 0.0
    seconds_left: float | None = None
