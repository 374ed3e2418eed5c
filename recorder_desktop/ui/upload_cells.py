"""The queue's columns, and what their cells say about an upload."""

from __future__ import annotations

import os
from enum import IntEnum
from html import escape

from PySide6.QtCore import Qt

from recorder_desktop.core.model import Upload, UploadView
from recorder_desktop.ui import text
from recorder_desktop.ui.text import tr


class Column(IntEnum):
    """The columns, left to right."""

    NAME = 0
    SIZE = 1
    DURATION = 2
    PROGRESS = 3
    SPEED = 4
    TIME_LEFT = 5
    STATE = 6


COLUMNS = tuple(Column)
"""By number, as a model index has it."""

# Made once: every cell that is painted asks for one of them.
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NUMERIC = (Column.SIZE, Column.DURATION, Column.SPEED, Column.TIME_LEFT)


def cell_text(view: UploadView, column: Column) -> str:
    """What a cell says in its first line."""
    upload = view.upload
    match column:
        case Column.NAME:
            return text.one_line(upload.file_name)
        case Column.SIZE:
            return text.size(upload.size_bytes)
        case Column.DURATION:
            return text.duration(upload.duration_s)
        case Column.PROGRESS:
            return text.progress(view)
        case Column.SPEED:
            return text.speed(view.rate_bytes_per_s)
        case Column.TIME_LEFT:
            return text.time_left(view.seconds_left)
        case Column.STATE:
            return text.state_of(upload)


def folder_of(upload: Upload) -> str:
    """Where an upload's file lies on this computer."""
    return os.path.dirname(upload.path_text)  # noqa: PTH120 - a Path costs ten times as much


def spoken(view: UploadView, column: Column) -> str:
    """A cell for those who hear it: with its title, and with the sentence that the eye finds in the row."""
    words = cell_text(view, column)
    if column is Column.NAME:
        return f"{words}, {text.state_of(view.upload)}. {text.row_sentence(view)}"
    return f"{title(column)}: {words or tr('unknown')}"


def tooltip(view: UploadView, column: Column) -> str:
    """More of a cell than fits into it. As it is: Qt would take a name that looks like markup for markup."""
    words = text.one_line(view.upload.path_text) if column is Column.NAME else text.row_sentence(view)
    return f"<span style='white-space: pre'>{escape(words)}</span>" if "<" in words else words


def alignment(column: Column) -> Qt.AlignmentFlag:
    """Figures to the right, words to the left."""
    return _RIGHT if column in NUMERIC else _LEFT


def title(column: Column) -> str:
    """What stands above a column."""
    match column:
        case Column.NAME:
            return tr("Name")
        case Column.SIZE:
            return tr("Size")
        case Column.DURATION:
            return tr("Duration")
        case Column.PROGRESS:
            return tr("Progress")
        case Column.SPEED:
            return tr("Speed")
        case Column.TIME_LEFT:
            return tr("Time left")
        case Column.STATE:
            return tr("State")
