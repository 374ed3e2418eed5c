"""Takes finished rows out of the list, but not for good before the person had some seconds to take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from recorder_desktop.ui.shown_uploads import ShownUploads

PATIENCE_MS = 8000


class Removals(QObject):
    """One removal can be taken back at a time; the next one settles it.

    Signals: changed(int): how many rows can be had back now, 0 for none.
    """

    changed = Signal(int)

    def __init__(
        self, shown: ShownUploads, remove: Callable[[list[str]], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._shown = shown
        self._remove = remove
        self._pending: list[str] = []
        self._out: set[str] = set()  # all that were taken out: the queue still has some of them for a moment
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self.settle)

    def take_out(self, upload_ids: Iterable[str]) -> None:
        """Hide these rows now and remove them soon; those that are out already do not count again."""
        self.settle()
        self._pending = [upload_id for upload_id in upload_ids if upload_id not in self._out]
        if self._pending:
            self._out.update(self._pending)
            self._shown.hide(self._pending)
            self._timer.start()
            self.changed.emit(len(self._pending))

    def undo(self) -> None:
        """Have the rows back."""
        if self._pending:
            self._timer.stop()
            back, self._pending = self._pending, []
            self._out.difference_update(back)
            self._shown.unhide(back)
            self.changed.emit(0)

    def settle(self) -> None:
        """Remove for good what was taken out."""
        if self._pending:
            self._timer.stop()
            gone, self._pending = self._pending, []
            self._remove(gone)
            self.changed.emit(0)
