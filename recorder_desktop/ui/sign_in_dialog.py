"""Asks for a team server and a sign-in, has it tried, and stays until the server has accepted it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from recorder_desktop.core.addresses import is_readable_on_the_way, with_scheme
from recorder_desktop.core.sign_in import PasswordSignIn, SignedIn, SignInRequest, TokenSignIn
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.text import tr

_WIDTH = 460


class SignInDialog(QDialog):
    """Does not block: the bridge carries the sign-in to a thread, and uploads and window go on meanwhile.

    Closing it while a server is asked gives the sign-in up. If that was accepted just before, the window says so.

    Attributes: server, user, password, token: the fields. with_password, with_token: which of them count.
        address: the server's in full, where it is not typed so. trouble: what happened and what to do.
        sign_in_button, cancel_button.
    """

    def __init__(self, bridge: EngineBridge, server: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._is_asking = False
        self._attempt = 0  # the number of the last one
        self.setWindowTitle(tr("Sign in to a team server"))
        self._make_fields(server)
        self._build()
        bridge.signed_in.connect(self._on_signed_in)
        bridge.sign_in_failed.connect(self._on_failed)
        self.resize(_WIDTH, 0)
        self._choose()
        (self.user if server else self.server).setFocus()

    def request(self) -> SignInRequest:
        """What the fields say."""
        server = _in_full(self.server.text().strip())
        if self.with_token.isChecked():
            return TokenSignIn(server, self.token.text().strip())
        return PasswordSignIn(server, self.user.text().strip(), self.password.text())

    def done(self, result: int) -> None:
        """Close; nothing that was typed in secret stays behind."""
        self.password.clear()
        self.token.clear()
        if self._is_asking and result == QDialog.DialogCode.Rejected:
            self._bridge.cancel_sign_in(self._attempt)
        self._bridge.signed_in.disconnect(self._on_signed_in)
        self._bridge.sign_in_failed.disconnect(self._on_failed)
        super().done(result)

    def _make_fields(self, server: str) -> None:
        self.server = make_field(tr("Server address"), server)
        self.server.setPlaceholderText("https://recorder.example.org")
        self.address = make_note("muted")
        self.with_password = QRadioButton(tr("User name and password"))
        self.with_token = QRadioButton(tr("Access token"))
        self.with_password.setChecked(True)
        self.user = make_field(tr("User name"))
        self.password = make_field(tr("Password"), is_secret=True)
        self.token = make_field(tr("Access token"), is_secret=True)
        self.warning = make_note("warn")
        self.warning.setText(tr("This address is not encrypted: whoever is on the way can read what you type here."))
        self.trouble = make_note("warn")
        for field in (self.server, self.user, self.password, self.token):
            field.textChanged.connect(self._review)
        self.with_password.toggled.connect(self._choose)

    def _build(self) -> None:
        self._form = QFormLayout()
        self._form.setSpacing(SPACE)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.addRow(tr("Server address"), self.server)
        self._form.addRow("", self.address)
        self._form.addRow("", self.with_password)
        self._form.addRow("", self.with_token)
        self._form.addRow(tr("User name"), self.user)
        self._form.addRow(tr("Password"), self.password)
        self._form.addRow(tr("Access token"), self.token)
        self._buttons = QDialogButtonBox()
        self.sign_in_button = QPushButton(tr("Sign in"))
        self.sign_in_button.setProperty("primary", "true")
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setAutoDefault(False)  # Enter means the other one, also while this has the keyboard
        self._buttons.addButton(self.sign_in_button, QDialogButtonBox.ButtonRole.ActionRole)
        self._buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.sign_in_button.clicked.connect(self._begin)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE + 4)
        column.addLayout(self._form)
        for widget in (self.warning, self.trouble, self._buttons):
            column.addWidget(widget)
        self.setMinimumWidth(_WIDTH)
        self.sign_in_button.setDefault(True)  # here: before it has a window, Enter stops at the first click

    def _choose(self) -> None:
        """Show the fields of the way that is chosen."""
        has_password = self.with_password.isChecked()
        for field, is_shown in (
            (self.user, has_password),
            (self.password, has_password),
            (self.token, not has_password),
        ):
            self._form.setRowVisible(field, is_shown)
        self._review()

    def _review(self) -> None:
        """Keep the button and the notes in step with what is typed."""
        request = self.request()
        secrets = (request.token,) if isinstance(request, TokenSignIn) else (request.user, request.password)
        self.sign_in_button.setEnabled(bool(request.server) and all(secrets) and not self._is_asking)
        self.address.setText(tr("That is {address}").format(address=request.server))
        self._show_note(self.address, is_shown=request.server != self.server.text().strip())
        self._show_note(self.warning, is_shown=_is_readable(request.server))

    def _begin(self) -> None:
        self._show_asking(is_asking=True)
        self._tell("")
        self._attempt = self._bridge.new_sign_in()
        self._bridge.sign_in(self.request(), self._attempt)

    def _on_signed_in(self, _signed_in: SignedIn, attempt: int) -> None:
        if attempt == self._attempt:
            self.accept()

    def _on_failed(self, message: str, attempt: int) -> None:
        if attempt != self._attempt:
            return
        self._show_asking(is_asking=False)
        self._tell(message)
        secret = self.token if self.with_token.isChecked() else self.password
        secret.setFocus()
        secret.selectAll()

    def _show_asking(self, *, is_asking: bool) -> None:
        self._is_asking = is_asking
        fields = (self.server, self.user, self.password, self.token, self.with_password, self.with_token)
        for field in fields:
            field.setEnabled(not is_asking)
        self.sign_in_button.setText(tr("Asking the server…") if is_asking else tr("Sign in"))
        self._review()
        self.sign_in_button.setDefault(not is_asking)  # one that was off has lost it

    def _tell(self, message: str) -> None:
        self.trouble.setText(message)
        self._show_note(self.trouble, is_shown=bool(message))
        if message:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.trouble, message))

    def _show_note(self, note: QLabel, *, is_shown: bool) -> None:
        """Show or hide a note; the dialog has the height that its text takes, with nothing else squeezed."""
        note.setVisible(is_shown)
        column = self.layout()
        if column is not None:
            column.activate()
            self.resize(self.width(), column.totalHeightForWidth(self.width()))


def make_field(name: str, text: str = "", *, is_secret: bool = False) -> QLineEdit:
    """A field with its name for those who hear it."""
    field = QLineEdit(text)
    field.setAccessibleName(name)
    if is_secret:
        field.setEchoMode(QLineEdit.EchoMode.Password)
    return field


def make_note(role: str) -> QLabel:
    """A line of explanation, hidden until there is one."""
    note = QLabel()
    note.setProperty("role", role)
    note.setWordWrap(True)
    note.setTextFormat(Qt.TextFormat.PlainText)  # a server's words may look like markup
    note.hide()
    return note


def _in_full(server: str) -> str:
    try:
        return with_scheme(server)
    except ValueError:  # half an address, while it is typed
        return server


def _is_readable(server: str) -> bool:
    try:
        return is_readable_on_the_way(server)
    except ValueError:  # half an address, while it is typed
        return False
