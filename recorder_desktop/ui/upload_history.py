"""What happened to an upload, in plain words. Knows no upload but the one it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QDateTime, QLocale, Qt

from recorder_desktop.core.history import Happened, Happening
from recorder_desktop.core.model import Upload
from recorder_desktop.ui import text
from recorder_desktop.ui.text import tr, translated


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, `at` in seconds since 1970."""

    at: float
    words: str


_WORDS: dict[Happened, Callable[[], str]] = {
    Happened.BEGAN: lambda: tr("Sending began."),
    Happened.WENT_ON: lambda: tr("Sending went on."),
    Happened.PAUSED: lambda: tr("Paused."),
    Happened.QUEUED: lambda: tr("Waits for its turn."),
    Happened.FILE_CHANGED: lambda: tr("The file had changed. What no longer agreed was sent again."),
    Happened.BEGAN_ANEW: lambda: tr("Began again from the beginning."),
    Happened.FOUND_AGAIN: lambda: tr("Found again at the server. What it holds need not be sent again."),
    Happened.VERIFIED: lambda: tr("Stored and verified."),
    Happened.CANCELLED: lambda: tr("Cancelled."),
    Happened.DELETED: lambda: tr("Deleted from the store."),
    Happened.APP_CLOSED: lambda: tr("Recorder was closed. What was sent is kept."),
    Happened.APP_KILLED: lambda: tr("Recorder had ended without warning. What was sent is kept."),
    Happened.STUCK: lambda: tr("Needs help."),
    Happened.WAITS: lambda: tr("Waits for the connection."),
}


def lines_of(upload: Upload, happenings: Sequence[Happening]) -> list[Line]:
    """What happened to an upload, the newest first. Its own dates tell what no happening does."""
    told = [Line(_seconds(upload.created_at), tr("Added to the queue."))]
    told += [Line(each.at, words_of(each)) for each in happenings]
    is_told = any(each.what is Happened.VERIFIED for each in happenings)
    if upload.recording is not None and not is_told:  # stored before there was a history
        told.append(Line(_seconds(upload.recording.created_at), _WORDS[Happened.VERIFIED]()))
    return sorted(told, key=lambda line: line.at)[::-1]


def words_of(happening: Happening) -> str:
    """A happening in a sentence or two."""
    lasted = text.time_left(happening.lasted_s)
    match happening.what:
        case Happened.WAITED_FOR_NETWORK:
            return tr("Waited {time} for the network.").format(time=lasted)
        case Happened.WAITED_FOR_SERVICE:
            return tr("Waited {time} for the server.").format(time=lasted)
        case _:
            return translated(happening.detail) if happening.detail else _WORDS[happening.what]()


def clock_words(line: Line) -> str:
    """When it happened: the time today, else the day too."""
    instant = QDateTime.fromSecsSinceEpoch(int(line.at))
    clock = QLocale().toString(instant.time(), QLocale.FormatType.ShortFormat)
    if instant.date() == QDateTime.currentDateTime().date():
        return clock
    return f"{QLocale().toString(instant.date(), tr('d MMM'))}, {clock}"


def _seconds(iso: str) -> float:
    instant = QDateTime.fromString(iso, Qt.DateFormat.ISODate)
    return instant.toMSecsSinceEpoch() / 1000 if instant.isValid() else 0.0
