"""What the engine needs from outside.

`store`, `client` and `system` implement these; what it offers is core.upload_queue. Every method may be called from
any thread unless it says otherwise.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from recorder_desktop.core.digest import PartDigest, PartToSign
from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.file_access import FileAccess
from recorder_desktop.core.history import Happened, Happening
from recorder_desktop.core.model import (
    ConfirmedPart,
    PartRange,
    RemotePart,
    RemoteUpload,
    SignedPart,
    StoredRecording,
    Upload,
)
from recorder_desktop.core.sign_in import SignedIn, SignInRequest
from recorder_desktop.core.stop_token import StopToken


class UploadStore(Protocol):
    """The queue on disk. Every write returns only when it is committed; see each for how durable that is.

    Raises StoreFull when the disk has no room, QueueDamaged when the database cannot be trusted.
    """

    def load(self) -> Iterator[list[Upload]]:
        """All uploads in queue order, a lot at a time; the first is a small one, for somebody waits for it.

        Nothing is written before it has come to its end.
        """

    def insert(self, uploads: Sequence[Upload]) -> None:
        """Add rows; survives power loss."""

    def update(self, *uploads: Upload) -> None:
        """Write rows' present values, all or none; survives power loss. bytes_confirmed is left to the parts."""

    def delete(self, upload_ids: Sequence[str]) -> None:
        """Forget rows and their parts."""

    def parts(self, upload_id: str) -> list[ConfirmedPart]:
        """The confirmed parts of one upload by number."""

    def confirm_part(self, upload_id: str, part: ConfirmedPart) -> int:
        """Keep an acknowledged part; survives a crash of the process. Returns the upload's confirmed bytes."""

    def confirm_parts(self, parts: Mapping[str, ConfirmedPart]) -> dict[str, int]:
        """The same for one part each of several uploads, by upload: all or none."""

    def replace_parts(self, upload_id: str, parts: Sequence[ConfirmedPart]) -> int:
        """Make these the only confirmed parts. Returns the upload's confirmed bytes."""

    def move(self, positions: Mapping[str, int]) -> None:
        """Give uploads new positions in the queue."""

    def uplinks(self) -> dict[str, float]:
        """The last known rates towards each destination in bytes/s."""

    def keep_uplink(self, destination: str, rate_bytes_per_s: float) -> None:
        """Remember how fast bytes went to a destination."""

    def replace_attempts(self, attempts: Sequence[tuple[Upload, Upload | None]]) -> None:
        """Write the first of each two over its row, without parts, and add the second, if any, as a row.

        All or nothing; survives power loss.
        """

    def note(self, upload_id: str, happening: Happening) -> None:
        """Add to an upload's history; returns at once. It is written with the next commit, or when closing."""

    def history(self, upload_id: str) -> list[Happening]:
        """What happened to an upload, oldest first: the last KEPT happenings."""

    def last_happenings(self, upload_ids: Sequence[str]) -> dict[str, Happened]:
        """What happened last to each of these that has a history."""

    def close(self) -> None:
        """Finish pending writes and let go of the file."""


@dataclass(frozen=True, slots=True)
class InitRequest:
    """What the backend is told about a file before its first part.

    first_parts: the first parts as this computer expects them to be cut, with CRC64-NVME checksums, so that the
    answer can bring their URLs; when they are the whole file, one plain PUT may do.
    """

    client_upload_id: str
    file_name: str
    content_type: str
    size_bytes: int
    directory: str
    folder_id: str | None
    part_size_hint_bytes: int | None = None
    first_parts: tuple[PartToSign, ...] = ()

    @property
    def may_be_one_put(self) -> bool:
        """Whether the first part is the whole file, and its checksum known."""
        return [(part.size_bytes, part.checksum is not None) for part in self.first_parts] == [
            (self.size_bytes, True)
        ]

    @classmethod
    def of(
        cls, upload: Upload, part_size_hint_bytes: int | None = None, first_parts: Sequence[PartToSign] = ()
    ) -> InitRequest:
        """What the backend is told about this upload."""
        return cls(
            client_upload_id=upload.client_upload_id,
            file_name=upload.file_name,
            content_type=upload.content_type,
            size_bytes=upload.size_bytes,
            directory=upload.directory,
            folder_id=upload.folder_id,
            part_size_hint_bytes=part_size_hint_bytes,
            first_parts=tuple(first_parts),
        )


@dataclass(frozen=True, slots=True)
class OpenedUpload:
    """An upload as the backend opened it. `signed`: URLs of the first parts by number, if they were cut and
    checked as the request assumed; else empty."""

    remote: RemoteUpload
    signed: Mapping[int, SignedPart] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """One of a person's open multipart uploads, as the backend lists it: under which name it was opened, for what."""

    client_upload_id: str
    key: str
    file_name: str
    size_bytes: int
    content_type: str
    folder_id: str | None


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """An upload whose parts are all in the store. crc64nvme: base64, of the whole file; None where it is not to be
    compared."""

    remote: RemoteUpload
    upload: Upload
    parts: Sequence[ConfirmedPart]
    crc64nvme: str | None


class UploadBackend(Protocol):
    """The control path. Raises the errors of core.errors only."""

    def signed_in_as(self) -> str:
        """Whom the present sign-in speaks for; empty where it names nobody. Raises SignInRequired without one."""

    def on_behalf_of(self, owner: str) -> UploadBackend:
        """The same backend, whose every call raises SignInRequired while somebody else is signed in."""

    def init_upload(self, request: InitRequest) -> OpenedUpload:
        """Open the upload, or find the one that was opened under this client_upload_id.

        Whether it takes parts or one plain PUT makes no difference here: that one is part 1.
        """

    def init_uploads(self, requests: Sequence[InitRequest]) -> list[OpenedUpload | UploadError]:
        """The same for several, at most MAX_UPLOADS_AT_ONCE, in the same order; what one alone fails with.

        Raises what concerns them all, and Refused where the backend knows no such call.
        """

    def presign_parts(self, remote: RemoteUpload, parts: Sequence[PartToSign]) -> list[SignedPart]:
        """Leave to send exactly these bytes as these parts, in the same order; at most MAX_SIGNED_AT_ONCE.

        Raises FileReplaced where the upload was opened for other bytes and can take no more.
        """

    def list_parts(self, remote: RemoteUpload) -> list[RemotePart]:
        """What the store holds, by number, one entry a part."""

    def open_uploads(self) -> list[OpenUpload]:
        """The person's multipart uploads that take parts and were named by whoever opened them, newest first."""

    def report_progress(self, remote: RemoteUpload, bytes_confirmed: int) -> None:
        """Tell how much is stored, for whoever watches. Gives up within seconds; a lost one does no harm."""

    def complete_upload(
        self, remote: RemoteUpload, upload: Upload, parts: Sequence[ConfirmedPart], crc64nvme: str | None
    ) -> StoredRecording:
        """Make the object, verified by size and checksum, and its record. Safe to ask again."""

    def complete_uploads(self, requests: Sequence[CompleteRequest]) -> list[StoredRecording | UploadError]:
        """The same for several, at most MAX_UPLOADS_AT_ONCE; see init_uploads."""

    def abort_upload(self, remote: RemoteUpload) -> None:
        """Drop the upload and what was sent of it. Safe to ask again."""

    def recording(self, file_id: str) -> StoredRecording:
        """One of the person's stored recordings. Raises Refused with code `recording_not_found` where it is none."""


MAX_SIGNED_AT_ONCE = 100
"""The most parts that a backend signs in one call."""
MAX_UPLOADS_AT_ONCE = 100
"""The most uploads that a backend opens or completes in one call."""


class FilePiece(Protocol):
    """Some bytes that lie in a file."""

    @property
    def size_bytes(self) -> int:
        """How many."""

    def send_to(self, sock: socket.socket, stall_s: float) -> None:
        """Send them over a plain TCP connection without copying them through this process.

        The socket blocks for some seconds at most, then says that it would go on to. Raises TimeoutError when nothing
        was taken for `stall_s`, another OSError, or FileChanged if the file ends before.
        """


class PartBody(Protocol):
    """The bytes of one part, readable from the start as often as needed.

    Asking for the next piece says that the one before was handed to the network, and may wait for leave to go on.
    """

    size_bytes: int

    def blocks(self) -> Iterator[memoryview]:
        """The bytes in order. A block is valid until the next one is asked for."""

    def file_pieces(self) -> Iterator[FilePiece]:
        """The same bytes for a transport that can send out of a file."""


class StopSignal(Protocol):
    """Tells a worker to let go. `on_stop` functions run once, on the thread that stops; they must not block."""

    def is_set(self) -> bool:
        """Whether to let go."""

    def on_stop(self, action: Callable[[], None]) -> Callable[[], None]:
        """Register an action (it runs at once if already stopped); returns the function that withdraws it."""


class PartSender(Protocol):
    """One PUT to the store."""

    def send(self, signed: SignedPart, body: PartBody, stop: StopSignal) -> str:
        """Send a part and return the store's ETag as the header spells it.

        Raises core.errors only, or Interrupted soon after `stop`.
        """

    def close(self) -> None:
        """Close idle connections."""


class Tally(Protocol):
    """Told of the bytes of one attempt at a part, by one thread at a time."""

    def moved(self, size_bytes: int) -> None:
        """The network has taken so many more."""

    def waited(self) -> None:
        """The limit held some back: how fast they move says nothing of the line."""


class Lane(Protocol):
    """One thread's way for the bytes of files, one part at a time.

    Attributes:
        access: held while this thread, or whoever reads for it, waits for a drive.
    """

    access: FileAccess

    def digest(self, path: Path, part: PartRange, stop: StopToken, *, with_md5: bool) -> PartDigest:
        """Return the checksums of a part as it is on disk now.

        Raises FileChanged if the file is too short, FileMissing, FileUnreadable, or Interrupted soon after `stop`.
        """

    def send(self, signed: SignedPart, path: Path, part: PartRange, tally: Tally, stop: StopToken) -> str:
        """Send a part as it is on disk now, within the limit, and return the store's ETag as the header spells it.

        Raises core.errors only, or Interrupted soon after `stop`. `tally` hears nothing any more afterwards.
        """


class DataPath(Protocol):
    """Where the bytes of files go through: read for their checksums, and sent to stores."""

    def lane(self) -> Lane:
        """Another thread's way."""

    def limit_to(self, bytes_per_s: int | None) -> None:
        """Let so many bytes a second go from now on, in all lanes together; None: as many as the line takes.

        Raises ValueError for a limit below 1.
        """

    def close(self) -> None:
        """Let go of everything. What is under way fails."""


class Destinations(Protocol):
    """The places uploads can go to."""

    def current(self) -> str:
        """The name of the place that this run queues for."""

    def serves(self, destination: str) -> bool:
        """Whether this run can send there at all. What it cannot serve stays queued for a run that can."""

    def about_unserved(self, destination: str) -> str:
        """What a person reads of an upload to a place that this run does not serve."""

    def connect(self, destination: str) -> UploadBackend:
        """The backend of a place, started or reached first where needed; may take seconds.

        Raises Unavailable while it cannot be had, SignInRequired, or Refused.
        """

    def is_near(self, destination: str) -> bool:
        """Whether bytes to this place stay on this computer, as far as is known: then no line slows them down."""

    def room_bytes(self, destination: str) -> int | None:
        """Free bytes for new recordings where that is this computer's own disk, else None. Below 0 on a full one."""


class SignInDesk(Protocol):
    """Signs in to team servers."""

    def begin(self, request: SignInRequest) -> Future[SignedIn]:
        """Try a sign-in and, when the server accepts it, keep it and queue for that server; returns at once.

        The future raises core.errors; nothing has changed then. It can be cancelled until the server has accepted:
        what is accepted later is ended, and nothing has changed either.
        """


class MediaProbe(Protocol):
    """Reads what a person wants to know about a recording from the file itself."""

    def duration_s(self, path: Path) -> float | None:
        """Playing time in seconds, None where it cannot be told. Never raises; may take seconds."""
