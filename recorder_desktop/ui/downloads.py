"""Downloads from the library: two at a time, each checked before it takes its name."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from recorder_desktop.core.errors import Interrupted
from recorder_desktop.core.library import LibraryDesk
from recorder_desktop.core.model import StoredRecording
from recorder_desktop.ui.answers import Answers, Trouble

_AT_ONCE = 2
_LOOK_EVERY_MS = 100


class DownloadState(Enum):
    """Where a download stands."""

    WAITING = auto()
    RUNNING = auto()
    DONE = auto()
    FAILED = auto()


class Download:
    """One recording on its way here.

    Attributes: recording. state. file: where it lies when it is done. message: why it failed.
    """

    def __init__(self, recording: StoredRecording) -> None:
        self.recording = recording
        self.state = DownloadState.WAITING
        self.file: Path | None = None
        self.message = ""
        self.received_bytes = 0  # written by the download's thread alone, read by whoever shows it
        self._is_given_up = False

    def count(self, size_bytes: int) -> None:
        """Note bytes that came, on the download's thread. Raises Interrupted once the download was given up."""
        if self._is_given_up:
            raise Interrupted
        self.received_bytes += size_bytes

    def give_up(self) -> None:
        """End it at its next bytes."""
        self._is_given_up = True


class Downloads(QObject):
    """Those that wait, run, or are over and not put away yet, oldest first.

    Signals: changed: one came, went or moved on; at most ten times a second while bytes flow.
    """

    changed = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[Download] = []
        self._folder = folder
        self._desk: LibraryDesk | None = None
        self._answers = Answers(self)
        self._clock = QTimer(self, interval=_LOOK_EVERY_MS)
        self._clock.timeout.connect(self.changed)

    @property
    def is_ticking(self) -> bool:
        """Whether bytes are on their way; at rest nothing ticks."""
        return self._clock.isActive()

    def attach(self, desk: LibraryDesk) -> None:
        """Fetch from this desk."""
        self._desk = desk

    def close(self) -> None:
        """Give up what runs; half files go with their download."""
        self._answers.close()
        self._clock.stop()
        for each in self.items:
            each.give_up()

    def fetch(self, recording: StoredRecording) -> None:
        """Download a recording when its turn comes."""
        self.items.append(Download(recording))
        self._go_on()

    def put_away(self, download: Download) -> None:
        """Take one off the list; what is not done yet is given up."""
        download.give_up()
        if download in self.items:
            self.items.remove(download)
        self._go_on()

    def again(self, download: Download) -> None:
        """Fetch what failed once more."""
        self.put_away(download)
        self.fetch(download.recording)

    def _go_on(self) -> None:
        running = sum(each.state is DownloadState.RUNNING for each in self.items)
        waiting = [each for each in self.items if each.state is DownloadState.WAITING]
        for each in waiting[: max(0, _AT_ONCE - running)]:
            self._start(each)
        if not any(each.state is DownloadState.RUNNING for each in self.items):
            self._clock.stop()
        self.changed.emit()

    def _start(self, download: Download) -> None:
        if self._desk is None:
            return
        download.state = DownloadState.RUNNING
        self._clock.start()
        self._answers.hand_over(
            self._desk.download(download.recording, self._folder, download.count),
            lambda file: self._finish(download, file),
            lambda trouble: self._fail(download, trouble),
        )

    def _finish(self, download: Download, file: Path) -> None:
        download.state, download.file = DownloadState.DONE, file
        self._go_on()

    def _fail(self, download: Download, trouble: Trouble) -> None:
        download.state, download.message = DownloadState.FAILED, trouble.message
        self._go_on()
