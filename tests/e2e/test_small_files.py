"""Files of one part: each goes into the store with one PUT, and is as safe as one of many parts."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import run
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team, team
from tests.servers import MongoServer, StoreServer
from tests.waiting import wait_for

MIB = 1 << 20


@pytest.fixture(scope="module", params=["sqlite", "mongo"])
def small(
    request: pytest.FixtureRequest, store_server: StoreServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """A team's server with a bucket that nobody else uses."""
    settings = {}
    if request.param == "mongo":
        mongo: MongoServer = request.getfixturevalue("mongo_server")
        settings["MONGO_URI"] = mongo.uri.replace("/?", f"/small_{secrets.token_hex(4)}?")
    with team(store_server, tmp_path_factory.mktemp("small") / "home", settings) as running:
        yield running


def member_of(small: Team, alone: Desktop) -> Desktop:
    return small.member(alone.folder, small.server.token(user=alone.folder.name))


def make(path: Path, size_bytes: int) -> Path:
    path.write_bytes(os.urandom(size_bytes))
    return path


def stored(small: Team, event: dict[str, Any]) -> dict[str, Any]:
    """The object that a `completed` event names."""
    found: dict[str, Any] = small.store.client().get_object(Bucket=event["bucket"], Key=event["key"])
    return found


def is_one_put(found: dict[str, Any]) -> bool:
    """Whether an object was one PUT: of assembled parts, the ETag would end in their number."""
    return "-" not in found["ETag"]


def keys_below(small: Team, directory: str) -> list[str]:
    listed = small.store.client().list_objects_v2(Bucket=small.bucket, Prefix=f"{directory}/")
    return [item["Key"] for item in listed.get("Contents", ())]


def test_each_small_file_is_one_put_and_a_large_one_is_not(small: Team, alone: Desktop) -> None:
    sizes = {"empty.wav": 0, "one byte ü.mp4": 1, "part.mkv": 8 * MIB, "larger.mp4": 8 * MIB + 1}
    files = [make(alone.folder / name, size_bytes) for name, size_bytes in sizes.items()]

    uploaded = run(member_of(small, alone), "upload", *map(str, files), "--json")

    events = {Path(event["path"]).name: event for event in uploaded.events}
    assert (uploaded.code, {event["event"] for event in events.values()}) == (0, {"completed"})
    objects = {name: stored(small, event) for name, event in events.items()}
    assert {name: is_one_put(found) for name, found in objects.items()} == {
        "empty.wav": True,
        "one byte ü.mp4": True,
        "part.mkv": True,
        "larger.mp4": False,
    }
    assert {file.name: objects[file.name]["Body"].read() == file.read_bytes() for file in files} == dict.fromkeys(
        sizes, True
    )
    assert objects["part.mkv"]["ContentType"] == "video/matroska"


def killed_while_it_sends(small: Team, desktop: Desktop, file: Path, directory: str) -> None:
    """Start to upload a file over a thin line, and kill the client in the middle of its PUT."""
    small.line.rate_bytes_per_s = 1 * MIB
    before = small.line.all_put_bytes()
    with desktop.started("upload", str(file), "--directory", directory) as client:
        wait_for(lambda: small.line.all_put_bytes() > before or client.poll() is not None, "bytes on the line")
        assert client.poll() is None, "the client ended before it could be killed"
        client.kill()
    wait_for(small.line.is_idle, "the end of what was on its way")
    small.line.rate_bytes_per_s = None


def test_f55_killed_in_the_middle_of_the_put_it_is_sent_again_under_the_same_name(
    small: Team, alone: Desktop
) -> None:
    desktop = member_of(small, alone)
    file = make(alone.folder / "talk.mp4", 4 * MIB)
    killed_while_it_sends(small, desktop, file, "killed")

    (event,) = map(json.loads, desktop.run("resume", "--json").splitlines())

    found = stored(small, event)
    assert (event["event"], is_one_put(found), found["Body"].read() == file.read_bytes()) == ("completed", True, True)
    assert keys_below(small, "killed") == [event["key"]]


def test_f12_a_file_that_changed_meanwhile_arrives_as_it_is_now_and_only_so(small: Team, alone: Desktop) -> None:
    desktop = member_of(small, alone)
    file = make(alone.folder / "talk.mp4", 4 * MIB)
    killed_while_it_sends(small, desktop, file, "changed")
    with file.open("r+b") as overwritten:
        overwritten.write(b"other words")

    (event,) = map(json.loads, desktop.run("resume", "--json").splitlines())

    assert (event["event"], stored(small, event)["Body"].read() == file.read_bytes()) == ("completed", True)
    assert keys_below(small, "changed") == [event["key"]]
