"""The window's process: one a home. Shows the window first, then opens the engine behind it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QThread, Signal
from PySide6.QtWidgets import QApplication, QMessageBox

from recorder_desktop.config import DesktopConfig, describe, read_config
from recorder_desktop.core.errors import UploadError
from recorder_desktop.core.long_lived import settled
from recorder_desktop.diagnostics import Diagnostics
from recorder_desktop.system.owner_channel import NoOwner, OwnerGone, call_owner
from recorder_desktop.system.owner_lock import OwnerLock
from recorder_desktop.system.paths import RecorderPaths
from recorder_desktop.system.settings_file import SettingsFile
from recorder_desktop.ui import turns
from recorder_desktop.ui.preferences.choices import PreferenceDesks
from recorder_desktop.ui.text import translated
from recorder_desktop.ui.translation import install
from recorder_desktop.ui.window_host import Desks, WindowHost

if TYPE_CHECKING:
    from recorder_desktop.bootstrap import Recorder
    from recorder_desktop.system.owner_channel import OwnerChannel
    from recorder_desktop.watching import Watching

_HAND_OVER_S = 10.0
_ENDING = (signal.SIGINT, signal.SIGTERM)
"""Signals that end the app in order."""


def main(arguments: Sequence[str]) -> int:
    """Open the window and return the exit code when it is done. `arguments` are files and folders to add."""
    if not _has_display():
        print(
            "Recorder has no display to open its window on. "
            "Use “recorder-desktop upload PATH...”, “add”, “resume” or “queue” instead.",
            file=sys.stderr,
        )
        return 2
    paths = RecorderPaths.from_environment()
    files = [Path(os.path.abspath(argument)) for argument in arguments]  # noqa: PTH100 - symlinks keep their names
    try:
        with OwnerLock(paths) as lock:
            if not _own_or_hand_over(lock, paths, files):
                return 0
            return _run_window(paths, files)
    except OSError as exc:  # such as a folder that cannot be made
        _say(_about_files(exc))
        return 1


def _has_display() -> bool:
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)


def _own_or_hand_over(lock: OwnerLock, paths: RecorderPaths, files: list[Path]) -> bool:
    """True if this process is the owner now, False once another one has taken the arguments over."""
    deadline = time.monotonic() + _HAND_OVER_S
    while not lock.acquire():
        try:
            answers = list(call_owner(paths, {"do": "activate", "paths": [str(file) for file in files]}))
        except (NoOwner, OwnerGone):
            # It is starting or ending at this moment.
            if time.monotonic() > deadline:
                _say("Recorder is already running but does not answer. End it, then start Recorder again.")
                return False
            time.sleep(0.05)
        else:
            if not any(answer.get("window") for answer in answers):
                _say("Recorder is uploading in a terminal. Its window can open when that has finished.")
            return False
    return True


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    for number in _ENDING:  # Python's handlers do not run while Qt shows the sentence
        signal.signal(number, signal.SIG_DFL)
    _app = QApplication.instance() or _new_application()
    QMessageBox.information(None, "Recorder", translated(sentence))


def _new_application() -> QApplication:
    application = QApplication(["recorder-desktop"])
    install(application, None)
    return application


def _run_window(paths: RecorderPaths, files: list[Path]) -> int:
    turns.let_window_wake_soon()
    application = _new_application()
    application.setApplicationName("Recorder")
    application.setDesktopFileName("recorder-desktop")
    application.setQuitOnLastWindowClosed(False)
    settings = SettingsFile(paths.settings)
    try:
        config = read_config(os.environ, settings)
    except UploadError as exc:
        _say(exc.message)
        return 2
    session = _Session(paths, config, settings)
    session.host.window.show()
    session.host.add_paths(files)
    session.begin()
    code = application.exec()
    session.end()
    settings.close()
    return code


def _about_files(exc: OSError) -> str:
    place = f"{exc.filename}: " if exc.filename else ""
    return (
        f"Recorder could not use its files ({place}{exc.strerror or type(exc).__name__}). "
        "Free some space or make its folder writable, then start Recorder again."
    )


class _Opening(QThread):
    """Imports and opens the engine without holding up the window.

    Attributes: recorder: what was opened, None until then.
    Signals: opened(Recorder), failed(str).
    """

    opened = Signal(object)
    failed = Signal(str)

    def __init__(self, paths: RecorderPaths, config: DesktopConfig) -> None:
        super().__init__()
        self.recorder: Recorder | None = None
        self._paths = paths
        self._config = config

    def run(self) -> None:
        from recorder_desktop.bootstrap import Recorder, data_path_apart, log_to_file

        try:
            log_to_file(self._paths)
            self.recorder = recorder = Recorder(
                self._paths, self._config, uploading=True, new_data_path=data_path_apart
            )
        except (UploadError, OSError) as exc:
            self.failed.emit(translated(exc.message if isinstance(exc, UploadError) else _about_files(exc)))
            return
        if not self.isInterruptionRequested():
            self.opened.emit(recorder)
            recorder.warm_up()

    def close(self) -> None:
        """Close the engine, also one that is only just being opened."""
        self.requestInterruption()
        opened = self.recorder
        if opened is not None:
            opened.close()  # which ends the warming up
        self.wait()
        if opened is None and self.recorder is not None:
            self.recorder.close()


class _Session(QObject):
    """Window, bridge and engine from the first paint to the end.

    Signals: activated(list[Path]): another start of the app handed its arguments over.
    """

    activated = Signal(object)

    def __init__(self, paths: RecorderPaths, config: DesktopConfig, settings: SettingsFile) -> None:
        super().__init__()
        self._paths = paths
        self._config = config
        self._settings = settings
        self._channel: OwnerChannel | None = None
        self._watching: Watching | None = None
        self.host = WindowHost(settings, parent=self)
        self._show_place(config.destination)
        self.host.attach_diagnostics(Diagnostics(paths, lambda: read_config(os.environ, settings)))
        self.host.quit_requested.connect(QApplication.quit)
        self.activated.connect(self._activate)
        self._opening = _Opening(paths, config)
        self._opening.opened.connect(self._attach)
        self._opening.failed.connect(self._show_failure)
        self._end_on_signals()

    def begin(self) -> None:
        """Open the engine in the background."""
        self._opening.start()

    def end(self) -> None:
        """Stop everything; what is unfinished goes on at the next start."""
        self.host.close()
        if self._watching is not None:
            self._watching.close()
        if self._channel is not None:
            self._channel.close()
        self._opening.close()

    def _attach(self, recorder: Recorder) -> None:
        from recorder_desktop.headless.owner_service import OwnerService
        from recorder_desktop.system.owner_channel import OwnerChannel

        self._channel = OwnerChannel(self._paths, OwnerService(recorder, self._hand_in).handle)
        self.host.listed.connect(settled)
        # A very long list comes to be shown in a fraction of the time while nothing else wants Python's lock.
        self.host.listed.connect(recorder.start, Qt.ConnectionType.SingleShotConnection)
        self.host.attach(self._desks(recorder))
        recorder.queue.status.tell_again()  # what came before anybody listened
        self.host.signed_in.connect(lambda _signed_in: self._follow_place(recorder))
        self.host.signed_out.connect(lambda _server: self._follow_sign_out(recorder))
        self.host.bucket_changed.connect(lambda entered: self._follow_place(recorder, entered))
        about_queue = recorder.about_set_aside()
        if about_queue is not None:
            self.host.window.show_message(translated(about_queue))

    def _show_failure(self, message: str) -> None:
        self.host.window.show_message(message)

    def _desks(self, recorder: Recorder) -> Desks:
        from recorder_desktop.accounts import Accounts
        from recorder_desktop.library import Library
        from recorder_desktop.own_buckets import OwnBuckets
        from recorder_desktop.sign_ins import SignIns
        from recorder_desktop.system.handed_in import HandedIn
        from recorder_desktop.system.login_start import LoginStarts
        from recorder_desktop.watching import Watching

        places = recorder.destinations
        sign_ins = SignIns(recorder.tokens, self._settings, places.choose)
        buckets = OwnBuckets(recorder.tokens, self._settings, places)
        handed_in = HandedIn(self._paths.home / "watched.jsonl")
        self._watching = Watching(recorder.queue, handed_in, self.host.take_report)
        preferences = PreferenceDesks(
            accounts=Accounts(places, sign_ins, lambda: read_config(os.environ, self._settings), buckets.forget),
            folders=self._watching,
            login_start=LoginStarts(),
            keep_awake=recorder.keep_awake,
        )
        return Desks(
            queue=recorder.queue,
            sign_ins=sign_ins,
            library=Library(places, recorder.queue.note_deleted),
            thumbnails=recorder.open_thumbnails(),
            buckets=buckets,
            store_folder=self._paths.store_data,
            preferences=preferences,
        )

    def _follow_sign_out(self, recorder: Recorder) -> None:
        from recorder_desktop.destinations import is_server

        destination = recorder.destinations.current()
        if is_server(destination):
            self._show_place(destination)  # to ask it would ask for the sign-in that has just been ended
        else:
            self._follow_place(recorder)

    def _follow_place(self, recorder: Recorder, entered: str = "") -> None:
        """The person chose another place, left one, or `entered` something for this one."""
        self._show_place(recorder.destinations.current())
        recorder.look_at_place(entered)

    def _show_place(self, destination: str) -> None:
        self.host.set_destination(describe(destination), destination)

    def _hand_in(self, files: list[Path]) -> bool:
        self.activated.emit(files)  # from the channel's thread to this object's
        return True

    def _activate(self, files: list[Path]) -> None:
        self.host.window.raise_and_focus()
        self.host.add_paths(files)

    def _end_on_signals(self) -> None:
        # Python runs its signal handlers only between Python instructions, and Qt's loop is none: the wake-up byte
        # reaches the loop, also when the signal came before the loop began.
        reading, writing = socket.socketpair()
        writing.setblocking(False)
        signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        for number in _ENDING:
            signal.signal(number, lambda _number, _frame: None)
        self._signal_sockets = (reading, writing)
        self._signal_notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read, self)
        self._signal_notifier.activated.connect(self._leave_on_signal)

    def _leave_on_signal(self) -> None:
        self._signal_sockets[0].recv(64)
        # Not QApplication.quit alone: it asks the window to close, which asks the person while uploads run.
        self.host.window.leave()
