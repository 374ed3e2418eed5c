"""The settings page: its sections to the left, the chosen one to the right. Beside the window, never in its way."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from recorder_desktop.core.sign_in import SignedIn
from recorder_desktop.ui import icons
from recorder_desktop.ui.banner import Banner, Message
from recorder_desktop.ui.dialogs import Dialogs
from recorder_desktop.ui.engine_bridge import EngineBridge
from recorder_desktop.ui.places import Places
from recorder_desktop.ui.preferences.account import AccountPage
from recorder_desktop.ui.preferences.choices import Choices
from recorder_desktop.ui.preferences.folders import FoldersPage
from recorder_desktop.ui.preferences.general import GeneralPage
from recorder_desktop.ui.preferences.transfers import TransfersPage
from recorder_desktop.ui.text import tr
from recorder_desktop.ui.theme import Theme

_LIST_WIDTH = 184
_ICONS = ("person", "limit", "folder", "window")


ACCOUNT = 0
"""The first of the sections."""


class SettingsDialog(QDialog):
    """Attributes: sections: the list. account, transfers, folders, general: the pages."""

    def __init__(self, choices: Choices, dialogs: Dialogs, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("central")
        self.setWindowTitle(tr("Settings"))
        self.account = AccountPage(choices, theme)
        self.transfers = TransfersPage(choices, theme)
        self.folders = FoldersPage(choices, dialogs, theme)
        self.general = GeneralPage(choices, theme)
        self.sections = QListWidget()
        self.sections.setObjectName("sections")
        self.sections.setAccessibleName(tr("Sections of the settings"))
        self.sections.setFixedWidth(_LIST_WIDTH)
        self.sections.setIconSize(QSize(20, 20))
        self._pages = QStackedWidget()
        for page in (self.account, self.transfers, self.folders, self.general):
            self._pages.addWidget(page)
            self.sections.addItem(QListWidgetItem(page.accessibleName()))
        self.sections.currentRowChanged.connect(self._pages.setCurrentIndex)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sections)
        row.addWidget(self._pages, 1)
        closing = QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self)
        closing.activated.connect(self.close)
        theme.keep_current(lambda _colours: self._paint_icons())
        self.sections.setCurrentRow(ACCOUNT)
        self.setMinimumSize(640, 420)
        self.resize(896, 640)
        self.sections.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Give the sections the room that they take in the style, which is known now."""
        super().showEvent(event)
        self.sections.doItemsLayout()

    def close_down(self) -> None:
        """Hear nothing any more."""
        self.account.close_down()
        self.general.close_down()

    def _paint_icons(self) -> None:
        colours = self._theme.colours
        for number, name in enumerate(_ICONS):
            self.sections.item(number).setIcon(icons.icon(name, colours.muted, colours.faint, 20))


class Preferences(QObject):
    """Opens the settings page and carries its wishes to the window. Attributes: choices. dialog: None before."""

    def __init__(
        self,
        window: QWidget,
        choices: Choices,
        *,
        bridge: EngineBridge,
        places: Places,
        banner: Banner,
        dialogs: Dialogs,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._places = places
        self._banner = banner
        self._dialogs = dialogs
        self._theme = theme
        self.choices = choices
        self.dialog: SettingsDialog | None = None
        bridge.signed_in.connect(self._look_at_account)
        places.bucket_changed.connect(self._look_at_account)

    @property
    def section(self) -> int | None:
        """Which section is on show; None while the page is closed."""
        return self.dialog.sections.currentRow() if self.dialog is not None and self.dialog.isVisible() else None

    def open(self, section: int | None = None) -> None:
        """Show the page, in front if it is open already."""
        if self.dialog is None:
            self.dialog = SettingsDialog(self.choices, self._dialogs, self._theme, self._window)
            self.dialog.account.sign_in_wanted.connect(self._places.open_sign_in)
            self.dialog.account.bucket_wanted.connect(self._places.open_bucket_of)
            self.dialog.account.signed_out.connect(self._take_sign_out)
            self.dialog.account.bucket_left.connect(self._places.note_bucket_left)
        if section is not None:
            self.dialog.sections.setCurrentRow(section)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close_down(self) -> None:
        """Close the page and hear nothing any more."""
        if self.dialog is not None:
            self.dialog.close_down()
            self.dialog.close()

    def _look_at_account(self) -> None:
        if self.dialog is not None:
            self.dialog.account.look()

    def _take_sign_out(self, signed_out: SignedIn) -> None:
        self._places.note_sign_out(signed_out.server)
        self._banner.show_message(Message(tr("Signed out of {server}.").format(server=signed_out.server)))
