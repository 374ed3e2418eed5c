"""Tells watchers what becomes of their owners' uploads, whichever process changes them.

One watch on the catalogue a process, and none while nobody watches: what it finds is read once and handed to all.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from backend.errors import BackendError, ChangesMissed, TooManyWatchers
from backend.model import OPEN_STATES, UploadStatus, utc_now
from backend.ports import Catalogue, ChangeWatch, ProgressBoard

# How many live connections one user may have to one process.
MAX_WATCHERS = 20
# What an overview holds: so many of the newest open uploads, and recordings of the last minutes.
OPEN_IN_OVERVIEW = 200
RECENT_IN_OVERVIEW = 50
RECENT = timedelta(minutes=10)
WAIT_S = 1.0
TROUBLE_PAUSE_S = 1.0

log = logging.getLogger(__name__)


class Watcher(Protocol):
    """Somebody who wants to know. Called from the feed's thread; must return at once."""

    def changed(self, statuses: Sequence[UploadStatus]) -> None:
        """These uploads are now like this."""

    def missed(self) -> None:
        """Take a new overview: from now on, changes after it are told."""


class LiveFeed:
    """Who watches, and the thread that tells them. Every method may be called from any thread."""

    def __init__(self, catalogue: Catalogue, board: ProgressBoard) -> None:
        self._catalogue = catalogue
        self._board = board
        self._changed = threading.Condition()
        self._watchers: dict[str, list[Watcher]] = {}  # by owner; guarded by _changed, as is all below
        self._is_following = False
        self._stopping = False
        self._unread: set[str] = set()  # changed sessions whose statuses are yet to be read; the thread's own
        self._thread = threading.Thread(target=self._run, name="live-feed", daemon=True)

    def start(self) -> None:
        """Begin to serve watchers."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; it may take as long as one look at the catalogue."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=2)

    @contextlib.contextmanager
    def joined(self, owner_id: str, watcher: Watcher) -> Iterator[None]:
        """Tell the watcher of this owner's uploads inside the block, beginning with ``missed`` once all is set.

        Raises TooManyWatchers.
        """
        with self._changed:
            watchers = self._watchers.setdefault(owner_id, [])
            if len(watchers) >= MAX_WATCHERS:
                raise TooManyWatchers
            watchers.append(watcher)
            if self._is_following:
                watcher.missed()
            self._changed.notify()
        try:
            yield
        finally:
            self._leave(owner_id, watcher)

    def overview(self, owner_id: str) -> list[UploadStatus]:
        """Return the owner's uploads that are under way, and those completed lately. Raises CatalogueUnavailable."""
        since = utc_now() - RECENT
        under_way = self._catalogue.list_sessions(owner_id, OPEN_STATES, None, OPEN_IN_OVERVIEW)
        newest = self._catalogue.list_recordings(owner_id, None, None, RECENT_IN_OVERVIEW)
        ids = [each.session_id for each in under_way]
        ids += [each.recording_id for each in newest if each.created_at >= since]
        order = {session_id: place for place, session_id in enumerate(ids)}
        return sorted(self._board.statuses([owner_id], ids), key=lambda status: order[status.session.session_id])

    def _leave(self, owner_id: str, watcher: Watcher) -> None:
        with self._changed:
            watchers = self._watchers[owner_id]
            watchers.remove(watcher)
            if not watchers:
                del self._watchers[owner_id]

    # --- the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._anybody_waits():
            watch = self._board.watch()
            try:
                self._follow(watch)
            except Exception:  # the top of a thread: logged whole, and begun anew
                log.exception("the live feed failed")
                self._pause()
            finally:
                with self._changed:
                    self._is_following = False
                watch.close()

    def _anybody_waits(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._watchers or self._stopping)
            return not self._stopping

    def _follow(self, watch: ChangeWatch) -> None:
        is_in_trouble = False
        while self._is_wanted():
            try:
                self._step(watch)
                is_in_trouble = False
            except BackendError as exc:
                if not is_in_trouble:
                    log.warning("live progress waits: %s", exc.message)
                is_in_trouble = True
                self._pause()

    def _step(self, watch: ChangeWatch) -> None:
        try:
            self._unread |= watch.next(WAIT_S)
        except ChangesMissed:
            self._unread.clear()
            self._tell_missed()
            return
        statuses = self._board.statuses(self._owners(), self._unread) if self._unread else []
        self._unread.clear()
        by_owner: dict[str, list[UploadStatus]] = {}
        for status in statuses:
            by_owner.setdefault(status.session.owner_id, []).append(status)
        with self._changed:
            for owner_id, theirs in by_owner.items():
                for watcher in self._watchers.get(owner_id, ()):
                    watcher.changed(theirs)

    def _tell_missed(self) -> None:
        with self._changed:
            self._is_following = True
            for watchers in self._watchers.values():
                for watcher in watchers:
                    watcher.missed()

    def _is_wanted(self) -> bool:
        with self._changed:
            return bool(self._watchers) and not self._stopping

    def _owners(self) -> frozenset[str]:
        with self._changed:
            return frozenset(self._watchers)

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, TROUBLE_PAUSE_S)
