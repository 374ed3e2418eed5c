"""What the window asks of the person's desktop, as a port: other programs, the clipboard, the trash."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QFile, QProcess, QStandardPaths, QSysInfo, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication


class Desktop(Protocol):
    """Calls return at once; those that can fail say whether they did not."""

    def open_address(self, address: str) -> bool:
        """Show a web address in the program that the person has for it."""

    def open_file(self, path: Path) -> bool:
        """Open a file in the program that the person has for its kind."""

    def reveal(self, path: Path) -> bool:
        """Show a file in the file manager."""

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""

    def move_to_trash(self, path: Path) -> bool:
        """Move a file to the trash, from where it can be taken back."""

    def downloads(self) -> Path:
        """The folder that the person keeps downloads in."""


class QtDesktop:
    """The real one."""

    def open_address(self, address: str) -> bool:
        """Show a web address in the program that the person has for it."""
        return QDesktopServices.openUrl(QUrl(address))

    def open_file(self, path: Path) -> bool:
        """Open a file in the program that the person has for its kind."""
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def reveal(self, path: Path) -> bool:
        """Show a file in the file manager: marked where that can be asked for, else its folder."""
        kind = QSysInfo.kernelType()
        if kind == "darwin":
            return QProcess.startDetached("open", ["-R", str(path)])[0]
        if kind == "winnt":
            return QProcess.startDetached("explorer", [f"/select,{path}"])[0]
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""
        QGuiApplication.clipboard().setText(text)

    def move_to_trash(self, path: Path) -> bool:
        """Move a file to the trash, from where it can be taken back."""
        return QFile(str(path)).moveToTrash()

    def downloads(self) -> Path:
        """The folder that the person keeps downloads in; their home where there is none."""
        found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        return Path(found or Path.home())
