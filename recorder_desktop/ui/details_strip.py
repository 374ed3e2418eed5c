"""What is known about the selection, below the queue: in full sentences, as a picture, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from recorder_desktop.config import describe
from recorder_desktop.core.model import Upload, UploadState, UploadView
from recorder_desktop.core.upload_queue import AlreadyStored
from recorder_desktop.ui import icons, text
from recorder_desktop.ui.desktop import Desktop
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.original_check import OriginalCheck
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.row_painter import STATE_ROLES
from recorder_desktop.ui.text import count_of, tr, translated
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.upload_help import UploadHelp
from recorder_desktop.ui.upload_side import UploadSide

_ICON = 28
_SIDE_WIDTH = 420
_LEAST_SIDE_WIDTH = 200


class DetailsStrip(QFrame):
    """Name, place, state, parts and history of one upload, or the sum of several. Hidden while nothing is selected.

    Attributes: title, place, sentence, checksum: what is said. help: the buttons. side: part map and history.
        original: whether the file is still what was stored.
    """

    def __init__(
        self, bridge: EngineBridge, *, dialogs: Dialogs, desktop: Desktop, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self.setAccessibleName(tr("Details of the selection"))
        self._theme = theme
        self._views: Sequence[UploadView] = ()
        self._count = 0
        self._place = ""
        self._in_doubt: set[str] = set()  # uploads about whose stored copies nobody could be asked
        self._icon = QLabel()
        self.title = _selectable_label("strong")
        self.place = _selectable_label("muted")
        self.sentence = _selectable_label("muted")
        self.checksum = _selectable_label("muted")
        self.help = UploadHelp(bridge.confirm_stored, dialogs, desktop)
        self.side = UploadSide(bridge, theme)
        self.original = OriginalCheck(desktop, self)
        self.original.changed.connect(self._show_again)
        self.help.original_in_doubt.connect(self.original.look_again)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        for label in (self.title, self.place, self.sentence, self.checksum):
            lines.addWidget(label)
        lines.addStretch(1)
        lines.addWidget(self.help)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE + 4, SPACE + 2, SPACE + 4, SPACE + 2)
        row.setSpacing(SPACE + 4)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(lines, 1)
        row.addWidget(self.side, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._show_again)
        self.hide()

    def note_asked(self, asked: Sequence[AlreadyStored]) -> None:
        """Whether these are still stored was asked: of those without an answer nothing is called safe to delete."""
        for outcome in asked:
            (self._in_doubt.discard if outcome.is_certain else self._in_doubt.add)(outcome.upload_id)
        self._show_again()

    def set_place(self, name: str) -> None:
        """Name the place that uploads go to now: of one that goes elsewhere it is said."""
        self._place = name
        self._show_again()

    def show_views(self, views: Sequence[UploadView], count: int) -> None:
        """Show these; `count` may be higher than their number when not all were looked at."""
        self._views, self._count = views, count
        if not views:
            self.hide()
            return
        self.help.setVisible(count == 1)
        if count == 1:
            self._show_one(views[0])
        else:
            self._show_many(views, count)
        self._fit_side()
        self.show()

    def event(self, event: QEvent) -> bool:
        """Whoever comes back to the window may come from a program that has changed the file."""
        if event.type() is QEvent.Type.WindowActivate:
            self.original.look_again()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the picture leaves its room to the words and buttons."""
        super().resizeEvent(event)
        self._fit_side()

    def _fit_side(self) -> None:
        left = self.width() - _ICON - 4 * (SPACE + 4) - self.help.sizeHint().width()
        self.side.setVisible(len(self._views) == 1 and left >= _LEAST_SIDE_WIDTH)
        self.side.setFixedWidth(max(_LEAST_SIDE_WIDTH, min(_SIDE_WIDTH, self.width() * 2 // 5, left)))

    def close_down(self) -> None:
        """Hear nothing any more."""
        self.help.close_down()
        self.original.close_down()
        self.side.close_down()

    def _show_again(self) -> None:
        self.show_views(self._views, self._count)

    def _show_one(self, view: UploadView) -> None:
        upload = view.upload
        role = STATE_ROLES[upload.state]
        colour = getattr(self._theme.colours, role)
        self._icon.setPixmap(icons.pixmap(f"state-{upload.state.value}", colour, _ICON, self.devicePixelRatioF()))
        facts = [text.size(upload.size_bytes), text.duration(upload.duration_s), text.state_of(upload)]
        if self._place not in ("", upload.destination):
            facts.append(translated(describe(upload.destination)))
        self.original.look(upload)
        self.title.setText(text.one_line(upload.file_name))
        self.place.setText(" · ".join([*filter(None, facts), text.one_line(str(upload.path.parent))]))
        self.sentence.setText(self._sentence(view))
        crc64nvme = upload.recording.crc64nvme if upload.recording is not None else None
        self.checksum.setVisible(crc64nvme is not None)
        self.checksum.setText(tr("Checksum CRC64-NVME {value}").format(value=crc64nvme))
        self.help.show_upload(upload, has_changed=self.original.has_changed)
        self.side.show_upload(view)
        is_stuck = upload.problem is not None or upload.state is UploadState.ATTENTION
        needs_look = is_stuck or self.original.has_changed or self._is_in_doubt(upload)
        self._set_role("warn" if needs_look else "good" if role == "good" else "muted")

    def _sentence(self, view: UploadView) -> str:
        if self.original.has_changed:
            return tr(
                "Verified, but your file was changed since. Keep it, and add it again to store it as it is now."
            )
        if self._is_in_doubt(view.upload):
            return tr("Verified when it was stored. Whether it is still there could not be asked, so keep your file.")
        words, folder = text.state_sentence(view), self.help.store_folder
        is_here = view.upload.state is UploadState.COMPLETED and text.is_stored_here(view.upload)
        if folder is None or not is_here or not view.upload.size_bytes:
            return words
        return tr("Verified. Stored a second time on this computer, in {folder}.").format(folder=folder)

    def _is_in_doubt(self, upload: Upload) -> bool:
        return upload.state is UploadState.COMPLETED and upload.id in self._in_doubt

    def _show_many(self, views: Sequence[UploadView], count: int) -> None:
        self._icon.setPixmap(icons.pixmap("file", self._theme.colours.muted, _ICON, self.devicePixelRatioF()))
        self.checksum.hide()
        self.title.setText(count_of(count, "1 upload selected", "%n uploads selected"))
        is_whole = count == len(views)  # sums over a part of the selection would be wrong
        total = sum(view.upload.size_bytes for view in views)
        self.place.setText(text.size(total) if is_whole else "")
        stored = sum(view.upload.state is UploadState.COMPLETED for view in views)
        self.sentence.setText(
            count_of(stored, "1 of them is verified.", "%n of them are verified.") if is_whole else ""
        )
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
