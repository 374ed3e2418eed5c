"""Lists, shows, links to and deletes stored recordings. Only ever the owner's own."""

from __future__ import annotations

from backend.abort_service import AbortService
from backend.cursor import decode_place, encode_place
from backend.errors import NotPlayable, RecordingNotFound
from backend.model import ALWAYS, ContentCheck, Disposition, Page, Period, Recording, RecordingOrder, place_of
from backend.ports import Catalogue, ObjectStore

# What no browser shows, lays out or runs.
OPAQUE_TYPE = "application/octet-stream"
# Sound and picture only: whatever a browser would lay out or run, SVG included, is downloaded.
PLAYABLE = frozenset(
    {
        *("audio/aac", "audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/opus", "audio/wav", "audio/wave"),
        *("audio/webm", "audio/x-flac", "audio/x-m4a", "audio/x-wav"),
        *("video/mp4", "video/mp2t", "video/ogg", "video/quicktime", "video/webm", "video/x-m4v", "video/x-matroska"),
    }
)


def plays_inline(recording: Recording) -> bool:
    """Whether a browser may play the recording where a page stands, instead of downloading it."""
    return recording.content_type.partition(";")[0].strip().lower() in PLAYABLE


def is_as_declared(recording: Recording) -> bool:
    """Whether the recording was looked into and is what its content type says; nothing else is shown in a page."""
    return recording.content_check is ContentCheck.MATCH


def _require_playable(recording: Recording) -> None:
    if not plays_inline(recording):
        raise NotPlayable("This recording is not of a type that is played in a browser. Download it.")
    if recording.content_check is ContentCheck.PENDING:
        raise NotPlayable("This recording is still being checked. Try again in a moment, or download it.")
    if not is_as_declared(recording):
        raise NotPlayable("This recording is not known to be what its type says. Download it.")


class RecordingService:
    """What an owner can do with recordings that are stored."""

    def __init__(self, store: ObjectStore, catalogue: Catalogue, aborts: AbortService, link_ttl_s: int) -> None:
        self._store = store
        self._catalogue = catalogue
        self._aborts = aborts
        self.link_ttl_s = link_ttl_s

    def list(
        self,
        owner_id: str,
        query: str | None,
        cursor: str | None,
        limit: int,
        *,
        created: Period = ALWAYS,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> Page[Recording]:
        """Return recordings of a time whose name contains ``query``, in this order.

        Raises InvalidField for the cursor, also for one of another order.
        """
        after = decode_place(cursor, order)
        found = self._catalogue.list_recordings(
            owner_id, query or None, after, limit + 1, created=created, order=order
        )
        last = found[limit - 1] if len(found) > limit else None
        following = encode_place(place_of(last, order), order) if last else None
        return Page(found[:limit], following)

    def get(self, owner_id: str, recording_id: str) -> Recording:
        """Return one recording. Raises RecordingNotFound."""
        recording = self._catalogue.find_recording(owner_id, recording_id)
        if recording is None:
            raise RecordingNotFound
        return recording

    def link(self, owner_id: str, recording_id: str, disposition: Disposition = Disposition.ATTACHMENT) -> str:
        """Return a URL that downloads the recording, or plays it in a browser, for ``link_ttl_s`` seconds.

        What is not known to be of its declared type is only ever served as bytes to be kept.
        Raises RecordingNotFound, and NotPlayable for one that no browser is to show, or not before it was checked.
        """
        recording = self.get(owner_id, recording_id)
        if disposition is Disposition.INLINE:
            # A player would play an attachment too.
            _require_playable(recording)
        name = recording.file_name
        if not is_as_declared(recording):
            return self._store.presign_download(
                recording.key, name, Disposition.ATTACHMENT, self.link_ttl_s, OPAQUE_TYPE
            )
        return self._store.presign_download(recording.key, name, disposition, self.link_ttl_s)

    def link_origin(self) -> str:
        """Return the scheme, host and port that links lead to which play a recording. Counts as no request."""
        return self._store.link_origin()

    def delete(self, owner_id: str, recording_id: str) -> None:
        """Delete the object, then its record. Raises RecordingNotFound.

        In this order a failure in between leaves a record that can be deleted again, never a lost object.
        """
        recording = self.get(owner_id, recording_id)
        self._store.delete_object(recording.key)
        self._catalogue.delete_recording(recording, self._aborts.sweep_time())

    def file_url(self, recording: Recording) -> str:
        """Return the lasting, unsigned address of the recording's object."""
        return self._store.file_url(recording.key)
