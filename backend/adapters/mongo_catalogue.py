"""The catalogue in MongoDB: a replica set or sharded cluster, shared by any number of backends."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import pymongo
from pymongo import ReturnDocument, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from backend.adapters.catalogue_rows import recording_row, row_recording, row_session, session_row
from backend.adapters.mongo_database import NEWEST_FIRST, OLDEST_FIRST, Document, MongoDatabase, beyond
from backend.errors import (
    CatalogueUnavailable,
    UploadAborted,
    UploadNotFound,
)
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
    to_millis,
)

LOOKUP_TIMEOUT_S = 5.0
_DUPLICATE_KEY = 11000


class _NotAllOpen(Exception):
    """Ends a transaction without a trace."""


class MongoCatalogue:
    """The Catalogue port on one database."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._sessions = database.collection("upload_sessions")
        self._recordings = database.collection("recordings")

    def check(self) -> None:
        """See Catalogue; fails within two seconds."""
        self._database.check()

    def close(self) -> None:
        """See Catalogue."""
        self._database.close()

    def reserve_session(self, session: UploadSession) -> UploadSession:
        """See Catalogue."""
        with self._database.mapped_errors():
            try:
                self._sessions.insert_one(_document(session_row(session), session.session_id))
            except DuplicateKeyError:
                known = self._sessions.find_one(
                    {"owner_id": session.owner_id, "client_upload_id": session.client_upload_id}
                )
                if session.client_upload_id is None or known is None:
                    raise
                return row_session(known)
        return session

    def reserve_sessions(self, sessions: Sequence[UploadSession]) -> list[UploadSession]:
        """See Catalogue."""
        with self._database.mapped_errors():
            documents = [_document(session_row(session), session.session_id) for session in sessions]
            try:
                # In no order: one that is known already keeps none of the others out.
                self._sessions.insert_many(documents, ordered=False)
            except BulkWriteError as exc:
                if not _were_known(exc):
                    raise
            else:
                return list(sessions)
        # Whoever is refused for an id is found by it, in whichever request it came.
        return [self.reserve_session(session) for session in sessions]

    def find_session(self, owner_id: str, upload_id: str) -> UploadSession | None:
        """See Catalogue."""
        return self._one_session({"owner_id": owner_id, "upload_id": upload_id})

    def find_sessions(self, owner_id: str, upload_ids: Collection[str]) -> list[UploadSession]:
        """See Catalogue."""
        condition = {"owner_id": owner_id, "upload_id": {"$in": list(upload_ids)}}
        with self._database.mapped_errors():
            return [row_session(row) for row in self._sessions.find(condition)]

    def find_client_session(self, owner_id: str, client_upload_id: str) -> UploadSession | None:
        """See Catalogue."""
        return self._one_session({"owner_id": owner_id, "client_upload_id": client_upload_id})

    def still_uploading(self, upload_ids: Collection[str]) -> frozenset[str]:
        """See Catalogue."""
        condition = {"upload_id": {"$in": list(upload_ids)}, "state": SessionState.UPLOADING.value}
        with self._database.mapped_errors():
            return frozenset(row["upload_id"] for row in self._sessions.find(condition, {"upload_id": 1}))

    def swap_session(self, old: UploadSession, new: UploadSession) -> UploadSession:
        """See Catalogue."""
        condition = {"_id": old.session_id, "state": old.state.value, "upload_id": old.upload_id}
        with self._database.mapped_errors():
            stored = self._sessions.find_one_and_update(
                condition, {"$set": session_row(new)}, return_document=ReturnDocument.AFTER
            ) or self._sessions.find_one({"_id": old.session_id})
        if stored is None:
            raise UploadNotFound
        return row_session(stored)

    def list_sessions(
        self, owner_id: str, states: frozenset[SessionState], before: Cursor | None, limit: int
    ) -> list[UploadSession]:
        """See Catalogue."""
        condition = {"owner_id": owner_id, "state": {"$in": sorted(states)}, **beyond(before, "$lt")}
        with self._database.mapped_errors():
            return [row_session(row) for row in self._sessions.find(condition).sort(NEWEST_FIRST).limit(limit)]

    def count_open_sessions(self) -> int:
        """See Catalogue."""
        with self._database.mapped_errors():
            return self._sessions.count_documents({"state": {"$in": sorted(OPEN_STATES)}})

    def touch_session(self, session: UploadSession, active_at: datetime) -> None:
        """See Catalogue."""
        with self._database.mapped_errors():
            self._sessions.update_one({"_id": session.session_id}, {"$set": {"active_at": to_millis(active_at)}})

    def idle_sessions(
        self, states: frozenset[SessionState], idle_since: datetime, after: Cursor | None, limit: int
    ) -> list[UploadSession]:
        """See Catalogue."""
        millis = to_millis(idle_since)
        condition: Document = {
            "state": {"$in": sorted(states)},
            "created_at": {"$lte": millis},
            # ``$not`` holds for documents from before this field, too.
            "active_at": {"$not": {"$gt": millis}},
            **beyond(after, "$gt"),
        }
        with self._database.mapped_errors():
            return [row_session(row) for row in self._sessions.find(condition).sort(OLDEST_FIRST).limit(limit)]

    def sessions_of_keys(self, keys: Collection[str]) -> list[UploadSession]:
        """See Catalogue."""
        with self._database.mapped_errors():
            return [row_session(row) for row in self._sessions.find({"key": {"$in": list(keys)}})]

    def sessions_to_sweep(self, until: datetime, limit: int) -> list[UploadSession]:
        """See Catalogue."""
        condition = {"sweep_at": {"$lte": to_millis(until), "$type": "number"}}
        with self._database.mapped_errors():
            return [row_session(row) for row in self._sessions.find(condition).sort("sweep_at").limit(limit)]

    def forget_sessions(self, idle_since: datetime, limit: int) -> int:
        """See Catalogue."""
        millis = to_millis(idle_since)
        useless: Document = {
            "state": {"$in": sorted(ENDED_STATES)},
            "created_at": {"$lte": millis},
            "active_at": {"$not": {"$gt": millis}},
            "sweep_at": None,
        }
        with self._database.mapped_errors():
            found = self._sessions.find(useless, {"_id": 1}).sort(OLDEST_FIRST).limit(limit)
            ids = [row["_id"] for row in found]
            return self._sessions.delete_many({"_id": {"$in": ids}, **useless}).deleted_count if ids else 0

    def complete_session(self, session: UploadSession, recording: Recording) -> Recording:
        """See Catalogue."""
        try:
            with self._database.transaction() as transaction:
                return transaction.with_transaction(lambda inside: self._complete(inside, session, recording))
        except CatalogueUnavailable:
            known = self._committed(recording.recording_id)
            if known is None:
                raise
            return known

    def complete_open_sessions(self, completed: Sequence[tuple[UploadSession, Recording]]) -> bool:
        """See Catalogue."""
        try:
            with self._database.transaction() as transaction:
                transaction.with_transaction(lambda inside: self._complete_open(inside, completed))
        except _NotAllOpen:
            return False
        return True

    def _complete_open(
        self, transaction: ClientSession, completed: Sequence[tuple[UploadSession, Recording]]
    ) -> None:
        changes = [UpdateOne(_still_open(session), _completed(session)) for session, _ in completed]
        if self._sessions.bulk_write(changes, session=transaction).matched_count != len(completed):
            raise _NotAllOpen
        rows = [_document(recording_row(recording), recording.recording_id) for _, recording in completed]
        self._recordings.insert_many(rows, session=transaction)

    def _committed(self, recording_id: str) -> Recording | None:
        """Return the recording if a commit of unknown result took effect after all."""
        # Linearizable: a majority read may still show the state from before the commit.
        recordings = self._recordings.with_options(read_concern=ReadConcern("linearizable"))
        with pymongo.timeout(LOOKUP_TIMEOUT_S), self._database.mapped_errors():
            found = recordings.find_one({"_id": recording_id})
        return None if found is None else row_recording(found)

    def _complete(self, transaction: ClientSession, session: UploadSession, recording: Recording) -> Recording:
        still_open, completed = _still_open(session), _completed(session)
        if not self._sessions.update_one(still_open, completed, session=transaction).matched_count:
            known = self._recordings.find_one({"_id": recording.recording_id}, session=transaction)
            if known is not None:
                return row_recording(known)
            self._require_not_aborted(transaction, session.session_id)
        self._recordings.insert_one(_document(recording_row(recording), recording.recording_id), session=transaction)
        return recording

    def _require_not_aborted(self, transaction: ClientSession, session_id: str) -> None:
        aborted = {"_id": session_id, "state": SessionState.ABORTED.value}
        if self._sessions.find_one(aborted, session=transaction) is not None:
            raise UploadAborted("This upload was aborted.")

    def find_recording(self, owner_id: str, recording_id: str) -> Recording | None:
        """See Catalogue."""
        with self._database.mapped_errors():
            found = self._recordings.find_one({"_id": recording_id, "owner_id": owner_id})
        return None if found is None else row_recording(found)

    def find_recording_of(self, owner_id: str, upload_id: str) -> Recording | None:
        """See Catalogue."""
        with self._database.mapped_errors():
            found = self._recordings.find_one({"upload_id": upload_id, "owner_id": owner_id})
        return None if found is None else row_recording(found)

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
        """See Catalogue."""
        condition: Document = {"owner_id": owner_id, **_after(after, order)}
        bounds = {"$gte": created.since, "$lte": created.until}
        if period := {name: to_millis(moment) for name, moment in bounds.items() if moment is not None}:
            condition["created_at"] = period
        if query:
            condition["search_name"] = {"$regex": re.escape(query.casefold())}
        with self._database.mapped_errors():
            found = self._recordings.find(condition).sort(_sorting(order)).limit(limit)
            return [row_recording(row) for row in found]

    def delete_recording(self, recording: Recording, sweep_at: datetime) -> None:
        """See Catalogue."""

        def delete(transaction: ClientSession) -> None:
            self._recordings.delete_one({"_id": recording.recording_id}, session=transaction)
            aborted = {"$set": {"state": SessionState.ABORTED.value, "sweep_at": to_millis(sweep_at)}}
            self._sessions.update_one({"_id": recording.recording_id}, aborted, session=transaction)

        with self._database.transaction() as transaction:
            transaction.with_transaction(delete)

    def recordings_without_duration(self, limit: int) -> list[Recording]:
        """See Catalogue."""
        with self._database.mapped_errors():
            found = self._recordings.find({"duration_pending": True}).sort(OLDEST_FIRST).limit(limit)
            return [row_recording(row) for row in found]

    def claim_duration(self, recording_id: str, worker: str, now: datetime, until: datetime) -> bool:
        """See Catalogue."""
        # ``$not`` holds where nobody ever claimed, too.
        free = [{"probed_by": worker}, {"probed_until": {"$not": {"$gt": to_millis(now)}}}]
        condition = {"_id": recording_id, "duration_pending": True, "$or": free}
        change = {"$set": {"probed_by": worker, "probed_until": to_millis(until)}}
        with self._database.mapped_errors():
            return self._recordings.update_one(condition, change).matched_count == 1

    def set_duration(self, recording_id: str, duration_s: float | None) -> None:
        """See Catalogue."""
        change = {"$set": {"duration_s": duration_s, "duration_pending": False}}
        with self._database.mapped_errors():
            self._recordings.update_one({"_id": recording_id}, change)

    def _one_session(self, condition: Document) -> UploadSession | None:
        with self._database.mapped_errors():
            found = self._sessions.find_one(condition)
        return None if found is None else row_session(found)


def _document(row: Document, identifier: str) -> Document:
    return {"_id": identifier, **row}


_SORTED_BY = {"createdAt": "created_at", "fileName": "search_name", "size": "size_bytes", "duration": "duration_s"}


def _sorting(order: RecordingOrder) -> list[tuple[str, int]]:
    direction = pymongo.DESCENDING if order.is_descending else pymongo.ASCENDING
    return [(_SORTED_BY[order.key], direction), ("_id", direction)]


def _after(place: Place | None, order: RecordingOrder) -> Document:
    """Return the condition for what comes after the place. MongoDB sorts null first, but compares it with nothing."""
    if place is None:
        return {}
    field, comparison = _SORTED_BY[order.key], "$lt" if order.is_descending else "$gt"
    tie = {field: place.value, "_id": {comparison: place.item_id}}
    if place.value is None:
        return tie if order.is_descending else {"$or": [tie, {field: {"$ne": None}}]}
    farther = [{field: {comparison: place.value}}, tie]
    return {"$or": [*farther, {field: None}] if order is RecordingOrder.LONGEST else farther}


def _were_known(error: BulkWriteError) -> bool:
    """Return whether all that went wrong is that documents of these keys were there already."""
    refused = error.details.get("writeErrors", [])
    known = all(each["code"] == _DUPLICATE_KEY for each in refused)
    return known and not error.details.get("writeConcernErrors")


def _still_open(session: UploadSession) -> Document:
    return {"_id": session.session_id, "state": {"$in": sorted(OPEN_STATES)}}


def _completed(session: UploadSession) -> Document:
    return {"$set": session_row(replace(session, state=SessionState.COMPLETED))}
