"""Paints a row of the queue. First line: the figures; second line, small: what explains them.

A row is painted by one call, from whole numbers and from what was made once. For Qt gives up Python's lock whenever a
value of its own is let go (a QRect, a font) and whenever it calls back, and while parts are being sent others take it
each time: with a delegate for each cell, one painting of the window had fourteen hundred such moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QStaticText

from recorder_desktop.core.model import Upload, UploadState, UploadView
from recorder_desktop.core.thumbnails import ThumbnailSource, source_of_upload
from recorder_desktop.ui import icons
from recorder_desktop.ui.painted_bar import colour, paint_bar, paint_edge
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import one_line, translated
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.thumbnails import THUMBNAIL, Thumbnails
from recorder_desktop.ui.upload_cells import NUMERIC, Column, cell_text, folder_of

_PADDING = SPACE + 3
_BAR_HEIGHT = 8
_ICON_SIZE = 20
_TEXT_LEFT = THUMBNAIL.width() + SPACE + SPACE // 2
_LINES_HELD = 1024
"""Texts that are laid out already: those of some screens full of rows."""

STATE_ROLES = {
    UploadState.QUEUED: "muted",
    UploadState.UPLOADING: "accent",
    UploadState.WAITING: "warn",
    UploadState.PAUSED: "muted",
    UploadState.FINALISING: "accent",
    UploadState.COMPLETED: "good",
    UploadState.ATTENTION: "warn",
    UploadState.CANCELLED: "muted",
}
"""The colour that goes with a state's icon and words, by its role in the palette."""


class Place(NamedTuple):
    """Where a cell's content lies in its row, in pixels of the view."""

    column: Column
    left: int
    width: int


class Row(NamedTuple):
    """A row as it is to be looked at. width: of the whole view."""

    view: UploadView
    top: int
    width: int
    is_selected: bool
    is_hovered: bool
    has_focus: bool


class RowPainter:
    """Paints rows of one font.

    Attributes:
        height: of every row, in pixels.
    """

    def __init__(self, theme: Theme, thumbnails: Thumbnails, font: QFont) -> None:
        self._theme = theme
        self._thumbnails = thumbnails
        self._sources: dict[str, tuple[tuple[object, ...], ThumbnailSource | None]] = {}
        self.use_font(font)

    def use_font(self, font: QFont) -> None:
        """Paint in this font from now on."""
        self._font, self._small = QFont(font), _smaller(font)
        self._metrics, self._small_metrics = QFontMetrics(self._font), QFontMetrics(self._small)
        self._first_height, self._second_height = self._metrics.height(), self._small_metrics.height()
        self.height = self._first_height + self._second_height + 2 * _PADDING + 2
        self._line = lru_cache(maxsize=_LINES_HELD)(self._laid_out)

    def paint(self, painter: QPainter, row: Row, places: Sequence[Place], scale: float) -> None:
        """Paint background, cells, and the row's lower edge. scale: the screen's, physical pixels to one of ours."""
        colours = self._theme.colours
        fill = colours.selected if row.is_selected else colours.hover if row.is_hovered else colours.surface
        painter.fillRect(0, row.top, row.width, self.height, colour(fill))
        painter.fillRect(0, row.top + self.height - 1, row.width, 1, colour(colours.line))
        if row.has_focus:  # an edge marks the row that keys act from: the background only says that it is selected
            painter.fillRect(0, row.top, 3, self.height, colour(colours.accent))
        painter.setFont(self._font)
        for place in places:
            match place.column:
                case Column.NAME:
                    self._paint_name(painter, row, place, scale)
                case Column.PROGRESS:
                    self._paint_progress(painter, row, place)
                case Column.STATE:
                    self._paint_state(painter, row, place, scale)
                case _:
                    self._paint_figure(painter, row, place)
        self._paint_second_lines(painter, row, places)

    # --- cells ---------------------------------------------------------------------------------------------------

    def _paint_figure(self, painter: QPainter, row: Row, place: Place) -> None:
        painter.setPen(colour(self._theme.colours.muted))
        self._draw_first(painter, row, place, cell_text(row.view, place.column))

    def _paint_name(self, painter: QPainter, row: Row, place: Place, scale: float) -> None:
        colours = self._theme.colours
        cell = QRect(place.left, row.top, place.width, self.height)
        self._thumbnails.paint(painter, cell, self._source_of(row.view.upload), colours, scale)
        painter.setPen(colour(colours.text))
        words = place._replace(left=place.left + _TEXT_LEFT, width=place.width - _TEXT_LEFT)
        self._draw_first(painter, row, words, row.view.upload.file_name)

    def _paint_progress(self, painter: QPainter, row: Row, place: Place) -> None:
        colours, state = self._theme.colours, row.view.upload.state
        confirmed, in_flight = bar_shares(row.view)
        done = STATE_ROLES[state] if state is not UploadState.QUEUED else "accent"
        middle = row.top + _PADDING + (self._first_height - 1) // 2
        bar = QRectF(place.left, middle - _BAR_HEIGHT / 2 + 1, place.width, _BAR_HEIGHT)
        paint_bar(painter, bar, (colours.track, getattr(colours, done), colours.in_flight), confirmed, in_flight)
        if row.is_selected:  # on whose ground the track is as good as invisible
            paint_edge(painter, bar, colours.muted)

    def _paint_state(self, painter: QPainter, row: Row, place: Place, scale: float) -> None:
        state = row.view.upload.state
        shade = getattr(self._theme.colours, STATE_ROLES[state])
        top = row.top + _PADDING + (self._first_height - 1) // 2 - _ICON_SIZE // 2 + 1
        painter.drawPixmap(place.left, top, icons.pixmap(f"state-{state.value}", shade, _ICON_SIZE, scale))
        painter.setPen(colour(shade))
        taken = _ICON_SIZE + SPACE
        words = place._replace(left=place.left + taken, width=place.width - taken)
        self._draw_first(painter, row, words, cell_text(row.view, Column.STATE))

    def _paint_second_lines(self, painter: QPainter, row: Row, places: Sequence[Place]) -> None:
        """Folder, and the figures of the bar; a problem takes the folder's place and more: it would not fit there."""
        painter.setFont(self._small)
        upload, colours = row.view.upload, self._theme.colours
        top = row.top + _PADDING + self._first_height + 2
        by_column = {place.column: place for place in places}
        name, progress = by_column[Column.NAME], by_column[Column.PROGRESS]
        left = name.left + _TEXT_LEFT
        if upload.problem is None:
            painter.setPen(colour(colours.muted))
            line, _width = self._line(folder_of(upload), name.left + name.width - left, _MIDDLE, is_small=True)
        else:
            painter.setPen(colour(colours.warn))
            words = translated(upload.problem.message)
            line, _width = self._line(words, progress.left - SPACE - left, _RIGHT, is_small=True)
        painter.drawStaticText(left, top, line)
        painter.setPen(colour(colours.muted))
        line, _width = self._line(cell_text(row.view, Column.PROGRESS), progress.width, _MIDDLE, is_small=True)
        painter.drawStaticText(progress.left, top, line)

    # --- words ---------------------------------------------------------------------------------------------------

    def _draw_first(self, painter: QPainter, row: Row, place: Place, words: str) -> None:
        line, width = self._line(words, place.width, _MIDDLE, is_small=False)
        left = place.left + place.width - width if place.column in NUMERIC else place.left
        painter.drawStaticText(left, row.top + _PADDING, line)

    def _laid_out(
        self, words: str, width: int, shortened: Qt.TextElideMode, *, is_small: bool
    ) -> tuple[QStaticText, int]:
        """One line, shortened where it does not fit, and how wide it is."""
        metrics = self._small_metrics if is_small else self._metrics
        shown = metrics.elidedText(one_line(words), shortened, width)
        line = QStaticText(shown)
        line.setTextFormat(Qt.TextFormat.PlainText)
        return line, metrics.horizontalAdvance(shown)

    # -----------------------------------------------------------------------------------------------------------

    def _source_of(self, upload: Upload) -> ThumbnailSource | None:
        """What shows an upload, kept while it is made of the same: it takes a checksum to name."""
        of = (upload.path_text, upload.content_type, upload.identity, upload.recording, upload.duration_s)
        known, source = self._sources.get(upload.id, ((), None))
        if known != of:
            if len(self._sources) >= _LINES_HELD:
                self._sources.clear()
            source = source_of_upload(upload)
            self._sources[upload.id] = (of, source)
        return source


_MIDDLE = Qt.TextElideMode.ElideMiddle
"""Where names are shortened: their ends tell them apart."""
_RIGHT = Qt.TextElideMode.ElideRight


def _smaller(font: QFont) -> QFont:
    """The font of second lines."""
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.9)
    return small


def bar_shares(view: UploadView) -> tuple[float, float]:
    """The confirmed and the in-flight share of a file, each 0 to 1."""
    upload = view.upload
    if upload.state is UploadState.COMPLETED:
        return 1.0, 0.0
    if upload.state is UploadState.CANCELLED or not upload.size_bytes:
        return 0.0, 0.0
    confirmed = min(1.0, upload.bytes_confirmed / upload.size_bytes)
    return confirmed, min(1.0 - confirmed, view.bytes_in_flight / upload.size_bytes)
