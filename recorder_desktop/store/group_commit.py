"""The one thread that writes to the database: everything waiting at that moment shares one commit."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from recorder_desktop.core.errors import QueueDamaged, UploadError
from recorder_desktop.store.database import sorted_errors, transaction
from recorder_desktop.store.history_notes import HistoryNotes, write_notes

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Work:
    action: Callable[[sqlite3.Connection], Any]
    survives_power_loss: bool
    done: Future[Any]


class GroupCommit:
    """Runs actions on a database, in order, on one thread.

    Senders wait for their commit, so as many part acknowledgements share one as there are senders. `reopen` gives
    a fresh, checked connection after an error that leaves the old one in doubt (a failed fsync, for example).

    Attributes: notes: what goes along with the next commit, and never makes one of its own before closing.
    """

    def __init__(self, db: sqlite3.Connection, reopen: Callable[[], sqlite3.Connection]) -> None:
        self._db: sqlite3.Connection | None = db
        self._reopen = reopen
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False  # guarded by _lock
        self.commits = 0
        self.notes = HistoryNotes()
        self._thread = threading.Thread(target=self._run, name="queue-writer", daemon=True)
        self._thread.start()

    def run(self, action: Callable[[sqlite3.Connection], T], *, survives_power_loss: bool = False) -> T:
        """Return what `action` returns, once it is committed. Raises StoreFull, QueueDamaged, or its own error.

        A cursor must not be returned: the caller's thread would end its statement while this one runs it again.
        """
        done: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise QueueDamaged("The upload queue is closed. Start Recorder again.")
            self._waiting.put(_Work(action, survives_power_loss, done))
        return done.result()

    def close(self) -> None:
        """Commit what waits, then close the database. Safe to call twice."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        last = False
        while not last:
            batch, last = self._take_batch()
            if batch or (last and self.notes):
                self._commit(batch)
        if self._db is not None:
            self._db.close()

    def _take_batch(self) -> tuple[list[_Work], bool]:
        taken = [self._waiting.get()]
        while not self._waiting.empty():
            taken.append(self._waiting.get())
        return [work for work in taken if work is not None], None in taken

    def _commit(self, batch: list[_Work]) -> None:
        settle: list[Callable[[], None]] = []
        try:
            with sorted_errors():
                self._transaction(batch, settle)
        except UploadError as exc:
            self._forget_connection()
            settle = [_failing(work.done, exc) for work in batch]
        except Exception as exc:  # noqa: BLE001 - the thread outlives any action; its caller gets the error
            _log.exception("a queue write failed")
            self._forget_connection()
            settle = [_failing(work.done, exc) for work in batch]
        for tell in settle:
            tell()

    def _transaction(self, batch: list[_Work], settle: list[Callable[[], None]]) -> None:
        if self._db is None:
            self._db = self._reopen()
            _log.info("the queue was opened anew after an error, and found sound")
        db = self._db
        full = any(work.survives_power_loss for work in batch)
        # WAL with NORMAL keeps every commit through a crash of the process; only FULL keeps it through power loss.
        db.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
        notes = self.notes.take()
        try:
            with transaction(db):
                write_notes(db, notes)
                settle.extend(_outcome(db, work) for work in batch)
        except BaseException:
            self.notes.give_back(notes)
            raise
        self.commits += 1

    def _forget_connection(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()


def _outcome(db: sqlite3.Connection, work: _Work) -> Callable[[], None]:
    """Run one action; its own error undoes and fails it alone, not what shares its commit."""
    db.execute("SAVEPOINT action")
    try:
        result = work.action(db)
    except sqlite3.Error:
        raise  # the disk's or the file's trouble concerns everybody
    except Exception as exc:  # noqa: BLE001 - its caller gets it
        db.execute("ROLLBACK TO action")
        db.execute("RELEASE action")
        return _failing(work.done, exc)
    db.execute("RELEASE action")
    return _succeeding(work.done, result)


def _succeeding(done: Future[Any], result: Any) -> Callable[[], None]:
    return lambda: done.set_result(result)


def _failing(done: Future[Any], error: Exception) -> Callable[[], None]:
    return lambda: done.set_exception(error)
