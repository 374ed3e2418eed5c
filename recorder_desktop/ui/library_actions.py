"""What can be done with stored recordings: one QAction each, shared by toolbar, context menu and keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from recorder_desktop.core.library import LibraryDesk
from recorder_desktop.core.model import StoredRecording
from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.desktop import Desktop
from recorder_desktop.ui.dialogs import Choice, Dialogs, Question
from recorder_desktop.ui.downloads import Downloads
from recorder_desktop.ui.library_model import LibraryModel
from recorder_desktop.ui.library_table import LibraryTable, ids_of
from recorder_desktop.ui.text import count_of, link_copied, tr
from recorder_desktop.ui.theme import Theme


class LibraryActions(QObject):
    """The actions on the selected recordings, with their keys and the question before deleting.

    Attributes: play, copy, download, delete.
    Signals: told: a line for the person. warned: one about trouble. removed: rows are gone. in_doubt: some of them
        may be, look anew.
    """

    told = Signal(str)
    warned = Signal(str)
    removed = Signal()
    in_doubt = Signal()

    def __init__(
        self,
        table: LibraryTable,
        model: LibraryModel,
        downloads: Downloads,
        *,
        dialogs: Dialogs,
        desktop: Desktop,
        theme: Theme,
    ) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._downloads = downloads
        self._dialogs = dialogs
        self._desktop = desktop
        self._theme = theme
        self._desk: LibraryDesk | None = None
        self._answers = Answers(self)
        self._make_actions()
        table.selectionModel().selectionChanged.connect(self.refresh)
        table.doubleClicked.connect(self._play_clicked)
        self.refresh()

    def attach(self, desk: LibraryDesk) -> None:
        """Act on this desk's recordings."""
        self._desk = desk

    def close(self) -> None:
        """Hear nothing any more."""
        self._answers.close()

    def refresh(self) -> None:
        """Enable what would have an effect now."""
        count = len(self._table.selectionModel().selectedRows()) if self._model.rowCount() else 0
        self.play.setEnabled(count == 1)
        self.copy.setEnabled(count == 1)
        self.download.setEnabled(count > 0)
        self.delete.setEnabled(count > 0)

    # --- making --------------------------------------------------------------------------------------------------

    def _make_actions(self) -> None:
        make = self._make
        self.play = make(tr("Play"), "play", "Return", self._play, tr("Play it in your player"))
        self.copy = make(
            tr("Copy link"),
            "link",
            "Ctrl+C",
            self._copy,
            tr("Copy a link that plays it for a while"),
        )
        self.download = make(
            tr("Download"), "download", "Ctrl+D", self._download, tr("Fetch it to your downloads, checked")
        )
        self.delete = make(tr("Delete…"), "remove", "Del", self._delete, tr("Delete the stored recording for good"))
        actions = [self.play, self.copy, self.download, self.delete]
        self._table.addActions(actions)
        self._table.menu.addActions(actions[:3])
        self._table.menu.addSeparator()
        self._table.menu.addAction(self.delete)

    def _make(self, label: str, icon: str, keys: str, act: Callable[[], None], tip: str) -> QAction:
        action = QAction(label, self)
        action.setShortcut(QKeySequence(keys))
        # These keys mean the selected rows, so they count only where rows are selected.
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setToolTip(f"{tip} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
        action.triggered.connect(lambda _checked=False: act())
        self._theme.keep_icon(action, icon)
        return action

    # --- acting --------------------------------------------------------------------------------------------------

    def _play_clicked(self, index: QModelIndex) -> None:
        self._show_link(self._model.recording_at(index.row()))

    def _play(self) -> None:
        for recording in self._table.selected()[:1]:
            self._show_link(recording)

    def _show_link(self, recording: StoredRecording) -> None:
        def open_it(address: str) -> None:
            if not self._desktop.open_address(address):
                self.warned.emit(tr("No program here takes the link. Copy it, or download the recording."))

        self._with_link(recording, open_it)

    def _copy(self) -> None:
        def copy_it(address: str) -> None:
            self._desktop.copy_text(address)
            self.told.emit(link_copied(address))

        for recording in self._table.selected()[:1]:
            self._with_link(recording, copy_it)

    def _with_link(self, recording: StoredRecording, act: Callable[[str], None]) -> None:
        if self._desk is not None:
            link = self._desk.link(recording.file_id, self._model.destination, to_play=True)
            self._answers.hand_over(link, act, self._warn)

    def _download(self) -> None:
        self._downloads.fetch_all(self._table.selected(), self._model.destination)

    def _delete(self) -> None:
        chosen, destination = self._table.selected(), self._model.destination
        if not chosen:
            return
        one = tr("Delete “{name}” from the library?").format(name=chosen[0].file_name)
        question = Question(
            one if len(chosen) == 1 else count_of(len(chosen), "", "Delete %n recordings from the library?"),
            tr("The stored file is deleted for good, for everybody. Files on this computer stay."),
            (Choice("yes", tr("Delete for good")), Choice("no", tr("Keep"))),
            is_destructive=True,
        )

        def on_answer(key: str) -> None:
            if key == "yes":
                self._delete_now(ids_of(chosen), destination)

        self._dialogs.ask(self._table.window(), question, on_answer)

    def _delete_now(self, file_ids: list[str], destination: str) -> None:
        def on_deleted(_nothing: None) -> None:
            self._model.remove(file_ids)
            self.removed.emit()
            self.told.emit(count_of(len(file_ids), "1 recording was deleted.", "%n recordings were deleted."))

        def on_trouble(trouble: Trouble) -> None:
            self._warn(trouble)
            self.in_doubt.emit()

        if self._desk is not None:
            self._answers.hand_over(self._desk.delete(file_ids, destination), on_deleted, on_trouble)

    def _warn(self, trouble: Trouble) -> None:
        if trouble.message:
            self.warned.emit(trouble.message)
