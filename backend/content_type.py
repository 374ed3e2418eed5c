"""Whether a file's first bytes are of the content type that was declared for it. No input or output here.

Containers that hold the same kinds of thing count as one kind: what a browser may do with a file hangs on what it is,
not on whether its box says ``mp42`` or ``qt``.
"""

from __future__ import annotations

from backend.model import ContentCheck

HEAD_BYTES = 4096
# In fewer nothing can be told from something else.
MIN_BYTES = 12

# Each kind with the types that are declared for it, or that puremagic calls it by.
_KINDS: dict[str, tuple[str, ...]] = {
    "mp4": (
        *("video/mp4", "audio/mp4", "application/mp4", "video/quicktime", "video/x-m4v", "audio/x-m4a", "audio/m4a"),
        *("video/3gpp", "audio/3gpp", "video/3gpp2", "audio/3gpp2", "video/mj2", "audio/alac"),
    ),
    "matroska": (
        *("video/matroska", "audio/matroska", "video/x-matroska", "audio/x-matroska", "application/x-matroska"),
        *("video/webm", "audio/webm"),
    ),
    "ogg": ("application/ogg", "audio/ogg", "video/ogg", "audio/opus", "audio/vorbis", "audio/x-opus+ogg"),
    "mpeg audio": ("audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/mpa"),
    "aac": ("audio/aac", "audio/aacp", "audio/x-aac", "audio/x-hx-aac-adts"),
    "wave": ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-w64"),
    "avi": ("video/x-msvideo", "video/avi", "video/msvideo", "video/vnd.avi"),
    "flac": ("audio/flac", "audio/x-flac"),
    "aiff": ("audio/aiff", "audio/x-aiff"),
    "caf": ("audio/x-caf",),
    "flv": ("video/x-flv",),
    "asf": ("video/x-ms-asf", "video/x-ms-wmv", "audio/x-ms-wma", "application/vnd.ms-asf"),
    "mpeg stream": ("video/mp2t", "video/mpeg", "video/mp2p", "video/mpeg2"),
    "mxf": ("application/mxf", "video/mxf"),
    "ac3": ("audio/ac3",),
    "amr": ("audio/amr",),
}
_KIND_OF = {declared: kind for kind, types in _KINDS.items() for declared in types}
_CLAIMS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot"})
# Of smaller sizes none is written with bytes that a text could begin with; only media data grow larger.
_TEXT_LIKE_SIZE = 0x09000000
_W64_START = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_MXF_START = bytes.fromhex("060e2b34020501010d0102")


def compare_content(declared: str, head: bytes) -> ContentCheck:
    """Return whether a file that begins with ``head``, up to ``HEAD_BYTES`` of it, is what it was declared to be.

    UNKNOWN: nothing was declared, the file is empty, or nobody knows how files of this type begin.
    """
    wanted = declared.partition(";")[0].strip().lower()
    if wanted in _CLAIMS_NOTHING or not head:
        return ContentCheck.UNKNOWN
    kind, found = _KIND_OF.get(wanted, wanted), _kinds_of(head)
    if kind in found:
        return ContentCheck.MATCH
    if kind in _KINDS:
        return ContentCheck.MISMATCH
    if not found or (wanted.startswith(("audio/", "video/")) and found <= _KINDS.keys()):
        return ContentCheck.UNKNOWN
    return ContentCheck.MISMATCH


def _kinds_of(head: bytes) -> frozenset[str]:
    """Return the kinds that the bytes may be, other content types as they are; empty where nothing is recognised."""
    if len(head) < MIN_BYTES:
        return frozenset()
    kind = _container(head)
    found = frozenset({kind}) if kind is not None else _recognised(head)
    # puremagic as well looks at the box's type alone, and a page may have that in its first words.
    return found if _begins_with_box(head) else found - {"mp4"}


def _container(head: bytes) -> str | None:
    """Return the kind of what puremagic does not know, or has doubts about. Source: the formats' specifications."""
    if head.startswith(b"ID3"):
        return "mpeg audio"
    if _is_frame(head):
        return "aac" if head[1] >> 1 & 3 == 0 else "mpeg audio"
    if _repeats(head, b"G", 0, 188) or _repeats(head, b"G", 4, 192) or head.startswith(b"\0\0\1\xb3"):
        return "mpeg stream"
    if head[4:8] in _QUICKTIME_BOXES:
        return "mp4"
    if head.startswith(_W64_START) or (head[:4] == b"RF64" and head[8:12] == b"WAVE"):
        return "wave"
    # A run-in of up to 64 KiB may stand before it; nobody writes one.
    return "mxf" if head.startswith(_MXF_START) else None


def _begins_with_box(head: bytes) -> bool:
    """Whether the first four bytes may be the size of a box: 0 is to the file's end, 1 has 64 bits after its type.

    Source: ISO/IEC 14496-12, 4.2.
    """
    size = int.from_bytes(head[:4])
    if size == 1:
        return int.from_bytes(head[8:16]) >= 16
    if size < _TEXT_LIKE_SIZE:
        return size == 0 or size >= 8
    is_markup = head[:1] in b"<\t\n\f\r " and all(byte in b"\t\n\f\r" or 0x20 <= byte < 0x7F for byte in head[:4])
    return head[4:8] == b"mdat" and not is_markup


def _is_frame(head: bytes) -> bool:
    """Whether the bytes begin as a frame of MPEG audio of layer II or III, or of AAC in ADTS, where the layer is 0.

    Not layer I, which nobody uses: the byte order mark of UTF-16 text looks like it.
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0:
        return version in (2, 3) and head[1] >= 0xF0 and head[2] >> 2 & 15 < 13
    return layer != 3 and version != 1 and head[2] >> 4 != 15 and head[2] >> 2 & 3 != 3


def _repeats(head: bytes, mark: bytes, start: int, step: int) -> bool:
    """Whether the mark stands at the beginning of each packet, of three at least."""
    places = range(start, len(head), step)
    return len(places) >= 3 and all(head[place : place + 1] == mark for place in places)


def _recognised(head: bytes) -> frozenset[str]:
    # Imported at first use: its table takes a moment to read.
    import puremagic

    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:
        return frozenset()
    # What matched with fewer bytes is a guess that a better one has answered.
    best = [match for match in matches if match.confidence == matches[0].confidence]
    types = [match.mime_type.lower() for match in best if match.mime_type]
    # Something without a name of its own is still something else than what was declared.
    return frozenset(_KIND_OF.get(found, found) for found in types) or frozenset({"application/octet-stream"})
