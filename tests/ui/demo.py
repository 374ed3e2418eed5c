"""The window with ten uploads in every state, moving, without an engine: `python -m tests.ui.demo [--dark]`.

For looking at it and for screenshots: `--empty` shows the first run, `--still` stops the clock,
`--select NAME` selects a row, `--count N` adds N more rows.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QProgressBar, QWidget

from recorder_desktop.core.bandwidth import BandwidthPlan
from recorder_desktop.core.errors import Offline, SignInRequired
from recorder_desktop.core.events import ServiceChanged, ServiceState
from recorder_desktop.core.history import Happened, Happening
from recorder_desktop.core.library import DownloadedFile
from recorder_desktop.core.model import PartMap, Problem, StoredRecording, UploadState, UploadView
from recorder_desktop.core.preferences import Account
from recorder_desktop.core.upload_queue import AlreadyStored
from recorder_desktop.core.watched_folder import FolderReport, FolderState
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.settings import APPEARANCE, ForgetfulSettings
from recorder_desktop.ui.shown_uploads import Section
from recorder_desktop.ui.translation import LANGUAGES, install
from recorder_desktop.ui.view_switch import LIBRARY
from tests.fakes.library_desk import FakeLibraryDesk
from tests.fakes.preferences import FakePreferenceDesks
from tests.fakes.recorder import a_stored_recording
from tests.fakes.thumbnail_desk import FakeThumbnailDesk
from tests.fakes.upload_queue import FakeUploadQueue, make_view

GB = 1_000_000_000
ISO = "%Y-%m-%dT%H:%M:%SZ"
FOLDER = "/home/mara/Recordings/Autumn term"
OFFLINE = "recorder.example.org does not answer. The upload goes on by itself when it does."
MISSING = (
    "“Town hall.mov” is no longer at /home/mara/Desktop. Put it back or plug in its drive, then retry; "
    "or add it from where it is now, and it goes on."
)


def ten_uploads() -> list[UploadView]:
    """One of everything that a queue can hold."""
    missing = Problem("file_missing", MISSING)
    offline = Problem("offline", OFFLINE)
    state = UploadState
    return [
        make_view(
            "Lecture 01 - Introduction.mp4",
            state.COMPLETED,
            3_214_000_000,
            FOLDER,
            duration_s=5412,
            recording=replace(a_stored_recording(), crc64nvme="j1oQz7kcmLw="),
        ),
        make_view(
            "Lecture 02 - Proofs and games.mp4",
            state.FINALISING,
            2_890_000_000,
            FOLDER,
            duration_s=5120,
            bytes_confirmed=2_890_000_000,
        ),
        make_view(
            "Lecture 03 - Graphs.mp4",
            state.UPLOADING,
            4_630_000_000,
            FOLDER,
            duration_s=5733,
            bytes_confirmed=2_650_000_000,
            bytes_in_flight=420_000_000,
            rate_bytes_per_s=31_400_000.0,
            seconds_left=63.0,
        ),
        make_view(
            "Match against Norrköping, camera A (uncut, 4K).mkv",
            state.UPLOADING,
            118 * GB,
            "/media/mara/CARD 2/DCIM",
            duration_s=9011,
            bytes_confirmed=21 * GB,
            bytes_in_flight=2 * GB,
            rate_bytes_per_s=58_700_000.0,
            seconds_left=1652.0,
        ),
        make_view(
            "episode-214-raw.wav",
            state.WAITING,
            812_000_000,
            "/home/mara/Podcast",
            duration_s=4021,
            bytes_confirmed=240_000_000,
            problem=offline,
        ),
        make_view(
            "Interview - Łucja Ōno (día 2).m4a",
            state.PAUSED,
            96_400_000,
            "/home/mara/Interviews",
            duration_s=2875,
            bytes_confirmed=41_000_000,
        ),
        make_view(
            "Town hall.mov",
            state.ATTENTION,
            7_400_000_000,
            "/home/mara/Desktop",
            duration_s=3605,
            bytes_confirmed=1_100_000_000,
            problem=missing,
        ),
        make_view("b-roll.mxf", state.QUEUED, 22_100_000_000, "/media/mara/CARD 2/DCIM", duration_s=640),
        make_view("notes.pdf", state.CANCELLED, 1_240_000, "/home/mara/Desktop"),
        make_view("jingle.flac", state.QUEUED, 8_460_000, "/home/mara/Podcast"),
    ]


def move(queue: FakeUploadQueue) -> None:
    """One tick: bytes flow into whatever uploads."""
    for view in queue.views():
        upload = view.upload
        if upload.state is UploadState.UPLOADING:
            confirmed = upload.bytes_confirmed + int(view.rate_bytes_per_s / 10)
            if confirmed >= upload.size_bytes:
                queue.change(upload.id, state=UploadState.COMPLETED, bytes_in_flight=0, rate_bytes_per_s=0.0)
                continue
            left = (upload.size_bytes - confirmed) / view.rate_bytes_per_s
            in_flight = min(view.bytes_in_flight, upload.size_bytes - confirmed)
            queue.change(upload.id, bytes_confirmed=confirmed, bytes_in_flight=in_flight, seconds_left=left)


def queue_as_it_was(queue: FakeUploadQueue, options: argparse.Namespace) -> None:
    """Give every row the time at which it was added; with --done, have all of them stored."""
    now = time_of(options)
    added = now - timedelta(minutes=24)
    for view in queue.views():
        queue.change(view.upload.id, created_at=added.strftime(ISO))
        if options.done and view.upload.state is not UploadState.CANCELLED:
            stored = replace(
                a_stored_recording(view.upload.path.name),
                created_at=now.strftime(ISO),
                size_bytes=view.upload.size_bytes,
                crc64nvme="j1oQz7kcmLw=",
            )
            done = {"bytes_in_flight": 0, "rate_bytes_per_s": 0.0, "seconds_left": None, "problem": None}
            whole = {"state": UploadState.COMPLETED, "bytes_confirmed": view.upload.size_bytes}
            queue.change(view.upload.id, recording=stored, **done, **whole)


def rehearse(window: MainWindow, queue: FakeUploadQueue, view: UploadView, now: float) -> None:
    """A past for the history and the graph; `now` in seconds since 1970."""
    if view.upload.state in (UploadState.UPLOADING, UploadState.ATTENTION):
        queue.histories[view.upload.id] = [
            Happening(now - 20 * 60, Happened.BEGAN),
            Happening(now - 14 * 60, Happened.WAITED_FOR_NETWORK, lasted_s=190.0),
            Happening(now - 9 * 60, Happened.APP_CLOSED),
            Happening(now - 4 * 60, Happened.WENT_ON),
        ]
        if view.upload.problem is not None:
            queue.histories[view.upload.id].append(Happening(now - 60, Happened.STUCK, view.upload.problem.message))
    graph = window.overview.graph
    if view.rate_bytes_per_s and not graph.samples:
        dice, rate = random.Random(7), 40_000_000.0
        for second in range(178):
            rate = min(96e6, max(8e6, rate + dice.uniform(-8e6, 8.6e6)))
            graph.samples.append((graph.clock() - 178 + second, 0.0 if 60 < second < 78 else rate))


def a_part_map(view: UploadView) -> PartMap:
    """Parts of 16 MB as the view's bytes have it, some of them out of order."""
    upload, size_bytes = view.upload, 16_000_000
    total = max(1, -(-upload.size_bytes // size_bytes))
    stored = upload.bytes_confirmed // size_bytes if upload.state is not UploadState.COMPLETED else total
    confirmed = set(range(1, stored + 1))
    moving: dict[int, int] = {}
    if upload.state is UploadState.UPLOADING:
        ahead = range(stored + 1, min(total, stored + 12) + 1)
        confirmed |= {number for number in ahead if number % 4 == 3}
        moving = {number: size_bytes // 2 for number in ahead if number not in confirmed}
    return PartMap((size_bytes,) * total, frozenset(confirmed), moving)


TROUBLE: dict[str, Exception] = {
    "offline": Offline("recorder.example.org does not answer. Check the network, then try again."),
    "sign-in": SignInRequired(
        "You are not signed in to recorder.example.org. Sign in with “recorder-desktop login”, then it goes on."
    ),
}


SERVICES = {
    "ready": ServiceChanged("local", ServiceState.READY),
    "unreachable": ServiceChanged("https://recorder.example.org", ServiceState.UNREACHABLE, OFFLINE),
    "sign-in": ServiceChanged("https://recorder.example.org", ServiceState.SIGN_IN, TROUBLE["sign-in"].args[0]),
}


def a_library() -> list[StoredRecording]:
    """What a small team has stored."""
    rows = (
        ("Lecture 01 - Introduction.mp4", "video/mp4", 3_214_000_000, 5412.0, "2026-03-02T14:05:00Z"),
        ("Match against Norrköping, camera B.mkv", "video/matroska", 96_000_000_000, 8870.0, "2026-03-01T19:30:00Z"),
        ("episode-213.wav", "audio/wav", 790_000_000, 3902.0, "2026-02-27T09:12:00Z"),
        ("Town hall, February.mov", "video/quicktime", 7_100_000_000, 3590.0, "2026-02-25T18:44:00Z"),
        ("Interview - Łucja Ōno (día 1).m4a", "audio/mp4", 88_300_000, 2610.0, "2026-02-24T11:20:00Z"),
        ("Choir rehearsal.flac", "audio/flac", 412_000_000, 4415.0, "2026-02-21T20:02:00Z"),
        ("field notes.pdf", "application/pdf", 1_240_000, None, "2026-02-20T08:31:00Z"),
        ("b-roll harbour.mxf", "application/mxf", 22_100_000_000, 640.0, "2026-02-18T16:55:00Z"),
        ("Lecture 00 - Organisation.mp4", "video/mp4", 1_870_000_000, 3120.0, "2026-02-16T14:01:00Z"),
    )
    return [
        replace(
            a_stored_recording(name, duration_s),
            content_type=kind,
            size_bytes=size_bytes,
            created_at=created_at,
            crc64nvme="j1oQz7kcmLw=",
        )
        for name, kind, size_bytes, duration_s, created_at in rows
    ]


def show_downloads(window: MainWindow, desk: FakeLibraryDesk) -> None:
    """One that is done, one under way."""
    window.library.downloads.fetch_all(desk.stored[2:5], desk.place)
    desk.downloads[0][2](790_000_000)
    desk.downloads[0][3].set_result(
        DownloadedFile(Path("/home/mara/Downloads/episode-213.wav"), checksum_agreed=True)
    )
    desk.downloads[1][2](2_400_000_000)
    window.library.table.selectRow(3)


def main() -> int:
    """Show the window until it is closed."""
    options = read_options()
    app = QApplication(sys.argv[:1])
    install(app, options.language or None)
    window, queue = open_window(options)
    window.quit_requested.connect(app.quit)
    clock = QTimer(interval=100)
    clock.timeout.connect(lambda: move(queue))
    if not options.still:
        clock.start()
    window.add_paths([Path(path) for path in options.paths])
    if options.grab:
        QTimer.singleShot(1200, lambda: grab(window, len(queue.views()), options.grab))
    return app.exec()


def open_window(options: argparse.Namespace) -> tuple[MainWindow, FakeUploadQueue]:
    """A window on show, in the state that the options name, and the queue behind it."""
    settings = ForgetfulSettings()
    settings.set(APPEARANCE, "dark" if options.dark else "light")
    bridge = EngineBridge()
    window = MainWindow(bridge, settings)
    bridge.setParent(window)
    window.set_destination("Stored on this computer")
    window.show()
    queue = FakeUploadQueue([] if options.empty else ten_uploads())
    queue.clock = lambda: time_of(options).timestamp()
    if options.size:
        window.resize(*map(int, options.size.split("x")))
    if options.count:
        queue.append(*(make_view(f"clip {number:06}.mp4", upload_id=str(number)) for number in range(options.count)))
    if options.still:
        hold_still(window)
    show_all(window, bridge, queue, options)
    return window, queue


def hold_still(window: MainWindow) -> None:
    """Stop whatever moves by itself, so that two pictures of the same are the same."""
    QApplication.setCursorFlashTime(0)
    window.overview.graph.clock = lambda: 0.0
    for bar in window.findChildren(QProgressBar):
        if bar.maximum() == 0:  # runs to and fro
            bar.setRange(0, 3)
            bar.setValue(1)


def time_of(options: argparse.Namespace) -> datetime:
    """What the clock says: with --still always the same."""
    return datetime(2026, 3, 2, 14, 29, tzinfo=UTC) if options.still else datetime.now(UTC)


def show_all(window: MainWindow, bridge: EngineBridge, queue: FakeUploadQueue, options: argparse.Namespace) -> None:
    """Attach queue and library, and bring what the options name into sight."""
    bridge.attach(queue)
    window.overview.graph.samples.clear()
    queue_as_it_was(queue, options)
    for view in queue.views():
        queue.part_maps[view.upload.id] = a_part_map(view)
        rehearse(window, queue, view, time_of(options).timestamp())
    desk = FakeLibraryDesk(a_library())
    desk.holds = options.library == "loading"
    desk.failure = TROUBLE.get(options.library)
    desk.stored = [] if options.library == "empty" else desk.stored
    window.attach_library(desk)
    window.thumbnails.attach(FakeThumbnailDesk(at_once=True))
    if options.library:
        window.switch.choose(LIBRARY)
    if options.library == "downloads":
        show_downloads(window, desk)
    queue.tell(SERVICES[options.service])
    if options.section:
        window.queue.filter.sections[Section[options.section.upper()]].click()
    if options.select:
        window.queue.view.select_upload(options.select)
    show_settings(window, options)
    if options.dialog:
        (window.places.open_bucket if options.dialog == "bucket" else window.places.open_sign_in)()
    if options.banner:
        path = Path(FOLDER) / "Lecture 01 - Introduction.mp4"
        queue.outcomes.append([AlreadyStored(str(path), "Lecture 01 - Introduction.mp4")])
        window.add_paths([path])


def show_settings(window: MainWindow, options: argparse.Namespace) -> None:
    """The settings page of somebody in a team, with a folder that is watched and one that is away."""
    desks = FakePreferenceDesks()
    server = "https://recorder.example.org"
    desks.accounts.account = Account(server, "Team server recorder.example.org", needs_sign_in=True, user="mara")
    choices = window.preferences.choices
    choices.set_folders([Path(FOLDER), Path("/media/mara/CARD 2/DCIM")])
    choices.attach(desks.as_desks)
    choices.take_report(FolderReport(Path(FOLDER), FolderState.WATCHED))
    choices.take_report(FolderReport(Path("/media/mara/CARD 2/DCIM"), FolderState.AWAY))
    if options.settings >= 0:
        if options.settings == 1:
            choices.set_limit(BandwidthPlan.parse("unlimited; Mon-Fri 08:00-18:00 2 MB/s; Sat 10:00-12:00 500 kB/s"))
        window.preferences.open(options.settings)


def grab(window: MainWindow, rows: int, path: str) -> None:
    """Save a picture of the window, as small as PNG gets without loss, and end. A long list comes in turns first."""
    if window.model.rowCount() < rows:
        QTimer.singleShot(200, lambda: grab(window, rows, path))
        return
    shown_part(window).grab().toImage().convertToFormat(QImage.Format.Format_RGB888).save(path, "PNG", 0)  # type: ignore[call-overload]
    window.leave()


def shown_part(window: MainWindow) -> QWidget:
    """The dialog on show, else the window."""
    return next((dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()), window)


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, or these arguments."""
    parser = argparse.ArgumentParser(description="Shows Recorder's window without an engine.")
    parser.add_argument("--library", default="", help="shown | downloads | loading | empty | offline | sign-in")
    for switch in ("--dark", "--done", "--empty", "--still", "--banner"):
        parser.add_argument(switch, action="store_true")
    parser.add_argument("--grab", default="", help="save a picture of the window here and end")
    parser.add_argument("--language", choices=LANGUAGES, default="", help="the system's, unless given")
    parser.add_argument("--select", default="")
    parser.add_argument("--settings", type=int, default=-1, help="0 to 3: open this section of the settings")
    parser.add_argument("--section", default="", help="active | waiting | attention | done")
    parser.add_argument("--size", default="", help="of the window, as 720x560")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--service", choices=SERVICES, default="ready", help="how the place is where uploads go")
    parser.add_argument("--dialog", choices=("sign-in", "bucket"), default="", help="a dialog that is open")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
