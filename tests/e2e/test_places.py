"""One home and two places: the store of this computer, and a bucket of the person's own without a database."""

from __future__ import annotations

import json
import os
import signal
import uuid
from pathlib import Path

from tests.e2e.command_line import queue_states, run
from tests.e2e.desktop import Desktop
from tests.servers import StoreServer
from tests.waiting import wait_for


def with_bucket(alone: Desktop, store_server: StoreServer) -> Desktop:
    """The same person, who uses a bucket of their own."""
    bucket = f"own-{uuid.uuid4().hex}"
    store_server.client().create_bucket(Bucket=bucket)
    return Desktop(alone.folder, store_server.backend_env(bucket))


def names(desktop: Desktop) -> list[str]:
    return [each["fileName"] for each in json.loads(desktop.run("library", "--json"))]


def test_each_place_lists_and_fetches_what_is_stored_there(
    alone: Desktop, store_server: StoreServer, tmp_path: Path
) -> None:
    here, there = tmp_path / "here.mp4", tmp_path / "there.mp4"
    for path in (here, there):
        path.write_bytes(os.urandom(100_000))
    own = with_bucket(alone, store_server)
    assert run(alone, "upload", str(here)).code == 0
    assert names(own) == []
    assert run(own, "upload", str(there)).code == 0

    assert (names(own), names(alone)) == (["there.mp4"], ["here.mp4"])
    (stored,) = json.loads(own.run("library", "--json"))
    own.run("get", stored["fileId"], "-o", str(tmp_path / "again.mp4"))
    assert (tmp_path / "again.mp4").read_bytes() == there.read_bytes()
    assert "1 recordings are stored" in alone.run("doctor") + own.run("doctor")


def test_an_upload_of_another_place_is_reported_and_goes_on_there(
    alone: Desktop, store_server: StoreServer, tmp_path: Path
) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(os.urandom(1_000_000))
    alone.run("add", str(path))
    own = with_bucket(alone, store_server)

    resumed = run(own, "resume", "--json")
    assert (resumed.code, resumed.event["event"], resumed.event["code"]) == (1, "failed", "other_destination")
    assert "Stored on this computer" in resumed.event["message"]
    assert queue_states(own) == {"long.mp4": "queued"}
    assert run(alone, "resume", "--json").event["event"] == "completed"


def test_a_run_at_another_place_says_of_each_row_where_it_belongs(
    alone: Desktop, store_server: StoreServer, tmp_path: Path
) -> None:
    path, folder = tmp_path / "long.mp4", tmp_path / "watched"
    path.write_bytes(os.urandom(1000))
    folder.mkdir()
    alone.run("add", str(path))

    own = with_bucket(alone, store_server)
    with own.started("watch", str(folder)) as watching:
        rows = wait_for(lambda: [row for row in own.rows() if row["error"]], "the word about the place")
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=20)
    assert rows is not None
    assert [(row["state"], row["error"]["code"]) for row in rows] == [("queued", "other_destination")]
