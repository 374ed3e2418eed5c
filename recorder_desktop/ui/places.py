"""Where recordings go: asks for sign-ins and buckets, and says what came of it."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.own_bucket import BucketDesk
from recorder_desktop.core.sign_in import SignedIn
from recorder_desktop.ui.answers import Answers
from recorder_desktop.ui.banner import Banner, Message
from recorder_desktop.ui.bucket_dialog import BucketDialog
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.library_panel import LibraryPanel
from recorder_desktop.ui.sign_in_dialog import SignInDialog
from recorder_desktop.ui.text import bucket_name, tr, translated


class Places(QObject):
    """Attributes: server: the address that a sign-in begins with. sign_in_dialog: the last one, None before.

    Signals: signed_out(str): nobody is signed in to this server any more. bucket_changed(str): something else counts
        for this bucket of the person's from now on, or, without a name, none is used.
    """

    signed_out = Signal(str)
    bucket_changed = Signal(str)

    def __init__(self, window: QWidget, bridge: EngineBridge, banner: Banner, library: LibraryPanel) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._banner = banner
        self._library = library
        self._buckets: BucketDesk | None = None
        self._answers = Answers(self)
        self._asked = ""  # the line of the banner that asks for a sign-in
        self._lame: dict[str, str] = {}  # the lines that ask for something about a bucket, by place
        self._told = ""  # the one that tells where new recordings go since the last choice
        self.server = ""
        self.sign_in_dialog: SignInDialog | None = None
        bridge.service_changed.connect(self._show_service)
        bridge.signed_in.connect(self._show_signed_in)

    def attach_buckets(self, desk: BucketDesk) -> None:
        """Have buckets tried by this desk."""
        self._buckets = desk

    def open_sign_in(self) -> None:
        """Ask for a sign-in, in a dialog that the window goes on behind."""
        if self.sign_in_dialog is not None and self.sign_in_dialog.isVisible():
            self.sign_in_dialog.activateWindow()
            return
        if self.sign_in_dialog is not None:
            self.sign_in_dialog.deleteLater()
        self.sign_in_dialog = SignInDialog(self._bridge, self.server, self._window)
        self.sign_in_dialog.open()

    def open_bucket(self) -> None:
        """Ask for a bucket of the person's own, likewise."""
        self.open_bucket_of("")

    def open_bucket_of(self, destination: str, *, mends: bool = False) -> None:
        """The same for the bucket of a place, of which some things are known; for a new one without a place.

        mends: what was entered for it does not work any more, and uploads wait for that; nothing else shall change.
        """
        dialog = BucketDialog(self._buckets, self._window, destination, mends=mends)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.kept.connect(self._show_bucket)
        dialog.too_late.connect(self._await_bucket)
        dialog.open()

    def note_sign_out(self, server: str) -> None:
        """The person signed out: what was asked for before is not wanted now."""
        self._banner.withdraw(self._asked)
        self._banner.withdraw(self._told)
        self.signed_out.emit(server)
        self._library.refresh()

    def _show_service(self, event: ServiceChanged) -> None:
        if event.state is ServiceState.SIGN_IN:
            self.server = event.destination
            self._asked = translated(event.message) or tr("Sign in to go on.")
            action = (tr("Sign in…"), self.open_sign_in)
            self._banner.show_message(Message(self._asked, is_warning=True, action=action))
        elif event.state is ServiceState.READY and event.destination == self.server:
            self._banner.withdraw(self._asked)
        elif event.state is ServiceState.BUCKET:
            self._banner.withdraw(self._lame.get(event.destination, ""))
            self._lame[event.destination] = translated(event.message)
            mend = partial(self.open_bucket_of, event.destination, mends=True)
            action = (tr("Check the bucket…"), mend)
            self._banner.show_message(Message(self._lame[event.destination], is_warning=True, action=action))
        else:
            self._banner.withdraw(self._lame.pop(event.destination, ""))

    def _show_signed_in(self, signed_in: SignedIn) -> None:
        self._banner.withdraw(self._asked)
        self._tell(tr("Signed in. New recordings go to {server}.").format(server=signed_in.server))
        self._library.refresh()
        if signed_in.notice is not None:
            self._banner.show_message(Message(translated(signed_in.notice), is_warning=True))

    def _await_bucket(self, kept: Future[str], mended: str) -> None:
        """Say that a bucket is used whose dialog was cancelled too late; if keeping it fails, nothing has changed."""
        self._answers.hand_over(kept, lambda place: self._show_bucket(place, mended), lambda _trouble: None)

    def _show_bucket(self, destination: str, mended: str) -> None:
        words = tr("Your bucket {name} works. New recordings go there; what is queued goes on to where it was added.")
        if destination == mended:
            words = tr("Your bucket {name} works. What waited for it goes on.")
        self._banner.withdraw(self._lame.pop(destination, ""))
        self._tell(words.format(name=bucket_name(destination)))
        self._note_bucket(destination)

    def note_bucket_left(self) -> None:
        """The person's own bucket is not used any more."""
        self._tell(
            tr(
                "Your bucket is not used any more. What is unfinished for it goes on until you quit Recorder, and "
                "waits then until you use it again."
            )
        )
        self._note_bucket("")

    def _note_bucket(self, entered: str) -> None:
        self.bucket_changed.emit(entered)
        self._library.refresh()

    def _tell(self, words: str) -> None:
        self._banner.withdraw(self._told)
        self._told = words
        self._banner.show_message(Message(words))
