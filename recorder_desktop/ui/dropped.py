"""What a drop, a paste or a file dialog brought: local paths, and how many things cannot be taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, QSysInfo, QUrl

from recorder_desktop.ui.text import count_of, tr


@dataclass(frozen=True, slots=True)
class Dropped:
    """`paths` can be queued; `refusal` says in one line what cannot, empty if everything can."""

    paths: list[Path]
    refusal: str = ""


def could_hold_files(mime: QMimeData) -> bool:
    """Whether a drag is worth accepting. Text is, too: only a drop that arrives can be answered with a reason."""
    return mime.hasUrls() or mime.hasText()


def read(mime: QMimeData) -> Dropped:
    """Sort what was dropped; looks at no disk."""
    urls = mime.urls()
    if not urls:
        return Dropped([], tr("That was not a file. Drop files or folders from this computer."))
    paths = [path for path in map(_local_path, urls) if path is not None]
    return Dropped(list(dict.fromkeys(paths)), _refusal(len(urls) - len(paths)))


def urls_to_paths(urls: Iterable[QUrl]) -> list[Path]:
    """The local ones among these URLs as paths."""
    return [path for path in map(_local_path, urls) if path is not None]


def _local_path(url: QUrl) -> Path | None:
    if not url.isLocalFile():
        return None
    # Some file managers name this computer in the URL; Qt would make a network share of it.
    if url.host().lower() in ("localhost", QSysInfo.machineHostName().lower()):
        url = QUrl(url)
        url.setHost("")
    local = url.toLocalFile()
    return Path(local) if local else None


def _refusal(count: int) -> str:
    if count == 0:
        return ""
    return count_of(
        count,
        "1 link was not added: save the file on this computer first.",
        "%n links were not added: save the files on this computer first.",
    )
