"""Makes object keys that every S3-compatible store takes, whatever the person called the file."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime

from backend.errors import InvalidField

DEFAULT_DIRECTORY = "recordings"
MAX_DIRECTORY_BYTES = 400
MAX_SEGMENT_BYTES = 150
MAX_STEM_CHARS = 60
MAX_EXTENSION_CHARS = 10

# No segment begins with a dot: the store's own keys do, see ``PROBE_PREFIX``.
_SEGMENT = re.compile(r"[^\W_][\w \-.,()+=@&!']*")


def make_key(directory: str | None, file_name: str, created_at: datetime) -> str:
    """Return ``directory/stem-milliseconds-random.extension``, unique, all of it safe characters.

    Raises InvalidField when the directory is not safe, see ``clean_directory``.
    """
    stem, extension = _split(file_name)
    milliseconds = int(created_at.timestamp() * 1000)
    # The time alone collides for two files in one millisecond.
    unique = f"{milliseconds}-{secrets.token_hex(6)}"
    return f"{clean_directory(directory)}/{stem}-{unique}{extension}"


def clean_directory(directory: str | None) -> str:
    """Return the directory without a closing slash, in NFC; a default one for None and the empty text.

    Raises InvalidField for empty, hidden, dotted or over-long segments and for characters outside letters,
    digits, space and ``_-.,()+=@&!'``: backslashes, percent signs and control characters mean different
    things to different stores.
    """
    if not directory:
        return DEFAULT_DIRECTORY
    normal = unicodedata.normalize("NFC", directory.removesuffix("/"))
    if len(normal.encode()) > MAX_DIRECTORY_BYTES:
        raise InvalidField("directory", f"longer than {MAX_DIRECTORY_BYTES} bytes")
    for segment in normal.split("/"):
        _check_segment(segment)
    return normal


def _check_segment(segment: str) -> None:
    if not _SEGMENT.fullmatch(segment) or segment != segment.strip() or segment.endswith("."):
        raise InvalidField(
            "directory", "segments begin with a letter or digit and hold letters, digits, spaces and _-.,()+=@&!'"
        )
    if len(segment.encode()) > MAX_SEGMENT_BYTES:
        raise InvalidField("directory", f"a segment is longer than {MAX_SEGMENT_BYTES} bytes")


def _split(file_name: str) -> tuple[str, str]:
    last = re.split(r"[/\\]", file_name)[-1]
    stem, dot, extension = last.rpartition(".")
    if not dot or not stem:
        stem, extension = last, ""
    safe_extension = _ascii(extension).lower()[:MAX_EXTENSION_CHARS].strip("-_")
    return _safe_stem(stem), f".{safe_extension}" if safe_extension else ""


def _safe_stem(stem: str) -> str:
    return _ascii(stem)[:MAX_STEM_CHARS].strip("-_") or "recording"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")
