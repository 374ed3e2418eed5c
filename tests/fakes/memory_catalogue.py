"""The Catalogue port in memory, for tests of the services. Passes the same contract suite as the real ones."""

from __future__ import annotations

import operator
import threading
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.errors import CatalogueUnavailable, UploadAborted, UploadNotFound
from backend.model import (
    ALWAYS,
    ENDED_STATES,
    OPEN_STATES,
    Cursor,
    Period,
    Place,
    Recording,
    RecordingOrder,
    SessionState,
    UploadSession,
    place_of,
)


class MemoryCatalogue:
    """Keeps sessions and recordings in dictionaries. ``down`` makes every call fail as an outage would."""

    def __init__(self) -> None:
        self.sessions: dict[str, UploadSession] = {}
        self.recordings: dict[str, Recording] = {}
        self.claims: dict[str, tuple[str, datetime]] = {}
        self.down = False
        self._lock = threading.RLock()

    def check(self) -> None:
        self._up()

    def close(self) -> None:
        self.down = True

    def reserve_session(self, session: UploadSession) -> UploadSession:
        self._up()
        with self._lock:
            known = session.client_upload_id and self.find_client_session(session.owner_id, session.client_upload_id)
            if known:
                return known
            self.sessions[session.session_id] = session
            return session

    def reserve_sessions(self, sessions: Sequence[UploadSession]) -> list[UploadSession]:
        self._up()
        return [self.reserve_session(session) for session in sessions]

    def find_session(self, owner_id: str, upload_id: str) -> UploadSession | None:
        self._up()
        return next((s for s in self.sessions.values() if (s.owner_id, s.upload_id) == (owner_id, upload_id)), None)

    def find_sessions(self, owner_id: str, upload_ids: Collection[str]) -> list[UploadSession]:
        self._up()
        return [s for s in self.sessions.values() if s.owner_id == owner_id and s.upload_id in upload_ids]

    def find_client_session(self, owner_id: str, client_upload_id: str) -> UploadSession | None:
        self._up()
        wanted = (owner_id, client_upload_id)
        return next((s for s in self.sessions.values() if (s.owner_id, s.client_upload_id) == wanted), None)

    def still_uploading(self, upload_ids: Collection[str]) -> frozenset[str]:
        self._up()
        uploading = {s.upload_id for s in self.sessions.values() if s.state is SessionState.UPLOADING and s.upload_id}
        return frozenset(uploading.intersection(upload_ids))

    def swap_session(self, old: UploadSession, new: UploadSession) -> UploadSession:
        self._up()
        with self._lock:
            stored = self.sessions.get(old.session_id)
            if stored is None:
                raise UploadNotFound
            if (stored.state, stored.upload_id) == (old.state, old.upload_id):
                self.sessions[old.session_id] = new
            return self.sessions[old.session_id]

    def list_sessions(
        self, owner_id: str, states: frozenset[SessionState], before: Cursor | None, limit: int
    ) -> list[UploadSession]:
        self._up()
        mine = [s for s in self.sessions.values() if s.owner_id == owner_id and s.state in states]
        ranked = sorted(mine, key=lambda s: (s.created_at, s.session_id), reverse=True)
        after = [s for s in ranked if before is None or (s.created_at, s.session_id) < _place(before)]
        return after[:limit]

    def count_open_sessions(self) -> int:
        self._up()
        return sum(session.state in OPEN_STATES for session in self.sessions.values())

    def touch_session(self, session: UploadSession, active_at: datetime) -> None:
        self._up()
        with self._lock:
            if session.session_id in self.sessions:
                self.sessions[session.session_id] = replace(self.sessions[session.session_id], active_at=active_at)

    def idle_sessions(
        self, states: frozenset[SessionState], idle_since: datetime, after: Cursor | None, limit: int
    ) -> list[UploadSession]:
        self._up()
        idle = [s for s in self.sessions.values() if s.state in states and s.active_at <= idle_since]
        ranked = sorted(idle, key=lambda s: (s.created_at, s.session_id))
        beyond = [s for s in ranked if after is None or (s.created_at, s.session_id) > _place(after)]
        return beyond[:limit]

    def sessions_of_keys(self, keys: Collection[str]) -> list[UploadSession]:
        self._up()
        return [session for session in self.sessions.values() if session.key in keys]

    def sessions_to_sweep(self, until: datetime, limit: int) -> list[UploadSession]:
        self._up()
        due = [(s.sweep_at, s.session_id) for s in self.sessions.values() if s.sweep_at and s.sweep_at <= until]
        return [self.sessions[session_id] for _, session_id in sorted(due)[:limit]]

    def forget_sessions(self, idle_since: datetime, limit: int) -> int:
        self._up()
        with self._lock:
            old = [s for s in self.sessions.values() if s.state in ENDED_STATES and s.active_at <= idle_since]
            useless = sorted((s.created_at, s.session_id) for s in old if s.sweep_at is None)[:limit]
            for _, session_id in useless:
                del self.sessions[session_id]
            return len(useless)

    def complete_session(self, session: UploadSession, recording: Recording) -> Recording:
        self._up()
        with self._lock:
            known = self.sessions.get(session.session_id)
            aborted = known is not None and known.state is SessionState.ABORTED
            if aborted and recording.recording_id not in self.recordings:
                raise UploadAborted("This upload was aborted.")
            self.sessions[session.session_id] = replace(session, state=SessionState.COMPLETED)
            return self.recordings.setdefault(recording.recording_id, recording)

    def complete_open_sessions(self, completed: Sequence[tuple[UploadSession, Recording]]) -> bool:
        self._up()
        with self._lock:
            ids = {session.session_id for session, _ in completed}
            states = [self.sessions[session_id].state for session_id in ids if session_id in self.sessions]
            if sum(state in OPEN_STATES for state in states) != len(completed):
                return False
            for session, recording in completed:
                self.complete_session(session, recording)
            return True

    def find_recording(self, owner_id: str, recording_id: str) -> Recording | None:
        self._up()
        found = self.recordings.get(recording_id)
        return found if found is not None and found.owner_id == owner_id else None

    def find_recording_of(self, owner_id: str, upload_id: str) -> Recording | None:
        self._up()
        mine = (each for each in self.recordings.values() if each.owner_id == owner_id)
        return next((each for each in mine if each.upload_id == upload_id), None)

    def list_recordings(
        self,
        owner_id: str,
        query: str | None,
        after: Place | None,
        limit: int,
        *,
        created: Period = ALWAYS,
        order: RecordingOrder = RecordingOrder.NEWEST,
    ) -> list[Recording]:
        self._up()
        wanted = (query or "").casefold()
        mine = [r for r in self.recordings.values() if r.owner_id == owner_id and wanted in r.file_name.casefold()]
        mine = [r for r in mine if created.has(r.created_at)]
        ranked = sorted(mine, key=lambda r: _rank(place_of(r, order)), reverse=order.is_descending)
        if after is not None:
            has_passed = operator.lt if order.is_descending else operator.gt
            ranked = [r for r in ranked if has_passed(_rank(place_of(r, order)), _rank(after))]
        return ranked[:limit]

    def delete_recording(self, recording: Recording, sweep_at: datetime) -> None:
        self._up()
        with self._lock:
            self.recordings.pop(recording.recording_id, None)
            session = self.sessions.get(recording.recording_id)
            if session is not None:
                self.sessions[session.session_id] = replace(session, state=SessionState.ABORTED, sweep_at=sweep_at)

    def recordings_without_duration(self, limit: int) -> list[Recording]:
        self._up()
        pending = [r for r in self.recordings.values() if r.duration_pending]
        return sorted(pending, key=lambda r: (r.created_at, r.recording_id))[:limit]

    def claim_duration(self, recording_id: str, worker: str, now: datetime, until: datetime) -> bool:
        self._up()
        with self._lock:
            recording = self.recordings.get(recording_id)
            holder, held_until = self.claims.get(recording_id, (worker, now))
            free = recording is not None and recording.duration_pending and (holder == worker or held_until <= now)
            if free:
                self.claims[recording_id] = (worker, until)
            return free

    def set_duration(self, recording_id: str, duration_s: float | None) -> None:
        self._up()
        with self._lock:
            found = self.recordings.get(recording_id)
            if found is not None:
                self.recordings[recording_id] = replace(found, duration_s=duration_s, duration_pending=False)

    def _up(self) -> None:
        if self.down:
            raise CatalogueUnavailable("The database cannot be reached.")


def _rank(place: Place) -> tuple[Any, str]:
    return -1 if place.value is None else place.value, place.item_id


def _place(cursor: Cursor) -> tuple[object, str]:
    return cursor.created_at, cursor.item_id
