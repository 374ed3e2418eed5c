"""The seams of the desktop: what the engine needs from outside, and what it offers to window and commands.

`transfer` implements UploadQueue. `store`, `client` and `system` implement the others. Every method may be called
from any thread unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recorder_desktop.core.events import Event
from recorder_desktop.core.model import (
    ConfirmedPart,
    PartRange,
    RemotePart,
    RemoteUpload,
    SignedPart,
    StoredRecording,
    Upload,
    UploadView,
)

# --- what the engine offers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddOptions:
    """Where added files go. destination None: the one this run is set up for. again: upload a file that is
    already stored unchanged a second time instead of reporting the stored one."""

    destination: str | None = None
    directory: str = ""
    folder_id: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """A new upload stands in the queue, durably."""

    path: Path
    upload_id: str


@dataclass(frozen=True, slots=True)
class Attached:
    """The same file is already on its way; nothing was added."""

    path: Path
    upload_id: str


@dataclass(frozen=True, slots=True)
class AlreadyStored:
    """The same file, unchanged, was stored before by this upload; nothing was added."""

    path: Path
    upload_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing was added for this path, and why."""

    path: Path
    code: str
    message: str


AddOutcome = Added | Attached | AlreadyStored | Rejected


class UploadQueue(Protocol):
    """The queue as window and commands use it.

    Commands return at once; they are carried out in order on the engine's own thread, and their future resolves
    when their effect is durable. Reading never blocks.
    """

    def add(self, paths: Sequence[Path], options: AddOptions = ...) -> Future[list[AddOutcome]]:
        """Queue files, and every recording below folders. One outcome for each file, or for a path refused."""

    def pause(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Stop sending now and keep everything sent. None: every upload that runs."""

    def resume(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Let paused uploads go on. None: every paused one."""

    def cancel(self, upload_ids: Iterable[str]) -> Future[None]:
        """Give up for good: the multipart upload is aborted, the row stays as cancelled."""

    def retry(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Try again what needs attention, waits or was cancelled. None: all that needs attention or waits."""

    def remove(self, upload_ids: Iterable[str]) -> Future[None]:
        """Take rows out of the list; one that is under way is cancelled first. A stored recording stays stored."""

    def views(self) -> tuple[UploadView, ...]:
        """Every upload in queue order."""

    def view(self, upload_id: str) -> UploadView | None:
        """One upload as it is now."""

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` for every event, on the thread that caused it; it must return quickly and not raise.

        Returns the function that ends the subscription.
        """


# --- what the engine needs -------------------------------------------------------------------------------------


class UploadStore(Protocol):
    """The queue on disk. Every write returns only when it is committed; see each for how durable that is.

    Raises StoreFull when the disk has no room, QueueDamaged when the database cannot be trusted.
    """

    def load(self) -> list[Upload]:
        """All uploads in queue order."""

    def insert(self, uploads: Sequence[Upload]) -> None:
        """Add rows; survives power loss."""

    def update(self, upload: Upload) -> None:
        """Write a row's present values; survives power loss. Its bytes_confirmed is left to the parts."""

    def delete(self, upload_ids: Sequence[str]) -> None:
        """Forget rows and their parts."""

    def parts(self, upload_id: str) -> list[ConfirmedPart]:
        """The confirmed parts of one upload by number."""

    def confirm_part(self, upload_id: str, part: ConfirmedPart) -> int:
        """Keep an acknowledged part; survives a crash of the process. Returns the upload's confirmed bytes."""

    def replace_parts(self, upload_id: str, parts: Sequence[ConfirmedPart]) -> int:
        """Make these the only confirmed parts. Returns the upload's confirmed bytes."""

    def replace_attempt(self, fresh: Upload, abandoned: Upload | None) -> None:
        """Write `fresh` over its row, without parts, and add `abandoned` as a row: both or neither.

        Survives power loss.
        """

    def close(self) -> None:
        """Finish pending writes and let go of the file."""


@dataclass(frozen=True, slots=True)
class InitRequest:
    """What the backend is told about a file before its first part."""

    client_upload_id: str
    file_name: str
    content_type: str
    size_bytes: int
    directory: str
    folder_id: str | None
    part_size_hint_bytes: int | None = None

    @classmethod
    def of(cls, upload: Upload) -> InitRequest:
        """What the backend is told about this upload."""
        return cls(
            client_upload_id=upload.client_upload_id,
            file_name=upload.path.name,
            content_type=upload.content_type,
            size_bytes=upload.size_bytes,
            directory=upload.directory,
            folder_id=upload.folder_id,
        )


class UploadBackend(Protocol):
    """The control path. Raises the errors of core.errors only."""

    def init_upload(self, request: InitRequest) -> RemoteUpload:
        """Open the multipart upload, or find the one that was opened under this client_upload_id."""

    def presign_part(self, remote: RemoteUpload, part: PartRange, checksum: str | None) -> SignedPart:
        """Leave to send exactly these bytes as this part."""

    def list_parts(self, remote: RemoteUpload) -> list[RemotePart]:
        """What the store holds, by number, one entry a part."""

    def complete_upload(
        self, remote: RemoteUpload, upload: Upload, parts: Sequence[ConfirmedPart], crc64nvme: str | None
    ) -> StoredRecording:
        """Make the object, verified by size and checksum, and its record. Safe to ask again."""

    def abort_upload(self, remote: RemoteUpload) -> None:
        """Drop the multipart upload and its parts. Safe to ask again."""


class PartBody(Protocol):
    """The bytes of one part, readable from the start as often as needed."""

    size_bytes: int

    def blocks(self) -> Iterable[memoryview]:
        """The bytes in order. A block is valid until the next one is asked for."""


class StopSignal(Protocol):
    """Tells a worker to let go. `on_stop` functions run once, on the thread that stops; they must not block."""

    def is_set(self) -> bool:
        """Whether to let go."""

    def on_stop(self, action: Callable[[], None]) -> Callable[[], None]:
        """Register an action (it runs at once if already stopped); returns the function that withdraws it."""


class PartSender(Protocol):
    """The data path: one PUT to the store."""

    def send(self, signed: SignedPart, body: PartBody, on_sent: Callable[[int], None], stop: StopSignal) -> str:
        """Send a part and return the store's ETag as the header spells it.

        `on_sent` is told the bytes handed to the network, block by block. Raises core.errors only, or Interrupted
        soon after `stop`.
        """


class Destinations(Protocol):
    """The places uploads can go to."""

    def current(self) -> str:
        """The name of the place that this run queues for."""

    def serves(self, destination: str) -> bool:
        """Whether this run can send there at all. What it cannot serve stays queued for a run that can."""

    def connect(self, destination: str) -> UploadBackend:
        """The backend of a place, started or reached first where needed; may take seconds.

        Raises Unavailable while it cannot be had, SignInRequired, or Refused.
        """

    def room_bytes(self, destination: str) -> int | None:
        """Free bytes for new recordings where that is this computer's own disk, else None. Below 0 on a full one."""


class MediaProbe(Protocol):
    """Reads what a person wants to know about a recording from the file itself."""

    def duration_s(self, path: Path) -> float | None:
        """Playing time in seconds, None where it cannot be told. Never raises; may take seconds."""
