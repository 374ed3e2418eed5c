"""What the window asks of the person's desktop, as a port: other programs, the clipboard, the trash."""

from __future__ import annotations

import os
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QFile, QProcess, QStandardPaths, QSysInfo, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from recorder_desktop.background import begin
from recorder_desktop.core.errors import FileChanged, FileMissing, FileUnreadable
from recorder_desktop.core.model import FileIdentity


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

    def move_to_trash(self, path: Path, identity: FileIdentity) -> Future[None]:
        """Move a file to the trash, from where it can be taken back. The future raises core.errors.

        One that is no longer what `identity` says stays where it is.
        """

    def has_changed(self, path: Path, identity: FileIdentity) -> Future[bool]:
        """Whether the file is no longer what `identity` says. One that is not there has not changed."""

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

    def move_to_trash(self, path: Path, identity: FileIdentity) -> Future[None]:
        """Move a file to the trash, on a thread of its own: a drive may be slow."""
        return begin("trash", lambda: _move_to_trash(path, identity))

    def has_changed(self, path: Path, identity: FileIdentity) -> Future[bool]:
        """Look at size and time, on a thread of its own: a drive may be slow."""
        return begin("look-at-original", lambda: _has_changed(path, identity))

    def downloads(self) -> Path:
        """The folder that the person keeps downloads in; their home where there is none."""
        found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        return Path(found or Path.home())


def _move_to_trash(path: Path, identity: FileIdentity) -> None:
    try:
        present = path.stat()  # as for the upload: what a symlink leads to
    except OSError as exc:
        raise FileMissing(f"{path} is not there any more. There is nothing to move.") from exc
    if _differs(present, identity):
        raise FileChanged(
            f"{path} was changed since it was uploaded. It was left where it is; upload it again first."
        )
    if not QFile(str(path)).moveToTrash():
        raise FileUnreadable(f"{path} could not be moved to the trash. Delete it in your file manager instead.")


def _has_changed(path: Path, identity: FileIdentity) -> bool:
    try:
        return _differs(path.stat(), identity)
    except OSError:  # gone, or its drive is: there is no other file in its place
        return False


def _differs(present: os.stat_result, identity: FileIdentity) -> bool:
    return (present.st_size, present.st_mtime_ns) != (identity.size_bytes, identity.mtime_ns)
