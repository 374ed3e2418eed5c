"""The section of the settings on where recordings go: who is signed in where, and how to change that."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from recorder_desktop.core.own_bucket import is_bucket
from recorder_desktop.core.preferences import Account
from recorder_desktop.core.sign_in import SignedIn
from recorder_desktop.ui import icons
from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.preferences.choices import Choices
from recorder_desktop.ui.preferences.parts import Card, Page, Row
from recorder_desktop.ui.text import bucket_name, tr, translated
from recorder_desktop.ui.theme import Theme

_ICON = 28


class AccountPage(Page):
    """Attributes: place, user: what is said. sign_in_button, sign_out_button, bucket_button, stop_button. row,
        bucket_row: say what is wrong.

    Signals: sign_in_wanted. bucket_wanted(str): the place whose bucket shall be changed, empty for a new one.
        signed_out(SignedIn): the sign-in is over. bucket_left: the person's own bucket is not used any more.
    """

    sign_in_wanted = Signal()
    bucket_wanted = Signal(str)
    signed_out = Signal(object)
    bucket_left = Signal()

    def __init__(self, choices: Choices, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(tr("Account"), parent)
        self._choices = choices
        self._theme = theme
        self._answers = Answers(self)
        self._account: Account | None = None
        self._icon = QLabel()
        self.place = _words("strong")
        self.user = _words("muted")
        self.sign_in_button = _button(tr("Sign in…"))
        self.sign_in_button.clicked.connect(self.sign_in_wanted)
        self.sign_out_button = _button(tr("Sign out"))
        self.sign_out_button.clicked.connect(self._sign_out)
        self.bucket_button = _button(tr("Use your own bucket…"))
        self.bucket_button.clicked.connect(lambda: self.bucket_wanted.emit(_bucket_of(self._account)))
        self.stop_button = _button(tr("Stop using it"))
        self.stop_button.clicked.connect(self._stop_bucket)
        self._build()
        theme.changed.connect(self._show)
        choices.attached.connect(self.look)
        self._show()

    def look(self) -> None:
        """Find out anew where recordings go and who is signed in."""
        if self._choices.desks is not None and self.isVisible():
            self._answers.hand_over(self._choices.desks.accounts.look(), self._take, self._fail)

    def close_down(self) -> None:
        """Hear nothing any more."""
        self._answers.close()

    def showEvent(self, event: QShowEvent) -> None:
        """Look each time."""
        super().showEvent(event)
        self.look()

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.place)
        words.addWidget(self.user)
        head = QHBoxLayout()
        head.setSpacing(SPACE + 4)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self.sign_in_button, self.sign_out_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.row = Row("")
        self.row.title.hide()
        self.row.column.insertLayout(0, head)
        self.row.column.addLayout(buttons)
        pair = QWidget()
        line = QHBoxLayout(pair)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE)
        line.addWidget(self.bucket_button)
        line.addWidget(self.stop_button)
        self.bucket_row = Row(tr("A bucket of your own"), pair, _bucket_words(None))
        self.add(tr("Where recordings go"), Card(self.row))
        self.add(tr("Elsewhere"), Card(self.bucket_row))

    def _take(self, account: Account) -> None:
        self._account = account
        self._show()

    def _fail(self, trouble: Trouble) -> None:
        self.sign_out_button.setEnabled(True)
        self.row.complain(trouble.message)

    def _show(self) -> None:
        account = self._account
        is_server = account is not None and account.needs_sign_in
        is_in = account is not None and account.user is not None
        name, role = ("person", "accent") if is_server and is_in else ("place", "muted")
        if is_server and not is_in:
            name, role = "state-attention", "warn"
        colour = getattr(self._theme.colours, role)
        self._icon.setPixmap(icons.pixmap(name, colour, _ICON, self.devicePixelRatioF()))
        self.place.setText(tr("Looking…") if account is None else translated(account.place))
        self.user.setText("" if account is None else _who(account))
        self.sign_in_button.setText(_sign_in_words(is_server=is_server, is_in=is_in))
        self.sign_out_button.setVisible(is_server and is_in)
        has_bucket = bool(_bucket_of(account))
        self.bucket_button.setText(tr("Change…") if has_bucket else tr("Use your own bucket…"))
        self.stop_button.setVisible(has_bucket)
        self.bucket_row.hint.setText(_bucket_words(account))

    def _stop_bucket(self) -> None:
        if self._choices.desks is None:
            return
        self.bucket_row.complain("")
        self.stop_button.setEnabled(False)
        self._answers.hand_over(
            self._choices.desks.accounts.stop_bucket(), lambda _nothing: self._leave_bucket(), self._keep_bucket
        )

    def _leave_bucket(self) -> None:
        self._stopped("")
        self.bucket_left.emit()

    def _keep_bucket(self, trouble: Trouble) -> None:
        self._stopped(trouble.message)

    def _stopped(self, complaint: str) -> None:
        self.stop_button.setEnabled(True)
        self.bucket_row.complain(complaint)
        self.look()

    def _sign_out(self) -> None:
        if self._account is None or self._choices.desks is None:
            return
        self.row.complain("")
        self.sign_out_button.setEnabled(False)
        asked = self._choices.desks.accounts.sign_out(self._account.destination)
        self._answers.hand_over(asked, self._take_sign_out, self._fail)

    def _take_sign_out(self, signed_out: SignedIn) -> None:
        self.sign_out_button.setEnabled(True)
        self.signed_out.emit(signed_out)
        self.row.complain(translated(signed_out.notice or ""))
        self.look()


def _who(account: Account) -> str:
    if not account.needs_sign_in:
        return tr("Nobody has to sign in here.")
    if account.user is None:
        return tr("Nobody is signed in. Recordings wait until somebody is; nothing is lost.")
    if not account.user:
        return tr("Signed in.")
    return tr("Signed in as {user}.").format(user=account.user)


def _bucket_in_use(account: Account) -> str:
    return account.destination if is_bucket(account.destination) else ""


def _bucket_of(account: Account | None) -> str:
    """The place that is a bucket of the person's own and is used, now or from the next start on."""
    return "" if account is None else account.bucket or _bucket_in_use(account)


def _bucket_words(account: Account | None) -> str:
    used = _bucket_in_use(account) if account is not None else ""
    following = account.bucket if account is not None else ""
    if used and following in ("", used):
        return tr("In use: {name}.").format(name=bucket_name(used))
    if following:
        return tr("From the next start of Recorder on: {name}.").format(name=bucket_name(following))
    return tr("Amazon S3 or a store that speaks S3. It is tried first.")


def _sign_in_words(*, is_server: bool, is_in: bool) -> str:
    if not is_server:
        return tr("Sign in to a team server…")
    return tr("Sign in as somebody else…") if is_in else tr("Sign in…")


def _words(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)  # a server's words may look like markup
    label.setWordWrap(True)
    return label


def _button(label: str) -> QPushButton:
    button = QPushButton(label)
    button.setAutoDefault(False)
    return button
