"""The tray icon: progress at a glance while the window is closed, and the way back."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from recorder_desktop.ui import icons
from recorder_desktop.ui.overview_bar import pace, summary
from recorder_desktop.ui.queue_totals import QueueTotals
from recorder_desktop.ui.text import tr

_SIZES = (22, 44, 64)
_STEPS = 36


class Tray(QObject):
    """A ring that fills up; its menu has the few things wanted without the window.

    Signals:
        show_wanted: the window should come back.
        settings_wanted: the settings page should open.
        quit_wanted: the app should end.
    """

    show_wanted = Signal()
    settings_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, window: QWidget, pause_all: QAction, resume_all: QAction) -> None:
        super().__init__(window)
        self.icon = QSystemTrayIcon(icons.app_icon(), self)
        self._step: tuple[int, bool] | None = None
        self.menu = QMenu(window)
        self.show_action = self.menu.addAction(tr("Show Recorder"))
        self.show_action.triggered.connect(self.show_wanted)
        self.menu.addSeparator()
        self.menu.addAction(pause_all)
        self.menu.addAction(resume_all)
        self.menu.addSeparator()
        self.settings_action = self.menu.addAction(tr("Settings…"))
        self.settings_action.triggered.connect(self.settings_wanted)
        self.quit_action = self.menu.addAction(tr("Quit Recorder"))
        self.quit_action.triggered.connect(self.quit_wanted)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.show_wanted)
        self.icon.show()

    def show_totals(self, totals: QueueTotals) -> None:
        """Draw the batch's progress; redraws only when the picture differs."""
        is_done = totals.unfinished == 0
        step = (int(totals.fraction * _STEPS), is_done)
        if step != self._step:
            self._step = step
            self.icon.setIcon(icons.app_icon() if is_done else progress_ring(totals.fraction))
        words = [summary(totals), pace(totals)] if totals.batch_files else []
        self.icon.setToolTip("\n".join(filter(None, [tr("Recorder"), *words])))

    def notify(self, title: str, words: str) -> None:
        """Show a notification; pressing it brings the window back."""
        self.icon.showMessage(title, words, icons.app_icon())

    def hide(self) -> None:
        """Leave the tray."""
        self.icon.hide()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.show_wanted.emit()


def progress_ring(fraction: float) -> QIcon:
    """A ring filled clockwise from the top by `fraction`, readable on light and dark panels."""
    result = QIcon()
    for size in _SIZES:
        result.addPixmap(_ring(fraction, size))
    return result


def _ring(fraction: float, size: int) -> QPixmap:
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#3a55c9"))
    painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.24, size * 0.24)
    width = size * 0.15
    circle = QRectF(0, 0, size, size).adjusted(width * 1.5, width * 1.5, -width * 1.5, -width * 1.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(255, 255, 255, 90), width))
    painter.drawEllipse(circle)
    painter.setPen(QPen(QColor("#ffffff"), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawArc(circle, 90 * 16, -round(fraction * 360 * 16))
    painter.end()
    return picture
