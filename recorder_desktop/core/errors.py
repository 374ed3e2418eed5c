"""Every way an upload can fail, sorted by what has to happen next.

    UploadError
    ├── TransientFailure   RETRY      the same part again, after a pause
    │   ├── PartRejected              the store refused the bytes as damaged
    │   └── Stalled, StoreTrouble         fewer parts at a time from now on
    ├── UrlRefused         RE_SIGN    a fresh URL, not counted as an attempt
    ├── Unavailable        WAIT       nothing is wrong with the file: wait until it works again
    │   ├── Offline                   no route to the server or the store
    │   └── SlowDown                  the store or the server asks for less
    ├── SignInRequired     SIGN_IN    a valid token is needed
    ├── UploadGone         RESTART    the multipart upload no longer exists: start from zero
    │   ├── RecordingGone             what was stored was deleted: start from zero
    │   └── FileReplaced              another file, or other content, stands in its place: start from zero with it
    ├── FileGrowing        SETTLE     still being written: wait until it keeps its size, then start from zero with it
    ├── FileTouched        REHASH     perhaps written in place: compare what was sent with the file again
    ├── PartsMismatch      RESEND     the store lacks parts or holds others: send those again
    ├── NeedsPerson        ATTENTION  the file or this computer needs a hand
    │   ├── FileMissing, FileUnreadable, FileChanged, StoreFull ...
    ├── AlreadyCompleted   FATAL      the upload is complete; asking for its record again gives it
    └── Refused            FATAL      the server or the store says no and will go on saying no

    Interrupted (not an error): the person or the shutdown asked the worker to let go.

Each message says what happened and what to do; it is shown to the person as it stands.
"""

from __future__ import annotations

from enum import Enum, auto


class ErrorKind(Enum):
    """What the engine does about an error; it never looks further than this."""

    RETRY = auto()
    RE_SIGN = auto()
    WAIT = auto()
    SIGN_IN = auto()
    RESTART = auto()
    SETTLE = auto()
    REHASH = auto()
    RESEND = auto()
    ATTENTION = auto()
    FATAL = auto()


class UploadError(Exception):
    """A failure with a stable `code` for programs and a `message` for people."""

    kind = ErrorKind.FATAL
    code = "failed"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class TransientFailure(UploadError):
    """The connection or the store hiccuped. Kind: RETRY."""

    kind = ErrorKind.RETRY
    code = "connection_trouble"


class Stalled(TransientFailure):
    """The other side stopped taking data, or never answered. Kind: RETRY."""

    code = "stalled"


class StoreTrouble(TransientFailure):
    """The store answered that it failed, as one that has too much to do will. Kind: RETRY."""

    code = "store_trouble"


class PartRejected(TransientFailure):
    """The store refused a part's bytes: they were damaged on the way. Kind: RETRY."""

    code = "part_rejected"


class UrlRefused(UploadError):
    """The presigned URL expired or was refused. Kind: RE_SIGN."""

    kind = ErrorKind.RE_SIGN
    code = "url_refused"


class Unavailable(UploadError):
    """Server, store or network are not there now. Kind: WAIT. `retry_after_s` when the other side named it."""

    kind = ErrorKind.WAIT
    code = "unavailable"

    def __init__(self, message: str, *, code: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class Offline(Unavailable):
    """No route: DNS, refused or cut connections, a captive portal. Kind: WAIT."""

    code = "offline"


class SlowDown(Unavailable):
    """Too many requests. Kind: WAIT."""

    code = "slow_down"


class SignInRequired(UploadError):
    """The token is missing, expired or revoked. Kind: SIGN_IN."""

    kind = ErrorKind.SIGN_IN
    code = "sign_in_required"


class UploadGone(UploadError):
    """The store no longer knows the multipart upload. Kind: RESTART."""

    kind = ErrorKind.RESTART
    code = "upload_gone"


class RecordingGone(UploadGone):
    """What was stored is not in the store any more. Kind: RESTART."""

    code = "recording_gone"


class FileReplaced(UploadGone):
    """Another file, or other content that this upload cannot take, stands in the file's place. Kind: RESTART."""

    code = "file_replaced"


class FileGrowing(UploadError):
    """The file became longer: somebody is still writing it. Kind: SETTLE."""

    kind = ErrorKind.SETTLE
    code = "still_written"


class FileTouched(UploadError):
    """The file's times changed, its size did not. Kind: REHASH."""

    kind = ErrorKind.REHASH
    code = "file_changed"


class PartsMismatch(UploadError):
    """Complete was refused: these part numbers are missing or differ in the store. Kind: RESEND."""

    kind = ErrorKind.RESEND
    code = "parts_mismatch"

    def __init__(self, message: str, part_numbers: tuple[int, ...]) -> None:
        super().__init__(message)
        self.part_numbers = part_numbers


class NeedsPerson(UploadError):
    """Only the person can help. Kind: ATTENTION."""

    kind = ErrorKind.ATTENTION
    code = "needs_attention"


class FileMissing(NeedsPerson):
    """The file is gone from its place."""

    code = "file_missing"


class FileUnreadable(NeedsPerson):
    """The file or its drive cannot be read."""

    code = "file_unreadable"


class DriveStalled(FileUnreadable):
    """The file's drive does not answer, neither yes nor no."""

    code = "drive_stalled"


class FileChanged(NeedsPerson):
    """The file is no longer the one that was queued."""

    code = "file_changed"


class StoreFull(NeedsPerson):
    """This computer's disk is full, so progress could not be kept."""

    code = "disk_full"


class QueueDamaged(NeedsPerson):
    """The queue's database cannot be used."""

    code = "queue_damaged"


class AlreadyCompleted(UploadError):
    """The upload was completed before. Kind: FATAL, unless the caller knows what to make of it."""

    code = "upload_completed"


class Refused(UploadError):
    """A clear no from the server or the store. Kind: FATAL."""

    code = "refused"


class Interrupted(Exception):
    """Raised inside a worker that was asked to let go: pause, cancel or shutdown."""


def for_whoever_waits(error: UploadError, advice: str) -> UploadError:
    """The same error for somebody who asked just now: where it says that things go on by themselves, which nothing
    does here, it says `advice` instead."""
    passes = error.kind in (ErrorKind.RETRY, ErrorKind.WAIT) and error.code not in _WITH_ADVICE_OF_ITS_OWN
    if not passes or error.message.endswith("try again."):
        return error
    happened = error.message.partition(". ")[0].removesuffix(".")
    return Unavailable(f"{happened}. {advice}", code=error.code)


_WITH_ADVICE_OF_ITS_OWN = frozenset({SlowDown.code, "local_stack_stopped"})
