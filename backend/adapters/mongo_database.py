"""One MongoDB database, a replica set or sharded cluster: connection, indexes, transactions, errors."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pymongo
from pymongo.change_stream import DatabaseChangeStream
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from backend.errors import CatalogueUnavailable, CatalogueUnusable
from backend.model import Cursor, to_millis

Document = dict[str, Any]

DATABASE = "recorder"
# An election takes some seconds; longer than this no client waits for an answer.
OPERATION_TIMEOUT_S = 20.0
CHECK_TIMEOUT_S = 2.0
NEWEST_FIRST = [("created_at", pymongo.DESCENDING), ("_id", pymongo.DESCENDING)]
OLDEST_FIRST = [("created_at", pymongo.ASCENDING), ("_id", pymongo.ASCENDING)]
# Server errors that no waiting cures: Unauthorized, AuthenticationFailed, IllegalOperation.
_LASTING_CODES = frozenset({13, 18, 20})


def _unique_where_text(name: str) -> Document:
    return {"unique": True, "partialFilterExpression": {name: {"$type": "string"}}}


_INDEXES: list[tuple[str, list[tuple[str, int]], Document]] = [
    ("upload_sessions", [("owner_id", 1), ("client_upload_id", 1)], _unique_where_text("client_upload_id")),
    ("upload_sessions", [("upload_id", 1)], _unique_where_text("upload_id")),
    ("upload_sessions", [("key", 1)], {"unique": True}),
    # An owner's open sessions are few, those that are over are not.
    ("upload_sessions", [("owner_id", 1), ("state", 1), *NEWEST_FIRST], {}),
    ("upload_sessions", [("state", 1), *OLDEST_FIRST], {}),
    ("upload_sessions", [("sweep_at", 1)], {"partialFilterExpression": {"sweep_at": {"$type": "number"}}}),
    ("recordings", [("upload_id", 1)], {"unique": True}),
    ("recordings", [("key", 1)], {"unique": True}),
    ("recordings", [("owner_id", 1), *NEWEST_FIRST], {}),
    ("recordings", [("folder_id", 1)], {"partialFilterExpression": {"folder_id": {"$type": "string"}}}),
    ("recordings", [("owner_id", 1), ("search_name", 1), ("_id", 1)], {}),
    ("recordings", [("owner_id", 1), ("size_bytes", 1), ("_id", 1)], {}),
    ("recordings", [("owner_id", 1), ("duration_s", 1), ("_id", 1)], {}),
    ("recordings", OLDEST_FIRST, {"partialFilterExpression": {"duration_pending": True}}),
    ("recordings", OLDEST_FIRST, {"name": "unchecked", "partialFilterExpression": {"content_check": "pending"}}),
    ("folders", [("owner_id", 1), ("parent_id", 1), ("name", 1)], {"unique": True}),
    ("folders", [("owner_id", 1), *NEWEST_FIRST], {}),
    ("sign_ins", [("expires_at", 1)], {"expireAfterSeconds": 0}),
    ("request_counts", [("over_at", 1)], {"expireAfterSeconds": 60}),
    ("upload_progress", [("noted_at", 1)], {"expireAfterSeconds": 30 * 24 * 3600}),
]
# What earlier versions made and nothing asks by any more.
_FORMER_INDEXES = [("upload_sessions", "owner_id_1_created_at_-1__id_-1")]
_INDEX_NOT_FOUND = 27

Waiting = Callable[[], AbstractContextManager[float | None]]


class MongoDatabase:
    """A database that answers with majority reads and writes. Connects, and makes its indexes, at first use.

    Each use of it is done inside ``waiting``, which yields how many seconds it may take, None for the usual time.
    """

    def __init__(self, uri: str, waiting: Waiting = nullcontext) -> None:
        """Take the address; raises CatalogueUnusable when it is not one."""
        self._waiting = waiting
        with _mapped_errors():
            self._client: pymongo.MongoClient[Document] = pymongo.MongoClient(
                uri,
                connect=False,
                appname="recorder-backend",
                **_timeouts(uri),
            )
            self._database = self._client.get_default_database(DATABASE).with_options(
                write_concern=WriteConcern("majority"),
                read_concern=ReadConcern("majority"),
                read_preference=pymongo.ReadPreference.PRIMARY,
            )
        self._prepared = threading.Event()

    def collection(self, name: str) -> Collection[Document]:
        """Return a collection; its use belongs inside ``mapped_errors`` or ``transaction``."""
        return self._database[name]

    def watch(self, pipeline: list[Document], await_ms: int, after: Any) -> DatabaseChangeStream[Document]:
        """Open a stream of changes, after a resume token or from now on; its use belongs inside ``mapped_errors``."""
        return self._database.watch(pipeline, max_await_time_ms=await_ms, resume_after=after)

    def check(self) -> None:
        """Return when the database answers; fails within two seconds."""
        with pymongo.timeout(CHECK_TIMEOUT_S), self.mapped_errors():
            self._client.admin.command("ping")

    def close(self) -> None:
        """Release the connections."""
        self._client.close()

    @contextlib.contextmanager
    def mapped_errors(self) -> Iterator[None]:
        """Prepare the database once; turn pymongo's errors into this package's."""
        with _mapped_errors(), self._waiting() as left_s, self._within(left_s):
            if not self._prepared.is_set():
                self._prepare()
                self._prepared.set()
            yield

    @contextlib.contextmanager
    def transaction(self) -> Iterator[ClientSession]:
        """Yield a session for ``with_transaction``, within the time that one operation may take."""
        # with_transaction goes on trying for two minutes whatever timeoutMS says, but heeds this one.
        with pymongo.timeout(self._limit_s()), self.mapped_errors(), self._client.start_session() as transaction:
            yield transaction

    def _within(self, left_s: float | None) -> AbstractContextManager[None]:
        return nullcontext() if left_s is None else pymongo.timeout(min(left_s, self._limit_s()))

    def _limit_s(self) -> float:
        return self._client.options.timeout or OPERATION_TIMEOUT_S

    def _prepare(self) -> None:
        hello = self._client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise CatalogueUnusable(
                "MONGO_URI names a standalone mongod: transactions need a replica set (--replSet), one node will do."
            )
        for collection, keys, options in _INDEXES:
            self._database[collection].create_index(keys, **options)
        for collection, name in _FORMER_INDEXES:
            self._drop_index(collection, name)

    def _drop_index(self, collection: str, name: str) -> None:
        try:
            self._database[collection].drop_index(name)
        except OperationFailure as exc:
            if exc.code != _INDEX_NOT_FOUND:
                raise


def beyond(cursor: Cursor | None, comparison: str) -> Document:
    """Return the condition for what comes after the cursor, by ``$lt`` or ``$gt``."""
    if cursor is None:
        return {}
    millis = to_millis(cursor.created_at)
    tie = {"created_at": millis, "_id": {comparison: cursor.item_id}}
    return {"$or": [{"created_at": {comparison: millis}}, tie]}


def _timeouts(uri: str) -> Document:
    """Return the time limits of this module, unless the address sets its own."""
    if "timeoutms=" in uri.lower():
        return {}
    limit_ms = int(OPERATION_TIMEOUT_S * 1000)
    return {"timeoutMS": limit_ms, "serverSelectionTimeoutMS": limit_ms}


@contextlib.contextmanager
def _mapped_errors() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as exc:
        raise CatalogueUnusable(f"MONGO_URI is not usable: {type(exc).__name__}.") from exc
    except OperationFailure as exc:
        if exc.code in _LASTING_CODES:
            raise CatalogueUnusable(
                "The database refuses this server: check MONGO_URI's user and its rights."
            ) from exc
        raise CatalogueUnavailable("The database did not carry out the request.") from exc
    except (PyMongoError, OverflowError) as exc:
        raise CatalogueUnavailable("The database cannot be reached.") from exc
