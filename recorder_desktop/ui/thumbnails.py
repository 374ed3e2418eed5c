"""Thumbnails on screen: painted from memory; what is missing is asked for when it is looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPixmap

from recorder_desktop.core.thumbnails import MediaKind, ThumbnailDesk, ThumbnailSource, is_waveform
from recorder_desktop.ui import icons
from recorder_desktop.ui.painted_bar import colour
from recorder_desktop.ui.palette import Colours

THUMBNAIL = QSize(64, 36)
"""Logical pixels that a thumbnail takes up."""
_WIDTH, _HEIGHT = THUMBNAIL.width(), THUMBNAIL.height()

HELD_AT_MOST = 400
"""Pictures in memory, 37 kB each on a screen of double density."""

_WITHOUT_AT_MOST = 4096
_ASK_AFTER_MS = 60
"""Rows that fly past while somebody scrolls are not asked for one by one."""
_RADIUS = 4
_ICON = 20


@dataclass(frozen=True, slots=True)
class _Held:
    pixmap: QPixmap
    is_waveform: bool


class Thumbnails(QObject):
    """What was looked at last, by key and scale of the screen. Never waits, and never looks at more than it paints.

    Signals: arrived: there are more of them; paint anew.
    """

    arrived = Signal()
    _decoded = Signal(str, float, object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk: ThumbnailDesk | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._held: OrderedDict[tuple[str, float], _Held] = OrderedDict()
        self._without: OrderedDict[str, None] = OrderedDict()  # there is none to be had of these
        self._missed: dict[str, ThumbnailSource] = {}
        self._scale = 1.0  # of the screen that was painted on last
        self._soon = QTimer(self, singleShot=True, interval=_ASK_AFTER_MS)
        self._soon.timeout.connect(self._ask)
        self._decoded.connect(self._take)

    def attach(self, desk: ThumbnailDesk) -> None:
        """Ask this desk from now on."""
        self._unsubscribe()
        self._desk = desk
        self._unsubscribe = desk.subscribe(self._decode)
        self.arrived.emit()

    def close_down(self) -> None:
        """Hear nothing any more."""
        self._soon.stop()
        self._unsubscribe()
        self._unsubscribe = lambda: None

    def paint(
        self, painter: QPainter, cell: QRect, source: ThumbnailSource | None, colours: Colours, scale: float
    ) -> None:
        """Paint a picture at the cell's left edge; an icon of its kind where there is none, or none yet.

        scale: the screen's, physical pixels to one of ours.
        """
        box = QRect(cell.left(), cell.top() + (cell.height() - _HEIGHT) // 2, _WIDTH, _HEIGHT)
        held = None if source is None else self._find(source, scale)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(box.left(), box.top(), _WIDTH, _HEIGHT, _RADIUS, _RADIUS)
        is_sound = held is not None and held.is_waveform
        painter.fillPath(shape, colour(colours.accent_soft if is_sound else colours.track))
        if held is None:
            kind = MediaKind.OTHER if source is None else source.kind
            _put(painter, box, icons.pixmap(kind.value, colours.muted, _ICON, scale))
        else:
            painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
            _put(painter, box, _tinted(held.pixmap, colours.accent) if is_sound else held.pixmap)
        painter.restore()

    # --- memory --------------------------------------------------------------------------------------------------

    def _find(self, source: ThumbnailSource, scale: float) -> _Held | None:
        self._scale = scale
        held = self._held.get((source.key, scale))
        if held is not None:
            self._held.move_to_end((source.key, scale))
            return held
        if source.key not in self._without and self._desk is not None:
            self._missed[source.key] = source
            if not self._soon.isActive():
                self._soon.start()
        return None if source.also is None else self._held.get((source.also, scale))

    def _ask(self) -> None:
        missed, self._missed = self._missed, {}
        if self._desk is not None:
            self._desk.want(list(missed.values()))

    def _decode(self, key: str, picture: bytes | None) -> None:
        """Runs on a thread of the desk."""
        scale = self._scale
        image = QImage() if picture is None else _fitted(QImage.fromData(picture), scale)
        self._decoded.emit(key, scale, image, picture is not None and is_waveform(picture))

    @Slot(str, float, object, bool)
    def _take(self, key: str, scale: float, image: QImage, waveform: bool) -> None:
        if image.isNull():
            self._without[key] = None
            if len(self._without) > _WITHOUT_AT_MOST:
                self._without.popitem(last=False)
            return
        self._held[key, scale] = _Held(QPixmap.fromImage(image), waveform)
        if len(self._held) > HELD_AT_MOST:
            self._held.popitem(last=False)
        self.arrived.emit()


def _fitted(image: QImage, scale: float) -> QImage:
    """The whole picture within the size of a thumbnail, in the screen's own pixels."""
    if image.isNull():
        return image
    small = image.scaled(
        THUMBNAIL * scale, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    small.setDevicePixelRatio(scale)
    return small


def _put(painter: QPainter, box: QRect, picture: QPixmap) -> None:
    scale = picture.devicePixelRatio()
    width, height = picture.width() / scale, picture.height() / scale
    painter.drawPixmap(round(box.left() + (_WIDTH - width) / 2), round(box.top() + (_HEIGHT - height) / 2), picture)


def _tinted(mask: QPixmap, colour: str) -> QPixmap:
    """The same shape in a colour of the present theme."""
    tinted = QPixmap(mask)
    painter = QPainter(tinted)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(tinted.rect(), QColor(colour))
    painter.end()
    return tinted
