"""What happened to an upload, as the person may want to read it later: kinds, and which change means which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from recorder_desktop.core.errors import Offline
from recorder_desktop.core.lifecycle import was_deleted
from recorder_desktop.core.model import Problem, Upload, UploadState

KEPT = 100
"""Happenings of one upload; one that fails every few seconds for a week must not fill the disk."""

TOLD_FROM_S = 5.0
"""A shorter wait is not worth a line."""


class Happened(Enum):
    """The values are the words of the database."""

    BEGAN = "began"
    WENT_ON = "went_on"
    PAUSED = "paused"
    QUEUED = "queued"  # let go on, tried again, or put behind another one
    WAITS = "waits"  # detail: why, in a sentence
    WAITED_FOR_NETWORK = "waited_for_network"  # lasted_s: how long
    WAITED_FOR_SERVICE = "waited_for_service"
    FILE_CHANGED = "file_changed"
    BEGAN_ANEW = "began_anew"
    FOUND_AGAIN = "found_again"  # by the queue after one that was lost
    STUCK = "stuck"  # detail: why, in a sentence
    VERIFIED = "verified"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    APP_CLOSED = "app_closed"
    APP_KILLED = "app_killed"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, `at` in seconds since 1970."""

    at: float
    what: Happened
    detail: str = ""
    lasted_s: float | None = None


def what_happened(before: Upload, after: Upload) -> tuple[Happened, str] | None:
    """What a change of an upload means, and its detail; None where nothing but figures differ."""
    if before.identity != after.identity:
        return Happened.FILE_CHANGED, ""
    if before.client_upload_id != after.client_upload_id:
        if after.maybe_open:  # what begins from zero has nothing open yet
            return Happened.FOUND_AGAIN, ""
        if before.remote is not None:
            return Happened.BEGAN_ANEW, ""
    if (before.state, before.problem) == (after.state, after.problem):
        return None
    reason = after.problem.message if after.problem is not None else ""
    match after.state:
        case UploadState.UPLOADING:
            return (Happened.BEGAN if before.remote is None else Happened.WENT_ON), ""
        case UploadState.WAITING:
            return Happened.WAITS, reason
        case UploadState.ATTENTION:
            return Happened.STUCK, reason
        case UploadState.FINALISING:
            return None  # what comes of it follows at once
        case _:
            return (Happened.DELETED if was_deleted(after) else _PLAIN[after.state]), ""


_PLAIN = {
    UploadState.QUEUED: Happened.QUEUED,
    UploadState.PAUSED: Happened.PAUSED,
    UploadState.COMPLETED: Happened.VERIFIED,
    UploadState.CANCELLED: Happened.CANCELLED,
}


def waited_for(problem: Problem | None) -> Happened:
    """What a wait that is over was for."""
    is_network = problem is not None and problem.code in _NETWORK
    return Happened.WAITED_FOR_NETWORK if is_network else Happened.WAITED_FOR_SERVICE


_NETWORK = frozenset({Offline.code, "connection_trouble", "stalled"})
