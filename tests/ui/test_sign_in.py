"""Signing in from the window: where it is asked for, what the fields make of it, and what comes back."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QRadioButton
from pytestqt.qtbot import QtBot

from recorder_desktop.core.errors import Refused
from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.core.sign_in import PasswordSignIn, SignedIn, SignInRequest, TokenSignIn
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.sign_in_dialog import SignInDialog
from tests.fakes.upload_queue import FakeUploadQueue, make_view

SERVER = "https://recorder.example.org"
NEEDED = f"You are not signed in to {SERVER}. Sign in, then it goes on."


class FakeSignIns:
    """Keeps what is asked; the test answers."""

    def __init__(self) -> None:
        self.asked: list[SignInRequest] = []
        self.answers: list[Future[SignedIn]] = []

    def begin(self, request: SignInRequest) -> Future[SignedIn]:
        self.asked.append(request)
        self.answers.append(Future())
        return self.answers[-1]


@pytest.fixture
def sign_ins() -> FakeSignIns:
    return FakeSignIns()


@pytest.fixture
def window(
    bare_window: MainWindow, bridge: EngineBridge, queue: FakeUploadQueue, sign_ins: FakeSignIns
) -> MainWindow:
    bridge.attach(queue, sign_ins)
    return bare_window


@pytest.fixture
def dialog(window: MainWindow) -> SignInDialog:
    """Opened by the button at the foot of the window."""
    QTest.mouseClick(window.overview.sign_in_button, Qt.MouseButton.LeftButton)
    return opened(window)


def opened(window: MainWindow) -> SignInDialog:
    assert window.sign_in_dialog is not None
    assert window.sign_in_dialog.isVisible()
    return window.sign_in_dialog


def fill(dialog: SignInDialog, **texts: str) -> None:
    for name, text in texts.items():
        field: QLineEdit = getattr(dialog, name)
        field.clear()
        QTest.keyClicks(field, text)


def press(dialog: SignInDialog) -> None:
    QTest.mouseClick(dialog.sign_in_button, Qt.MouseButton.LeftButton)


def needs_sign_in(qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue) -> None:
    queue.tell(ServiceChanged(SERVER, ServiceState.SIGN_IN, NEEDED))
    qtbot.waitUntil(lambda: window.banner.message == NEEDED)


def test_what_is_typed_reaches_the_server_and_the_window_says_where_recordings_go(
    qtbot: QtBot, window: MainWindow, dialog: SignInDialog, sign_ins: FakeSignIns
) -> None:
    fill(dialog, server=f" {SERVER} ", user="mara", password=" secret ")
    press(dialog)

    assert sign_ins.asked == [PasswordSignIn(SERVER, "mara", " secret ")]
    assert dialog.isVisible()
    assert not dialog.sign_in_button.isEnabled()
    sign_ins.answers[0].set_result(SignedIn(SERVER))
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert window.banner.message == f"Signed in. New recordings go to {SERVER}."
    assert dialog.password.text() == ""


def test_enter_signs_in_with_an_access_token(dialog: SignInDialog, sign_ins: FakeSignIns) -> None:
    dialog.with_token.click()
    assert [dialog.token.isVisible(), dialog.user.isVisible(), dialog.password.isVisible()] == [True, False, False]
    fill(dialog, server=SERVER, token=" token ")
    QTest.keyClick(dialog.token, Qt.Key.Key_Return)

    assert sign_ins.asked == [TokenSignIn(SERVER, "token")]


def test_what_is_not_accepted_stays_to_be_corrected(
    qtbot: QtBot, dialog: SignInDialog, sign_ins: FakeSignIns
) -> None:
    fill(dialog, server=SERVER, user="mara", password="wrong")
    press(dialog)
    sign_ins.answers[0].set_exception(Refused("It is wrong. Check it."))

    qtbot.waitUntil(dialog.trouble.isVisible)
    assert dialog.trouble.text() == "It is wrong. Check it."
    assert (dialog.server.text(), dialog.user.text()) == (SERVER, "mara")
    assert dialog.focusWidget() is dialog.password
    fill(dialog, password="right")
    press(dialog)
    assert not dialog.trouble.isVisible()
    sign_ins.answers[1].set_result(SignedIn(SERVER))
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_enter_signs_in_again_after_a_correction(
    qtbot: QtBot, window: MainWindow, dialog: SignInDialog, sign_ins: FakeSignIns
) -> None:
    window.activateWindow()
    dialog.activateWindow()
    fill(dialog, server="https://wrong.example.org", user="mara", password="secret")
    dialog.password.setFocus()
    QTest.keyClick(dialog.password, Qt.Key.Key_Return)
    assert dialog.cancel_button.hasFocus(), "the fields are off meanwhile"
    QTest.keyClick(dialog.cancel_button, Qt.Key.Key_Return)
    assert dialog.isVisible(), "an impatient second Enter calls nothing off"
    sign_ins.answers[0].set_exception(Refused("There is no such server. Check the address."))
    qtbot.waitUntil(dialog.trouble.isVisible)
    dialog.server.setFocus()
    fill(dialog, server=SERVER)
    QTest.keyClick(dialog.server, Qt.Key.Key_Return)

    assert dialog.isVisible()
    assert sign_ins.asked[1:] == [PasswordSignIn(SERVER, "mara", "secret")]


def test_a_fault_is_a_sentence_too(
    qtbot: QtBot, dialog: SignInDialog, sign_ins: FakeSignIns, caplog: pytest.LogCaptureFixture
) -> None:
    fill(dialog, server=SERVER, user="mara", password="secret")
    press(dialog)
    sign_ins.answers[0].set_exception(RuntimeError("secret"))

    qtbot.waitUntil(dialog.trouble.isVisible)
    assert "fault in Recorder" in dialog.trouble.text()
    assert "a command of the window failed" in caplog.text


@pytest.mark.parametrize(
    "texts",
    [
        {"server": "", "user": "mara", "password": "x"},
        {"server": SERVER, "user": " ", "password": "x"},
        {"server": SERVER, "user": "mara", "password": ""},
    ],
)
def test_nothing_is_asked_before_all_is_there(
    dialog: SignInDialog, sign_ins: FakeSignIns, texts: dict[str, str]
) -> None:
    fill(dialog, **texts)
    press(dialog)
    QTest.keyClick(dialog.server, Qt.Key.Key_Return)

    assert not dialog.sign_in_button.isEnabled()
    assert sign_ins.asked == []


@pytest.mark.parametrize(
    ("server", "is_warned"),
    [("http://recorder.example.org", True), (SERVER, False), ("http://127.0.0.1:8080", False), ("http://[", False)],
)
def test_an_address_without_encryption_is_warned_of(dialog: SignInDialog, server: str, is_warned: bool) -> None:
    fill(dialog, server=server)

    assert dialog.warning.isVisible() is is_warned


@pytest.mark.parametrize(
    ("typed", "address"),
    [("recorder.example.org", SERVER), (" 127.0.0.1:18080 ", "http://127.0.0.1:18080")],
)
def test_an_address_without_its_scheme_is_completed_and_shown(
    dialog: SignInDialog, sign_ins: FakeSignIns, typed: str, address: str
) -> None:
    fill(dialog, server=typed, user="mara", password="secret")
    assert dialog.address.isVisible()
    assert dialog.address.text() == f"That is {address}"
    assert not dialog.warning.isVisible()
    press(dialog)

    assert sign_ins.asked == [PasswordSignIn(address, "mara", "secret")]


@pytest.mark.parametrize("typed", ["", SERVER, "[::1", "http://["])
def test_an_address_that_is_in_full_or_none_is_not_repeated(dialog: SignInDialog, typed: str) -> None:
    fill(dialog, server=typed)

    assert not dialog.address.isVisible()


def test_a_button_that_is_off_looks_so(dialog: SignInDialog) -> None:
    def colour() -> QColor:
        return dialog.sign_in_button.grab().toImage().pixelColor(dialog.sign_in_button.width() // 2, 4)

    off = colour()
    fill(dialog, server=SERVER, user="mara", password="secret")

    assert dialog.sign_in_button.isEnabled()
    assert colour() != off


def test_escape_closes_it_and_nothing_secret_stays(dialog: SignInDialog) -> None:
    fill(dialog, server=SERVER, password="secret", token="token")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)

    assert not dialog.isVisible()
    assert (dialog.password.text(), dialog.token.text()) == ("", "")


def begin(window: MainWindow, server: str) -> SignInDialog:
    """Open the dialog and ask this server."""
    window.open_sign_in()
    dialog = opened(window)
    fill(dialog, server=server, user="mara", password="secret")
    press(dialog)
    return dialog


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, None])
def test_closing_the_dialog_gives_the_sign_in_up(
    window: MainWindow, dialog: SignInDialog, sign_ins: FakeSignIns, key: Qt.Key | None
) -> None:
    begin(window, SERVER)
    if key is None:
        QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    else:
        QTest.keyClick(dialog, key)

    assert not dialog.isVisible()
    assert sign_ins.answers[0].cancelled()
    assert window.banner.message == ""


def test_a_sign_in_that_was_accepted_before_the_dialog_was_closed_is_told(
    qtbot: QtBot, window: MainWindow, dialog: SignInDialog, sign_ins: FakeSignIns
) -> None:
    begin(window, SERVER)
    sign_ins.answers[0].set_running_or_notify_cancel()
    QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    another = begin(window, "https://another.example.org")
    sign_ins.answers[0].set_result(SignedIn(SERVER, "There is no keyring. Set one up."))

    qtbot.waitUntil(lambda: window.banner.message == "There is no keyring. Set one up.")
    assert another.isVisible()


def test_what_becomes_of_an_earlier_sign_in_does_not_reach_the_present_dialog(
    qtbot: QtBot, window: MainWindow, bridge: EngineBridge, dialog: SignInDialog, sign_ins: FakeSignIns
) -> None:
    begin(window, SERVER)
    sign_ins.answers[0].set_running_or_notify_cancel()
    QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    another = begin(window, "https://another.example.org")
    with qtbot.waitSignal(bridge.sign_in_failed):
        sign_ins.answers[0].set_exception(Refused("It cannot be reached."))

    assert not another.trouble.isVisible()
    assert not another.sign_in_button.isEnabled()
    sign_ins.answers[1].set_result(SignedIn("https://another.example.org"))
    qtbot.waitUntil(lambda: not another.isVisible())


def test_where_the_window_says_that_a_sign_in_is_needed_it_can_be_done(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    needs_sign_in(qtbot, window, queue)
    assert window.overview.sign_in_button.text() == "Sign in…"
    QTest.mouseClick(window.banner.button, Qt.MouseButton.LeftButton)

    dialog = opened(window)
    assert dialog.server.text() == SERVER
    assert dialog.focusWidget() is dialog.user


def test_the_dialog_is_there_once(window: MainWindow, dialog: SignInDialog) -> None:
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    window.open_sign_in()

    assert window.sign_in_dialog is dialog


def test_what_waited_for_the_sign_in_goes_on_and_nothing_else(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue, sign_ins: FakeSignIns
) -> None:
    problem = Problem("sign_in_required", NEEDED)
    queue.append(
        make_view("waits.mp4", UploadState.WAITING, problem=problem),
        make_view("offline.mp4", UploadState.WAITING, problem=Problem("offline", "")),
        make_view("stuck.mp4", UploadState.ATTENTION, problem=Problem("file_missing", "")),
        make_view("elsewhere.mp4", UploadState.WAITING, problem=problem),
    )
    for name in ("waits.mp4", "offline.mp4", "stuck.mp4"):
        queue.change(name, destination=SERVER)
    needs_sign_in(qtbot, window, queue)
    window.open_sign_in()
    dialog = opened(window)
    fill(dialog, user="mara", password="secret")
    press(dialog)
    sign_ins.answers[0].set_result(SignedIn(SERVER))

    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert [call for call in queue.calls if call[0] == "retry"] == [("retry", ["waits.mp4"])]
    assert NEEDED not in [message.text for message in window.banner._messages]


def test_a_sign_in_from_elsewhere_takes_the_question_back(
    qtbot: QtBot, window: MainWindow, queue: FakeUploadQueue
) -> None:
    needs_sign_in(qtbot, window, queue)
    queue.tell(ServiceChanged(SERVER, ServiceState.READY))

    qtbot.waitUntil(lambda: not window.banner.isVisible())
    assert window.overview.sign_in_button.text() == "Team server…"


def test_before_the_engine_is_there_it_says_so(bare_window: MainWindow) -> None:
    bare_window.open_sign_in()
    dialog = opened(bare_window)
    fill(dialog, server=SERVER, user="mara", password="secret")
    press(dialog)

    assert dialog.trouble.text() == "Recorder is not ready yet. Try again in a moment."


def test_every_field_has_a_name_for_a_screen_reader_and_secrets_are_hidden(dialog: SignInDialog) -> None:
    fields = dialog.findChildren(QLineEdit)
    assert [field.accessibleName() for field in fields] == [
        "Server address",
        "User name",
        "Password",
        "Access token",
    ]
    assert [field.echoMode() is QLineEdit.EchoMode.Password for field in fields] == [False, False, True, True]
    assert all(choice.text() for choice in dialog.findChildren(QRadioButton))
