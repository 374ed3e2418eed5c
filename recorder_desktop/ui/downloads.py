"""Downloads from the library: two at a time, each checked before it takes its name."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from itertools import chain, islice
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from recorder_desktop.core.errors import Interrupted
from recorder_desktop.core.library import DownloadedFile, LibraryDesk
from recorder_desktop.core.model import StoredRecording
from recorder_desktop.ui.answers import Answers, Trouble

_AT_ONCE = 2
_LOOK_EVERY_MS = 100


class DownloadState(Enum):
    """Where a download stands; what a person has to know comes first."""

    FAILED = auto()
    RUNNING = auto()
    WAITING = auto()
    DONE = auto()


class Download:
    """One recording on its way here.

    Attributes: recording. destination: the place that it is stored at. state. file: what came of it when it is done.
        message: why it failed.
    """

    def __init__(self, recording: StoredRecording, destination: str) -> None:
        self.recording = recording
        self.destination = destination
        self.state = DownloadState.WAITING
        self.file: DownloadedFile | None = None
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
    """Those that wait, run, or are over and not put away yet. Each step costs the same however many they are.

    Signals: changed: one came, went or moved on; at most ten times a second while bytes flow. failed(str): one did,
        and why.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Dictionaries for sets that keep their order.
        self._listed: dict[DownloadState, dict[Download, None]] = {state: {} for state in DownloadState}
        self._folder = folder
        self._desk: LibraryDesk | None = None
        self._answers = Answers(self)
        self._clock = QTimer(self, interval=_LOOK_EVERY_MS)
        self._clock.timeout.connect(self.changed)
        self._is_handed_over = False
        self._earlier: Downloads | None = None

    @property
    def is_ticking(self) -> bool:
        """Whether bytes are on their way; at rest nothing ticks."""
        return self._clock.isActive()

    @property
    def total(self) -> int:
        """How many are listed."""
        return sum(map(len, self._listed.values()))

    def first(self, most: int) -> list[Download]:
        """The first of them: failed ones, then running, then waiting, then done; the oldest first among equals."""
        return list(islice(chain.from_iterable(self._listed.values()), most))

    def attach(self, desk: LibraryDesk) -> None:
        """Fetch from this desk."""
        self._desk = desk

    def close(self) -> None:
        """Give up what runs; half files go with their download. What was handed over goes on."""
        if self._is_handed_over:
            return
        self.hear_nothing()
        self._clock.stop()
        for each in self._listed[DownloadState.RUNNING]:
            each.give_up()

    def hear_nothing(self) -> None:
        """Be told of no more answers, here and of what was taken over."""
        self._answers.close()
        if self._earlier is not None:
            self._earlier.hear_nothing()

    def tick_by(self, clock: QTimer) -> None:
        """One clock for all that share the list: it stops when nothing runs."""
        self._clock.stop()
        self._clock = clock
        if self._earlier is not None:
            self._earlier.tick_by(clock)

    def go_on_from(self, earlier: Downloads) -> None:
        """Take over another window's downloads; what runs goes on, and is heard of through that one."""
        self._listed = earlier._listed
        self._earlier = earlier
        earlier._is_handed_over = True
        earlier.setParent(self)
        earlier.tick_by(self._clock)
        earlier.changed.connect(self.changed)
        earlier.failed.connect(self.failed)
        self._go_on()

    def fetch_all(self, recordings: Iterable[StoredRecording], destination: str) -> None:
        """Download what is stored at a place, each when its turn comes."""
        self._listed[DownloadState.WAITING].update({Download(each, destination): None for each in recordings})
        self._go_on()

    def put_away(self, download: Download) -> None:
        """Take one off the list; what is not done yet is given up."""
        download.give_up()
        self._listed[download.state].pop(download, None)
        self._go_on()

    def again(self, download: Download) -> None:
        """Fetch what failed once more."""
        self._listed[download.state].pop(download, None)
        self.fetch_all([download.recording], download.destination)

    def _go_on(self) -> None:
        running, waiting = self._listed[DownloadState.RUNNING], self._listed[DownloadState.WAITING]
        while self._desk is not None and waiting and len(running) < _AT_ONCE:
            self._start(next(iter(waiting)), self._desk)
        if running:
            self._clock.start()
        else:
            self._clock.stop()
        self.changed.emit()

    def _start(self, download: Download, desk: LibraryDesk) -> None:
        self._move(download, DownloadState.RUNNING)
        self._answers.hand_over(
            desk.download(download.recording, download.destination, self._folder, download.count),
            lambda file: self._finish(download, file),
            lambda trouble: self._fail(download, trouble),
        )

    def _finish(self, download: Download, file: DownloadedFile) -> None:
        download.file = file
        self._move(download, DownloadState.DONE)
        self._go_on()

    def _fail(self, download: Download, trouble: Trouble) -> None:
        download.message = trouble.message
        if self._move(download, DownloadState.FAILED):
            self.failed.emit(trouble.message)
        self._go_on()

    def _move(self, download: Download, state: DownloadState) -> bool:
        """Note that it has come to this state; False if it was put away meanwhile."""
        is_listed = download in self._listed[download.state]
        if is_listed:
            del self._listed[download.state][download]
            self._listed[state][download] = None
            download.state = state
        return is_listed
