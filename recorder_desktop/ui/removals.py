"""Takes finished rows out of the list, but not for good before the person had some seconds to take it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from recorder_desktop.core.model import UploadState
from recorder_desktop.ui.shown_uploads import ShownUploads

PATIENCE_MS = 8000


class Removals(QObject):
    """One removal can be taken back at a time; the next one settles it.

    Signals: changed(int): how many rows can be had back now, 0 for none.
    """

    changed = Signal(int)

    def __init__(
        self,
        shown: ShownUploads,
        remove: Callable[[list[str], Callable[[], None]], None],
        parent: QObject | None = None,
    ) -> None:
        """`remove` takes uploads out of the queue, and calls what it is given where that fails."""
        super().__init__(parent)
        self._shown = shown
        self._remove = remove
        self._pending: list[str] = []
        self._out: set[str] = set()  # all that were taken out: the queue still has some of them for a moment
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self.settle)

    @property
    def hidden_states(self) -> Counter[UploadState]:
        """How many rows of each state are out of sight; those that are leaving for good included."""
        return self._shown.hidden_states

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
            self._show_again(back)
            self.changed.emit(0)

    def settle(self) -> None:
        """Remove for good what was taken out."""
        if self._pending:
            self._timer.stop()
            settled, self._pending = self._pending, []
            gone = [each for each in settled if _is_finished(self._shown.hidden_state(each))]
            self._show_again(set(settled).difference(gone))  # some were tried again meanwhile, by a command
            if gone:
                self._remove(gone, lambda: self._show_again(gone))
            self.changed.emit(0)

    def _show_again(self, upload_ids: Collection[str]) -> None:
        self._out.difference_update(upload_ids)
        self._shown.unhide(upload_ids)


def _is_finished(state: UploadState | None) -> bool:
    return state is not None and state.is_finished
