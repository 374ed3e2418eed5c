"""What happens to an upload when its queue is damaged, and when its file is moved: all processes are real."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command_line import run
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team, team
from tests.servers import StoreServer
from tests.waiting import wait_for

SIZE_BYTES = 40_000_000
RATE_BYTES_PER_S = 16e6


@pytest.fixture(scope="module")
def server(store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(store_server, tmp_path_factory.mktemp("lost") / "home") as running:
        running.line.rate_bytes_per_s = RATE_BYTES_PER_S
        yield running


@pytest.fixture
def member(server: Team, alone: Desktop) -> Desktop:
    """Somebody who sends two parts at a time, so that some are whole long before the last."""
    alone.home.mkdir()
    (alone.home / "settings.toml").write_text("[transfers]\nsenders = 2\n")
    return server.member(alone.folder, server.server.token("mara"))


def begun(server: Team, member: Desktop, name: str) -> tuple[Path, int]:
    """A recording whose upload was killed on its way; how many bytes of it the store has in whole parts."""
    recording = member.folder / name
    recording.write_bytes(os.urandom(SIZE_BYTES))
    enough = server.line.all_put_bytes() + 0.6 * SIZE_BYTES
    with member.started("upload", str(recording), "--directory", recording.stem) as client:
        wait_for(lambda: server.line.all_put_bytes() > enough or client.poll() is not None, "parts", 60.0)
        assert client.poll() is None
        client.kill()
    wait_for(server.line.is_idle, "the end of what the dead client had handed to the network")
    held = held_bytes(server, recording.stem)
    assert held > 0
    return recording, held


def held_bytes(server: Team, directory: str) -> int:
    """The bytes of all whole parts of the one open upload below a directory."""
    s3 = server.store.client()
    listed = s3.list_multipart_uploads(Bucket=server.bucket).get("Uploads", ())
    (upload,) = [each for each in listed if each["Key"].startswith(f"{directory}/")]
    parts = s3.list_parts(Bucket=server.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return sum({part["PartNumber"]: part["Size"] for part in parts.get("Parts", ())}.values())


def assert_rest_was_sent(server: Team, recording: Path, directory: str, before: int, held: int) -> None:
    """One object with the recording's bytes, and nothing sent again that had arrived."""
    assert server.line.all_put_bytes() - before == SIZE_BYTES - held
    s3 = server.store.client()
    (item,) = s3.list_objects_v2(Bucket=server.bucket, Prefix=f"{directory}/")["Contents"]
    assert s3.get_object(Bucket=server.bucket, Key=item["Key"])["Body"].read() == recording.read_bytes()
    assert server.open_uploads(directory) == 0


def test_f08_a_queue_that_was_damaged_is_found_again_through_the_server(server: Team, member: Desktop) -> None:
    recording, held = begun(server, member, "lost.mp4")
    for file in member.home.glob("queue.db*"):
        file.write_bytes(os.urandom(8192))
    before = server.line.all_put_bytes()

    again = run(member, "upload", str(recording), "--directory", "lost", "--json")

    assert (again.code, again.event["event"]) == (0, "completed")
    assert "The list of uploads was damaged." in again.complaint
    assert "Add recordings that had not finished again" in again.complaint
    assert [file.name[:13] for file in member.home.glob("queue.db.bad-*-*") if "-wal" not in file.name]
    assert_rest_was_sent(server, recording, "lost", before, held)


def test_f13_a_file_that_is_gone_is_located_by_a_command_and_no_other_file_is_taken(
    server: Team, member: Desktop
) -> None:
    recording, held = begun(server, member, "moved.mp4")
    new = recording.rename(member.folder / "elsewhere.mp4")
    os.utime(new, ns=(0, 0))
    other = member.folder / "other.mp4"
    other.write_bytes(os.urandom(SIZE_BYTES))
    missing = run(member, "resume", "--json")
    assert (missing.code, missing.event["code"]) == (1, "file_missing")
    (row,) = member.queue()

    refused = run(member, "locate", row["id"], str(other))
    assert (refused.code, refused.printed) == (1, "")
    assert "“other.mp4” is not the file that “moved.mp4” was" in refused.complaint
    located = run(member, "locate", row["id"], str(new))
    assert (located.code, located.complaint) == (0, "")
    assert located.printed.startswith(f"{row['id']}  queued")
    before = server.line.all_put_bytes()
    resumed = run(member, "resume", "--json")

    assert (resumed.code, resumed.event["path"]) == (0, str(new))
    assert_rest_was_sent(server, new, "moved", before, held)


def test_s24_the_diagnostics_of_a_run_hold_none_of_its_tokens(server: Team, member: Desktop) -> None:
    recording = member.folder / "talk.mp4"
    recording.write_bytes(b"1234")
    assert run(member, "upload", str(recording), "--json").code == 0
    target = member.folder / "for help.zip"

    told = run(member, "doctor", "--bundle", str(target))

    assert (told.code, told.complaint) == (0, "")
    assert f"The diagnostics are in {target}" in told.printed
    everything = target.read_bytes()
    with zipfile.ZipFile(target) as packed:
        texts = {name: packed.read(name).decode() for name in packed.namelist()}
    everything += "".join(texts.values()).encode()
    token = member.settings["RECORDER_TOKEN"]
    for secret in (token, token.split(".")[1], token.split(".")[2], server.server.env["JWT_SECRET"]):
        assert secret.encode() not in everything
    assert json.loads(texts["settings.json"])["variables"]["RECORDER_TOKEN"] == "***"
    assert json.loads(texts["queue.json"])["states"] == {"completed": 1}
    assert "ok       The queue holds 1 uploads" in texts["doctor.txt"]
    assert str(member.folder) not in "".join(texts.values())
