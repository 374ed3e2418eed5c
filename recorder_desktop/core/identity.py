"""What a changed file identity means for an upload under way."""

from __future__ import annotations

from enum import Enum, auto

from recorder_desktop.core.model import FileIdentity


class FileChange(Enum):
    """How a file differs from the one that was queued."""

    NONE = auto()
    TOUCHED = auto()  # perhaps written in place: parts already sent must be compared with the file again
    GROWN = auto()  # longer than before: somebody may still be writing it
    SHORTENED = auto()  # truncated: the parts no longer fit it
    REPLACED = auto()  # another file under the same name


def compare(queued: FileIdentity, present: FileIdentity) -> FileChange:
    """Return how `present` differs from `queued`.

    A changed device or file id alone is not another file: drives get new numbers when they are plugged in again,
    so an equal size and mtime means that hashing can tell.
    """
    if present == queued:
        return FileChange.NONE
    same_file = (present.device, present.file_id) == (queued.device, queued.file_id)
    if not same_file and (present.size_bytes, present.mtime_ns) != (queued.size_bytes, queued.mtime_ns):
        return FileChange.REPLACED
    if present.size_bytes != queued.size_bytes:
        return FileChange.GROWN if present.size_bytes > queued.size_bytes else FileChange.SHORTENED
    return FileChange.TOUCHED
