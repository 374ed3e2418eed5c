"""Every dialog of the window behind one small port, so that tests answer them without a screen.

None of them blocks: the answer comes to a function, and uploads and window go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from recorder_desktop.core.recordings import CONTENT_TYPES
from recorder_desktop.ui.dropped import urls_to_paths
from recorder_desktop.ui.text import tr


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: `key` for the program, `label` for the person."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. The first choice is what Enter does, the last what Esc and closing the dialog do."""

    text: str
    detail: str
    choices: tuple[Choice, ...]


class Dialogs(Protocol):
    """How the window asks. Calls return at once; `on_...` runs on the UI thread, or never if called off."""

    def choose_files(self, parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
        """Let the person pick files."""

    def choose_folder(self, parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
        """Let the person pick a folder."""

    def ask(self, parent: QWidget, question: Question, on_answer: Callable[[str], None]) -> None:
        """Ask and hand over the key of the choice."""


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

    def ask(self, parent: QWidget, question: Question, on_answer: Callable[[str], None]) -> None:
        """Ask in a message box that belongs to the window."""
        box = QMessageBox(parent)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(tr("Recorder"))
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(question.text)
        box.setInformativeText(question.detail)
        keys = {}
        for number, choice in enumerate(question.choices):
            is_last = number == len(question.choices) - 1
            role = QMessageBox.ButtonRole.RejectRole if is_last else QMessageBox.ButtonRole.AcceptRole
            button = box.addButton(choice.label, role)
            keys[button] = choice.key
            if number == 0:
                box.setDefaultButton(button)
            if is_last:
                box.setEscapeButton(button)
        box.buttonClicked.connect(lambda button: on_answer(keys[button]))
        box.open()

    def _open(self, dialog: QFileDialog, on_chosen: Callable[[list[Path]], None]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.urlsSelected.connect(lambda urls: on_chosen(urls_to_paths(urls)))
        dialog.open()
