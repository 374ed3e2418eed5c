"""What can be done with uploads: one QAction each, shared by toolbar, context menu and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from recorder_desktop.core.model import UploadState, UploadView
from recorder_desktop.ui.dialogs import Choice, Dialogs, Question
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.queue_view import QueueView
from recorder_desktop.ui.removals import Removals
from recorder_desktop.ui.text import count_of, one_line, tr
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.upload_model import UploadModel

_LOOKED_AT = 1000
"""Selected rows that decide what is enabled: among more, hardly any action is impossible for all."""

_FINISHED = tuple(state for state in UploadState if state.is_finished)
"""Looked up once: a hundred thousand rows may be asked about at a time."""


def can_pause(view: UploadView) -> bool:
    """Whether pausing would change something. Verifying is short and cannot be stopped half-way."""
    return view.upload.state in (UploadState.QUEUED, UploadState.UPLOADING, UploadState.WAITING)


def can_resume(view: UploadView) -> bool:
    """Whether it is paused."""
    return view.upload.state is UploadState.PAUSED


def can_retry(view: UploadView) -> bool:
    """Whether another try makes sense: it needs help, waits, or was given up."""
    return view.upload.state in (UploadState.ATTENTION, UploadState.WAITING, UploadState.CANCELLED)


def can_cancel(view: UploadView) -> bool:
    """Whether there is something left to give up."""
    return view.upload.state not in _FINISHED


class QueueActions(QObject):
    """The actions on uploads, with their keys and their confirmation questions.

    Attributes:
        pause, resume, toggle, retry, cancel, remove, upload_next, move_up, move_down: on the selected rows.
        pause_all, resume_all, retry_all, cancel_all, remove_finished: on the whole queue.
    """

    def __init__(
        self,
        bridge: EngineBridge,
        model: UploadModel,
        view: QueueView,
        *,
        removals: Removals,
        dialogs: Dialogs,
        theme: Theme,
    ) -> None:
        super().__init__(view)
        self._bridge = bridge
        self._model = model
        self._view = view
        self._removals = removals
        self._dialogs = dialogs
        self._theme = theme
        self._make_row_actions()
        view.rows_dropped.connect(bridge.move_before)
        self._make_queue_actions()
        view.selectionModel().selectionChanged.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Enable what would have an effect now."""
        selected = list(islice(self._view.selected_views(), _LOOKED_AT))
        self.pause.setEnabled(any(map(can_pause, selected)))
        self.resume.setEnabled(any(map(can_resume, selected)))
        self.toggle.setEnabled(self.pause.isEnabled() or self.resume.isEnabled())
        self.retry.setEnabled(any(map(can_retry, selected)))
        self.cancel.setEnabled(any(map(can_cancel, selected)))
        self.upload_next.setEnabled(self.cancel.isEnabled())
        self.remove.setEnabled(bool(selected))
        states, totals = self._model.totals.states, self._model.totals
        self.pause_all.setEnabled(totals.running > states[UploadState.FINALISING])
        self.resume_all.setEnabled(states[UploadState.PAUSED] > 0)
        self.retry_all.setEnabled(states[UploadState.ATTENTION] + states[UploadState.WAITING] > 0)
        self.cancel_all.setEnabled(totals.unfinished > 0)
        hidden = self._removals.hidden_states
        finished = sum(states[state] - hidden[state] for state in _FINISHED)
        self.remove_finished.setEnabled(finished > 0)

    # --- making --------------------------------------------------------------------------------------------------

    def _make_row_actions(self) -> None:
        make = self._make
        self.pause = make(tr("Pause"), "pause", "", self._pause, tr("Stop sending; what was sent is kept"))
        self.resume = make(tr("Resume"), "resume", "", self._resume, tr("Go on where it stopped"))
        self.toggle = make(tr("Pause or resume"), "pause", "Space", self._toggle, "")
        self.retry = make(tr("Retry"), "retry", "Ctrl+R", self._retry, tr("Try again now"))
        self.cancel = make(
            tr("Cancel"), "cancel", "Ctrl+.", self._cancel, tr("Give up the upload; your own file stays")
        )
        self.remove = make(
            tr("Remove"), "remove", "Del", self._remove, tr("Take it out of this list; stored recordings stay stored")
        )
        self.upload_next = make(
            tr("Upload next"), "upload-next", "Ctrl+Home", self._upload_next, tr("Move to the front of the queue")
        )
        self.move_up = make(tr("Move up"), "upload-next", "Alt+Up", self._move_up, tr("Upload it earlier"))
        self.move_down = make(tr("Move down"), "download", "Alt+Down", self._move_down, tr("Upload it later"))
        own = (self.toggle, self.retry, self.cancel, self.remove, self.upload_next, self.move_up, self.move_down)
        for action in own:
            # These keys mean the selected rows, so they count only where rows are selected.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._view.addActions(own)
        self._view.menu.addActions([self.pause, self.resume, self.retry])
        self._view.menu.addSeparator()
        self._view.menu.addActions([self.upload_next, self.move_up, self.move_down])
        self._view.menu.addSeparator()
        self._view.menu.addActions([self.cancel, self.remove])

    def _make_queue_actions(self) -> None:
        make, bridge = self._make, self._bridge
        self.pause_all = make(
            tr("Pause all"), "pause", "Ctrl+Shift+P", lambda: bridge.pause(None), tr("Pause every upload")
        )
        self.resume_all = make(
            tr("Resume all"), "resume", "Ctrl+Shift+R", lambda: bridge.resume(None), tr("Resume every paused upload")
        )
        self.retry_all = make(
            tr("Retry all"), "retry", "", lambda: bridge.retry(None), tr("Try everything again that waits")
        )
        self.cancel_all = make(
            tr("Cancel all…"), "cancel", "", self._cancel_all, tr("Give up every unfinished upload")
        )
        self.remove_finished = make(
            tr("Remove finished"), "remove", "", self._remove_finished, tr("Clear what is done from the list")
        )

    def _make(self, label: str, icon: str, keys: str, act: Callable[[], None], tip: str) -> QAction:
        action = QAction(label, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
            tip = f"{tip or label} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})"
        action.setToolTip(tip or label)
        action.triggered.connect(lambda _checked=False: act())
        self._theme.keep_icon(action, icon)
        return action

    # --- acting --------------------------------------------------------------------------------------------------

    def _chosen(self, wanted: Callable[[UploadView], bool]) -> list[UploadView]:
        return list(filter(wanted, self._view.selected_views()))

    def _pause(self) -> None:
        self._bridge.pause(_ids(self._chosen(can_pause)))

    def _resume(self) -> None:
        self._bridge.resume(_ids(self._chosen(can_resume)))

    def _toggle(self) -> None:
        """Pause what runs; only if nothing does, resume what is paused."""
        running = self._chosen(can_pause)
        if running:
            self._bridge.pause(_ids(running))
        else:
            self._resume()

    def _retry(self) -> None:
        self._bridge.retry(_ids(self._chosen(can_retry)))

    def _upload_next(self) -> None:
        self._bridge.move_to_front(_ids(self._chosen(can_cancel)))

    def _cancel(self) -> None:
        self._ask_to_cancel(self._chosen(can_cancel))

    def _cancel_all(self) -> None:
        self._ask_to_cancel(list(filter(can_cancel, map(self._model.view_at, range(self._model.rowCount())))))

    def _ask_to_cancel(self, views: list[UploadView]) -> None:
        question = Question(
            _about(views, tr("Cancel the upload of “{name}”?"), count_of(len(views), "", "Cancel %n uploads?")),
            tr("What was sent so far is thrown away. Your own files stay where they are."),
            (Choice("yes", tr("Cancel upload")), Choice("no", tr("Keep uploading"))),
            is_destructive=True,
        )
        self._confirm(question, views, self._bridge.cancel)

    def _remove(self) -> None:
        views = list(self._view.selected_views())
        unfinished = list(filter(can_cancel, views))
        if not unfinished:
            self._removals.take_out(_ids(views))
            return
        question = Question(
            _about(
                unfinished,
                tr("“{name}” is not stored yet. Remove it?"),
                count_of(len(unfinished), "", "%n of these are not stored yet. Remove?"),
            ),
            tr("Removing cancels the upload: what was sent so far is thrown away. Your own files stay."),
            (Choice("yes", tr("Cancel and remove")), Choice("no", tr("Keep"))),
            is_destructive=True,
        )
        self._confirm(question, views, self._bridge.remove)

    def _remove_finished(self) -> None:
        self._removals.take_out(self._model.ids_in([state for state in UploadState if state.is_finished]))

    def _move_up(self) -> None:
        rows = list(self._view.selected_rows())
        if rows and min(rows) > 0:
            self._move_selected(before_row=min(rows) - 1)

    def _move_down(self) -> None:
        rows = list(self._view.selected_rows())
        if rows and max(rows) + 1 < self._view.row_count():
            self._move_selected(before_row=max(rows) + 2)

    def _move_selected(self, before_row: int) -> None:
        before = self._view.id_at(before_row) if before_row < self._view.row_count() else None
        self._bridge.move_before(_ids(self._view.selected_views()), before)

    def _confirm(self, question: Question, views: list[UploadView], act: Callable[[list[str]], None]) -> None:
        if not views:
            return

        def on_answer(key: str) -> None:
            if key == "yes":
                act(_ids(views))

        self._dialogs.ask(self._view.window(), question, on_answer)


def _ids(views: Iterable[UploadView]) -> list[str]:
    return [view.upload.id for view in views]


def _about(views: list[UploadView], one: str, many: str) -> str:
    """A question about these uploads: by name if there is one, else by number."""
    return one.format(name=one_line(views[0].upload.file_name)) if len(views) == 1 else many
