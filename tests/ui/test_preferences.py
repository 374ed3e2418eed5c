"""The settings page through its real controls: all counts at once, is kept, and what cannot be meant is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from recorder_desktop.config import KEEP_AWAKE_SETTING, PART_SIZE_SETTING, SENDERS_SETTING
from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.errors import NeedsPerson, Refused, Unavailable
from recorder_desktop.core.preferences import Account
from recorder_desktop.core.watched_folder import FolderReport, FolderState
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.palette import DARK
from recorder_desktop.ui.preferences.dialog import SettingsDialog
from recorder_desktop.ui.preferences.parts import Switch
from recorder_desktop.ui.settings import (
    ALL_DONE,
    APPEARANCE,
    CLOSE_ACTION,
    LIMIT,
    NEEDS_ME,
    WATCHED,
    ForgetfulSettings,
)
from tests.fakes.preferences import FakePreferenceDesks
from tests.fakes.upload_queue import FakeUploadQueue
from tests.ui.scripted_dialogs import ScriptedDialogs

SERVER = "https://recorder.example.org"
ACCOUNT, TRANSFERS, FOLDERS, GENERAL = range(4)
TALKS, CARD = Path("/home/mara/Talks"), Path("/media/card")


@pytest.fixture
def desks() -> FakePreferenceDesks:
    return FakePreferenceDesks()


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow, desks: FakePreferenceDesks) -> SettingsDialog:
    """Open, with everything behind it."""
    window.preferences.choices.attach(desks.as_desks)
    return open_page(qtbot, window)


def open_page(qtbot: QtBot, window: MainWindow) -> SettingsDialog:
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = window.preferences.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def write(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text) if text else QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)


# --- the page itself -----------------------------------------------------------------------------------------------


def test_it_opens_by_key_and_by_button_once_and_closes_by_escape(qtbot: QtBot, window: MainWindow) -> None:
    first = open_page(qtbot, window)
    click(window._body.settings_button)
    assert len(window.findChildren(QDialog)) == 1

    QTest.keyClick(first, Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: not first.isVisible())
    assert window.isVisible()


def test_every_section_has_room_of_its_own(page: SettingsDialog) -> None:
    rows = [page.sections.visualItemRect(page.sections.item(number)) for number in range(page.sections.count())]
    needed = page.sections.sizeHintForRow(0)
    assert needed > page.sections.fontMetrics().height() + 2 * 8  # with what the style adds
    assert [row.height() for row in rows] == [needed] * len(rows)
    assert all(above.bottom() < below.top() for above, below in pairwise(rows))


def test_a_list_that_opens_has_room_for_each_of_its_rows(qtbot: QtBot, page: SettingsDialog) -> None:
    page.sections.setCurrentRow(GENERAL)
    for choice in (page.general.language, page.general.close_action):
        choice.showPopup()
        qtbot.waitUntil(choice.view().isVisible)
        rows = [choice.view().visualRect(choice.model().index(at, 0)) for at in range(choice.count())]

        assert all(row.height() >= 28 for row in rows)
        assert all(choice.view().viewport().rect().contains(row) for row in rows)
        choice.hidePopup()


def test_the_sections_are_walked_by_arrows(page: SettingsDialog) -> None:
    pages = (page.account, page.transfers, page.folders, page.general)
    page.sections.setFocus()
    seen = []
    for _ in pages:
        seen.append(next(each for each in pages if each.isVisible()))
        QTest.keyClick(page.sections, Qt.Key.Key_Down)

    assert seen == list(pages)


def test_return_in_a_field_closes_nothing_and_presses_nothing(page: SettingsDialog, dialogs: ScriptedDialogs) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    write(page.transfers.limit, "3 MB/s")

    assert page.isVisible()
    assert page.transfers.schedule.rows == []


# --- transfers -----------------------------------------------------------------------------------------------------


def test_a_limit_counts_at_once_is_kept_and_stands_at_the_foot_too(
    page: SettingsDialog, window: MainWindow, queue: FakeUploadQueue, settings: ForgetfulSettings
) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    write(page.transfers.limit, "3 MB/s")

    assert queue.calls == [("set_limits", "3 MB/s")]
    assert settings.get(LIMIT) == "3 MB/s"
    assert window.overview.limit.text() == "3.00\u00a0MB/s"
    write(page.transfers.limit, "")
    assert queue.calls[1:] == [("set_limits", "unlimited")]


def test_a_limit_chosen_at_the_foot_stands_on_the_page(page: SettingsDialog, window: MainWindow) -> None:
    window.overview.limit.choose(BandwidthPlan.parse("2 MB/s; Sat 10:00-12:00 500 kB/s"))

    assert page.transfers.limit.text() == "2 MB/s"
    assert page.transfers.schedule.texts() == ["Sat 10:00-12:00 500 kB/s"]


@pytest.mark.parametrize("written", ["0 MB/s", "2 parsecs", "-1 kB/s", "3", "2 MB/s; Mon 08:00-09:00 1 MB/s; x"])
def test_a_limit_that_cannot_be_meant_is_told_beside_its_field_and_changes_nothing(
    page: SettingsDialog, queue: FakeUploadQueue, settings: ForgetfulSettings, written: str
) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    write(page.transfers.limit, written)

    assert page.transfers.limit_row.complaint.isVisible()
    assert page.transfers.limit_row.complaint.text().count(". ") >= 1
    assert (queue.calls, settings.get(LIMIT)) == ([], None)
    write(page.transfers.limit, "1 MB/s")
    assert not page.transfers.limit_row.complaint.isVisible()
    assert settings.get(LIMIT) == "1 MB/s"


def test_hours_are_added_changed_and_removed(
    page: SettingsDialog, queue: FakeUploadQueue, settings: ForgetfulSettings
) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    schedule = page.transfers.schedule
    click(schedule.add_button)
    assert settings.get(LIMIT) == "unlimited; Mon-Fri 08:00-18:00 2 MB/s"
    (row,) = schedule.rows
    click(row.days[5])
    write(row.end, "24:00")
    write(row.limit, "500 kB/s")
    assert settings.get(LIMIT) == "unlimited; Mon-Sat 08:00-24:00 500 kB/s"
    assert queue.calls[-1] == ("set_limits", "unlimited; Mon-Sat 08:00-24:00 500 kB/s")

    click(row.remove_button)

    assert settings.get(LIMIT) == "unlimited"
    assert schedule.rows == []


def test_hours_that_overlap_or_have_no_day_are_told_below_and_change_nothing(
    page: SettingsDialog, settings: ForgetfulSettings
) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    schedule, complaint = page.transfers.schedule, page.transfers.schedule_row.complaint
    click(schedule.add_button)
    kept = settings.get(LIMIT)
    click(schedule.add_button)
    assert "both apply on Mon" in complaint.text()
    assert complaint.isVisible()
    for day in schedule.rows[1].days[:5]:
        click(day)
    assert "at least one day" in complaint.text()
    assert settings.get(LIMIT) == kept

    click(schedule.rows[1].days[6])

    assert settings.get(LIMIT) == "unlimited; Mon-Fri 08:00-18:00 2 MB/s; Sun 08:00-18:00 2 MB/s"
    assert not complaint.isVisible()


@pytest.mark.parametrize("written", ["25:00", "8", "08:60", "", "18:00"])
def test_times_that_are_none_are_told(page: SettingsDialog, settings: ForgetfulSettings, written: str) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    click(page.transfers.schedule.add_button)
    kept = settings.get(LIMIT)
    write(page.transfers.schedule.rows[0].start, written)

    assert page.transfers.schedule_row.complaint.text()
    assert settings.get(LIMIT) == kept


def test_the_ceiling_of_senders_is_moved_by_keys(
    page: SettingsDialog, queue: FakeUploadQueue, settings: ForgetfulSettings
) -> None:
    slider = page.transfers.senders
    assert (slider.value(), slider.minimum(), slider.maximum()) == (8, 1, 32)
    page.sections.setCurrentRow(TRANSFERS)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_End)

    assert queue.calls == [("set_senders", 9), ("set_senders", 32)]
    assert settings.get(SENDERS_SETTING) == "32"


def test_a_part_size_is_fixed_and_let_go(
    page: SettingsDialog, queue: FakeUploadQueue, settings: ForgetfulSettings
) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    transfers = page.transfers
    assert not transfers.part_size.isVisible()
    click(transfers.part_size_kind.buttons["fixed"])
    write(transfers.part_size, "32")
    assert transfers.part_size.text() == "32 MiB"
    assert settings.get(PART_SIZE_SETTING) == "32 MiB"

    click(transfers.part_size_kind.buttons["automatic"])

    assert queue.calls == [("set_part_size", 16 << 20), ("set_part_size", 32 << 20), ("set_part_size", None)]
    assert settings.get(PART_SIZE_SETTING) is None
    assert not transfers.part_size.isVisible()


@pytest.mark.parametrize("written", ["4 MiB", "6 GiB", "5121 MiB", "large", "-5"])
def test_a_part_size_that_no_store_takes_is_told_and_changes_nothing(
    page: SettingsDialog, queue: FakeUploadQueue, settings: ForgetfulSettings, written: str
) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    click(page.transfers.part_size_kind.buttons["fixed"])
    write(page.transfers.part_size, written)

    assert page.transfers.part_size_row.complaint.isVisible()
    assert ". Write " in page.transfers.part_size_row.complaint.text()
    assert queue.calls == [("set_part_size", 16 << 20)]
    assert settings.get(PART_SIZE_SETTING) == "16 MiB"


def test_keeping_awake_is_switched(
    page: SettingsDialog, desks: FakePreferenceDesks, settings: ForgetfulSettings
) -> None:
    page.sections.setCurrentRow(TRANSFERS)
    switch = page.transfers.keep_awake
    assert switch.isChecked()
    click(switch)
    assert (desks.awake, settings.get(KEEP_AWAKE_SETTING)) == ([False], "false")
    QTest.keyClick(switch, Qt.Key.Key_Space)

    assert (desks.awake, settings.get(KEEP_AWAKE_SETTING)) == ([False, True], None)


def test_what_was_set_before_stands_on_the_page(
    qtbot: QtBot, window: MainWindow, settings: ForgetfulSettings
) -> None:
    for key, value in (
        (SENDERS_SETTING, "12"),
        (PART_SIZE_SETTING, "1 GiB"),
        (KEEP_AWAKE_SETTING, "false"),
        (ALL_DONE, "false"),
        (CLOSE_ACTION, "quit"),
    ):
        settings.set(key, value)
    page = open_page(qtbot, window)

    assert page.transfers.senders.value() == 12
    assert page.transfers.part_size.text() == "1 GiB"
    assert page.transfers.part_size_kind.buttons["fixed"].isChecked()
    assert not page.transfers.keep_awake.isChecked()
    assert (page.general.all_done.isChecked(), page.general.needs_me.isChecked()) == (False, True)
    assert page.general.close_action.currentText() == "Quit"


# --- account -------------------------------------------------------------------------------------------------------


def test_it_says_who_is_signed_in_where(qtbot: QtBot, page: SettingsDialog, desks: FakePreferenceDesks) -> None:
    account = page.account
    qtbot.waitUntil(lambda: account.place.text() == "Stored on this computer")
    assert not account.sign_out_button.isVisible()
    for user, words in (
        ("mara", "Signed in as mara."),
        ("", "Signed in."),
        (None, "Nobody is signed in. Recordings wait until somebody is; nothing is lost."),
    ):
        desks.accounts.account = Account(SERVER, "Team server recorder.example.org", needs_sign_in=True, user=user)
        account.look()
        qtbot.waitUntil(lambda words=words: account.user.text() == words)  # type: ignore[misc]
        assert account.sign_out_button.isVisible() == (user is not None)
    assert account.place.text() == "Team server recorder.example.org"


def test_signing_out_ends_it_and_says_so(
    qtbot: QtBot, page: SettingsDialog, window: MainWindow, desks: FakePreferenceDesks
) -> None:
    desks.accounts.account = Account(SERVER, "Team server recorder.example.org", needs_sign_in=True, user="mara")
    desks.accounts.notice = "The server could not be told."
    page.account.look()
    qtbot.waitUntil(page.account.sign_out_button.isVisible)
    with qtbot.waitSignal(window.places.signed_out) as told:
        click(page.account.sign_out_button)

    assert desks.accounts.signed_out == told.args == [SERVER]
    qtbot.waitUntil(lambda: page.account.place.text() == "Stored on this computer")
    assert page.account.row.complaint.text() == "The server could not be told."
    assert window.banner.message == f"Signed out of {SERVER}."


def test_a_sign_out_that_fails_is_told_and_can_be_tried_again(
    qtbot: QtBot, page: SettingsDialog, desks: FakePreferenceDesks
) -> None:
    desks.accounts.account = Account(SERVER, "Team server", needs_sign_in=True, user="mara")
    page.account.look()
    qtbot.waitUntil(page.account.sign_out_button.isVisible)
    desks.accounts.failure = Unavailable("The keyring is locked. Unlock it, then try again.")
    click(page.account.sign_out_button)

    qtbot.waitUntil(page.account.row.complaint.isVisible)
    assert page.account.sign_out_button.isEnabled()
    assert desks.accounts.signed_out == []


def test_signing_in_and_a_bucket_are_asked_for_from_here(
    qtbot: QtBot, page: SettingsDialog, window: MainWindow
) -> None:
    click(page.account.sign_in_button)
    assert window.sign_in_dialog is not None
    window.sign_in_dialog.reject()
    click(page.account.bucket_button)

    titles = {dialog.windowTitle() for dialog in window.findChildren(QDialog) if dialog.isVisible()}
    assert "Use your own bucket" in titles


def test_a_bucket_in_use_is_named_and_can_be_changed_or_left(
    qtbot: QtBot, page: SettingsDialog, window: MainWindow, desks: FakePreferenceDesks
) -> None:
    place = "bucket:mine at eu-west-1"
    desks.accounts.account = Account(place, "Your bucket mine at eu-west-1", needs_sign_in=False, bucket=place)
    page.account.look()
    qtbot.waitUntil(page.account.stop_button.isVisible)
    assert page.account.bucket_row.hint.text() == "In use: mine at eu-west-1."
    assert page.account.bucket_button.text() == "Change…"
    with qtbot.waitSignal(page.account.bucket_wanted) as wanted:
        click(page.account.bucket_button)
    assert wanted.args == [place]
    with qtbot.waitSignal(window.places.bucket_changed):
        click(page.account.stop_button)

    qtbot.waitUntil(lambda: not page.account.stop_button.isVisible())
    assert page.account.bucket_row.hint.text() == "Amazon S3 or a store that speaks S3. It is tried first."
    assert page.account.bucket_button.text() == "Use your own bucket…"


def test_a_bucket_that_is_used_from_the_next_start_on_is_named(
    qtbot: QtBot, page: SettingsDialog, window: MainWindow, desks: FakePreferenceDesks
) -> None:
    desks.accounts.account = replace(desks.accounts.account, bucket="bucket:mine at eu-west-1")
    window.places.bucket_changed.emit("")

    qtbot.waitUntil(page.account.stop_button.isVisible)
    assert page.account.bucket_row.hint.text() == "From the next start of Recorder on: mine at eu-west-1."


def test_a_bucket_of_the_environment_stays_and_says_so(
    qtbot: QtBot, page: SettingsDialog, desks: FakePreferenceDesks
) -> None:
    desks.accounts.account = replace(desks.accounts.account, bucket="bucket:mine at eu-west-1")
    page.account.look()
    qtbot.waitUntil(page.account.stop_button.isVisible)
    desks.accounts.failure = Refused("This bucket is named by the environment. Take it out there.")
    click(page.account.stop_button)

    qtbot.waitUntil(page.account.bucket_row.complaint.isVisible)
    assert page.account.stop_button.isEnabled()


# --- folders -------------------------------------------------------------------------------------------------------


def test_folders_are_watched_and_let_go(
    page: SettingsDialog, desks: FakePreferenceDesks, dialogs: ScriptedDialogs, settings: ForgetfulSettings
) -> None:
    page.sections.setCurrentRow(FOLDERS)
    for folder in (TALKS, CARD):
        dialogs.folders = [folder]
        click(page.folders.add_button)
    assert settings.get_all(WATCHED) == (str(TALKS), str(CARD))
    assert desks.folders.watched == [[], [TALKS], [TALKS, CARD]]
    assert [line.folder for line in page.folders.lines] == [TALKS, CARD]

    click(page.folders.lines[0].remove_button)

    assert desks.folders.watched[-1] == [CARD]
    assert [line.folder for line in page.folders.lines] == [CARD]


def test_a_folder_inside_a_watched_one_is_told_and_one_around_takes_its_place(
    page: SettingsDialog, dialogs: ScriptedDialogs, settings: ForgetfulSettings
) -> None:
    page.sections.setCurrentRow(FOLDERS)
    for folder in (TALKS, TALKS, TALKS / "2026"):
        dialogs.folders = [folder]
        click(page.folders.add_button)
    assert page.folders.add_row.complaint.text() == f"{TALKS / '2026'} is watched already, as a part of {TALKS}."
    assert settings.get_all(WATCHED) == (str(TALKS),)
    dialogs.folders = [TALKS.parent]
    click(page.folders.add_button)

    assert settings.get_all(WATCHED) == (str(TALKS.parent),)
    assert not page.folders.add_row.complaint.isVisible()


def test_a_folder_whose_name_is_no_text_is_told(
    page: SettingsDialog, dialogs: ScriptedDialogs, settings: ForgetfulSettings
) -> None:
    page.sections.setCurrentRow(FOLDERS)
    dialogs.folders = [Path(os.fsdecode(b"/home/mara/\xff"))]
    click(page.folders.add_button)

    assert "Rename it" in page.folders.add_row.complaint.text()
    assert settings.get_all(WATCHED) == ()


def test_it_says_how_a_folder_is_doing(page: SettingsDialog, window: MainWindow) -> None:
    choices = window.preferences.choices
    choices.set_folders([TALKS, CARD])
    assert [line.state.text() for line in page.folders.lines] == ["Looking…", "Looking…"]
    choices.take_report(FolderReport(TALKS, FolderState.WATCHED))
    choices.take_report(FolderReport(CARD, FolderState.AWAY, "x"))
    choices.take_report(FolderReport(Path("/not/watched"), FolderState.WATCHED))

    assert [line.state.text() for line in page.folders.lines] == [
        "Watched",
        "Not there now. Plug in its drive; it is waited for.",
    ]


# --- general -------------------------------------------------------------------------------------------------------


def test_colours_change_at_once(page: SettingsDialog, window: MainWindow, settings: ForgetfulSettings) -> None:
    page.sections.setCurrentRow(GENERAL)
    click(page.general.appearance.buttons["dark"])
    assert page.grab().toImage().pixelColor(page.width() - 4, page.height() - 4).name() == DARK.window
    assert settings.get(APPEARANCE) == "dark"
    click(page.general.appearance.buttons["system"])

    assert settings.get(APPEARANCE) is None


@pytest.mark.parametrize(("name", "key"), [("all_done", ALL_DONE), ("needs_me", NEEDS_ME)])
def test_notifications_are_switched(page: SettingsDialog, settings: ForgetfulSettings, name: str, key: str) -> None:
    page.sections.setCurrentRow(GENERAL)
    switch = getattr(page.general, name)
    click(switch)
    assert settings.get(key) == "false"
    click(switch)
    assert settings.get(key) is None


def test_starting_at_login_shows_what_is_and_is_switched(
    qtbot: QtBot, page: SettingsDialog, desks: FakePreferenceDesks
) -> None:
    page.sections.setCurrentRow(GENERAL)
    switch = page.general.login_start
    qtbot.waitUntil(switch.isEnabled)
    assert not switch.isChecked()
    click(switch)
    qtbot.waitUntil(lambda: desks.login_start.is_on and switch.isEnabled())
    assert switch.isChecked()
    desks.login_start.failure = NeedsPerson("It may not be changed. Change it in the settings of your system.")
    click(switch)

    qtbot.waitUntil(page.general.start_row.complaint.isVisible)
    assert (switch.isChecked(), desks.login_start.is_on) == (True, True)


def test_what_closing_means_can_be_chosen_and_asked_again(page: SettingsDialog, settings: ForgetfulSettings) -> None:
    page.sections.setCurrentRow(GENERAL)
    box = page.general.close_action
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert settings.get(CLOSE_ACTION) == "background"
    QTest.keyClick(box, Qt.Key.Key_Up)

    assert settings.get(CLOSE_ACTION) is None


def test_a_switch_shows_its_place_and_not_by_colour_alone(window: MainWindow) -> None:
    switch = Switch("Name", window.theme)

    def knob_is_right() -> bool:
        picture = switch.grab().toImage()
        scale, colours = picture.devicePixelRatio(), window.theme.colours
        at = QPoint(int((switch.width() - 13) * scale), int(switch.height() / 2 * scale))
        return picture.pixelColor(at).name() == colours.on_accent

    assert not knob_is_right()
    switch.setChecked(True)
    assert knob_is_right()
