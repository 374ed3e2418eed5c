"""Client and server are killed, by themselves and with -9, right after every step of an upload, one by one.

Whatever is lost with them, the next start brings it to the same end: the bytes of the file as one object, one record,
nothing half done, and nothing sent again that had arrived.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import urllib3

from backend import ports as backend_ports
from backend import steps as backend_steps
from recorder_desktop.core import ports as desktop_ports
from recorder_desktop.core.steps import KILL_VARIABLE, Step
from recorder_desktop.transfer.job_slots import WORTH_A_BATCH
from tests.e2e.command_line import Ended, end_of, run
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team, team
from tests.integration.backend_client import client, place
from tests.servers import StoreServer
from tests.waiting import wait_for

PART_BYTES = 5 << 20
"""As small as a store takes them."""
SENDERS = 2
SIZE_BYTES = 3 * PART_BYTES + 100_000
ServerStep = backend_steps.Step


@dataclass(frozen=True)
class Case:
    """A recording of somebody of the team. folder: where it goes in the bucket."""

    member: Desktop
    there: Team
    recording: Path

    @property
    def folder(self) -> str:
        return self.member.folder.name

    def killed_after(self, step: Step, number: int, *arguments: str) -> None:
        """Run a command that has to die right after this step."""
        armed = replace(self.member, settings={**self.member.settings, KILL_VARIABLE: f"{step.value}:{number}"})
        ended = run(armed, *arguments)
        assert ended.code == -signal.SIGKILL, f"it never came to {step}: {ended}"
        wait_for(self.there.line.is_idle, "the end of what was on its way")

    def upload(self, *more: str) -> Sequence[str]:
        return ("upload", str(self.recording), "--directory", self.folder, "--json", *more)

    def held_bytes(self) -> int:
        """What the store holds of the open uploads in the folder, and of objects."""
        s3 = self.there.store.client()
        below = {"Bucket": self.there.bucket, "Prefix": f"{self.folder}/"}
        objects: int = sum(item["Size"] for item in s3.list_objects_v2(**below).get("Contents", ()))
        return objects + sum(
            sum({part["PartNumber"]: part["Size"] for part in self._parts(s3, upload)}.values())
            for upload in s3.list_multipart_uploads(Bucket=self.there.bucket).get("Uploads", ())
            if upload["Key"].startswith(f"{self.folder}/")
        )

    def _parts(self, s3: Any, upload: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = s3.list_parts(Bucket=self.there.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        return list(found.get("Parts", ()))

    def is_finished(self, ended: Ended) -> None:
        """Check what has to be true in the end."""
        assert (ended.code, ended.event["event"]) == (0, "completed"), ended
        headers = {"Authorization": f"Bearer {self.member.settings['RECORDER_TOKEN']}"}
        with urllib3.PoolManager(retries=False) as pool:
            records = pool.request("GET", f"{self.there.server.url}/recordings", headers=headers).json()["items"]
        assert [(record["fileId"], record["fileName"]) for record in records] == [
            (ended.event["fileId"], self.recording.name)
        ]
        s3 = self.there.store.client()
        (item,) = s3.list_objects_v2(Bucket=self.there.bucket, Prefix=f"{self.folder}/")["Contents"]
        stored = s3.get_object(Bucket=self.there.bucket, Key=item["Key"])["Body"].read()
        assert stored == self.recording.read_bytes()
        assert item["Key"] == records[0]["key"]
        wait_for(lambda: self.there.open_uploads(self.folder) == 0, "the end of everything half done")


def a_case(member: Desktop, there: Team, size_bytes: int) -> Case:
    member.home.mkdir(mode=0o700)
    (member.home / "settings.toml").write_text(f'[transfers]\nsenders = {SENDERS}\npart_size = "5 MiB"\n')
    recording = member.folder / "talk.mp4"
    recording.write_bytes(os.urandom(size_bytes))
    return Case(member, there, recording)


# --- the client ----------------------------------------------------------------------------------------------------


def while_uploading(case: Case, step: Step, number: int) -> None:
    case.killed_after(step, number, *case.upload())


def while_going_on(case: Case, step: Step, number: int) -> None:
    case.killed_after(Step.PART_CONFIRMED, 1, *case.upload())
    case.killed_after(step, number, *case.upload())


def while_starting_over(case: Case, step: Step, number: int) -> None:
    case.killed_after(Step.PART_CONFIRMED, 1, *case.upload())
    other = case.recording.with_name("other")
    other.write_bytes(os.urandom(SIZE_BYTES))
    other.replace(case.recording)
    case.killed_after(step, number, *case.upload())


BIG, SMALL = SIZE_BYTES, 100_000
CLIENT_KILLS: list[tuple[Step, int, Callable[[Case, Step, int], None], int]] = [
    (Step.ROW_ADDED, 1, while_uploading, BIG),
    (Step.ROW_CHANGED, 1, while_uploading, BIG),  # it may be open from now on
    (Step.UPLOAD_OPENED, 1, while_uploading, BIG),
    (Step.ROW_CHANGED, 2, while_uploading, BIG),  # upload id and key
    (Step.PARTS_SIGNED, 1, while_uploading, BIG),
    (Step.PART_SENT, 1, while_uploading, BIG),
    (Step.PART_CONFIRMED, 2, while_uploading, BIG),
    (Step.PART_SENT, 4, while_uploading, BIG),
    (Step.UPLOAD_COMPLETED, 1, while_uploading, BIG),
    (Step.ROW_CHANGED, 3, while_uploading, BIG),  # verified
    (Step.PART_SENT, 1, while_uploading, SMALL),  # one PUT is the whole file
    (Step.UPLOAD_COMPLETED, 1, while_uploading, SMALL),
    (Step.PARTS_LISTED, 1, while_going_on, BIG),
    (Step.PARTS_RECONCILED, 1, while_going_on, BIG),
    (Step.ATTEMPT_REPLACED, 1, while_starting_over, BIG),
    (Step.UPLOAD_ABORTED, 1, while_starting_over, BIG),
    (Step.ROW_DELETED, 1, while_starting_over, BIG),
]


@pytest.mark.parametrize(
    ("step", "number", "come_to_it", "size_bytes"),
    [
        pytest.param(*case, id=f"{case[0].value}-{case[1]}-{case[2].__name__}-{'big' if case[3] == BIG else 'small'}")
        for case in CLIENT_KILLS
    ],
)
def test_f01_f02_f03_f04_f45_a_client_killed_after_any_step_finishes_at_its_next_start(
    member: Desktop,
    server: Team,
    step: Step,
    number: int,
    come_to_it: Callable[[Case, Step, int], None],
    size_bytes: int,
) -> None:
    case = a_case(member, server, size_bytes)
    come_to_it(case, step, number)
    sent_before, held_before = server.line.all_put_bytes(), case.held_bytes()

    ended = run(member, *case.upload())

    case.is_finished(ended)
    sent_after = server.line.all_put_bytes() - sent_before
    if come_to_it is not while_starting_over:  # what is held then may be of the file as it was
        assert sent_after == size_bytes - held_before, "what had arrived was sent again"
    assert sent_after <= size_bytes


# --- the client, with small files together -------------------------------------------------------------------------

FILES = 2 * WORTH_A_BATCH
BATCH_KILLS = [
    (Step.ROW_CHANGED, 1),  # they may be open from now on
    (Step.UPLOADS_OPENED, 1),
    (Step.ROW_CHANGED, 2),  # upload ids and keys
    (Step.PART_SENT, 1),
    (Step.PART_SENT, FILES),
    (Step.PARTS_CONFIRMED, 1),
    (Step.UPLOADS_COMPLETED, 1),
    (Step.ROW_CHANGED, 3),  # verified
]


@dataclass(frozen=True)
class SmallFiles:
    """A folder of recordings that go together."""

    case: Case
    files: Sequence[Path]

    @classmethod
    def of(cls, member: Desktop, there: Team) -> SmallFiles:
        case = a_case(member, there, SMALL)
        folder = case.recording.with_name("small")
        folder.mkdir()
        files = [folder / f"{number}.wav" for number in range(FILES)]
        for number, file in enumerate(files):
            file.write_bytes(os.urandom(SMALL + number))
        return cls(replace(case, recording=folder), files)

    @property
    def size_bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files)

    def are_finished(self, ended: Ended) -> None:
        """Check of each what has to be true of one in the end."""
        assert (ended.code, {event["event"] for event in ended.events}) == (0, {"completed"}), ended
        case, s3 = self.case, self.case.there.store.client()
        headers = {"Authorization": f"Bearer {case.member.settings['RECORDER_TOKEN']}"}
        with urllib3.PoolManager(retries=False) as pool:
            records = pool.request("GET", f"{case.there.server.url}/recordings", headers=headers).json()["items"]
        listed = s3.list_objects_v2(Bucket=case.there.bucket, Prefix=f"{case.folder}/")["Contents"]
        assert sorted(item["Key"] for item in listed) == sorted(record["key"] for record in records)
        stored = {
            record["fileName"]: s3.get_object(Bucket=case.there.bucket, Key=record["key"])["Body"].read()
            for record in records
        }
        assert len(records) == len(stored) == FILES
        assert stored == {file.name: file.read_bytes() for file in self.files}
        wait_for(lambda: case.there.open_uploads(case.folder) == 0, "the end of everything half done")


@pytest.mark.parametrize(("step", "number"), BATCH_KILLS, ids=lambda given: getattr(given, "value", given))
def test_f01_f02_f03_f04_a_client_killed_after_any_step_of_a_batch_finishes_at_its_next_start(
    member: Desktop, server: Team, step: Step, number: int
) -> None:
    small = SmallFiles.of(member, server)
    small.case.killed_after(step, number, *small.case.upload())
    sent_before, held_before = server.line.all_put_bytes(), small.case.held_bytes()

    ended = run(member, *small.case.upload())

    small.are_finished(ended)
    sent_after = server.line.all_put_bytes() - sent_before
    assert sent_after == small.size_bytes - held_before, "what had arrived was sent again"


# --- the server ----------------------------------------------------------------------------------------------------

SERVER_KILLS = [
    (ServerStep.SESSION_RESERVED, 1, BIG),
    (ServerStep.UPLOAD_OPENED, 1, BIG),
    (ServerStep.SESSION_CHANGED, 1, BIG),  # the upload's id
    (ServerStep.SESSION_CHANGED, 2, BIG),  # completing
    (ServerStep.OBJECT_ASSEMBLED, 1, BIG),
    (ServerStep.RECORD_WRITTEN, 1, BIG),
    (ServerStep.SESSION_RESERVED, 1, SMALL),
    (ServerStep.RECORD_WRITTEN, 1, SMALL),
]


@pytest.fixture(scope="module")
def mortal(store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A team whose server may be killed."""
    with team(store_server, tmp_path_factory.mktemp("mortal") / "home") as running:
        yield running


def arm(there: Team, step: ServerStep, number: int) -> None:
    """Start the server anew, as one that dies right after this step."""
    there.server.kill()
    there.server.process.env = {**there.server.process.env, KILL_VARIABLE: f"{step.value}:{number}"}
    there.server.restart()


def came_to_its_end(there: Team, step: ServerStep) -> None:
    """Wait until the server has died of the step, and start one that does not."""
    wait_for(lambda: there.server.process.exit_code() is not None, f"the server's end after {step}", 60)
    assert there.server.process.exit_code() == -signal.SIGKILL
    there.server.process.env = {**there.server.process.env, KILL_VARIABLE: ""}
    there.server.kill()
    there.server.restart()


def its_end(member: Desktop, command: subprocess.Popen[str]) -> Ended:
    """Wait for the end of the upload, as a person would.

    A server that takes long to start, on a busy computer, may be given up by the command. Then it says how to go on.
    """
    ended = end_of(command)
    told_how = any("“resume”" in event.get("message", "") for event in ended.events)
    return run(member, "resume", "--json") if told_how else ended


@pytest.mark.parametrize(
    ("step", "number", "size_bytes"),
    [
        pytest.param(*case, id=f"{case[0].value}-{case[1]}-{'big' if case[2] == BIG else 'small'}")
        for case in SERVER_KILLS
    ],
)
def test_f02_f38_f45_f49_a_server_killed_after_any_step_leads_to_the_same_end(
    alone: Desktop, mortal: Team, step: ServerStep, number: int, size_bytes: int
) -> None:
    member = mortal.member(alone.folder, mortal.server.token(user=alone.folder.name))
    case = a_case(member, mortal, size_bytes)
    sent_before = mortal.line.all_put_bytes()
    arm(mortal, step, number)

    with member.started(*case.upload()) as client:
        came_to_its_end(mortal, step)
        ended = its_end(member, client)

    case.is_finished(ended)
    assert mortal.line.all_put_bytes() - sent_before == size_bytes, "what had arrived was sent again"


SERVER_BATCH_KILLS = [ServerStep.SESSIONS_RESERVED, ServerStep.RECORDS_WRITTEN]


@pytest.mark.parametrize("step", SERVER_BATCH_KILLS)
def test_f02_f45_f49_a_server_killed_after_any_step_of_a_batch_leads_to_the_same_end(
    alone: Desktop, mortal: Team, step: ServerStep
) -> None:
    member = mortal.member(alone.folder, mortal.server.token(user=alone.folder.name))
    small = SmallFiles.of(member, mortal)
    sent_before = mortal.line.all_put_bytes()
    arm(mortal, step, 1)

    with member.started(*small.case.upload()) as client:
        came_to_its_end(mortal, step)
        ended = end_of(client)

    small.are_finished(ended)
    assert mortal.line.all_put_bytes() - sent_before == small.size_bytes, "what had arrived was sent again"


ABORT_KILLS = [(ServerStep.SESSION_CHANGED, 1), (ServerStep.UPLOAD_ABORTED, 1)]


@pytest.mark.parametrize(("step", "number"), ABORT_KILLS)
def test_f52_a_server_killed_while_it_aborts_is_asked_again_and_leaves_nothing(
    mortal: Team, step: ServerStep, number: int
) -> None:
    folder = f"aborted-{step.value}"
    with client(mortal.server) as alice:
        upload = alice.init(directory=folder)
        alice.send(upload)
    assert mortal.open_uploads(folder) == 1
    arm(mortal, step, number)
    with client(mortal.server) as alice, pytest.raises(httpx.TransportError):
        alice.http.post("/s3/abort-upload", json=place(upload))
    came_to_its_end(mortal, step)

    with client(mortal.server) as alice:
        assert alice.http.post("/s3/abort-upload", json=place(upload)).status_code == 204

    assert mortal.open_uploads(folder) == 0


DELETE_KILLS = [(ServerStep.OBJECT_DELETED, 1), (ServerStep.RECORDING_DELETED, 1)]


@pytest.mark.parametrize(("step", "number"), DELETE_KILLS)
def test_a_server_killed_while_it_deletes_a_recording_is_asked_again_and_leaves_nothing(
    mortal: Team, step: ServerStep, number: int
) -> None:
    with client(mortal.server) as alice:
        recording = alice.upload()
    arm(mortal, step, number)
    with client(mortal.server) as alice, pytest.raises(httpx.TransportError):
        alice.http.delete(f"/recordings/{recording['fileId']}")
    came_to_its_end(mortal, step)

    with client(mortal.server) as alice:
        again = alice.http.delete(f"/recordings/{recording['fileId']}").status_code
        assert again == (204 if step is ServerStep.OBJECT_DELETED else 404)
        assert alice.http.get(f"/recordings/{recording['fileId']}").status_code == 404
    listed = mortal.store.client().list_objects_v2(Bucket=mortal.bucket, Prefix=recording["key"])
    assert listed.get("Contents", []) == []


# --- none is forgotten ---------------------------------------------------------------------------------------------

CHANGE_NOTHING = {
    "load",
    "parts",
    "history",
    "last_happenings",
    "uplinks",
    "signed_in_as",
    "on_behalf_of",
    "report_progress",
    "open_uploads",
    "recording",
    "digest",
}
CHANGE_NO_UPLOAD = {"close", "move", "keep_uplink", "note"}
"""Positions in the list, and the speed of a line."""

SERVER_CHANGES_NOTHING = {
    "check", "bucket", "checksum_support", "open_upload_ids", "presign_part", "presign_put", "list_parts", "head",
    "presign_download", "link_origin", "file_url", "read_range", "find_session", "find_client_session",
    "list_sessions", "idle_sessions", "sessions_to_sweep", "find_recording", "find_recording_of", "list_recordings",
    "recordings_without_duration", "still_uploading", "list_objects", "find_sessions",
    "sessions_of_keys", "count_open_sessions", "open_uploads",
}  # fmt: skip
SERVER_CHANGES_NO_UPLOAD = {
    "close", "create_bucket", "touch_session", "claim_duration", "set_duration", "forget_sessions",
}  # fmt: skip


def methods_of(*protocols: type) -> set[str]:
    return {name for each in protocols for name in vars(each) if not name.startswith("_")}


def test_every_step_of_the_client_has_a_kill_point() -> None:
    assert {step for step, *_ in (*CLIENT_KILLS, *BATCH_KILLS)} == set(Step)
    methods = methods_of(desktop_ports.UploadStore, desktop_ports.UploadBackend, desktop_ports.Lane)
    assert methods - CHANGE_NOTHING - CHANGE_NO_UPLOAD == {step.value for step in Step}


def test_every_step_of_the_server_has_a_kill_point() -> None:
    alone = {step for step, *_ in (*SERVER_KILLS, *ABORT_KILLS, *DELETE_KILLS)}
    assert alone | set(SERVER_BATCH_KILLS) == set(ServerStep)
    methods = methods_of(backend_ports.ObjectStore, backend_ports.Catalogue)
    assert methods - SERVER_CHANGES_NOTHING - SERVER_CHANGES_NO_UPLOAD == {step.value for step in ServerStep}
