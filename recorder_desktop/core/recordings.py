"""Which files of a folder are recordings, and what type a file is declared as."""

from __future__ import annotations

import mimetypes
import posixpath
from pathlib import Path

CONTENT_TYPES = {
    # video
    ".3g2": "video/3gpp2",
    ".3gp": "video/3gpp",
    ".asf": "video/x-ms-asf",
    ".avi": "video/x-msvideo",
    ".dv": "video/dv",
    ".flv": "video/x-flv",
    ".m2t": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".m2v": "video/mpeg",
    ".m4v": "video/x-m4v",
    ".mkv": "video/matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".mpeg": "video/mpeg",
    ".mpg": "video/mpeg",
    ".mts": "video/mp2t",
    ".mxf": "application/mxf",
    ".ogv": "video/ogg",
    ".ts": "video/mp2t",
    ".vob": "video/mpeg",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-wmv",
    # audio
    ".aac": "audio/aac",
    ".ac3": "audio/ac3",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".alac": "audio/mp4",
    ".amr": "audio/amr",
    ".caf": "audio/x-caf",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mka": "audio/matroska",
    ".mp2": "audio/mpeg",
    ".mp3": "audio/mpeg",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".wma": "audio/x-ms-wma",
    ".w64": "audio/x-w64",
    ".rf64": "audio/wav",
}
"""Extension to media type of everything that counts as a recording when a folder is added.

Shipped rather than asked of the operating system, whose table calls `.ts` a translation file and differs between
computers. Source: IANA media type registry, with the customary x- names where it has none.
"""

_MAX_NAME_BYTES = 255
"""Of one file name: ext4, XFS and APFS count UTF-8 bytes, NTFS counts UTF-16 units, which are never more."""

_MAX_SUFFIX_BYTES = 32
"""What is longer is no extension, but a name with a dot in it."""


def is_recording(path: Path) -> bool:
    """Whether a file found in a folder is taken. Hidden files are not: editors and cameras keep their own there."""
    return is_recording_name(path.name)


def is_recording_name(name: str) -> bool:
    """The same for a file's name alone: cheaper, where a hundred thousand are looked at."""
    return not name.startswith(".") and posixpath.splitext(name)[1].lower() in CONTENT_TYPES


def content_type_of(path: Path) -> str:
    """The media type declared for a file; `application/octet-stream` when nothing is known."""
    known = CONTENT_TYPES.get(path.suffix.lower())
    return known or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def file_name_here(name: str, otherwise: str, number: int = 1) -> str:
    """A recording's name as a file name on this computer: it was given on another one, perhaps by somebody else.

    `otherwise` where nothing of it can be used. From 2 on, `number` stands before the extension. Never longer than
    file systems take: the stem is cut.
    """
    kept = "".join(char if char.isprintable() and char not in '/\\:*?"<>|' else "_" for char in name)
    whole = Path(kept.strip(". ") or otherwise)
    has_suffix = len(whole.suffix.encode()) <= _MAX_SUFFIX_BYTES
    stem, suffix = (whole.stem, whole.suffix) if has_suffix else (whole.name, "")
    ending = f" ({number}){suffix}" if number > 1 else suffix
    room_bytes = _MAX_NAME_BYTES - len(ending.encode())
    # A character that the cut goes through is left out; Windows would drop a dot or space at the end.
    return (stem.encode()[:room_bytes].decode(errors="ignore") + ending).rstrip(". ")
