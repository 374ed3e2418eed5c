"""Light and dark, contrast, names for every control, keyboard order."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QPalette, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QSlider,
    QTextBrowser,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.model import UploadState
from recorder_desktop.ui import icons
from recorder_desktop.ui.dialogs import Choice, QtDialogs, Question
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.palette import DARK, LIGHT, Colours
from recorder_desktop.ui.shown_uploads import Section
from recorder_desktop.ui.theme import Appearance, Theme
from recorder_desktop.ui.upload_cells import Column
from tests.fakes.upload_queue import FakeUploadQueue, make_view

INTERACTIVE = (QAbstractButton, QAbstractItemView, QProgressBar, QLineEdit, QComboBox, QTextBrowser)


def luminance(colour: str) -> float:
    """WCAG's relative luminance."""
    parsed = QColor(colour)
    channels = [value / 255 for value in (parsed.red(), parsed.green(), parsed.blue())]
    linear: list[float] = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read_on_every_ground(colours: Colours) -> None:
    for ground in (colours.window, colours.surface, colours.hover, colours.selected):
        for words in (colours.text, colours.muted, colours.accent, colours.good, colours.warn):
            assert contrast(words, ground) >= 4.5, (words, ground)
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.text, colours.accent_soft) >= 4.5
    assert contrast(colours.text, colours.warn_soft) >= 4.5


def test_the_colours_follow_the_system_from_light_to_dark_while_the_window_is_open(window: MainWindow) -> None:
    hints = QGuiApplication.styleHints()
    system = {"scheme": Qt.ColorScheme.Light}
    theme = Theme(parent=window, system_scheme=lambda: system["scheme"])
    assert ground_of(window) == LIGHT.window

    # The screen-less platform cannot change its scheme; the signal and all behind it are real.
    system["scheme"] = Qt.ColorScheme.Dark
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    assert theme.is_dark
    assert QApplication.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    assert ground_of(window) == DARK.window


def test_the_persons_choice_beats_the_system(window: MainWindow) -> None:
    window.theme.set_appearance(Appearance.DARK)
    assert ground_of(window) == DARK.window
    window.theme.set_appearance(Appearance.LIGHT)
    assert ground_of(window) == LIGHT.window


def ground_of(window: MainWindow) -> str:
    """The colour really painted at the window's edge."""
    return window.grab().toImage().pixelColor(3, 3).name()


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_an_empty_bar_stands_out_on_the_ground_of_a_selected_row(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, appearance: Appearance
) -> None:
    queue.append(make_view("talk.mp4"))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    window.theme.set_appearance(appearance)
    view = window.queue.view
    view.select_upload("talk.mp4")
    cell = view.visualRect(view.model().index(0, Column.PROGRESS))
    middle = view.viewport().grab(cell).toImage().copy(cell.width() // 2, 0, 1, cell.height() // 2)
    seen = {middle.pixelColor(0, y).name() for y in range(middle.height())}

    ground = window.theme.colours.selected
    assert ground in seen
    assert max(contrast(ground, painted) for painted in seen) >= 3


@pytest.mark.parametrize(
    ("section", "icon"),
    [
        (Section.ACTIVE, "state-uploading"),
        (Section.WAITING, "state-waiting"),
        (Section.ATTENTION, "state-attention"),
        (Section.DONE, "state-queued"),
    ],
)
def test_an_empty_section_is_drawn_with_what_fits_it_and_not_as_verified(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, section: Section, icon: str
) -> None:
    elsewhere = UploadState.QUEUED if section is Section.DONE else UploadState.COMPLETED
    queue.append(make_view("talk.mp4", elsewhere))
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    QTest.mouseClick(window.queue.filter.sections[section], Qt.MouseButton.LeftButton)
    empty = window.queue.empty
    assert empty.isVisible()
    drawn = [label.pixmap().toImage() for label in empty.findChildren(QLabel) if not label.pixmap().isNull()]

    assert drawn == [icons.pixmap(icon, window.theme.colours.muted, 56, empty.devicePixelRatioF()).toImage()]


def test_icons_are_drawn_in_the_wanted_colour_and_sharp_at_200_percent(window: MainWindow) -> None:
    picture = icons.pixmap("state-completed", "#ff0000", 20, 2.0)
    image = picture.toImage()
    painted = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }

    assert (picture.width(), picture.devicePixelRatio()) == (40, 2.0)
    assert painted == {"#ff0000"}


@pytest.fixture
def full_window(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> MainWindow:
    """Everything on show at once."""
    queue.append(*(make_view(f"{state.value}.mp4", state) for state in UploadState))
    qtbot.waitUntil(lambda: window.model.rowCount() > 0)
    window.queue.view.select_upload("attention.mp4")
    window.show_message("Something to know.")
    return window


def test_every_control_has_a_name(full_window: MainWindow) -> None:
    controls = [widget for kind in INTERACTIVE for widget in full_window.findChildren(kind)]
    nameless = [widget for widget in controls if needs_name(widget) and not name_of(widget)]

    assert len(controls) > 60
    assert nameless == []


def test_whatever_takes_the_keyboard_has_a_name_in_dialogs_too(full_window: MainWindow) -> None:
    full_window.open_sign_in()
    full_window.places.open_bucket()
    open_settings(full_window)
    # A label speaks its own words.
    stops = [
        widget
        for widget in full_window.findChildren(QWidget)
        if needs_name(widget) and not isinstance(widget, (QDialog, QMenu, QLabel))
    ]
    nameless = [widget for widget in stops if not name_of(widget)]

    assert len(full_window.findChildren(QDialog)) == 3
    assert nameless == []


def open_settings(window: MainWindow) -> None:
    """With all that can stand on the page."""
    choices = window.preferences.choices
    choices.set_limit(BandwidthPlan.parse("1 MB/s; Sat 10:00-12:00 500 kB/s"))
    choices.set_folders([Path("/home/mara/Talks")])
    choices.set_part_size(32 << 20)
    window.preferences.open()


def test_tab_reaches_every_control_of_every_section_of_the_settings(full_window: MainWindow) -> None:
    open_settings(full_window)
    page = full_window.preferences.dialog
    assert page is not None
    page.general.login_start.setEnabled(True)
    for section in range(page.sections.count()):
        page.sections.setCurrentRow(section)
        page.sections.setFocus()
        visited: list[QWidget] = []
        widget: QWidget | None = page.sections
        while widget is not None and widget not in visited:
            visited.append(widget)
            widget = next_stop(widget)
        places = [stop.mapTo(page, stop.rect().center()).toTuple()[::-1] for stop in visited[1:]]
        expected = {
            control
            for kind in (*INTERACTIVE, QSlider)
            for control in page.findChildren(kind)
            if needs_name(control) and control.isVisible() and not is_other_half(control)
        }

        assert len(visited) > 1
        assert expected <= set(visited)
        assert all(later > earlier - 12 for (earlier, _), (later, _) in pairwise(places)), section


def test_every_action_can_be_done_by_keyboard(full_window: MainWindow) -> None:
    """By its own keys, in a menu that a key opens, or on a button that Tab reaches."""
    menus = full_window.findChildren(QMenu)
    in_menus = {action for menu in menus for action in menu.actions()}
    on_buttons = {
        button.defaultAction()
        for button in full_window.findChildren(QToolButton)
        if button.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    unreachable = [
        action.text()
        for action in full_window.findChildren(QAction)
        if action.text() and action.shortcut().isEmpty() and action not in in_menus and action not in on_buttons
    ]

    assert unreachable == []


def test_no_key_means_two_things_in_the_window(full_window: MainWindow) -> None:
    everywhere = [
        action.shortcut().toString()
        for action in full_window.findChildren(QAction)
        if not action.shortcut().isEmpty() and action.shortcutContext() is Qt.ShortcutContext.WindowShortcut
    ]
    everywhere += [shortcut.key().toString() for shortcut in full_window.findChildren(QShortcut)]

    assert len(everywhere) > 10
    assert sorted(everywhere) == sorted(set(everywhere))


def name_of(widget: QWidget) -> str:
    """What a screen reader says: the accessible name, else a button's own words."""
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def needs_name(widget: QWidget) -> bool:
    """Hidden parts of Qt's own widgets (header corner, line ends) are no controls."""
    return not widget.objectName().startswith("qt_") and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus


def test_tab_reaches_every_visible_control_in_reading_order(full_window: MainWindow) -> None:
    full_window.banner.close_button.setFocus()
    visited: list[QWidget] = []
    widget: QWidget | None = full_window.banner.close_button
    while widget is not None and widget not in visited:
        visited.append(widget)
        widget = next_stop(widget)
    places = [stop.mapTo(full_window, stop.rect().topLeft()).toTuple()[::-1] for stop in visited]

    assert full_window.queue.view in visited
    expected = {
        control
        for control in full_window.findChildren(QAbstractButton)
        if needs_name(control) and control.isVisible() and control.isEnabled() and not is_other_half(control)
    }
    assert expected <= set(visited)
    # The details stand in two columns, each read from top to bottom.
    rows = [y for stop, (y, _x) in zip(visited, places, strict=True) if not full_window.details.isAncestorOf(stop)]
    # Controls of one line differ in height, and so a little in where they begin.
    assert all(later > earlier - 12 for earlier, later in pairwise(rows[:-1]))


def is_other_half(button: QWidget) -> bool:
    """Of buttons among which one is chosen, Tab stops at that one; arrows go to the others."""
    group = button.group() if isinstance(button, QAbstractButton) else None
    return group is not None and group.exclusive() and group.checkedButton() is not button


def next_stop(widget: QWidget) -> QWidget | None:
    """The next widget that Tab would stop at."""
    candidate = widget.nextInFocusChain()
    while candidate is not None and candidate is not widget:
        takes_tab = candidate.focusPolicy() & Qt.FocusPolicy.TabFocus
        if takes_tab and candidate.isVisible() and candidate.isEnabled() and not candidate.focusProxy():
            return candidate
        candidate = candidate.nextInFocusChain()
    return None


def test_real_questions_answer_with_the_key_of_the_button(qtbot: QtBot, window: MainWindow) -> None:
    answers: list[str] = []
    question = Question("Quit?", "Uploads go on.", (Choice("quit", "Quit"), Choice("stay", "Stay")))
    QtDialogs().ask(window, question, answers.append)
    box = window.findChild(QMessageBox)
    assert box is not None
    labels = {button.text(): button for button in box.findChildren(QPushButton)}
    assert box.defaultButton() is labels["Quit"]
    assert box.escapeButton() is labels["Stay"]

    QTest.mouseClick(labels["Stay"], Qt.MouseButton.LeftButton)

    assert answers == ["stay"]
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is None)


def test_enter_never_destroys_anything(qtbot: QtBot, window: MainWindow) -> None:
    answers: list[str] = []
    choices = (Choice("yes", "Cancel upload"), Choice("no", "Keep uploading"))
    QtDialogs().ask(window, Question("Cancel?", "", choices, is_destructive=True), answers.append)
    box = window.findChild(QMessageBox)
    assert box is not None

    QTest.keyClick(box, Qt.Key.Key_Return)

    assert answers == ["no"]


@pytest.mark.parametrize("width", [720, 800, 900, 1000, 1120, 1600])
def test_names_have_room_at_every_width(full_window: MainWindow, width: int) -> None:
    full_window.resize(width, 600)
    view = full_window.queue.view

    assert view.columnWidth(Column.NAME) >= 200
    assert not view.isColumnHidden(Column.PROGRESS)
    assert not view.isColumnHidden(Column.STATE)
    assert view.horizontalHeader().length() <= view.viewport().width()


def test_the_title_begins_with_the_name_of_the_app(full_window: MainWindow) -> None:
    assert full_window.windowTitle().startswith("Recorder")
