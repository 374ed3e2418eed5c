"""The foot of the window: how the whole batch is doing, and where uploads go."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.model import UploadState
from recorder_desktop.ui import icons, text
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.elided_label import ElidedLabel
from recorder_desktop.ui.limit_button import LimitButton
from recorder_desktop.ui.painted_bar import paint_bar
from recorder_desktop.ui.palette import SPACE
from recorder_desktop.ui.queue_totals import QueueTotals
from recorder_desktop.ui.settings import UiSettings
from recorder_desktop.ui.text import count_of, tr, translated
from recorder_desktop.ui.theme import Theme
from recorder_desktop.ui.throughput_graph import ThroughputGraph

_STEPS = 10_000

SILENT_AFTER_MS = 20_000
"""Eight connections that share 256 kbit/s tell of bytes every eight seconds: TLS takes a quarter megabyte at once."""


class TotalBar(QProgressBar):
    """The batch as one bar; a QProgressBar, so that assistive tools can read its value."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._confirmed = 0.0
        self._in_flight = 0.0
        self._is_done = False
        self.setAccessibleName(tr("Total progress"))
        self.setRange(0, _STEPS)
        self.setTextVisible(False)
        self.setFixedHeight(10)
        theme.changed.connect(self.update)

    def show_totals(self, totals: QueueTotals) -> None:
        """Show the batch's shares."""
        self._confirmed = totals.fraction
        self._in_flight = totals.batch_bytes_in_flight / totals.batch_bytes if totals.batch_bytes else 0.0
        self._in_flight = max(0.0, min(self._in_flight, 1 - self._confirmed))
        self._is_done = totals.unfinished == 0
        self.setUpdatesEnabled(False)  # Qt paints a new value at once, and with it all that waits for the next paint
        self.setValue(int(self._confirmed * _STEPS))
        self.setUpdatesEnabled(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw confirmed, in-flight and remaining bytes apart."""
        colours = self._theme.colours
        done = colours.good if self._is_done else colours.accent
        painter = QPainter(self)
        fills = (colours.track, done, colours.in_flight)
        paint_bar(painter, QRectF(self.rect()), fills, self._confirmed, self._in_flight)
        painter.end()


class OverviewBar(QWidget):
    """Totals above, destination below. Without a batch only the destination is shown.

    Attributes: services: the last word on each place, by its name.

    Signals: sign_in_wanted: the person wants to sign in to a team server.
    """

    sign_in_wanted = Signal()

    def __init__(self, settings: UiSettings, dialogs: Dialogs, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._destination = ""
        self.graph = ThroughputGraph(theme)
        self.limit = LimitButton(settings, dialogs, theme)
        self._dot = QLabel()
        self._service = ServiceState.STARTING
        self._service_message = ""
        self._name = ""
        self.services: dict[str, ServiceChanged] = {}
        self.bar = TotalBar(theme)
        self.summary = QLabel()
        self.summary.setProperty("role", "strong")
        self.summary.setToolTip(tr("Counts what was added since everything was last done."))
        self.pace = QLabel()
        self.pace.setProperty("role", "muted")
        self._place_icon = QLabel()
        self.network = QLabel()
        self.network.setProperty("role", "muted")
        self.place = ElidedLabel()
        self.place.setProperty("role", "muted")
        self.sign_in_button = QPushButton()
        self.sign_in_button.setAutoDefault(False)
        self.sign_in_button.clicked.connect(self.sign_in_wanted)
        self._is_silent = False
        self._silence = QTimer(self, singleShot=True, interval=SILENT_AFTER_MS)
        self._silence.timeout.connect(self._say_silence)
        self._build()
        theme.changed.connect(self._show_place)
        self._show_place()
        self.show_totals(QueueTotals())

    def show_totals(self, totals: QueueTotals) -> None:
        """Show the batch: progress, speed, time left."""
        has_batch = totals.batch_files > 0
        self._upper.setVisible(has_batch)
        self.bar.setVisible(has_batch)
        if has_batch:
            self.bar.show_totals(totals)
            self.summary.setText(summary(totals))
            self._note_silence(totals)
            self.pace.setText(_silence() if self._is_silent else pace(totals))
        self.graph.note(totals.rate_bytes_per_s)
        if totals.unfinished == 0:
            self.graph.hide()

    def _note_silence(self, totals: QueueTotals) -> None:
        """A store that takes connections and says nothing shows by nothing but bytes on their way that rest."""
        if totals.batch_bytes_in_flight == 0 or totals.rate_bytes_per_s > 0:
            self._is_silent = False
            self._silence.stop()
        elif not self._is_silent and not self._silence.isActive():
            self._silence.start()

    def _say_silence(self) -> None:
        self._is_silent = True
        self.pace.setText(_silence())

    def set_destination(self, destination: str, name: str = "") -> None:
        """Say where uploads go, in words for people. Of the place of this `name` it is told how it is doing, without
        one of whatever place was heard of last.
        """
        self._destination = destination
        self._name = name
        known = self.services.get(name)
        if name:
            self._service = known.state if known is not None else ServiceState.STARTING
            self._service_message = known.message if known is not None else ""
        self._show_place()

    def show_service(self, event: ServiceChanged) -> None:
        """Say how that place is doing."""
        self.services[event.destination] = event
        if self._name not in ("", event.destination):
            return
        self._service = event.state
        self._service_message = event.message
        if not self._destination:
            self._destination = event.destination
        self._show_place()

    def _build(self) -> None:
        self._upper = QWidget()
        upper = QHBoxLayout(self._upper)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.addWidget(self.summary)
        upper.addStretch(1)
        upper.addWidget(self.graph)
        upper.addWidget(self.pace)
        lower = QHBoxLayout()
        lower.setSpacing(SPACE - 2)
        lower.addWidget(self._place_icon)
        lower.addWidget(self.place, 1)
        lower.addWidget(self._dot)
        lower.addWidget(self.network)
        lower.addWidget(self.limit)
        lower.addWidget(self.sign_in_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 0, 2, 0)
        column.setSpacing(SPACE - 2)
        column.addWidget(self._upper)
        column.addWidget(self.bar)
        column.addLayout(lower)

    def _show_place(self) -> None:
        is_well = self._service in (ServiceState.READY, ServiceState.STARTING)
        colours = self._theme.colours
        name, colour = ("place", colours.muted) if is_well else ("place-off", colours.warn)
        self._place_icon.setPixmap(icons.pixmap(name, colour, 18, self.devicePixelRatioF()))
        words = [translated(self._destination), _service_words(self._service, self._service_message)]
        self.place.setText(" · ".join(filter(None, words)))
        state, role = _network(self._service)
        self.network.setText(state)
        name = "connected" if role == "good" else "state-attention" if role == "warn" else "state-queued"
        self._dot.setPixmap(icons.pixmap(name, getattr(colours, role), 16, self.devicePixelRatioF()))
        label = tr("Sign in…") if self._service is ServiceState.SIGN_IN else tr("Team server…")
        self.sign_in_button.setText(label)
        self.sign_in_button.setAccessibleName(label)


def _network(service: ServiceState) -> tuple[str, str]:
    """How the way to that place is, in a word, and the colour that goes with it."""
    match service:
        case ServiceState.STARTING:
            return tr("Connecting"), "muted"
        case ServiceState.READY:
            return tr("Connected"), "good"
        case ServiceState.HELD_UP:
            return tr("Waiting"), "warn"
        case ServiceState.UNREACHABLE:
            return tr("Offline"), "warn"
        case ServiceState.SIGN_IN:
            return tr("Not signed in"), "warn"
        case ServiceState.BUCKET:
            return tr("Needs you"), "warn"


def summary(totals: QueueTotals) -> str:
    """How far the batch is, in one line."""
    if totals.unfinished == 0:
        return count_of(
            totals.states[UploadState.COMPLETED],
            "All done. 1 recording is verified.",
            "All done. %n recordings are verified.",
        )
    parts = [
        _headline(totals),
        tr("{done} of {total} stored").format(
            done=text.number(totals.batch_files_stored), total=text.number(totals.batch_files)
        ),
        text.size_of_total(totals.batch_bytes_confirmed, totals.batch_bytes),
        text.percent(totals.fraction),
    ]
    if totals.batch_files_cancelled:  # which the queue's section of finished ones counts too
        parts.insert(2, count_of(totals.batch_files_cancelled, "1 cancelled", "%n cancelled"))
    attention = totals.states[UploadState.ATTENTION]
    if attention:
        parts.append(count_of(attention, "1 needs attention", "%n need attention"))
    return " · ".join(parts)


def pace(totals: QueueTotals) -> str:
    """Speed and time left of all uploads together; empty at rest."""
    left = text.time_left(totals.seconds_left)
    left_words = tr("{time} left").format(time=left) if left else ""
    return " · ".join(filter(None, [text.speed(totals.rate_bytes_per_s), left_words]))


def _silence() -> str:
    return tr("Nothing gets through at the moment")


def _headline(totals: QueueTotals) -> str:
    states = totals.states
    if states[UploadState.UPLOADING] or states[UploadState.FINALISING]:
        return tr("Uploading")
    if states[UploadState.WAITING]:
        return tr("Waiting")
    if states[UploadState.QUEUED] > totals.elsewhere:
        return tr("Starting")
    if states[UploadState.PAUSED]:
        return tr("Paused")
    return tr("Waiting for another place") if totals.elsewhere else tr("Stopped")


def _service_words(state: ServiceState, message: str) -> str:
    if message and state not in (ServiceState.SIGN_IN, ServiceState.BUCKET):  # which the banner tells in full
        return translated(message)
    match state:
        case ServiceState.STARTING:
            return tr("Getting ready…")
        case ServiceState.READY:
            return ""
        case ServiceState.HELD_UP | ServiceState.UNREACHABLE:
            return tr("Cannot be reached now. Uploads go on by themselves.")
        case ServiceState.SIGN_IN:
            return tr("Sign in to go on.")
        case ServiceState.BUCKET:
            return tr("Its keys or settings do not work.")
