"""What a file manager does when something is dragged onto the window and let go."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from recorder_desktop.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


def mime_of(*urls: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    return mime


def drop(window: MainWindow, mime: QMimeData, offered: Qt.DropAction = COPY) -> Qt.DropAction:
    """Drag onto the middle of the window and let go, as a file manager does. Returns what it is told to do."""
    centre = window.rect().center()
    enter = QDragEnterEvent(centre, offered, mime, LEFT, NONE)
    QApplication.sendEvent(window, enter)
    is_welcome = enter.isAccepted()
    event = QDropEvent(QPointF(centre), offered, mime, LEFT, NONE)
    QApplication.sendEvent(window, event)
    assert is_welcome
    return event.dropAction() if event.isAccepted() else Qt.DropAction.IgnoreAction
