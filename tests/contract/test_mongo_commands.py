"""What an upload costs the database, counted in commands."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pymongo
import pytest
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from backend.adapters.mongo_catalogue import MongoCatalogue
from backend.adapters.mongo_database import MongoDatabase
from backend.batch_service import SentUpload
from backend.completion_rules import Completion
from backend.model import OPEN_STATES, ChecksumAlgorithm, CompletedPart, PartToSign, Recording, SessionState
from backend.upload_service import NewUpload, OpenedUpload
from tests.fakes.backend_values import a_session
from tests.fakes.memory_object_store import crc64
from tests.servers import MongoServer
from tests.unit.backend.service_rig import Rig

BODY = b"recorded"
SMALL: dict[str, Any] = {
    "single_put": True,
    "file_size_bytes": len(BODY),
    "parts": [PartToSign(1, len(BODY), crc64(BODY))],
}


class Commands(CommandListener):
    """The names of the commands since the last look."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self._names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to note."""

    def taken(self) -> list[str]:
        names, self._names = self._names, []
        return names


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
def rig(mongo_server: MongoServer, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    client: Any = partial(pymongo.MongoClient, event_listeners=[commands])
    monkeypatch.setattr("backend.adapters.mongo_catalogue.pymongo.MongoClient", client)
    catalogue: Any = MongoCatalogue(MongoDatabase(mongo_server.uri.replace("/?", f"/c{uuid.uuid4().hex}?")))
    catalogue.recordings_without_duration(1)  # connects, and makes the indexes
    commands.taken()
    yield Rig(catalogue=catalogue)
    catalogue.close()


def test_an_owners_open_uploads_are_found_without_going_over_any_others(mongo_server: MongoServer) -> None:
    database = MongoDatabase(mongo_server.uri.replace("/?", f"/c{uuid.uuid4().hex}?"))
    catalogue = MongoCatalogue(database)
    for _ in range(20):
        catalogue.reserve_session(a_session(upload_id=uuid.uuid4().hex, state=SessionState.COMPLETED))
        catalogue.reserve_session(a_session(upload_id=uuid.uuid4().hex, owner_id="bob"))
    opened = catalogue.reserve_session(a_session(upload_id=uuid.uuid4().hex))
    sessions = database.collection("upload_sessions")
    sessions.database.command("profile", 2)

    assert catalogue.list_sessions("alice", OPEN_STATES, None, 10) == [opened]

    [seen] = sessions.database["system.profile"].find({"command.find": "upload_sessions"})
    assert (seen["docsExamined"], seen["nreturned"], seen.get("hasSortStage", False)) == (1, 1, False)
    database.close()


def test_an_index_that_earlier_versions_made_is_dropped(mongo_server: MongoServer) -> None:
    uri = mongo_server.uri.replace("/?", f"/c{uuid.uuid4().hex}?")
    database = MongoDatabase(uri)
    sessions = database.collection("upload_sessions")
    former = sessions.create_index([("owner_id", 1), ("created_at", -1), ("_id", -1)])
    for _ in range(2):
        another = MongoDatabase(uri)
        MongoCatalogue(another).count_open_sessions()
        assert former not in sessions.index_information()
        another.close()
    database.close()


def test_a_small_file_takes_one_command_to_open_and_four_to_complete(rig: Rig, commands: Commands) -> None:
    session = rig.init(**SMALL)
    assert commands.taken() == ["insert"]
    parts = [CompletedPart(1, rig.store.put_whole(session, BODY))]
    rig.complete(session, parts)
    assert commands.taken() == ["find", "update", "insert", "commitTransaction"]
    rig.complete(session, parts)
    assert commands.taken() == ["find", "find"]


def test_many_small_files_take_as_many_commands_as_one(rig: Rig, commands: Commands) -> None:
    new = NewUpload("talk.mp4", "video/mp4", checksum_algorithms=(ChecksumAlgorithm.CRC64NVME,), **SMALL)
    wanted = [replace(new, client_upload_id=str(uuid.uuid4())) for _ in range(20)]
    opened = [each.session for each in rig.batches.init("alice", wanted) if isinstance(each, OpenedUpload)]
    assert commands.taken() == ["insert"]
    there = [
        SentUpload(each.upload_id or "", each.key, Completion([CompletedPart(1, rig.store.put_whole(each, BODY))]))
        for each in opened
    ]
    answers = rig.batches.complete("alice", there)
    assert commands.taken() == ["find", "update", "insert", "commitTransaction"]
    assert [type(answer) for answer in answers] == [Recording] * 20


def test_an_upload_that_is_open_already_is_found_with_one_command_more(rig: Rig, commands: Commands) -> None:
    first = rig.init(**SMALL)
    commands.taken()
    assert rig.init(**SMALL) == first
    assert commands.taken() == ["insert", "find"]


def test_a_multipart_upload_takes_two_commands_to_open_and_five_to_complete(rig: Rig, commands: Commands) -> None:
    session = rig.init()
    assert commands.taken() == ["insert", "findAndModify"]
    rig.complete(session, rig.send(session, BODY))
    assert commands.taken() == ["find", "findAndModify", "update", "insert", "commitTransaction"]


def test_uploads_in_use_are_renewed_with_one_command(rig: Rig, commands: Commands) -> None:
    for number in range(20):
        owner = f"user {number}"
        opened = rig.init(owner)
        rig.sessions.find(owner, opened.upload_id or "", opened.key)
        assert rig.sessions.at_hand(owner, opened.upload_id or "", opened.key) is not None
    for kept in rig.sessions.answers._kept.values():
        kept.asked_at -= 1
    commands.taken()
    rig.sessions.answers.renew()
    assert commands.taken() == ["find"]
