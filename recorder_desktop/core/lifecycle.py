"""Which command makes sense in which state. Window, commands and engine all ask this table."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from recorder_desktop.core.errors import FileMissing, SignInRequired
from recorder_desktop.core.model import Upload, UploadState, UploadView
from recorder_desktop.core.own_bucket import KEYS_MISSING, is_bucket

DELETED = "recording_deleted"
"""The code of the problem of an upload whose recording was stored and is not any more. Its state is CANCELLED:
nothing of it is stored, and a retry starts it again."""


UNSERVED = "other_destination"
"""The code of the problem of an upload that waits for a place which the present run does not serve."""


ABOUT_A_BUCKET = frozenset({KEYS_MISSING, "bucket_missing", "store_refused", "bad_settings", "catalogue_unusable"})
"""The codes of what has to be corrected in what was entered for a bucket of the person's own."""


class Command(Enum):
    """What a person can ask of an upload."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    REMOVE = "remove"


_RUNNING = {state for state in UploadState if state.is_running}

_ALLOWED_IN = {
    Command.PAUSE: _RUNNING,
    Command.RESUME: {UploadState.PAUSED},
    Command.CANCEL: _RUNNING | {UploadState.PAUSED, UploadState.ATTENTION},
    Command.RETRY: {UploadState.ATTENTION, UploadState.WAITING, UploadState.CANCELLED},
    Command.REMOVE: set(UploadState),
}


def allows(state: UploadState, command: Command) -> bool:
    """Whether `command` changes anything for an upload in `state`."""
    return state in _ALLOWED_IN[command]


def waits_for_sign_in(upload: Upload) -> bool:
    """Whether an upload goes on as soon as somebody signs in at its destination."""
    code = upload.problem and upload.problem.code
    return upload.state is UploadState.WAITING and code == SignInRequired.code


def was_deleted(upload: Upload) -> bool:
    """Whether an upload was stored, and its recording deleted since."""
    return upload.problem is not None and upload.problem.code == DELETED


def belongs_elsewhere(upload: Upload) -> bool:
    """Whether an upload waits for a place that the present run does not serve."""
    return upload.problem is not None and upload.problem.code == UNSERVED


def misses_its_file(upload: Upload) -> bool:
    """Whether an upload stopped because its file is gone, and could go on with that file from another place."""
    code = upload.problem and upload.problem.code
    return upload.state is UploadState.ATTENTION and code == FileMissing.code


def misses_its_bucket(upload: Upload) -> bool:
    """Whether an upload stopped because of what was entered for a bucket of the person's own."""
    code = upload.problem and upload.problem.code
    return upload.state is UploadState.ATTENTION and is_bucket(upload.destination) and code in ABOUT_A_BUCKET


def waiting_for_sign_in(views: Iterable[UploadView], server: str) -> list[str]:
    """The ids of the uploads that go on as soon as somebody signs in to this server."""
    uploads = (view.upload for view in views)
    return [upload.id for upload in uploads if upload.destination == server and waits_for_sign_in(upload)]
