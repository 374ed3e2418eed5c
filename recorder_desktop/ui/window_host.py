"""Keeps one window open, and makes it anew for another language: texts are set when widgets are made.

Nothing is lost on the way: the rows come from the engine, and what only the old window knew is handed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from recorder_desktop.core.diagnostics import DiagnosticsDesk
from recorder_desktop.core.library import LibraryDesk
from recorder_desktop.core.own_bucket import BucketDesk
from recorder_desktop.core.ports import SignInDesk
from recorder_desktop.core.thumbnails import ThumbnailDesk
from recorder_desktop.core.upload_queue import UploadQueue
from recorder_desktop.core.watched_folder import FolderReport
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.main_window import MainWindow
from recorder_desktop.ui.preferences.choices import PreferenceDesks
from recorder_desktop.ui.settings import LANGUAGE, UiSettings
from recorder_desktop.ui.translation import LANGUAGES, install


@dataclass(frozen=True, slots=True)
class Desks:
    """All that stands behind the window."""

    queue: UploadQueue
    sign_ins: SignInDesk
    library: LibraryDesk
    thumbnails: ThumbnailDesk
    buckets: BucketDesk
    store_folder: Path
    preferences: PreferenceDesks


class WindowHost(QObject):
    """Attributes: window: the present one.

    Signals: quit_requested: see MainWindow. signed_in(SignedIn), signed_out(str): the server. bucket_changed: see
        Places.
        listed: see EngineBridge; of each window.
    """

    quit_requested = Signal()
    signed_in = Signal(object)
    signed_out = Signal(str)
    bucket_changed = Signal(str)
    listed = Signal()
    _reported = Signal(object)

    def __init__(
        self,
        settings: UiSettings,
        make_window: Callable[[EngineBridge, UiSettings], MainWindow] = MainWindow,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._make_window = make_window
        self._desks: Desks | None = None
        self._diagnostics: DiagnosticsDesk | None = None
        self._place = ("", "")
        self._reports: dict[Path, FolderReport] = {}
        self._speak()
        self._bridge, self.window = self._make()
        self._reported.connect(self._show_report)

    def attach(self, desks: Desks) -> None:
        """Have these behind the window from now on."""
        self._desks = desks
        self._attach(desks)

    def attach_diagnostics(self, desk: DiagnosticsDesk) -> None:
        """Have diagnostics packed by this desk, whether or not the rest comes to be there."""
        self._diagnostics = desk
        self.window.attach_diagnostics(desk)

    def set_destination(self, destination: str, name: str = "") -> None:
        """Say where uploads go; see MainWindow."""
        self._place = (destination, name)
        self.window.set_destination(destination, name)

    def take_report(self, report: FolderReport) -> None:
        """A watched folder is doing otherwise. From any thread."""
        self._reported.emit(report)  # from the watch's thread to this object's

    def _show_report(self, report: FolderReport) -> None:
        self._reports[report.folder] = report
        self.window.preferences.choices.take_report(report)

    def add_paths(self, paths: list[Path]) -> None:
        """Queue files and folders, as if they had been dropped."""
        self.window.add_paths(paths)

    def close(self) -> None:
        """Hear nothing of the engine any more."""
        self._bridge.close()

    def _speak(self) -> None:
        app, chosen = QCoreApplication.instance(), self._settings.get(LANGUAGE)
        if app is not None:
            install(app, chosen if chosen in LANGUAGES else None)

    def _make(self) -> tuple[EngineBridge, MainWindow]:
        bridge = EngineBridge(self)
        window = self._make_window(bridge, self._settings)
        window.quit_requested.connect(self.quit_requested)
        window.places.signed_out.connect(self.signed_out)
        window.places.bucket_changed.connect(self.bucket_changed)
        window.preferences.choices.language_chosen.connect(self._make_anew)
        bridge.signed_in.connect(lambda signed_in, _number: self.signed_in.emit(signed_in))
        bridge.listed.connect(self.listed)
        return bridge, window

    def _attach(self, desks: Desks) -> None:
        self._bridge.attach(desks.queue, desks.sign_ins)
        self.window.attach_library(desks.library)
        self.window.thumbnails.attach(desks.thumbnails)
        self.window.attach_buckets(desks.buckets)
        self.window.set_store_folder(desks.store_folder)
        self.window.preferences.choices.attach(desks.preferences)

    def _make_anew(self) -> None:
        self._speak()
        old, old_bridge = self.window, self._bridge
        unsent = old_bridge.unsent_adds()
        old_bridge.close()
        bridge, window = self._make()
        window.go_on_from(old)
        old.retire()
        self._bridge, self.window = bridge, window
        window.set_destination(*self._place)
        for event in old.overview.services.values():
            bridge.service_changed.emit(event)
        if self._diagnostics is not None:
            window.attach_diagnostics(self._diagnostics)
        if self._desks is not None:
            self._attach(self._desks)
        for paths, options in unsent:
            bridge.add(paths, options)
        for report in self._reports.values():
            window.preferences.choices.take_report(report)
        old.deleteLater()
        old_bridge.deleteLater()
