"""What the app and its data-path program say to each other: one JSON object a line, through the program's pipes.

To the program: `{"sum": call, ...}`, `{"send": call, ...}`, `{"stop": call}`, `{"limit": bytes a second or null}` and
`{"are you there": true}`, which it answers with `{"here": true}`.
From it: `{"report": {call: [bytes moved, whether the limit held it back, seconds that its drive takes]}}`, and once
for each call `{"done": call, "moved": bytes, "waited": ..., ...}` with a `crc64nvme` (and `md5`), an `etag` or an
`error`.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any

from recorder_desktop.core.digest import PartDigest
from recorder_desktop.core.errors import Interrupted, PartsMismatch, Unavailable, UploadError
from recorder_desktop.core.model import PartRange, SignedPart

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sum:
    """Take the checksums of a part."""

    path: Path
    part: PartRange
    with_md5: bool


@dataclass(frozen=True, slots=True)
class Send:
    """Send a part."""

    path: Path
    part: PartRange
    signed: SignedPart


def as_line(message: Message) -> bytes:
    """A message as it goes through a pipe. Paths of any bytes come through: what is no text is escaped."""
    return json.dumps(message).encode("ascii") + b"\n"


def write(pipe: RawIOBase, message: Message) -> None:
    """Send a message through a pipe. Raises OSError when nobody is there to read it."""
    left = memoryview(as_line(message))
    while left:
        left = left[pipe.write(left) or 0 :]


def work_message(call: int, work: Sum | Send) -> Message:
    """The message that asks for a piece of work."""
    part = work.part
    asked: Message = {"path": str(work.path), "part": [part.number, part.offset, part.size_bytes]}
    if isinstance(work, Sum):
        return {"sum": call, "md5": work.with_md5} | asked
    signed = work.signed
    return {"send": call, "url": signed.url, "headers": signed.headers, "valid_for_s": signed.valid_for_s} | asked


def work_of(message: Message) -> Sum | Send:
    """The piece of work that a message asks for."""
    path, part = Path(message["path"]), PartRange(*message["part"])
    if "sum" in message:
        return Sum(path, part, message["md5"])
    return Send(path, part, SignedPart(message["url"], message["headers"], message["valid_for_s"]))


def digest_fields(digest: PartDigest) -> Message:
    """Checksums, as part of an answer."""
    return {"crc64nvme": digest.crc64nvme, "md5": None if digest.md5 is None else digest.md5.hex()}


def digest_of(answer: Message, part: PartRange) -> PartDigest:
    """The checksums in an answer."""
    md5 = answer["md5"]
    return PartDigest(part, answer["crc64nvme"], None if md5 is None else bytes.fromhex(md5))


def error_fields(error: Exception) -> Message:
    """What ended a call, as part of its answer; with its traceback where it is a fault."""
    if isinstance(error, Interrupted):
        return {"error": "Interrupted"}
    if not isinstance(error, UploadError):
        about = "".join(traceback.format_exception(error))
        return {"error": type(error).__name__, "message": str(error), "traceback": about}
    waits = {"retry_after_s": error.retry_after_s} if isinstance(error, Unavailable) else {}
    return {"error": type(error).__name__, "message": error.message, "code": error.code} | waits


def raise_error_of(answer: Message) -> None:
    """Raise what ended a call, by its answer: of core.errors, or RuntimeError for a fault in the program."""
    match answer:
        case {"error": "Interrupted"}:
            raise Interrupted
        case {"error": str(name), "message": str(message), "code": str(code), **more} if name in _ERRORS:
            raise _ERRORS[name](message, code=code, **_only(more, "retry_after_s"))
        case {"error": str(name), "message": str(message)}:
            raise RuntimeError(f"{name}: {message}")


def _only(fields: Message, name: str) -> Message:
    return {name: fields[name]} if name in fields else {}


def _kinds_of(error: type[UploadError]) -> Iterator[type[UploadError]]:
    yield error
    for kind in error.__subclasses__():
        yield from _kinds_of(kind)


# PartsMismatch is what complete answers: no part ends with it, and it is made otherwise.
_ERRORS: dict[str, Any] = {kind.__name__: kind for kind in _kinds_of(UploadError) if kind is not PartsMismatch}
