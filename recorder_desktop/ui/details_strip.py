"""What is known about the selection, in full sentences, below the queue."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui import icons, text
from recorder_desktop.ui.delegates import STATE_ROLES
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import count_of
from recorder_desktop.ui.theme import Theme

_ICON = 28


class DetailsStrip(QFrame):
    """Name, place and state of one upload, or the sum of several. Hidden while nothing is selected."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self.setAccessibleName(text.tr("Details of the selection"))
        self._theme = theme
        self._views: Sequence[UploadView] = ()
        self._icon = QLabel()
        self.title = _selectable_label("strong")
        self.place = _selectable_label("muted")
        self.sentence = _selectable_label("muted")
        lines = QVBoxLayout()
        lines.setSpacing(2)
        for label in (self.title, self.place, self.sentence):
            lines.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE + 4, SPACE + 2, SPACE + 4, SPACE + 2)
        row.setSpacing(SPACE + 4)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(lines, 1)
        theme.changed.connect(lambda: self.show_views(self._views, len(self._views)))
        self.hide()

    def show_views(self, views: Sequence[UploadView], count: int) -> None:
        """Show these; `count` may be higher than their number when not all were looked at."""
        self._views = views
        if not views:
            self.hide()
            return
        if count == 1:
            self._show_one(views[0])
        else:
            self._show_many(views, count)
        self.show()

    def _show_one(self, view: UploadView) -> None:
        upload = view.upload
        role = STATE_ROLES[upload.state]
        colour = getattr(self._theme.colours, role)
        self._icon.setPixmap(icons.pixmap(f"state-{upload.state.value}", colour, _ICON, self.devicePixelRatioF()))
        facts = [text.size(upload.size_bytes), text.duration(upload.duration_s), text.state(upload.state)]
        self.title.setText(upload.path.name)
        self.place.setText(" · ".join([*filter(None, facts), str(upload.path.parent)]))
        self.sentence.setText(text.state_sentence(view))
        needs_look = upload.problem is not None or upload.state is UploadState.ATTENTION
        self._set_role("good" if role == "good" else "warn" if needs_look else "muted")

    def _show_many(self, views: Sequence[UploadView], count: int) -> None:
        self._icon.setPixmap(icons.pixmap("file", self._theme.colours.muted, _ICON, self.devicePixelRatioF()))
        stored = sum(view.upload.state is UploadState.COMPLETED for view in views)
        self.title.setText(count_of(count, "1 upload selected", "%n uploads selected"))
        total = sum(view.upload.size_bytes for view in views)
        self.place.setText(text.size(total) if count == len(views) else "")
        self.sentence.setText(count_of(stored, "1 of them is verified.", "%n of them are verified."))
        self._set_role("muted")

    def _set_role(self, role: str) -> None:
        if self.sentence.property("role") != role:
            self.sentence.setProperty("role", role)
            self.sentence.style().unpolish(self.sentence)
            self.sentence.style().polish(self.sentence)


def _selectable_label(role: str) -> QLabel:
    """A label whose text can be copied, shown as it is: names may look like markup."""
    label = QLabel()
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    return label
