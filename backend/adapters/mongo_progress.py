"""How far uploads are, in MongoDB, and a change stream of all that watchers want to know."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.change_stream import DatabaseChangeStream
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from backend.adapters.catalogue_rows import progress_row, row_progress, row_recording, row_session
from backend.adapters.mongo_database import Document, MongoDatabase
from backend.errors import ChangesMissed
from backend.model import Progress, UploadStatus

# In all three collections a document's id is the session's.
_WATCHED = ["upload_sessions", "recordings", "upload_progress"]
_PIPELINE: list[Document] = [
    {"$match": {"ns.coll": {"$in": _WATCHED}, "operationType": {"$in": ["insert", "update", "replace"]}}},
    {"$project": {"documentKey": 1}},
]
# How long the server holds an answer back for a change to come; how long others are gathered after the first.
AWAIT_MS = 200
GATHER_S = 0.2
# Server errors after which a stream cannot go on where it was: CappedPositionLost, ChangeStreamFatalError,
# ChangeStreamHistoryLost, and tokens that this server does not know.
_LOST_CODES = frozenset({136, 260, 280, 286})


class MongoProgressBoard:
    """The ProgressBoard port on one database."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._sessions = database.collection("upload_sessions")
        self._recordings = database.collection("recordings")
        # Light: what an election loses is told again a second later.
        self._progress = database.collection("upload_progress").with_options(
            write_concern=WriteConcern(1), read_concern=ReadConcern("local")
        )

    def note(self, progress: Sequence[Progress]) -> list[Progress]:
        """See ProgressBoard."""
        if not progress:
            return []
        with self._database.mapped_errors():
            try:
                self._progress.bulk_write([_forward(each) for each in progress], ordered=False)
            except BulkWriteError as exc:
                errors = exc.details["writeErrors"]
                if any(error["code"] != 11000 for error in errors):
                    raise
                # The id is there, and the condition did not hold: the known one is further.
                refused = [progress[error["index"]].session_id for error in errors]
                return [row_progress(row) for row in self._progress.find({"_id": {"$in": refused}})]
        return []

    def correct(self, progress: Progress) -> None:
        """See ProgressBoard."""
        with self._database.mapped_errors():
            self._progress.update_one({"_id": progress.session_id}, _change(progress), upsert=True)

    def statuses(self, owner_ids: Collection[str], session_ids: Collection[str]) -> list[UploadStatus]:
        """See ProgressBoard."""
        wanted = {"_id": {"$in": sorted(session_ids)}, "owner_id": {"$in": sorted(owner_ids)}}
        with self._database.mapped_errors():
            # Progress first: what completes in between is then told as completed.
            progress = {row["_id"]: row_progress(row) for row in self._progress.find(wanted)}
            sessions = [row_session(row) for row in self._sessions.find(wanted)]
            recordings = {row["_id"]: row_recording(row) for row in self._recordings.find(wanted)}
        return [
            UploadStatus(each, progress.get(each.session_id), recordings.get(each.session_id)) for each in sessions
        ]

    def watch(self) -> MongoChangeWatch:
        """See ProgressBoard."""
        return MongoChangeWatch(self._database)


class MongoChangeWatch:
    """The ChangeWatch port as one change stream. It goes on at its resume token after an election."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._stream: DatabaseChangeStream[Document] | None = None
        self._token: Any = None  # None: begin now

    def next(self, wait_s: float) -> frozenset[str]:
        """See ChangeWatch."""
        with self._database.mapped_errors():
            try:
                return self._next(wait_s)
            except PyMongoError as exc:
                self._drop_stream()
                if isinstance(exc, OperationFailure) and exc.code in _LOST_CODES:
                    self._token = None
                raise

    def close(self) -> None:
        """See ChangeWatch."""
        self._drop_stream()

    def _next(self, wait_s: float) -> frozenset[str]:
        stream = self._opened()
        until = time.monotonic() + wait_s
        found: set[str] = set()
        while time.monotonic() < until:
            change = stream.try_next()
            if change is None:
                if found:
                    break
                continue
            if not found:
                until = time.monotonic() + GATHER_S
            found.add(change["documentKey"]["_id"])
        self._token = stream.resume_token
        return frozenset(found)

    def _opened(self) -> DatabaseChangeStream[Document]:
        if self._stream is not None:
            return self._stream
        self._stream = self._database.watch(_PIPELINE, AWAIT_MS, self._token)
        if self._token is None:
            self._token = self._stream.resume_token
            raise ChangesMissed
        return self._stream

    def _drop_stream(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(PyMongoError):
                self._stream.close()
        self._stream = None


def _forward(progress: Progress) -> UpdateOne:
    """Return the write that takes place where this is further than what is known, or nothing is."""
    further: Document = {"estimated": True}
    if progress.estimated:
        further["bytes_confirmed"] = {"$lt": progress.bytes_confirmed}
    else:
        further = {"$or": [further, {"bytes_confirmed": {"$lt": progress.bytes_confirmed}}]}
    return UpdateOne({"_id": progress.session_id, **further}, _change(progress), upsert=True)


def _change(progress: Progress) -> Document:
    return {"$set": {**progress_row(progress), "noted_at": datetime.now(UTC)}}
