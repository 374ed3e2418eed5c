"""The right half of the details: the part map, kept live, and what happened."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QTextBrowser, QVBoxLayout, QWidget

from recorder_desktop.core.history import Happening
from recorder_desktop.core.model import PartMap, Upload, UploadView
from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.part_map import PartMapPicture
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.upload_history import clock_words, lines_of

LOOK_EVERY_MS = 700
"""The parts are read from disk, so not at each of the ten updates a second."""

_LINES_HEIGHT = 58


class UploadSide(QWidget):
    """Attributes: picture: the part map. caption: it in words. lines: what happened, the newest first."""

    def __init__(self, bridge: EngineBridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._answers = Answers(self)
        self._view: UploadView | None = None
        self._is_asking = False
        self._is_outdated = False
        self._happenings: tuple[Happening, ...] = ()
        self._told_of: tuple[object, ...] = ()  # what the happenings were asked for
        self.picture = PartMapPicture(theme)
        self.caption = QLabel()
        self.caption.setProperty("role", "muted")
        self.lines = QTextBrowser()
        self.lines.setAccessibleName(tr("What happened"))
        self.lines.setOpenLinks(False)
        self.lines.setFixedHeight(_LINES_HEIGHT)
        self.lines.setTabChangesFocus(True)
        self._pause = QTimer(self, singleShot=True, interval=LOOK_EVERY_MS)
        self._pause.timeout.connect(self._look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self.picture)
        column.addWidget(self.caption)
        column.addWidget(self.lines)

    def show_upload(self, view: UploadView) -> None:
        """Show this one; as it changes, the map follows a little behind."""
        is_other = self._view is None or self._view.upload.id != view.upload.id
        has_changed = self._view != view
        self._view = view
        if is_other:
            self._show_parts(None)
            self._pause.stop()
            self._happenings = ()
            self._show_lines()
        self._ask_what_happened(view.upload)
        if has_changed:
            self._is_outdated = True
            self._look()

    def close_down(self) -> None:
        """Hear nothing any more."""
        self._answers.close()
        self._pause.stop()

    def _look(self) -> None:
        if self._is_asking or self._pause.isActive() or not self._is_outdated or self._view is None:
            return
        asked = self._view.upload.id
        future = self._bridge.part_map(asked)
        if future is None:
            return
        self._is_asking, self._is_outdated = True, False
        self._answers.hand_over(future, lambda parts: self._take(asked, parts), self._skip)

    def _take(self, asked: str, parts: PartMap | None) -> None:
        self._is_asking = False
        if self._view is not None and self._view.upload.id == asked:
            self._show_parts(parts)
            self._pause.start()
        else:
            self._look()

    def _skip(self, _trouble: Trouble) -> None:
        """A map that cannot be read now, as from a full disk, is asked for again with the next change."""
        self._is_asking = False

    def _show_parts(self, parts: PartMap | None) -> None:
        self.picture.show_parts(parts)
        self.caption.setText(self.picture.words)

    # --- what happened -------------------------------------------------------------------------------------------

    def _ask_what_happened(self, upload: Upload) -> None:
        """Ask anew when something but bytes has changed."""
        present = (upload.id, upload.client_upload_id, upload.state, upload.problem, upload.identity)
        if present == self._told_of:
            return
        future = self._bridge.history(upload.id)
        if future is not None:
            self._told_of = present
            self._answers.hand_over(future, lambda told: self._take_happenings(upload.id, told), self._forget_asking)

    def _take_happenings(self, asked: str, told: tuple[Happening, ...]) -> None:
        if self._view is not None and self._view.upload.id == asked:
            self._happenings = told
            self._show_lines()

    def _forget_asking(self, _trouble: Trouble) -> None:
        """What cannot be read now is asked for again with the next change."""
        self._told_of = ()

    def _show_lines(self) -> None:
        if self._view is not None:
            lines = lines_of(self._view.upload, self._happenings)
            self.lines.setPlainText("\n".join(f"{clock_words(line)}  {line.words}" for line in lines))
