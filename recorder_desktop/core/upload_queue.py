"""The queue as the engine offers it to window and commands, and what adding to it comes to. `transfer` implements it.

Every method may be called from any thread unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.events import Event
from recorder_desktop.core.history import Happening
from recorder_desktop.core.model import (
    PartMap,
    UploadView,
)


@dataclass(frozen=True, slots=True)
class AddOptions:
    """Where added files go. destination None: the one this run is set up for. again: upload a file that is
    already stored unchanged a second time instead of reporting the stored one. is_watched: a folder is looked at,
    and nobody asked for this file: what was stored once is not asked about, and what was deleted not brought back.
    leaves_verified: a file that is known as stored, and about which the backend gave no answer, is left as it is, for
    whoever adds it reads so at once; else it is queued to be asked about."""

    destination: str | None = None
    directory: str = ""
    folder_id: str | None = None
    again: bool = False
    is_watched: bool = False
    leaves_verified: bool = False


@dataclass(frozen=True, slots=True)
class _Queued:
    """path_text: as core.model.Upload has it, and for the same reason."""

    path_text: str
    upload_id: str

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.path_text)


class Added(_Queued):
    """A new upload stands in the queue, durably."""

    __slots__ = ()


class Attached(_Queued):
    """The same file is already on its way; nothing was added."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AlreadyStored(_Queued):
    """The same file, unchanged, was stored before by this upload; nothing was added.

    is_certain: the backend said that it is there still; else it was not asked, or did not answer, see AddOptions.
    """

    is_certain: bool = True


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
    when their effect is durable. Reading never blocks. A long queue is read from disk a lot at a time, each of which
    is told as added; commands wait for the last one.
    """

    def loaded(self) -> Future[None]:
        """Resolves when the whole queue has been read from disk, and raises core.errors if it could not be."""

    def add(self, paths: Sequence[Path], options: AddOptions = ...) -> Future[list[AddOutcome]]:
        """Queue files, and every recording below folders. One outcome for each file, or for a path refused.

        Of a file that is known as stored the backend is asked first. What is gone is Added; what cannot be asked
        about now is Attached, and asked about when it is its turn, unless it is to be left; see AddOptions.
        """

    def confirm_stored(self, upload_id: str) -> Future[bool]:
        """Ask the backend whether the recording of an upload is still stored; False turns its row into a deleted one.

        The future raises core.errors where nobody could be asked.
        """

    def note_deleted(self, destination: str, file_ids: Collection[str]) -> Future[None]:
        """Recordings were deleted at a place: have the rows that stored them say so."""

    def pause(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Stop sending now and keep everything sent. None: every upload that runs."""

    def resume(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Let paused uploads go on. None: every paused one."""

    def cancel(self, upload_ids: Iterable[str]) -> Future[None]:
        """Give up for good: the multipart upload is aborted, the row stays as cancelled."""

    def retry(self, upload_ids: Iterable[str] | None = None) -> Future[None]:
        """Try again what needs attention, waits or was cancelled. None: all that needs attention or waits."""

    def locate(self, upload_id: str, path: Path) -> Future[None]:
        """Let an upload whose file is gone go on with `path`, once size and all that was sent agree with it.

        The future raises Refused when it is another file; comparing a large one takes minutes.
        """

    def remove(self, upload_ids: Iterable[str]) -> Future[None]:
        """Take rows out of the list; one that is under way is cancelled first. A stored recording stays stored."""

    def move_to_front(self, upload_ids: Iterable[str]) -> Future[None]:
        """Upload these next, in this order; one at work for the queue's end makes room."""

    def move_before(self, upload_ids: Iterable[str], before: str | None) -> Future[None]:
        """Have these stand before another one, or behind all with None. What is being sent goes on."""

    def set_limits(self, limits: BandwidthPlan) -> None:
        """Keep to this plan from now on, also for what is being sent at this moment."""

    def set_senders(self, ceiling: int) -> None:
        """Have at most this many parts in flight from now on, 1 to 32."""

    def set_part_size(self, size_bytes: int | None) -> None:
        """Ask for parts of this size from now on, 5 MiB to 5 GiB in whole MiB; None for what suits the line.

        An upload that is open already keeps its size. A file too long for 5,000 of them gets larger ones.
        """

    def part_map(self, upload_id: str) -> Future[PartMap | None]:
        """The parts of one upload as they stand; None before its part size is known."""

    def history(self, upload_id: str) -> Future[tuple[Happening, ...]]:
        """What happened to one upload, oldest first; of earlier runs too."""

    def ids(self) -> tuple[str, ...]:
        """The names of all uploads, in queue order."""

    def views(self) -> tuple[UploadView, ...]:
        """Every upload in queue order."""

    def view(self, upload_id: str) -> UploadView | None:
        """One upload as it is now."""

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` for every event, on the thread that caused it; it must return quickly and not raise.

        Returns the function that ends the subscription.
        """
