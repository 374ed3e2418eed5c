"""Takes in how far uploads are: as clients say, or estimated from the parts that they ask URLs for.

No request waits for a write: what is new is noted in memory, and one thread writes it, each upload once a second.
No write waits for the store: what only its list of parts can tell is looked at apart.
"""

from __future__ import annotations

import heapq
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.errors import BackendError, InvalidField
from backend.loss_checks import LossChecks
from backend.model import OPEN_STATES, PartToSign, Progress, UploadMethod, UploadSession, utc_now
from backend.owned_sessions import OwnedSessions
from backend.ports import ObjectStore, ProgressBoard

WRITE_INTERVAL_S = 1.0
# After each write others are gathered so long for the next one: one for each upload would hold up other writes.
GATHER_S = 0.1
# What nobody spoke of for so long is forgotten here; the board knows it.
FORGET_AFTER_S = 60.0

log = logging.getLogger(__name__)

_Place = tuple[str, str]  # owner and upload id


@dataclass
class _Noted:
    """One upload as this process last heard of it. Times are monotonic."""

    session: UploadSession
    heard_at: float
    bytes_confirmed: int = 0
    estimated: bool = True
    written_at: float = -math.inf
    due_at: float | None = None  # None: nothing is to be written

    @property
    def place(self) -> _Place:
        return self.session.owner_id, self.session.upload_id or ""

    def progress(self) -> Progress:
        session = self.session
        return Progress(session.session_id, session.owner_id, self.bytes_confirmed, self.estimated, utc_now())


class ProgressService:
    """What clients say of their uploads' progress. Two daemon threads, between ``start`` and ``stop``."""

    def __init__(
        self,
        store: ObjectStore,
        sessions: OwnedSessions,
        board: ProgressBoard,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._board = board
        self._now = now
        self._losses = LossChecks(store, board, now)
        self._changed = threading.Condition()
        # Guarded by _changed, as is all below. Requests wait for it on the event loop: whoever holds it must not go
        # over all that is noted. The one last heard of is last; due ones count while they are due at that time.
        self._noted: OrderedDict[_Place, _Noted] = OrderedDict()
        self._due: list[tuple[float, _Place]] = []  # a heap
        self._stopping = False
        self._is_in_trouble = False  # the thread's own
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        sessions.tell_of_ended(self._forget)

    def start(self) -> None:
        """Begin to write."""
        self._losses.start()
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=2)
        self._losses.stop()

    def knows(self, owner_id: str, upload_id: str, key: str, bytes_confirmed: int) -> bool:
        """Return whether ``report_known`` would take this in."""
        with self._changed:
            noted = self._noted.get((owner_id, upload_id))
        return noted is not None and noted.session.key == key and _is_within(noted.session, bytes_confirmed)

    def report_known(self, owner_id: str, upload_id: str, key: str, bytes_confirmed: int) -> bool:
        """Take in a client's word without waiting for anything; False where ``report`` has to look the upload up.

        Raises InvalidField when that is more than the file has.
        """
        with self._changed:
            noted = self._noted.get((owner_id, upload_id))
            if noted is None or noted.session.key != key:
                return False
            _require_within(noted.session, bytes_confirmed)
            self._note(noted, bytes_confirmed, estimated=False)
        return True

    def report(self, owner_id: str, upload_id: str, key: str, bytes_confirmed: int) -> None:
        """Take in how many bytes the client knows to be stored. Of an upload that is over, nothing is kept.

        Raises UploadNotFound, and InvalidField when that is more than the file has.
        """
        session = self._sessions.find(owner_id, upload_id, key)
        _require_within(session, bytes_confirmed)
        if session.state in OPEN_STATES:
            with self._changed:
                self._note(self._of(session), bytes_confirmed, estimated=False)

    def signed(self, session: UploadSession, parts: Sequence[PartToSign]) -> None:
        """Note that URLs were made for these parts: whoever asks for a part has sent those before it, or nearly."""
        usual = session.part_size_bytes
        part_size = max(usual if each.content_length is None else each.content_length for each in parts)
        before = min(each.part_number for each in parts) - 1
        estimate = before * part_size
        if session.file_size_bytes is not None:
            estimate = min(estimate, session.file_size_bytes)
        if estimate <= 0:
            return
        with self._changed:
            noted = self._of(session)
            if noted.estimated and estimate > noted.bytes_confirmed:
                self._note(noted, estimate, estimated=True)

    def write(self) -> None:
        """Write what is due now. Raises BackendError; what could not be written is due again."""
        due = self._take_due()
        sent = {each.session_id: each for _, each in due}
        try:
            further = self._board.note(list(sent.values()))
        except BackendError:
            self._put_back([place for place, _ in due])
            raise
        sessions = {each.session_id: place for place, each in due}
        for known in further:
            self._passed_over(sessions[known.session_id], sent[known.session_id], known)

    def check_losses(self) -> None:
        """Ask the store about uploads whose clients say that parts are gone, see ``LossChecks``."""
        self._losses.check()

    def _forget(self, owner_id: str, upload_id: str) -> None:
        with self._changed:
            self._noted.pop((owner_id, upload_id), None)

    def _of(self, session: UploadSession) -> _Noted:
        place = (session.owner_id, session.upload_id or "")
        if place not in self._noted:
            self._noted[place] = _Noted(session, self._now())
        return self._noted[place]

    def _note(self, noted: _Noted, bytes_confirmed: int, *, estimated: bool) -> None:
        noted.heard_at = self._now()
        self._noted.move_to_end(noted.place)
        noted.bytes_confirmed, noted.estimated = bytes_confirmed, estimated
        self._make_due(noted)

    def _make_due(self, noted: _Noted) -> None:
        if noted.due_at is None:
            noted.due_at = max(self._now(), noted.written_at + WRITE_INTERVAL_S)
            heapq.heappush(self._due, (noted.due_at, noted.place))
            if self._due[0][1] == noted.place:
                self._changed.notify()

    def _passed_over(self, place: _Place, told: Progress, known: Progress) -> None:
        """Another process knows better; or the client knows that parts are gone, which the store has to confirm."""
        if told.estimated:
            with self._changed:
                noted = self._noted.get(place)
                if noted is not None and noted.estimated and not known.estimated:
                    noted.estimated = False
            return
        with self._changed:
            noted = self._noted.get(place)
        is_less = told.bytes_confirmed < known.bytes_confirmed
        if is_less and noted is not None and noted.session.method is UploadMethod.MULTIPART:
            self._losses.add(noted.session, told.bytes_confirmed, known.bytes_confirmed)

    # --- the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._wait():
            self._attempt()
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, GATHER_S)
        self._attempt()

    def _attempt(self) -> None:
        try:
            self.write()
        except BackendError as exc:
            if not self._is_in_trouble:
                log.warning("progress is not written: %s", exc.message)
            self._is_in_trouble = True
        except Exception:  # the top of a thread: logged whole, and the next write is tried
            log.exception("progress could not be written")
        else:
            self._is_in_trouble = False

    def _wait(self) -> bool:
        """Return True when something may be written, False to end."""
        with self._changed:
            while not self._stopping:
                pause_s = self._due[0][0] - self._now() if self._due else None
                if pause_s is not None and pause_s <= 0:
                    return True
                self._changed.wait(pause_s)
            return False

    def _take_due(self) -> list[tuple[_Place, Progress]]:
        with self._changed:
            now = self._now()
            due = []
            while self._due and (self._stopping or self._due[0][0] <= now):
                due_at, place = heapq.heappop(self._due)
                noted = self._noted.get(place)
                if noted is not None and noted.due_at == due_at:
                    noted.due_at, noted.written_at = None, now
                    due.append((place, noted.progress()))
            self._forget_old(now)
            return due

    def _forget_old(self, now: float) -> None:
        while self._noted:
            place, noted = next(iter(self._noted.items()))
            if now - noted.heard_at < FORGET_AFTER_S or noted.due_at is not None:
                return
            del self._noted[place]

    def _put_back(self, places: Sequence[_Place]) -> None:
        with self._changed:
            for place in places:
                noted = self._noted.get(place)
                if noted is not None:
                    self._make_due(noted)


def _is_within(session: UploadSession, bytes_confirmed: int) -> bool:
    return session.file_size_bytes is None or bytes_confirmed <= session.file_size_bytes


def _require_within(session: UploadSession, bytes_confirmed: int) -> None:
    if not _is_within(session, bytes_confirmed):
        raise InvalidField("bytesConfirmed", f"this upload has {session.file_size_bytes} bytes")
