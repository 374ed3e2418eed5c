"""Dialogs that answer at once what the test laid out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QWidget

from recorder_desktop.ui.dialogs import QtDialogs, Question


class ScriptedDialogs:
    """files, folders: what is chosen. answer: the key given to every question. text: what is written.
    asked: every question. titles: of the dialogs that asked for one file."""

    def __init__(self) -> None:
        self.files: list[Path] = []
        self.folders: list[Path] = []
        self.answer = "no"
        self.text = ""
        self.asked: list[Question] = []
        self.titles: list[str] = []

    def choose_files(self, parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
        on_chosen(self.files)

    def choose_folder(self, parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
        on_chosen(self.folders)

    def choose_file(self, parent: QWidget, title: str, folder: Path, on_chosen: Callable[[Path], None]) -> None:
        self.titles.append(title)
        for path in self.files[:1]:
            on_chosen(path)

    def name_file(self, parent: QWidget, title: str, suggested: Path, on_chosen: Callable[[Path], None]) -> None:
        self.titles.append(title)
        for folder in self.folders[:1]:
            on_chosen(folder / suggested.name)

    def ask_text(self, parent: QWidget, title: str, label: str, text: str, on_text: Callable[[str], None]) -> None:
        on_text(self.text)

    def ask(self, parent: QWidget, question: Question, on_answer: Callable[[str], None]) -> None:
        self.asked.append(question)
        on_answer(self.answer)


def answer_to_enter(window: QWidget, question: Question) -> str:
    """What Enter answers where the real dialogs ask this."""
    answers: list[str] = []
    QtDialogs().ask(window, question, answers.append)
    QTest.keyClick(window.findChildren(QMessageBox)[-1], Qt.Key.Key_Return)
    (answer,) = answers
    return answer
