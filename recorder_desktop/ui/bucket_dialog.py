"""Asks for a bucket of the person's own, has it tried, and stays until it works."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import astuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from recorder_desktop.core.own_bucket import (
    WRONG_BUCKET,
    WRONG_ENDPOINT,
    WRONG_KEYS,
    WRONG_MONGO_URI,
    WRONG_REGION,
    BucketDesk,
    OwnBucket,
)
from recorder_desktop.ui.answers import Answers, Trouble
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.sign_in_dialog import make_field, make_note
from recorder_desktop.ui.text import tr

_WIDTH = 480


class BucketDialog(QDialog):
    """Does not block: the bucket is tried on a thread. Closing it meanwhile gives the trial up.

    Attributes: bucket, region, endpoint, access_key, secret_key, mongo_uri: the fields. trouble: what happened and
        what to do. use_button, cancel_button.

    Signals: kept(str, str): the bucket works and is kept; the name of the place, and of the one to be mended.
        too_late(Future[str], str): the dialog was cancelled when the bucket was just being kept; as `kept`, once it
        is done.
    """

    kept = Signal(str, str)
    too_late = Signal(object, str)

    def __init__(
        self, desk: BucketDesk | None, parent: QWidget | None = None, destination: str = "", *, mends: bool = False
    ) -> None:
        """`destination`: the place of a bucket of which some things are known; they are filled in. mends: see
        BucketDesk.begin.
        """
        super().__init__(parent)
        self._mends = destination if mends else ""
        self._desk = desk
        self._answers = Answers(self)
        self._trial: Future[str] | None = None  # the one that goes on
        self.setWindowTitle(tr("Use your own bucket"))
        self._make_fields()
        self._build()
        self.bucket.setFocus()
        if desk is not None and destination:
            self._answers.hand_over(desk.known(destination), self._fill_in, lambda _trouble: None)

    def request(self) -> OwnBucket:
        """What the fields say."""
        bucket, region, endpoint, access_key, secret_key, mongo_uri = (
            field.text().strip() for _, field in self._rows
        )
        return OwnBucket(bucket, region, endpoint, access_key, secret_key, mongo_uri)

    def done(self, result: int) -> None:
        """Close; nothing that was typed in secret stays behind."""
        self._answers.close()
        if self._trial is not None and result == QDialog.DialogCode.Rejected and not self._trial.cancel():
            self.too_late.emit(self._trial, self._mends)
        for field in (self.access_key, self.secret_key, self.mongo_uri):
            field.clear()
        super().done(result)

    def _make_fields(self) -> None:
        self.bucket = make_field(tr("Bucket"))
        self.region = make_field(tr("Region"))
        self.region.setPlaceholderText("eu-central-1")
        self.endpoint = make_field(tr("Endpoint"))
        self.endpoint.setPlaceholderText(tr("Empty for Amazon S3"))
        self.access_key = make_field(tr("Access key"))
        self.secret_key = make_field(tr("Secret key"), is_secret=True)
        self.mongo_uri = make_field(tr("MongoDB address"), is_secret=True)
        self.mongo_uri.setPlaceholderText(tr("Empty: the list stays on this computer"))
        self._rows = [
            (tr("Bucket"), self.bucket),
            (tr("Region"), self.region),
            (tr("Endpoint"), self.endpoint),
            (tr("Access key"), self.access_key),
            (tr("Secret key"), self.secret_key),
            (tr("MongoDB address"), self.mongo_uri),
        ]

    def _build(self) -> None:
        form = QFormLayout()
        form.setSpacing(SPACE)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, field in self._rows:
            form.addRow(label, field)
        self.note = QLabel(
            tr("Recordings go straight into your bucket. The keys are kept in this computer's keyring only.")
        )
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.trouble = make_note("warn")
        buttons = QDialogButtonBox()
        self.use_button = QPushButton(tr("Try and use"))
        self.use_button.setProperty("primary", "true")
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setAutoDefault(False)  # Enter means the other one, also while this has the keyboard
        buttons.addButton(self.use_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.use_button.clicked.connect(self._begin)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE + 4)
        column.addWidget(self.note)
        column.addLayout(form)
        column.addWidget(self.trouble)
        column.addWidget(buttons)
        self.setMinimumWidth(_WIDTH)
        self.use_button.setDefault(True)  # here: before it has a window, Enter stops at the first click

    def _fill_in(self, known: OwnBucket) -> None:
        """Show what is known, unless the person was faster, and wait in the first field that is still empty."""
        if self._trial is not None or any(field.text() for _, field in self._rows):
            return
        for (_, field), text in zip(self._rows, astuple(known), strict=True):  # in the order of OwnBucket's fields
            field.setText(text)
        lacking = self._lacks()
        if lacking is not None:
            lacking[0].setFocus()
        elif self._mends:
            self.access_key.setFocus()

    def _lacks(self) -> tuple[QLineEdit, str] | None:
        """The first field that must not be empty and is, and what to say of it."""
        needed = (
            (self.bucket, tr("Enter the name of the bucket.")),
            (self.region, tr("Enter the region, for example eu-central-1.")),
            (self.access_key, tr("Enter the access key.")),
            (self.secret_key, tr("Enter the secret key.")),
        )
        return next((each for each in needed if not each[0].text().strip()), None)

    def _begin(self) -> None:
        lacking = self._lacks()
        if lacking is not None:
            self._tell(lacking[1])
            lacking[0].setFocus()
            return
        if self._desk is None:
            self._tell(tr("Recorder is not ready yet. Try again in a moment."))
            return
        self._tell("")
        trial = self._desk.begin(self.request(), self._mends)
        self._show_trial(trial)
        self._answers.hand_over(trial, self._succeed, self._fail)

    def _succeed(self, destination: str) -> None:
        self.kept.emit(destination, self._mends)
        self.accept()

    def _fail(self, trouble: Trouble) -> None:
        self._show_trial(None)
        self._tell(trouble.message)
        wrong = {
            WRONG_BUCKET: self.bucket,
            WRONG_REGION: self.region,
            WRONG_ENDPOINT: self.endpoint,
            WRONG_KEYS: self.access_key,
            WRONG_MONGO_URI: self.mongo_uri,
        }
        wrong.get(trouble.code, self.bucket).setFocus()

    def _show_trial(self, trial: Future[str] | None) -> None:
        self._trial = trial
        for _, field in self._rows:
            field.setEnabled(trial is None)
        self.use_button.setText(tr("Try and use") if trial is None else tr("Trying the bucket…"))
        self.use_button.setEnabled(trial is None)
        self.use_button.setDefault(trial is None)  # one that was off has lost it

    def _tell(self, message: str) -> None:
        self.trouble.setText(message)
        self.trouble.setVisible(bool(message))
        self.adjustSize()
        if message:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.trouble, message))
