"""What happened to each upload since the window is open, in plain words. Holds what it was told; no Qt but words."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QDateTime, QLocale, Qt

from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui.text import tr, translated

_KEPT = 40
"""Lines an upload; one that fails every few seconds for a week must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, `at` in seconds since 1970."""

    at: float
    words: str


class UploadHistory:
    """Notes each change of state or problem. What was before comes from the upload's own dates."""

    def __init__(self) -> None:
        self._lines: dict[str, list[Line]] = {}
        self._last: dict[str, tuple[UploadState, str]] = {}

    def note(self, views: Iterable[UploadView]) -> None:
        """Take in how uploads stand now; costs little where nothing but bytes moved."""
        for view in views:
            upload = view.upload
            present = (upload.state, upload.problem.code if upload.problem else "")
            before = self._last.get(upload.id)
            if before == present:
                continue
            self._last[upload.id] = present
            if before is not None:
                lines = self._lines.setdefault(upload.id, [])
                lines.append(Line(time.time(), _happened(view, before[0])))
                del lines[:-_KEPT]

    def forget(self, upload_ids: Iterable[str]) -> None:
        """Rows left the queue."""
        for upload_id in upload_ids:
            self._lines.pop(upload_id, None)
            self._last.pop(upload_id, None)

    def lines(self, view: UploadView) -> list[Line]:
        """What happened to an upload, the newest first."""
        upload = view.upload
        begun = [Line(_seconds(upload.created_at), tr("Added to the queue."))]
        noted = self._lines.get(upload.id, [])
        if upload.recording is not None and not any(line.words == stored_words() for line in noted):
            begun.append(Line(_seconds(upload.recording.created_at), stored_words()))
        return sorted([*begun, *noted], key=lambda line: line.at)[::-1]


def stored_words() -> str:
    """How the history says that an upload is done."""
    return tr("Stored and verified.")


def clock_words(line: Line) -> str:
    """When it happened: the time today, else the day too."""
    instant = QDateTime.fromSecsSinceEpoch(int(line.at))
    clock = QLocale().toString(instant.time(), QLocale.FormatType.ShortFormat)
    if instant.date() == QDateTime.currentDateTime().date():
        return clock
    return f"{QLocale().toString(instant.date(), tr('d MMM'))}, {clock}"


def _happened(view: UploadView, before: UploadState) -> str:
    upload = view.upload
    if upload.problem is not None:
        return translated(upload.problem.message)
    match upload.state:
        case UploadState.QUEUED:
            return tr("Goes on.") if before is UploadState.PAUSED else tr("Waits for its turn.")
        case UploadState.UPLOADING:
            return tr("Sending goes on.") if upload.bytes_confirmed else tr("Sending began.")
        case UploadState.WAITING:
            return tr("Waits for the connection.")
        case UploadState.PAUSED:
            return tr("Paused.")
        case UploadState.FINALISING:
            return tr("Everything is sent. The stored copy is being checked.")
        case UploadState.COMPLETED:
            return stored_words()
        case UploadState.ATTENTION:
            return tr("Needs help.")
        case UploadState.CANCELLED:
            return tr("Cancelled.")


def _seconds(iso: str) -> float:
    instant = QDateTime.fromString(iso, Qt.DateFormat.ISODate)
    return instant.toMSecsSinceEpoch() / 1000 if instant.isValid() else 0.0
