"""Small pictures of recordings: what a picture is kept under, and the ports of who makes, keeps and finds them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePath
from typing import Protocol

from recorder_desktop.core.model import FileIdentity, StoredRecording, Upload
from recorder_desktop.core.recordings import CONTENT_TYPES

WIDTH, HEIGHT = 192, 108
"""Pixels that a picture has at most: a thumbnail of 64 by 36 on a screen of three times the usual density."""

SIZE_BYTES_AT_MOST = 128 << 10
"""What claims to be a picture and is larger is none."""


class MediaKind(Enum):
    """What a file is to the eye."""

    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "file"


def media_kind(content_type: str, file_name: str) -> MediaKind:
    """The kind of a file. MXF and the like are films, whatever their media type calls them."""
    kind = content_type.partition("/")[0]
    if kind in ("video", "audio"):
        return MediaKind(kind)
    return MediaKind.VIDEO if PurePath(file_name).suffix.lower() in CONTENT_TYPES else MediaKind.OTHER


@dataclass(frozen=True, slots=True)
class ThumbnailSource:
    """What a picture can be had of.

    key: the name that it is kept under. also: the name that it may have been kept under before. path, identity: the
    file on this computer and the state of it that is meant, None where there is none.
    """

    key: str
    kind: MediaKind
    also: str | None = None
    path: Path | None = None
    identity: FileIdentity | None = None
    duration_s: float | None = None


def source_of_upload(upload: Upload) -> ThumbnailSource | None:
    """What shows an upload; None for a file that is neither seen nor heard.

    Once it is stored its picture belongs to its content, so that the library finds it too.
    """
    kind = media_kind(upload.content_type, upload.file_name)
    if kind is MediaKind.OTHER:
        return None
    of_file = _key("file", *_parts(upload.identity))
    of_content = None if upload.recording is None else _content_key(upload.recording)
    return ThumbnailSource(
        key=of_content or of_file,
        also=of_file if of_content else None,
        kind=kind,
        path=upload.path,
        identity=upload.identity,
        duration_s=upload.duration_s,
    )


def source_of_recording(recording: StoredRecording) -> ThumbnailSource | None:
    """What shows a stored recording; None where nothing could be known of it."""
    kind = media_kind(recording.content_type, recording.file_name)
    key = _content_key(recording)
    if kind is MediaKind.OTHER or key is None:
        return None
    return ThumbnailSource(key=key, kind=kind, duration_s=recording.duration_s)


def is_waveform(picture: bytes) -> bool:
    """Whether a picture is a waveform: a PNG that is as opaque as it is loud. A frame of a film is a JPEG."""
    return picture.startswith(b"\x89PNG")


class ThumbnailDesk(Protocol):
    """Finds pictures and has them made, in the background. Every call returns at once."""

    def want(self, sources: Sequence[ThumbnailSource]) -> None:
        """These are looked at now. What is wanted first comes before what was wanted earlier, of which the oldest
        is dropped when it gets too much."""

    def subscribe(self, listener: Callable[[str, bytes | None], None]) -> Callable[[], None]:
        """Have `listener` told keys and pictures as they are found; None: there is none to be had in this run.

        On a thread of the desk, which it may use to decode. Returns the function that ends the subscription.
        """


class Thumbnailer(Protocol):
    """Makes pictures."""

    def picture(self, source: ThumbnailSource) -> bytes | None:
        """A picture of the file at the source's path, None where there is none. Never raises; may take seconds."""


class PictureStore(Protocol):
    """Keeps pictures by key. Never raises: what cannot be kept or read is not there."""

    def get(self, key: str) -> bytes | None:
        """The picture of this key."""

    def put(self, key: str, picture: bytes) -> None:
        """Keep it; others, unused for long, may have to go."""


def _content_key(recording: StoredRecording) -> str | None:
    if not recording.crc64nvme:
        return None
    return _key("content", recording.size_bytes, recording.crc64nvme)


def _parts(identity: FileIdentity) -> tuple[int, ...]:
    return (identity.device, identity.file_id, identity.size_bytes, identity.mtime_ns, identity.ctime_ns)


def _key(*parts: object) -> str:
    return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=20).hexdigest()
