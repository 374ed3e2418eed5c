"""What can be done about one selected upload: a row of buttons, of which the first does the right thing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from recorder_desktop.core.library import LibraryDesk
from recorder_desktop.core.lifecycle import belongs_elsewhere, misses_its_bucket, misses_its_file, was_deleted
from recorder_desktop.core.model import Upload, UploadState
from recorder_desktop.core.own_bucket import KEYS_MISSING, is_bucket
from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.desktop import Desktop
from recorder_desktop.ui.dialogs import Choice, Dialogs, Question
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import is_stored_here, link_copied, one_line, tr

_SIGN_IN_CODE = "sign_in_required"


class UploadHelp(QWidget):
    """Attributes: remedy: what helps a stuck upload. again: tries one that stands still, as it is.
    reveal, open, copy, trash: for its file and its stored copy. folder: where this computer keeps stored copies,
    which is store_folder.

    Signals: retry_wanted(str): try this upload again. located(str, Path): here is its file. sign_in_wanted.
    keys_wanted(str): what has to be entered for the bucket of this place. bucket_wanted(str): this place.
    place_wanted: another one.
    original_in_doubt: its file is perhaps not what was stored. told(str), warned(str): lines for the banner.
    """

    retry_wanted = Signal(str)
    located = Signal(str, object)
    sign_in_wanted = Signal()
    bucket_wanted = Signal(str)
    keys_wanted = Signal(str)
    place_wanted = Signal()
    original_in_doubt = Signal()
    told = Signal(str)
    warned = Signal(str)

    def __init__(
        self,
        confirm_stored: Callable[[str], Future[bool] | None],
        dialogs: Dialogs,
        desktop: Desktop,
        parent: QWidget | None = None,
    ) -> None:
        """`confirm_stored` asks whether the recording of an upload is still stored; None while nobody can."""
        super().__init__(parent)
        self._confirm_stored = confirm_stored
        self._dialogs = dialogs
        self._desktop = desktop
        self._desk: LibraryDesk | None = None
        self._answers = Answers(self)
        self._upload: Upload | None = None
        self._has_changed = False
        self.store_folder: Path | None = None
        self._trashed: set[str] = set()
        self.remedy = self._button("", self._remedy)
        self.remedy.setAccessibleName(tr("Help"))
        self.remedy.setProperty("primary", "true")
        self.again = self._button(tr("Try again"), lambda upload: self.retry_wanted.emit(upload.id))
        self.reveal = self._button(tr("Reveal file"), self._reveal)
        self.open = self._button(tr("Open"), self._open)
        self.copy = self._button(tr("Copy link"), self._copy)
        self.folder = self._button(tr("Show stored copies"), self._show_folder)
        self.trash = self._button(tr("Move original to trash…"), self._ask_for_trash)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, SPACE // 2, 0, 0)
        row.setSpacing(SPACE // 2)
        for button in (self.remedy, self.again, self.reveal, self.open, self.copy, self.folder, self.trash):
            row.addWidget(button)
        row.addStretch(1)

    def attach(self, desk: LibraryDesk) -> None:
        """Have links made by this desk."""
        self._desk = desk

    def close_down(self) -> None:
        """Hear nothing any more."""
        self._answers.close()

    def show_upload(self, upload: Upload, *, has_changed: bool = False) -> None:
        """Offer what makes sense for this one. `has_changed`: its file is no longer what was stored."""
        self._upload, self._has_changed = upload, has_changed
        label = remedy_for(upload)
        self.remedy.setVisible(bool(label))
        if label and label != self.remedy.text():
            self.remedy.setText(label)
            self.remedy.setAccessibleName(label)
        is_stored = upload.state is UploadState.COMPLETED
        is_missing = misses_its_file(upload)
        has_original = upload.id not in self._trashed and not is_missing
        self.again.setVisible(is_missing or misses_its_bucket(upload))
        self.copy.setVisible(is_stored and upload.recording is not None)
        self.folder.setVisible(is_stored and is_stored_here(upload) and self.store_folder is not None)
        self.trash.setVisible(is_stored and has_original and not has_changed)
        self.reveal.setVisible(has_original)
        self.open.setVisible(has_original)

    # --- acting --------------------------------------------------------------------------------------------------

    def _button(self, label: str, act: Callable[[Upload], None]) -> QPushButton:
        button = QPushButton(label)
        button.setAccessibleName(label)
        button.setProperty("small", "true")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda _checked=False: self._act(act))
        return button

    def _act(self, act: Callable[[Upload], None]) -> None:
        if self._upload is not None:
            act(self._upload)

    def _remedy(self, upload: Upload) -> None:
        if upload.problem is not None and upload.problem.code == _SIGN_IN_CODE:
            self.sign_in_wanted.emit()
        elif misses_its_file(upload):
            self._locate(upload)
        elif misses_its_bucket(upload):
            self.keys_wanted.emit(upload.destination)
        elif belongs_elsewhere(upload) and is_bucket(upload.destination):
            self.bucket_wanted.emit(upload.destination)
        elif belongs_elsewhere(upload):
            self.place_wanted.emit()
        else:
            self.retry_wanted.emit(upload.id)

    def _locate(self, upload: Upload) -> None:
        title = tr("Where is “{name}” now?").format(name=one_line(upload.file_name))
        self._dialogs.choose_file(
            self.window(), title, upload.path.parent, lambda path: self.located.emit(upload.id, path)
        )

    def _reveal(self, upload: Upload) -> None:
        if not self._desktop.reveal(upload.path):
            self.warned.emit(
                tr("The file manager could not be opened. The file is in {folder}.").format(folder=upload.path.parent)
            )

    def _show_folder(self, _upload: Upload) -> None:
        if self.store_folder is not None and not self._desktop.open_file(self.store_folder):
            self.warned.emit(
                tr("The file manager could not be opened. The stored copies are in {folder}.").format(
                    folder=self.store_folder
                )
            )

    def _open(self, upload: Upload) -> None:
        if not self._desktop.open_file(upload.path):
            self.warned.emit(tr("No program here opens “{name}”.").format(name=one_line(upload.file_name)))

    def _copy(self, upload: Upload) -> None:
        def copy_it(address: str) -> None:
            self._desktop.copy_text(address)
            self.told.emit(link_copied(address))

        if self._desk is not None and upload.recording is not None:
            link = self._desk.link(upload.recording.file_id, upload.destination, to_play=True)
            self._answers.hand_over(link, copy_it, self._warn)

    def _ask_for_trash(self, upload: Upload) -> None:
        question = Question(
            tr("Move “{name}” to the trash?").format(name=one_line(upload.file_name)),
            _about_trash(upload),
            (Choice("yes", tr("Move to trash")), Choice("no", tr("Keep"))),
            is_destructive=True,
        )

        def on_answer(key: str) -> None:
            if key == "yes":
                self._trash_if_stored(upload)

        self._dialogs.ask(self.window(), question, on_answer)

    def _trash_if_stored(self, upload: Upload) -> None:
        """Ask the backend first: somebody else, or this person elsewhere, may have deleted the stored copy."""
        unasked = tr("“{name}” was not moved to the trash: whether it is still stored could not be asked.")
        unasked = unasked.format(name=one_line(upload.file_name))

        def on_asked(is_stored: bool) -> None:
            if is_stored:
                self._move_to_trash(upload)
                return
            gone = tr(
                "“{name}” was not moved to the trash: it is not stored any more, so your file may be the last copy. "
                "Upload it again if it is wanted."
            )
            self.warned.emit(gone.format(name=one_line(upload.file_name)))

        asked = self._confirm_stored(upload.id)
        if asked is None:
            self.warned.emit(f"{unasked} {tr('Recorder is not ready yet. Try again in a moment.')}")
        else:
            self._answers.hand_over(asked, on_asked, lambda trouble: self.warned.emit(f"{unasked} {trouble.message}"))

    def _move_to_trash(self, upload: Upload) -> None:
        def on_moved(_nothing: None) -> None:
            self._trashed.add(upload.id)
            moved = tr("“{name}” is in the trash. The stored copy stays.")
            self.told.emit(moved.format(name=one_line(upload.file_name)))
            if self._upload is not None:
                self.show_upload(self._upload, has_changed=self._has_changed)

        def on_trouble(trouble: Trouble) -> None:
            self._warn(trouble)
            self.original_in_doubt.emit()

        self._answers.hand_over(self._desktop.move_to_trash(upload.path, upload.identity), on_moved, on_trouble)

    def _warn(self, trouble: Trouble) -> None:
        if trouble.message:
            self.warned.emit(trouble.message)


def _about_trash(upload: Upload) -> str:
    if is_stored_here(upload):
        return tr(
            "The stored copy is verified and stays, but it is on this computer too, so it will be the only one. "
            "The file can be taken back from the trash."
        )
    return tr("The stored copy is verified and stays. The file on this computer can be taken back from the trash.")


def remedy_for(upload: Upload) -> str:
    """What the one button says that helps this upload; empty where nothing is wrong."""
    code = upload.problem.code if upload.problem else ""
    match upload.state:
        case UploadState.ATTENTION | UploadState.WAITING if code == _SIGN_IN_CODE:
            return tr("Sign in…")
        case UploadState.ATTENTION if code == "file_changed":
            return tr("Upload the new version")
        case UploadState.ATTENTION if misses_its_file(upload):
            return tr("Locate file…")
        case UploadState.ATTENTION if misses_its_bucket(upload):
            return tr("Enter keys…") if code == KEYS_MISSING else tr("Check the bucket…")
        case UploadState.ATTENTION:
            return tr("Try again")
        case UploadState.WAITING:
            return tr("Try now")
        case UploadState.QUEUED if belongs_elsewhere(upload):
            return tr("Use this bucket…") if is_bucket(upload.destination) else tr("Choose the place…")
        case UploadState.CANCELLED if was_deleted(upload):
            return tr("Upload again")
        case UploadState.CANCELLED:
            return tr("Upload after all")
        case _:
            return ""
