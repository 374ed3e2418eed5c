"""The person's desktop, without one: keeps what the window asked of it."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from recorder_desktop.core.errors import FileChanged
from recorder_desktop.core.model import FileIdentity


class FakeDesktop:
    """Implements ui.desktop.Desktop. works: the answer of everything that can fail. changed: files that are no longer
    what was stored."""

    def __init__(self, downloads: Path = Path("/home/mara/Downloads")) -> None:
        self.works = True
        self.addresses: list[str] = []
        self.opened: list[Path] = []
        self.revealed: list[Path] = []
        self.copied: list[str] = []
        self.trashed: list[Path] = []
        self.changed: set[Path] = set()
        self._downloads = downloads

    def open_address(self, address: str) -> bool:
        self.addresses.append(address)
        return self.works

    def open_file(self, path: Path) -> bool:
        self.opened.append(path)
        return self.works

    def reveal(self, path: Path) -> bool:
        self.revealed.append(path)
        return self.works

    def copy_text(self, text: str) -> None:
        self.copied.append(text)

    def move_to_trash(self, path: Path, identity: FileIdentity) -> Future[None]:
        self.trashed.append(path)
        done: Future[None] = Future()
        if self.works:
            done.set_result(None)
        else:
            done.set_exception(FileChanged("It was changed."))
        return done

    def has_changed(self, path: Path, identity: FileIdentity) -> Future[bool]:
        done: Future[bool] = Future()
        done.set_result(path in self.changed)
        return done

    def downloads(self) -> Path:
        return self._downloads
