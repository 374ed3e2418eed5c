"""Watches the folders that the person chose in the window. Implements core.watched_folder.WatchDesk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from recorder_desktop.core.upload_queue import AddOptions, Rejected, UploadQueue
from recorder_desktop.core.watched_folder import SETTLE_S, FolderReport, Settling
from recorder_desktop.system.folder_watch import FolderWatch
from recorder_desktop.system.handed_in import HandedIn

_log = logging.getLogger(__name__)

_ADD_TIMEOUT_S = 600.0


class Watching:
    """A watch for each folder. What a person took off the list or cancelled does not come back at the next start."""

    def __init__(
        self,
        queue: UploadQueue,
        handed_in: HandedIn,
        tell: Callable[[FolderReport], None],
        settle_s: float = SETTLE_S,
    ) -> None:
        """`tell` hears on the watches' threads how the folders are doing."""
        self._queue = queue
        self._handed_in = handed_in
        self._tell = tell
        self._settle_s = settle_s
        self._watches: dict[Path, FolderWatch] = {}

    def watch(self, folders: Sequence[Path]) -> None:
        """Watch these folders and no others from now on. Call from one thread."""
        for folder in [known for known in self._watches if known not in folders]:
            self._watches.pop(folder).close()
        for folder in folders:
            if folder not in self._watches:
                self._watches[folder] = self._begin(folder)

    def close(self) -> None:
        """Watch nothing any more; does not wait."""
        self.watch(())

    def _begin(self, folder: Path) -> FolderWatch:
        watch = FolderWatch(
            folder,
            self._hand_in,
            self._tell,
            settling=lambda: Settling(self._settle_s, self._handed_in.below(folder)),
            on_handed_in=self._handed_in.note,
        )
        watch.begin()
        return watch

    def _hand_in(self, paths: Sequence[Path]) -> list[Rejected]:
        outcomes = self._queue.add(paths, AddOptions(is_watched=True)).result(_ADD_TIMEOUT_S)
        rejected = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        for each in rejected:  # such as a file on a card that was pulled out
            _log.warning("a recording in a watched folder was not added yet: %s", each.code)
        return rejected
