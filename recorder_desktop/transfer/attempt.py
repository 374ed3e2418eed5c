"""One attempt at an upload: how a new one begins, and whether it is still the row's own.

A row may get another attempt at any instant, by a retry of what was cancelled or because its file was replaced. What
comes in late from an earlier one must not count for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from recorder_desktop.core.events import Notice
from recorder_desktop.core.model import FileIdentity, Upload, UploadState


def from_zero(upload: Upload, identity: FileIdentity) -> Upload:
    """A new attempt of the same row with the file as it is now."""
    return replace(
        upload,
        client_upload_id=str(uuid.uuid4()),
        identity=identity,
        state=UploadState.QUEUED,
        problem=None,
        remote=None,
        bytes_confirmed=0,
        recording=None,
        maybe_open=False,
        owner=None,
    )


def is_same_attempt(as_begun: Upload) -> Callable[[Upload], bool]:
    """Whether the row is still at the attempt that it was at when `as_begun` was read."""
    return lambda now: now.client_upload_id == as_begun.client_upload_id


def stored_before(given_up: Upload) -> Notice:
    """What the person is told when an upload was stored before it could be given up: no recording is left unnamed."""
    return Notice(
        f"“{given_up.file_name}” was already stored when you gave it up, so it stays. "
        "Delete it in the library if you do not want it."
    )
