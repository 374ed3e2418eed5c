"""Watches a folder by looking at it again and again: network drives, which tell nobody of changes, count too."""

from __future__ import annotations

import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from recorder_desktop.core.errors import FileMissing, FileUnreadable, UploadError
from recorder_desktop.core.recordings import is_recording_name
from recorder_desktop.core.upload_queue import Rejected
from recorder_desktop.core.watched_folder import FolderReport, FolderState, Glance, Settling

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
_LOOKING_SHARE = 0.01
"""How much of the time looking may take: a large folder is looked at less often."""
_AT_LEAST_EVERY_S = 120.0
_AT_ONCE = 1000
"""Recordings that are handed in with one call: on a slow drive each takes a while to be looked into."""


def recordings_below(folder: Path) -> dict[str, Glance]:
    """Every recording in `folder` and below as it looks now, by its path. Raises as `require_folder`.

    Hidden folders are passed by: they hold the trash of a drive and what programs keep for themselves. Links to
    folders are not followed, so a loop of them ends.
    """
    require_folder(folder)
    found: dict[str, Glance] = {}
    try:
        below = _look_into(str(folder), found)
    except OSError as exc:  # readable a moment ago: it went away under our eyes
        raise _missing(folder) from exc
    while below:
        with suppress(OSError):  # one further down that may not be read is passed by
            below += _look_into(below.pop(), found)
    return found


def _look_into(folder: str, found: dict[str, Glance]) -> list[str]:
    """Add the recordings of one folder to those found; returns the folders in it."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif is_recording_name(entry.name) and (glance := _glance_at(entry)) is not None:
                found[entry.path] = glance
    return folders


def require_folder(folder: Path) -> None:
    """Return if `folder` is one. Raises FileMissing if nothing is there, FileUnreadable for what cannot be listed."""
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
        if is_folder:
            os.scandir(folder).close()
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise _missing(folder) from exc
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise FileUnreadable(
            f"The folder {folder} cannot be read ({reason}). Check its permissions and links."
        ) from exc
    if not is_folder:
        raise FileUnreadable(f"{folder} is not a folder. Name a folder to watch, or upload the file itself.")


class FolderWatch:
    """One folder, looked at on a daemon thread: a drive that hangs holds up nothing else.

    `hand_in` is given the recordings that have stopped growing, each version once, and returns those that were not
    taken: they are given to it again later, as all are when it raises UploadError. `tell` hears how the folder is
    doing whenever that changes. Both are called on the thread, and not after `close` but for a call under way.
    """

    def __init__(
        self,
        folder: Path,
        hand_in: Callable[[Sequence[Path]], Sequence[Rejected]],
        tell: Callable[[FolderReport], None],
        *,
        settling: Callable[[], Settling] = Settling,
        on_handed_in: Callable[[Mapping[str, Glance]], None] = lambda _taken: None,
        look_every_s: float | None = None,
    ) -> None:
        """settling: made on the watch's thread. on_handed_in: told what each file looked like that was handed in."""
        self._folder = folder
        self._hand_in = hand_in
        self._tell = tell
        self._new_settling = settling
        self._settling: Settling | None = None  # of the thread
        self._on_handed_in = on_handed_in
        self._look_every_s = LOOK_EVERY_S if look_every_s is None else look_every_s
        self._refused: dict[str, str] = {}  # of the thread: what was not taken when it was last tried, and why
        self._last: FolderReport | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{folder.name}", daemon=True)

    def begin(self) -> None:
        """Look for the first time, and from then on; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Look no more. Does not wait: the drive may hang."""
        self._closed.set()

    def _run(self) -> None:
        pause_s = 0.0
        while not self._closed.wait(pause_s):
            began = time.monotonic()
            try:
                self._look()
            except Exception:  # noqa: BLE001 - the thread's top: the next look may go better
                _log.exception("looking at %s met a fault", self._folder)
            spent_s = time.monotonic() - began
            pause_s = min(max(self._look_every_s, spent_s / _LOOKING_SHARE), _AT_LEAST_EVERY_S)

    def _look(self) -> None:
        try:
            found = recordings_below(Path(os.path.abspath(self._folder)))  # noqa: PTH100 - named as the queue names them
        except FileMissing:
            message = f"The folder {self._folder} is not there now. Plug in its drive; it is waited for."
            self._report(FolderState.AWAY, message)
            return
        except FileUnreadable as exc:
            self._report(FolderState.REFUSED, exc.message)
            return
        self._settling = self._settling or self._new_settling()
        due = self._settling.look(found, time.monotonic())
        self._refused = {path: why for path, why in self._refused.items() if path in found}
        self._report_watched()
        for first in range(0, len(due), _AT_ONCE):
            if not self._closed.is_set():
                self._pass_on(due[first : first + _AT_ONCE], self._settling)
        self._report_watched()

    def _pass_on(self, due: list[str], settling: Settling) -> None:
        try:
            refused = {str(each.path): each.message for each in self._hand_in([Path(path) for path in due])}
        except UploadError as exc:  # such as a full disk: the engine has told the person
            _log.warning("recordings in %s could not be added (%s); they are tried again", self._folder, exc.code)
            return
        settling.refused(refused, time.monotonic())
        self._on_handed_in(settling.hand_in(path for path in due if path not in refused))
        for path in due:
            self._refused.pop(path, None)
        self._refused |= refused

    def _report_watched(self) -> None:
        if self._refused:
            self._report(FolderState.INCOMPLETE, next(iter(self._refused.values())))
        else:
            self._report(FolderState.WATCHED)

    def _report(self, state: FolderState, message: str = "") -> None:
        report = FolderReport(self._folder, state, message)
        if report != self._last and not self._closed.is_set():
            self._last = report
            self._tell(report)


def _glance_at(entry: os.DirEntry[str]) -> Glance | None:
    try:
        seen = entry.stat()
    except OSError:  # gone again, or a link to nowhere
        return None
    return Glance(seen.st_size, seen.st_mtime_ns) if stat.S_ISREG(seen.st_mode) else None


def _missing(folder: Path) -> FileMissing:
    return FileMissing(f"There is no folder {folder}. Check the path, or plug in its drive.")
