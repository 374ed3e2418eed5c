"""The real file dialogs hand over what was chosen in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from recorder_desktop.ui.dialogs import QtDialogs


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def typed_in(window: QWidget, name: str) -> None:
    """Type into the dialog that is open, and press its button."""
    (dialog,) = window.findChildren(QFileDialog)
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(name)
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    role = QDialogButtonBox.ButtonRole.AcceptRole
    (button,) = [each for each in box.buttons() if box.buttonRole(each) is role]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_chosen_file_is_handed_over(window: QWidget, tmp_path: Path) -> None:
    film = tmp_path / "Über uns.mp4"
    film.write_bytes(b"recorded")
    taken: list[Path] = []
    QtDialogs().choose_file(window, "Which?", tmp_path, taken.append)
    typed_in(window, str(film))
    assert taken == [film]


def test_chosen_files_are_handed_over_once(window: QWidget, tmp_path: Path) -> None:
    films = [tmp_path / "one.mp4", tmp_path / "two.mp4"]
    for film in films:
        film.write_bytes(b"recorded")
    taken: list[list[Path]] = []
    QtDialogs().choose_files(window, taken.append)
    typed_in(window, " ".join(f'"{film}"' for film in films))
    assert taken == [films]


def test_a_chosen_folder_is_handed_over(window: QWidget, tmp_path: Path) -> None:
    taken: list[Path] = []
    QtDialogs().choose_folder(window, taken.extend)
    typed_in(window, str(tmp_path))
    assert taken == [tmp_path]


def test_the_name_for_a_new_file_is_handed_over(window: QWidget, tmp_path: Path) -> None:
    taken: list[Path] = []
    QtDialogs().name_file(window, "Where to?", tmp_path / "diagnostics.zip", taken.append)
    typed_in(window, "for the helpdesk")
    assert taken == [tmp_path / "for the helpdesk.zip"]


def test_a_dialog_that_is_closed_hands_over_nothing(window: QWidget, tmp_path: Path) -> None:
    taken: list[Path] = []
    QtDialogs().choose_file(window, "Which?", tmp_path, taken.append)
    (dialog,) = window.findChildren(QFileDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert taken == []
