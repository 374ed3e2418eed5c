"""The window: puts its rooms together and connects them with the bridge. Knows no engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from recorder_desktop.core.diagnostics import DiagnosticsDesk
from recorder_desktop.core.library import LibraryDesk
from recorder_desktop.core.own_bucket import BucketDesk
from recorder_desktop.ui import dropped, icons
from recorder_desktop.ui.adding import Adding
from recorder_desktop.ui.banner import Message
from recorder_desktop.ui.closing import CloseGuard
from recorder_desktop.ui.desktop import Desktop, QtDesktop
from recorder_desktop.ui.dialogs import Dialogs, QtDialogs
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.notifications import Notifications
from recorder_desktop.ui.places import Places
from recorder_desktop.ui.preferences.choices import Choices
from recorder_desktop.ui.preferences.dialog import ACCOUNT, Preferences
from recorder_desktop.ui.settings import APPEARANCE, GEOMETRY, UiSettings
from recorder_desktop.ui.sign_in_dialog import SignInDialog
from recorder_desktop.ui.text import count_of, tr
from recorder_desktop.ui.theme import Appearance, Theme
from recorder_desktop.ui.thumbnails import Thumbnails
from recorder_desktop.ui.tray import Tray
from recorder_desktop.ui.upload_model import UploadModel
from recorder_desktop.ui.view_switch import LIBRARY, QUEUE
from recorder_desktop.ui.window_body import WindowBody


class MainWindow(QMainWindow):
    """The app's one window.

    Attributes:
        model: every row of the queue. places: where recordings go. thumbnails: pictures of both views' rows.
        preferences: the settings page.
        tray: the icon in the tray, None where there is none or none yet.

    Signals:
        quit_requested: the person wants the app to end and agreed to what becomes of the uploads. The window has
            hidden itself; whoever started the engine stops it and ends the event loop.
    """

    quit_requested = Signal()

    def __init__(
        self,
        bridge: EngineBridge,
        settings: UiSettings,
        dialogs: Dialogs | None = None,
        tray_available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        desktop: Desktop | None = None,
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._settings = settings
        self._dialogs = dialogs or QtDialogs()
        self._desktop = desktop or QtDesktop()
        self._tray_available = tray_available
        self.tray: Tray | None = None
        self._is_leaving = False
        self._notifications = Notifications(settings, self._is_looked_at, self._notify)
        self._undo_offered = ""  # the line of the banner that offers rows back
        self.theme = Theme(_appearance(settings), self)
        self.thumbnails = Thumbnails(self)
        self.model = UploadModel(self)
        self._build()
        self._make_actions()
        self._connect_bridge()
        self._set_up_closing()
        self._show_totals()
        QTimer.singleShot(0, self._make_tray)  # after the first paint: nobody waits for it

    # --- for the app ---------------------------------------------------------------------------------------------

    def set_destination(self, destination: str, name: str = "") -> None:
        """Say where uploads go, in words for people: "Stored on this computer". `name`: what uploads call it; of a
        server that is its address.
        """
        self.places.server = name if name.startswith(("http://", "https://")) else ""
        self.overview.set_destination(destination, name)
        self.details.set_place(name)

    def attach_library(self, desk: LibraryDesk) -> None:
        """Show what is stored, once there is somebody to ask."""
        self.library.attach(desk)
        self.details.help.attach(desk)

    def set_store_folder(self, folder: Path) -> None:
        """Name the folder in which this computer keeps what is stored on it."""
        self.details.help.store_folder = folder

    def add_paths(self, paths: list[Path]) -> None:
        """Queue files and folders, as if they had been dropped."""
        self._bridge.add(paths)

    def raise_and_focus(self) -> None:
        """Bring the window to the front, also out of the tray."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_message(self, message: str) -> None:
        """Show a line in the banner."""
        self.banner.show_message(Message(message))

    def open_sign_in(self) -> None:
        """Ask for a sign-in, in a dialog that the window goes on behind."""
        self.places.open_sign_in()

    @property
    def sign_in_dialog(self) -> SignInDialog | None:
        """The one that was opened last, None before."""
        return self.places.sign_in_dialog

    def attach_buckets(self, desk: BucketDesk) -> None:
        """Have buckets of the person's own tried by this desk."""
        self.places.attach_buckets(desk)

    def attach_diagnostics(self, desk: DiagnosticsDesk) -> None:
        """Have diagnostics packed by this desk."""
        self._body.diagnostics.attach(desk)

    def leave(self) -> None:
        """End the app without a question, as when the computer shuts down; uploads go on at the next start."""
        if not self._is_leaving:
            self.retire()
            self.quit_requested.emit()

    def go_on_from(self, earlier: MainWindow) -> None:
        """Take the place of another window, with what only that one knows."""
        self.setGeometry(earlier.normalGeometry() if earlier.isMaximized() else earlier.geometry())
        self.setWindowState(earlier.windowState())
        self.library.downloads.go_on_from(earlier.library.downloads)
        self.overview.graph.samples = earlier.overview.graph.samples
        self.switch.choose(earlier.switch.view)
        section = earlier.preferences.section
        self.setVisible(earlier.isVisible())
        if section is not None:
            self.preferences.open(section)

    def retire(self) -> None:
        """Go away for good and hear nothing any more, without ending the app."""
        self._is_leaving = True
        self._settings.set(GEOMETRY, self.saveGeometry().toBase64().toStdString())
        if self.tray is not None:
            self.tray.hide()
        self.preferences.close_down()
        self.library.close_down()
        self.details.close_down()
        self.thumbnails.close_down()
        self._body.diagnostics.close_down()
        self.queue.removals.settle()
        self.hide()

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle(tr("Recorder"))
        self.setWindowIcon(icons.app_icon())
        self.setAcceptDrops(True)
        body = WindowBody(
            self._bridge,
            self.model,
            settings=self._settings,
            dialogs=self._dialogs,
            desktop=self._desktop,
            theme=self.theme,
            thumbnails=self.thumbnails,
        )
        self._body = body
        self.banner, self.switch, self.drop_zone = body.banner, body.switch, body.drop_zone
        self.queue, self.details, self.library, self.overview = body.queue, body.details, body.library, body.overview
        self.setCentralWidget(body)
        self.resize(1120, 720)
        self.setMinimumSize(720, 560)
        saved = self._settings.get(GEOMETRY)
        if saved:
            self.restoreGeometry(QByteArray.fromBase64(saved.encode()))

    def _make_actions(self) -> None:
        self.places = Places(self, self._bridge, self.banner, self.library)
        self._adding = adding = Adding(self, self._bridge, self._dialogs, self.banner, self.queue.reveal_upload)
        choices = Choices(self._settings, self._bridge, self.overview.limit, self.theme, self)
        self.preferences = Preferences(
            self,
            choices,
            bridge=self._bridge,
            places=self.places,
            banner=self.banner,
            dialogs=self._dialogs,
            theme=self.theme,
        )
        for label, keys, act in (
            (tr("Choose files…"), QKeySequence(QKeySequence.StandardKey.Open), adding.choose_files),
            (tr("Choose folder…"), QKeySequence("Ctrl+Shift+O"), adding.choose_folder),
            (tr("Paste files"), QKeySequence(QKeySequence.StandardKey.Paste), adding.paste),
            (tr("Undo"), QKeySequence(QKeySequence.StandardKey.Undo), self.queue.removals.undo),
            (tr("Search"), QKeySequence(QKeySequence.StandardKey.Find), self._search),
            (tr("Sign in to a team server…"), QKeySequence("Ctrl+L"), self.places.open_sign_in),
            (tr("Use your own bucket…"), QKeySequence("Ctrl+Shift+B"), self.places.open_bucket),
            (tr("Settings…"), QKeySequence("Ctrl+,"), self._open_settings),
            (tr("Quit"), QKeySequence("Ctrl+Q"), self._quit_wanted),
        ):
            action = QAction(label, self)
            action.setShortcut(keys)
            action.triggered.connect(act)
            self.addAction(action)
        self.addActions([self.queue.commands.pause_all, self.queue.commands.resume_all])
        self._body.settings_button.clicked.connect(self._open_settings)
        self.drop_zone.files_wanted.connect(adding.choose_files)
        self.drop_zone.server_wanted.connect(self.places.open_sign_in)
        self.drop_zone.bucket_wanted.connect(self.places.open_bucket)
        self.drop_zone.folder_wanted.connect(adding.choose_folder)
        self.overview.limit.changed.connect(self._bridge.set_limits)
        self.overview.limit.refused.connect(self._warn)
        self.overview.sign_in_wanted.connect(self.places.open_sign_in)
        self.library.sign_in_wanted.connect(self.places.open_sign_in)
        self.library.queue_wanted.connect(lambda: self.switch.choose(QUEUE))
        self.details.help.sign_in_wanted.connect(self.places.open_sign_in)
        self.details.help.retry_wanted.connect(lambda upload_id: self._bridge.retry([upload_id]))
        self.details.help.located.connect(self._bridge.locate)
        adding.known_stored.connect(self.details.note_asked)
        self.details.help.bucket_wanted.connect(self.places.open_bucket_of)
        self.details.help.keys_wanted.connect(lambda place: self.places.open_bucket_of(place, mends=True))
        self.details.help.place_wanted.connect(lambda: self.preferences.open(ACCOUNT))
        for room in (self.library, self.details.help):
            room.told.connect(self.show_message)
            room.warned.connect(self._warn)

    def _connect_bridge(self) -> None:
        bridge, model = self._bridge, self.model
        for rows in (model, self.queue.shown):  # the source first: what is shown of it asks it for places
            bridge.uploads_added.connect(rows.add)
            bridge.uploads_changed.connect(rows.change)
            bridge.uploads_removed.connect(rows.remove)
        bridge.uploads_added.connect(self.library.note_uploads)  # a small file may be stored by then
        bridge.uploads_changed.connect(self.library.note_uploads)
        bridge.service_changed.connect(self.overview.show_service)
        bridge.service_changed.connect(self._notifications.note_service)
        bridge.notice.connect(self.show_message)
        bridge.command_failed.connect(self._warn)
        self.drop_zone.set_opening(is_opening=not bridge.is_attached)
        bridge.attached.connect(lambda: self.drop_zone.set_opening(is_opening=False))
        bridge.adding_changed.connect(lambda count: self.drop_zone.set_busy(is_busy=count > 0))
        self.queue.shown.totals_changed.connect(self._show_totals)
        self.queue.shown.totals_changed.connect(self._show_details)
        self.queue.shown.modelReset.connect(self._show_details)
        self.queue.view.selectionModel().selectionChanged.connect(self._show_details)
        self.queue.removals.changed.connect(self._offer_undo)

    def _set_up_closing(self) -> None:
        # The window decides by itself what closing means: see CloseGuard.
        QApplication.setQuitOnLastWindowClosed(False)
        self._closing = CloseGuard(
            self,
            self._dialogs,
            self._settings,
            running=lambda: self.model.totals.running,
            has_tray=lambda: self.tray is not None,
        )
        self._closing.hide_wanted.connect(self.hide)
        self._closing.minimise_wanted.connect(self.showMinimized)
        self._closing.quit_agreed.connect(self.leave)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.commitDataRequest.connect(self.leave)

    def _make_tray(self) -> None:
        if self._is_leaving or self.tray is not None or not self._tray_available():
            return
        self.tray = Tray(self, self.queue.commands.pause_all, self.queue.commands.resume_all)
        self.tray.show_wanted.connect(self.raise_and_focus)
        self.tray.settings_wanted.connect(self._open_settings)
        self.tray.quit_wanted.connect(self._quit_wanted)
        self.tray.show_totals(self.model.totals)

    # --- showing -------------------------------------------------------------------------------------------------

    def _offer_undo(self, count: int) -> None:
        self.banner.withdraw(self._undo_offered)
        if count:
            self._undo_offered = count_of(count, "1 upload left the list.", "%n uploads left the list.")
            action = (tr("Undo"), self.queue.removals.undo)
            self.banner.show_message(Message(self._undo_offered, action=action))

    def _open_settings(self) -> None:
        if not self.isVisible():
            self.raise_and_focus()
        self.preferences.open()

    def _notify(self, title: str, words: str) -> None:
        if self.tray is not None:
            self.tray.notify(title, words)

    def _search(self) -> None:
        """Go to the search field of the view on show."""
        if self._body.view == LIBRARY:
            self.library.search.setFocus()
        elif self.queue.isVisible():
            self.queue.filter.search.setFocus()

    def _warn(self, text: str) -> None:
        self.banner.show_message(Message(text, is_warning=True))

    def _show_totals(self) -> None:
        has_rows = self.model.rowCount() > self.queue.removals.hidden_states.total()
        if self.queue.isHidden() == has_rows:
            self.queue.setVisible(has_rows)
            self.queue.filter.setVisible(has_rows)
            self.drop_zone.set_strip(is_strip=has_rows)
            if not has_rows:
                self.queue.filter.clear()  # nobody can see it now: what comes next shall not be left out by it
        totals = self.model.totals
        self.overview.show_totals(totals)
        self._notifications.note_totals(totals)
        if self.tray is not None:
            self.tray.show_totals(totals)
        self.setWindowTitle(_title(totals.unfinished, totals.fraction))

    def _show_details(self) -> None:
        views, count = self.queue.selection_sample()
        self.details.show_views(views, count)

    def _is_looked_at(self) -> bool:
        return QApplication.activeWindow() is not None and self.isVisible()

    # --- leaving -------------------------------------------------------------------------------------------------

    def _quit_wanted(self) -> None:
        if not self.isVisible():
            self.raise_and_focus()
        self._closing.quit_wanted()

    # --- Qt's own calls ------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing is a question to CloseGuard, unless the app is on its way out."""
        if self._is_leaving:
            event.accept()
            return
        event.ignore()
        self._closing.window_closed()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take the drag in as a copy: on a move, some file managers delete the original."""
        if dropped.could_hold_files(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.drop_zone.set_target(is_target=True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Stay a copy while the drag moves."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The drag went elsewhere."""
        event.accept()
        self.drop_zone.set_target(is_target=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Queue what was dropped; say in one line what cannot be."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.drop_zone.set_target(is_target=False)
        self._adding.take(event.mimeData())


def _appearance(settings: UiSettings) -> Appearance:
    chosen = settings.get(APPEARANCE)
    return Appearance(chosen) if chosen in {each.value for each in Appearance} else Appearance.SYSTEM


def _title(unfinished: int, fraction: float) -> str:
    """The window's title; begins with the app's name, since scripts and people look for it."""
    return f"Recorder - {int(fraction * 100)} %" if unfinished else "Recorder"
