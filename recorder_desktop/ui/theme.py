"""Light and dark: gives the app its palette and style sheet, and follows the system while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from enum import Enum
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication

import resources
from recorder_desktop.ui import icons
from recorder_desktop.ui.palette import DARK, LIGHT, Colours


class Appearance(Enum):
    """What the person chose; the values are what the settings keep."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """Decides which colours hold. One for a window.

    Attributes:
        colours: the set in force.

    Signals:
        changed: the set in force is another one; widgets that paint by themselves repaint.
    """

    changed = Signal()

    def __init__(
        self,
        appearance: Appearance = Appearance.SYSTEM,
        parent: QObject | None = None,
        system_scheme: Callable[[], Qt.ColorScheme] | None = None,
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._hints = QGuiApplication.styleHints()
        self._system_scheme = system_scheme or self._hints.colorScheme
        self._hints.colorSchemeChanged.connect(self._update)
        self.colours = LIGHT
        self._request_scheme()
        self._apply(self._wanted())

    @property
    def is_dark(self) -> bool:
        """Whether the dark set is in force."""
        return self.colours is DARK

    def set_appearance(self, appearance: Appearance) -> None:
        """Change the person's choice, at once."""
        self._appearance = appearance
        self._request_scheme()
        self._update()

    def keep_current(self, paint: Callable[[Colours], None]) -> None:
        """Call `paint` with the colours now and after every change."""
        paint(self.colours)
        self.changed.connect(lambda: paint(self.colours))

    def keep_icon(self, target: QAction | QAbstractButton, name: str, role: str = "text", size: int = 20) -> None:
        """Give an action or button this icon in the colour of `role`, now and after every change."""

        def paint(colours: Colours) -> None:
            colour = getattr(colours, role)
            target.setIcon(icons.icon(name, colour, colours.faint, size))

        self.keep_current(paint)

    def _wanted(self) -> Colours:
        if self._appearance is Appearance.SYSTEM:
            return DARK if self._system_scheme() is Qt.ColorScheme.Dark else LIGHT
        return DARK if self._appearance is Appearance.DARK else LIGHT

    def _request_scheme(self) -> None:
        """Tell Qt too: title bars and the system's own dialogs are not ours to paint."""
        match self._appearance:
            case Appearance.LIGHT:
                self._hints.setColorScheme(Qt.ColorScheme.Light)
            case Appearance.DARK:
                self._hints.setColorScheme(Qt.ColorScheme.Dark)
            case Appearance.SYSTEM:
                self._hints.unsetColorScheme()

    def _update(self) -> None:
        wanted = self._wanted()
        if wanted is not self.colours:
            self._apply(wanted)
            self.changed.emit()

    def _apply(self, colours: Colours) -> None:
        self.colours = colours
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(_palette(colours))
            if app.styleSheet() != (wanted := _style_sheet(colours)):  # else every widget would be styled anew
                app.setStyleSheet(wanted)


def _style_sheet(colours: Colours) -> str:
    source = (resources.FOLDER / "styles" / "recorder.qss").read_text(encoding="utf-8")
    return Template(source).substitute(asdict(colours))


def _palette(colours: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for name, colour in (
        (role.Window, colours.window),
        (role.Base, colours.surface),
        (role.AlternateBase, colours.hover),
        (role.Button, colours.surface),
        (role.ToolTipBase, colours.surface),
        (role.WindowText, colours.text),
        (role.Text, colours.text),
        (role.ButtonText, colours.text),
        (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Link, colours.accent),
        (role.Accent, colours.accent),
    ):
        palette.setColor(name, QColor(colour))
    disabled = QColor(colours.faint)
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, disabled)
    return palette
