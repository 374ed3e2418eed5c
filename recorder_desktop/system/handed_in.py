"""Which recordings the watched folders have handed in, from run to run: a file of one JSON array a line."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from recorder_desktop.core.watched_folder import Glance
from recorder_desktop.system.paths import write_private

_log = logging.getLogger(__name__)


class HandedIn:
    """What each recording looked like when it was handed in, by its path. Any thread; every call waits for the disk.

    What cannot be read or written is logged and does no harm: the queue recognises what it still knows.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, Glance] | None = None  # guarded by _lock; None: not read yet

    def below(self, folder: Path) -> dict[str, Glance]:
        """Those in a folder and below."""
        with self._lock:
            within = os.path.join(folder, "")  # noqa: PTH118 - with the closing separator
            return {path: glance for path, glance in self._read().items() if path.startswith(within)}

    def note(self, taken: Mapping[str, Glance]) -> None:
        """Remember these too."""
        with self._lock:
            self._read().update(taken)
            lines = "".join(_line(path, glance) for path, glance in taken.items())
            try:
                with self._path.open("a", encoding="utf-8", errors="surrogateescape") as file:
                    file.write(lines)
            except OSError as problem:
                _log.warning("what was handed in could not be written (%s)", problem)

    def _read(self) -> dict[str, Glance]:
        if self._known is None:
            self._known = {}
            try:
                lines = self._path.read_text("utf-8", "surrogateescape").splitlines()
            except FileNotFoundError:
                lines = []
            except OSError as problem:
                _log.warning("what was handed in could not be read (%s)", problem)
                lines = []
            self._known = dict(entry for line in lines if (entry := _entry(line)) is not None)
            self._shorten(len(lines))
        return self._known

    def _shorten(self, lines: int) -> None:
        """A recording that was handed in twice has two lines; most of them gone, the file is written anew."""
        known = self._known or {}
        if lines > 2 * len(known) + 100 or (lines == 0 and not self._path.exists()):
            try:
                text = "".join(_line(path, glance) for path, glance in known.items())
                write_private(self._path, text.encode("utf-8", "surrogateescape"))
            except OSError as problem:
                _log.warning("what was handed in could not be written (%s)", problem)


def _line(path: str, glance: Glance) -> str:
    return json.dumps([path, glance.size_bytes, glance.mtime_ns]) + "\n"


def _entry(line: str) -> tuple[str, Glance] | None:
    """None for a line that was cut short when the power failed."""
    try:
        path, size_bytes, mtime_ns = json.loads(line)
        return str(path), Glance(int(size_bytes), int(mtime_ns))
    except (ValueError, TypeError):
        return None
