"""Choosing a bucket of one's own beside the drop zone, and what the window says of it."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import Refused
from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.lifecycle import UNSERVED
from recorder_desktop.core.model import Problem, UploadState, UploadView
from recorder_desktop.core.own_bucket import KEYS_MISSING, OwnBucket
from recorder_desktop.ui.bucket_dialog import BucketDialog
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.preferences.dialog import ACCOUNT
from tests.fakes.upload_queue import FakeUploadQueue, make_view


class FakeBuckets:
    """Keeps what is asked; the test answers."""

    def __init__(self) -> None:
        self.asked: list[OwnBucket] = []
        self.mended: list[str] = []
        self.answers: list[Future[str]] = []
        self.looked_up: list[str] = []
        self.found: Future[OwnBucket] = Future()

    def known(self, destination: str) -> Future[OwnBucket]:
        self.looked_up.append(destination)
        return self.found

    def begin(self, bucket: OwnBucket, mends: str = "") -> Future[str]:
        self.asked.append(bucket)
        self.mended.append(mends)
        self.answers.append(Future())
        return self.answers[-1]


@pytest.fixture
def buckets(window: MainWindow) -> FakeBuckets:
    made = FakeBuckets()
    window.attach_buckets(made)
    return made


@pytest.fixture
def dialog(window: MainWindow, buckets: FakeBuckets) -> BucketDialog:
    QTest.mouseClick(window.drop_zone.bucket_button, Qt.MouseButton.LeftButton)
    return opened(window)


def opened(window: MainWindow) -> BucketDialog:
    found = window.findChild(BucketDialog)
    assert isinstance(found, BucketDialog)
    assert found.isVisible()
    return found


def fill(dialog: BucketDialog, **texts: str) -> None:
    for name, text in texts.items():
        field: QLineEdit = getattr(dialog, name)
        field.clear()
        QTest.keyClicks(field, text)


def show_details(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, view: UploadView) -> None:
    queue.append(view)
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)
    window.queue.view.select_upload(view.upload.id)
    qtbot.waitUntil(window.details.help.remedy.isVisible)


PLACE = "bucket:mine at eu-west-1"

WHOLE = {"bucket": "mine", "region": "eu-west-1", "access_key": "access", "secret_key": "secret"}


def test_a_bucket_is_tried_before_the_window_says_that_it_is_used(
    qtbot: QtBot, window: MainWindow, dialog: BucketDialog, buckets: FakeBuckets
) -> None:
    fill(dialog, **WHOLE, endpoint=" https://minio.example.org ")
    QTest.keyClick(dialog.secret_key, Qt.Key.Key_Return)

    assert buckets.asked == [OwnBucket("mine", "eu-west-1", "https://minio.example.org", "access", "secret")]
    assert not dialog.use_button.isEnabled()
    buckets.answers[0].set_result("bucket:mine at https://minio.example.org")
    qtbot.waitUntil(lambda: window.banner.message.startswith("Your bucket mine at https://minio.example.org works."))
    assert "New recordings go there" in window.banner.message
    window.places.note_bucket_left()
    assert window.banner.message.startswith("Your bucket is not used any more.")


def test_what_does_not_work_stays_to_be_corrected(qtbot: QtBot, dialog: BucketDialog, buckets: FakeBuckets) -> None:
    fill(dialog, **WHOLE)
    QTest.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    buckets.answers[0].set_exception(Refused("The store refuses the keys."))

    qtbot.waitUntil(dialog.trouble.isVisible)
    assert dialog.trouble.text() == "The store refuses the keys."
    assert dialog.bucket.hasFocus()
    assert dialog.bucket.text() == "mine"
    assert dialog.use_button.isEnabled()


def test_cancelling_gives_the_trial_up(window: MainWindow, dialog: BucketDialog, buckets: FakeBuckets) -> None:
    fill(dialog, **WHOLE)
    QTest.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)

    assert buckets.answers[0].cancelled()
    assert window.banner.message == ""


def test_a_bucket_that_is_cancelled_when_it_is_just_being_kept_is_told(
    qtbot: QtBot, window: MainWindow, dialog: BucketDialog, buckets: FakeBuckets
) -> None:
    fill(dialog, **WHOLE)
    QTest.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    buckets.answers[0].set_running_or_notify_cancel()
    with qtbot.waitSignal(dialog.destroyed):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    buckets.answers[0].set_result("bucket:mine at eu-west-1")

    qtbot.waitUntil(lambda: window.banner.message.startswith("Your bucket mine at eu-west-1 works."))


def test_enter_tries_the_bucket_also_after_a_click_that_came_too_early(
    dialog: BucketDialog, buckets: FakeBuckets
) -> None:
    fill(dialog, **(WHOLE | {"region": " "}))
    QTest.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    fill(dialog, region="eu-west-1")
    QTest.keyClick(dialog.region, Qt.Key.Key_Return)

    assert len(buckets.asked) == 1


def test_a_bucket_whose_keys_do_not_work_asks_for_them_in_the_banner(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, buckets: FakeBuckets
) -> None:
    queue.tell(ServiceChanged(PLACE, ServiceState.BUCKET, "The keys of your bucket mine are not in the keyring."))
    qtbot.waitUntil(window.banner.isVisible)
    assert window.overview.network.text() == "Needs you"
    QTest.mouseClick(window.banner.button, Qt.MouseButton.LeftButton)
    assert opened(window)
    assert buckets.looked_up == [PLACE]
    queue.tell(ServiceChanged(PLACE, ServiceState.BUCKET, "The keys of your bucket mine are not in the keyring."))
    qtbot.waitUntil(window.banner.isVisible)
    queue.tell(ServiceChanged(PLACE, ServiceState.READY))

    qtbot.waitUntil(lambda: not window.banner.isVisible())


@pytest.mark.parametrize("missing", sorted(WHOLE))
def test_nothing_is_tried_before_all_is_there(dialog: BucketDialog, buckets: FakeBuckets, missing: str) -> None:
    fill(dialog, **(WHOLE | {missing: " "}))
    QTest.keyClick(dialog.bucket, Qt.Key.Key_Return)

    assert buckets.asked == []
    assert dialog.trouble.text().startswith("Enter the ")
    field: QLineEdit = getattr(dialog, missing)
    assert field.hasFocus()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("wrong_bucket", "bucket"),
        ("wrong_region", "region"),
        ("wrong_endpoint", "endpoint"),
        ("wrong_keys", "access_key"),
        ("wrong_mongo_uri", "mongo_uri"),
    ],
)
def test_the_cursor_stands_in_the_field_that_is_wrong(
    qtbot: QtBot, dialog: BucketDialog, buckets: FakeBuckets, code: str, name: str
) -> None:
    fill(dialog, **WHOLE)
    QTest.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    buckets.answers[0].set_exception(Refused("That is wrong. Correct it.", code=code))

    qtbot.waitUntil(dialog.trouble.isVisible)
    field: QLineEdit = getattr(dialog, name)
    assert field.hasFocus()


def test_nothing_secret_stays_behind_or_is_shown(window: MainWindow, dialog: BucketDialog) -> None:
    fill(dialog, **WHOLE, mongo_uri="mongodb://mara:secret@host")
    assert "secret" not in repr(dialog.request())
    hidden = (dialog.secret_key, dialog.mongo_uri)
    assert all(field.echoMode() is QLineEdit.EchoMode.Password for field in hidden)
    fields = dialog.findChildren(QLineEdit)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)

    assert [field.text() for field in fields if field.text()] == ["mine", "eu-west-1"]
    assert all(field.accessibleName() for field in fields)


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [
        (UploadState.ATTENTION, Problem(KEYS_MISSING, "The keys are not there."), "Enter keys…"),
        (UploadState.ATTENTION, Problem("store_refused", "The store refuses."), "Check the bucket…"),
        (UploadState.QUEUED, Problem(UNSERVED, "It belongs to another place."), "Use this bucket…"),
    ],
)
def test_what_waits_for_its_bucket_has_a_button_that_asks_for_it(
    qtbot: QtBot,
    window: MainWindow,
    queue: FakeUploadQueue,
    buckets: FakeBuckets,
    state: UploadState,
    problem: Problem,
    words: str,
) -> None:
    show_details(qtbot, window, queue, make_view("a", state, destination=PLACE, problem=problem))
    remedy = window.details.help.remedy
    assert remedy.text() == words
    assert window.details.help.again.isVisible() == (state is UploadState.ATTENTION)
    QTest.mouseClick(remedy, Qt.MouseButton.LeftButton)
    dialog = opened(window)
    assert buckets.looked_up == [PLACE]
    buckets.found.set_result(OwnBucket("mine", "eu-west-1", "", "", "", "mongodb://db"))

    qtbot.waitUntil(lambda: dialog.request() == OwnBucket("mine", "eu-west-1", "", "", "", "mongodb://db"))
    qtbot.waitUntil(dialog.access_key.hasFocus)
    fill(dialog, access_key="access", secret_key="secret")
    QTest.keyClick(dialog.secret_key, Qt.Key.Key_Return)
    assert buckets.mended == ["" if state is UploadState.QUEUED else PLACE]


@pytest.mark.parametrize("kept", [PLACE, "bucket:other at eu-west-1"])
def test_what_was_entered_for_a_bucket_is_told_and_counts_for_what_waited(
    qtbot: QtBot, window: MainWindow, buckets: FakeBuckets, kept: str
) -> None:
    window.places.open_bucket_of(PLACE, mends=True)
    fill(opened(window), **WHOLE)
    QTest.keyClick(opened(window).secret_key, Qt.Key.Key_Return)
    with qtbot.waitSignal(window.places.bucket_changed) as changed:
        buckets.answers[0].set_result(kept)

    assert changed.args == [kept]
    is_mended = window.banner.message == "Your bucket mine at eu-west-1 works. What waited for it goes on."
    assert is_mended == (kept == PLACE)


def test_the_details_name_the_place_of_what_goes_elsewhere_alone(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    window.set_destination("Stored on this computer", "local")
    show_details(qtbot, window, queue, make_view("a", UploadState.ATTENTION, destination=PLACE))
    assert "Your bucket mine at eu-west-1" in window.details.place.text()
    window.set_destination("Your bucket mine at eu-west-1", PLACE)

    assert "Your bucket" not in window.details.place.text()


def test_what_waits_for_this_computers_store_has_a_button_that_opens_the_place_in_the_settings(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    problem = Problem(UNSERVED, "It belongs to another place.")
    show_details(qtbot, window, queue, make_view("a", UploadState.QUEUED, destination="local", problem=problem))
    assert window.details.help.remedy.text() == "Choose the place…"
    QTest.mouseClick(window.details.help.remedy, Qt.MouseButton.LeftButton)

    assert window.preferences.section == ACCOUNT


def test_who_types_is_faster_than_what_is_known(qtbot: QtBot, window: MainWindow, buckets: FakeBuckets) -> None:
    window.places.open_bucket_of(PLACE)
    dialog = opened(window)
    fill(dialog, bucket="another")
    buckets.found.set_result(OwnBucket("mine", "eu-west-1", "", "", ""))
    qtbot.wait(50)

    assert dialog.request() == OwnBucket("another", "", "", "", "")


def test_before_the_engine_is_there_it_says_so(window: MainWindow) -> None:
    QTest.mouseClick(window.drop_zone.bucket_button, Qt.MouseButton.LeftButton)
    dialog = opened(window)
    fill(dialog, **WHOLE)
    QTest.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)

    assert dialog.trouble.text() == "Recorder is not ready yet. Try again in a moment."


def test_the_choice_is_quiet_and_gone_once_there_is_work(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    assert window.drop_zone.server_button.isVisible()
    assert window.drop_zone.bucket_button.isVisible()
    queue.append(make_view())
    qtbot.waitUntil(lambda: not window.drop_zone.bucket_button.isVisible())
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_B, keys)

    assert opened(window)
