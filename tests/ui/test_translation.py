"""The language of the window: the system's or a chosen one, and what is seen of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.core.upload_queue import Rejected
from recorder_desktop.ui import text
from recorder_desktop.ui.dialogs import Choice, QtDialogs, Question
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.text import count_of, tr, translated
from recorder_desktop.ui.translation import ENGLISH, install, system_language
from recorder_desktop.ui.upload_cells import Column
from tests.fakes.upload_queue import FakeUploadQueue, make_view

MISSING = (
    "“Town hall.mov” is no longer at /home/mara. Put it back or plug in its drive, then retry; "
    "or add it from where it is now, and it goes on."
)
FEHLT = (
    "„Town hall.mov“ ist nicht mehr in /home/mara. Legen Sie die Datei zurück, oder schließen Sie ihr Laufwerk an, "
    "und versuchen Sie es dann erneut; oder fügen Sie sie von dort hinzu, wo sie jetzt ist, dann geht es weiter."
)


# --- the language ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de-Latn-AT", "de-AT", "de"], "de"),
        (["de_DE"], "de"),
        (["en-GB", "en", "de"], "en"),
        (["fr-FR", "fr", "de-DE"], "de"),
        (["ja-JP"], "en"),
        (["C"], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_of_the_system_that_there_is_counts(wanted: list[str], language: str) -> None:
    assert system_language(wanted) == language


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"LC_ALL": "de_AT.UTF-8"}, "Warteschlange 1,50 kB"),
        ({"LANG": "en_US.UTF-8"}, "Queue 1.50 kB"),
        ({"LANG": "fr_FR.UTF-8"}, "Queue 1,50 kB"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "de:en"}, "Warteschlange 1.50 kB"),
    ],
)
def test_the_app_starts_in_the_systems_language(environment: dict[str, str], shown: str) -> None:
    program = (
        "from recorder_desktop import app; from recorder_desktop.ui import text; _app = app._new_application(); "
        "print(text.tr('Queue'), text.size(1500).replace(text.NBSP, ' '))"
    )
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    started = subprocess.run(
        [sys.executable, "-c", program],
        env=others | environment | {"QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    assert started.stdout.strip() == shown


def test_a_chosen_language_brings_its_figures_and_goes_without_a_trace(qapp: QApplication, german: None) -> None:
    assert (tr("Queue"), text.size(1500)) == ("Warteschlange", "1,50\u00a0kB")
    install(qapp, ENGLISH)
    assert (tr("Queue"), text.size(1500)) == ("Queue", "1.50\u00a0kB")
    assert translated("Check the network, then try again.") == "Check the network, then try again."


@pytest.mark.parametrize(("count", "words"), [(0, "0 Aufnahmen"), (1, "1 Aufnahme"), (2, "2 Aufnahmen")])
def test_plural_forms(german: None, count: int, words: str) -> None:
    assert count_of(count, "1 recording", "%n recordings") == words
    assert tr("%n recordings", count) == words


def test_a_name_that_is_no_text_is_written_out_in_its_sentence(german: None) -> None:
    sentence = "There is nothing at /home/\udcff. Check the path."
    assert translated(sentence) == translated("There is nothing at /home/\\xff. Check the path.")
    assert "/home/\\xff" in translated(sentence)


# --- the window --------------------------------------------------------------------------------------------------


def test_the_queue_speaks_german(qtbot: QtBot, german_window: MainWindow, queue: FakeUploadQueue) -> None:
    problem = Problem("file_missing", MISSING)
    queue.append(make_view("Town hall.mov", UploadState.ATTENTION, 7_400_000_000, "/home/mara", problem=problem))
    window = german_window
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    window.queue.view.select_upload("Town hall.mov")
    state = window.queue.shown.index(0, Column.STATE).data()
    size = window.queue.shown.index(0, Column.SIZE).data()
    assert (state, size) == ("Braucht Hilfe", "7,40\u00a0GB")
    assert window.details.sentence.text() == FEHLT
    assert window.details.help.remedy.text() == "Datei suchen …"
    assert window.queue.commands.pause_all.toolTip() == "Jeden Upload anhalten (Strg+Umschalt+P)"
    assert [button.text() for button in window.switch.buttons] == ["Warteschlange", "Bibliothek"]


def test_what_was_not_added_is_told_in_german(
    qtbot: QtBot, german_window: MainWindow, queue: FakeUploadQueue
) -> None:
    path = Path("/nowhere/a.mp4")
    queue.outcomes.append([Rejected(path, "file_missing", "There is nothing at /nowhere/a.mp4. Check the path.")])
    german_window.add_paths([path])
    told = "Unter /nowhere/a.mp4 ist nichts. Prüfen Sie den Pfad."
    qtbot.waitUntil(lambda: german_window.banner.message == told)


def test_the_place_is_named_in_german(german_window: MainWindow) -> None:
    german_window.set_destination("Your bucket talks at eu-west-1")
    assert german_window.overview.place.text().startswith("Ihr Bucket talks")


def test_questions_and_qts_own_words_are_german(german: None, german_window: MainWindow) -> None:
    QtDialogs().ask(german_window, Question("Ja?", "", (Choice("yes", tr("Quit")), Choice("no", tr("Back")))), print)
    box = next(found for found in german_window.findChildren(QMessageBox) if found.isVisible())
    assert [button.text().replace("&", "") for button in box.buttons()] == ["Beenden", "Zurück"]
    box.addButton(QMessageBox.StandardButton.Cancel)
    assert box.button(QMessageBox.StandardButton.Cancel).text().replace("&", "") == "Abbrechen"
    box.close()
