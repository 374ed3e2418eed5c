"""Every dialog of the window behind one small port, so that tests answer them without a screen.

None of them blocks: the answer comes to a function, and uploads and window go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QInputDialog, QLineEdit, QMessageBox, QWidget

from recorder_desktop.core.recordings import CONTENT_TYPES
from recorder_desktop.ui import icons
from recorder_desktop.ui.dropped import urls_to_paths
from recorder_desktop.ui.text import tr


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: `key` for the program, `label` for the person."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. The last choice is the harmless one: Esc and closing the dialog mean it, and so does Enter
    where the others destroy something or break it off; else Enter means the first."""

    text: str
    detail: str
    choices: tuple[Choice, ...]
    is_destructive: bool = False


class Dialogs(Protocol):
    """How the window asks. Calls return at once; `on_...` runs on the UI thread, or never if called off."""

    def choose_files(self, parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
        """Let the person pick files."""

    def choose_folder(self, parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
        """Let the person pick a folder."""

    def choose_file(self, parent: QWidget, title: str, folder: Path, on_chosen: Callable[[Path], None]) -> None:
        """Let the person pick one file that is there, beginning in `folder`."""

    def name_file(self, parent: QWidget, title: str, suggested: Path, on_chosen: Callable[[Path], None]) -> None:
        """Let the person say where a new file goes; one that is there already is replaced only after a question."""

    def ask(self, parent: QWidget, question: Question, on_answer: Callable[[str], None]) -> None:
        """Ask and hand over the key of the choice."""

    def ask_text(self, parent: QWidget, title: str, label: str, text: str, on_text: Callable[[str], None]) -> None:
        """Have a line of text written, beginning with `text`."""


class QtDialogs:
    """The real ones: the system's own file dialogs where it has them."""

    def choose_files(self, parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
        """Let the person pick files of any type; recordings are shown first."""
        dialog = QFileDialog(parent, tr("Choose recordings to upload"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        patterns = " ".join(f"*{suffix}" for suffix in CONTENT_TYPES)
        dialog.setNameFilters([tr("Video and audio") + f" ({patterns})", tr("All files") + " (*)"])
        self._open(dialog, on_chosen)

    def choose_folder(self, parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
        """Let the person pick a folder."""
        dialog = QFileDialog(parent, tr("Choose a folder of recordings"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._open(dialog, on_chosen)

    def choose_file(self, parent: QWidget, title: str, folder: Path, on_chosen: Callable[[Path], None]) -> None:
        """Let the person pick one file that is there."""
        dialog = QFileDialog(parent, title, str(folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._open(dialog, lambda paths: on_chosen(paths[0]) if paths else None)

    def name_file(self, parent: QWidget, title: str, suggested: Path, on_chosen: Callable[[Path], None]) -> None:
        """Let the person say where a new file goes."""
        dialog = QFileDialog(parent, title, str(suggested.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suggested.suffix.removeprefix("."))
        dialog.selectFile(suggested.name)
        self._open(dialog, lambda paths: on_chosen(paths[0]) if paths else None)

    def ask(self, parent: QWidget, question: Question, on_answer: Callable[[str], None]) -> None:
        """Ask in a message box that belongs to the window."""
        box = QMessageBox(parent)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(tr("Recorder"))
        colour = box.palette().color(QPalette.ColorRole.Accent).name()
        name = "state-attention" if question.is_destructive else "state-uploading"
        box.setIconPixmap(icons.pixmap(name, colour, 40, parent.devicePixelRatioF()))
        box.setTextFormat(Qt.TextFormat.PlainText)  # file names may look like markup
        box.setText(question.text)
        box.setInformativeText(question.detail)
        keys = self._add_buttons(box, question)
        box.buttonClicked.connect(lambda button: on_answer(keys[button]))
        box.open()

    def ask_text(self, parent: QWidget, title: str, label: str, text: str, on_text: Callable[[str], None]) -> None:
        """Have a line of text written."""
        dialog = QInputDialog(parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.setTextValue(text)
        for field in dialog.findChildren(QLineEdit):
            field.setAccessibleName(title)
        dialog.textValueSelected.connect(on_text)
        dialog.open()

    def _add_buttons(self, box: QMessageBox, question: Question) -> dict[QAbstractButton, str]:
        """Put the choices on the box; returns what each button means."""
        roles = QMessageBox.ButtonRole
        buttons = [box.addButton(choice.label, roles.AcceptRole) for choice in question.choices[:-1]]
        buttons.append(box.addButton(question.choices[-1].label, roles.RejectRole))
        box.setDefaultButton(buttons[-1] if question.is_destructive else buttons[0])
        box.setEscapeButton(buttons[-1])
        return {button: choice.key for button, choice in zip(buttons, question.choices, strict=True)}

    def _open(self, dialog: QFileDialog, on_chosen: Callable[[list[Path]], None]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # Not urlsSelected: Qt's own dialog, which comes where the system has none, does not tell it.
        dialog.accepted.connect(lambda: on_chosen(urls_to_paths(dialog.selectedUrls())))
        dialog.open()
