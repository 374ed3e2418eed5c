"""A server whose clock is wrong: the person is told to check the clock, at once and once."""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path

import pytest

from tests.e2e.command_line import run
from tests.e2e.desktop import Desktop
from tests.servers import MissingServer, StoreServer, backend_program


def faked_clock(offset: str) -> dict[str, str]:
    """The environment of a process whose clock is off by this much. Raises MissingServer without libfaketime."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise MissingServer("libfaketime is missing: install libfaketime")
    return {"LD_PRELOAD": str(found[0]), "FAKETIME": offset}


@pytest.mark.parametrize("offset", ["+2h", "-2h"])
def test_f34_a_server_with_a_wrong_clock_says_to_check_it_and_nothing_is_tried_again(
    store_server: StoreServer, alone: Desktop, tmp_path: Path, offset: str
) -> None:
    talk = tmp_path / "talk.mp4"
    talk.write_bytes(os.urandom(100_000))
    settings = store_server.backend_env(store_server.create_bucket(f"clock-{secrets.token_hex(4)}"))
    with backend_program(settings | faked_clock(offset), tmp_path / "server", ready=False) as server:
        now = int(time.time())
        token = server.token(iat=now - 9000, exp=now + 9000)  # valid by either clock
        member = Desktop(alone.folder, {"RECORDER_SERVER": server.url, "RECORDER_TOKEN": token})

        ended = run(member, "upload", str(talk), "--json")
        requests = [line for line in map(json.loads, server.log().splitlines()) if line.get("route")]

    assert (ended.code, ended.event["event"], ended.event["code"]) == (1, "failed", "clock_wrong")
    assert "Check the clock" in ended.event["message"]
    assert [request["route"] for request in requests] == ["/s3/init-upload"]
    (row,) = member.queue()
    assert (row["state"], row["error"]["code"]) == ("attention", "clock_wrong")


def test_f34_a_sign_in_that_a_wrong_clock_spoils_says_so_instead_of_asking_for_another(
    store_server: StoreServer, alone: Desktop, tmp_path: Path
) -> None:
    talk = tmp_path / "talk.mp4"
    talk.write_bytes(os.urandom(100_000))
    settings = store_server.backend_env(store_server.create_bucket(f"clock-{secrets.token_hex(4)}"))
    with backend_program(settings | faked_clock("-2h"), tmp_path / "server", ready=False) as server:
        member = Desktop(alone.folder, {"RECORDER_SERVER": server.url, "RECORDER_TOKEN": server.token()})

        ended = run(member, "upload", str(talk), "--json")

    assert (ended.code, ended.event["code"]) == (3, "sign_in_required")
    assert "120 minutes apart. Check the clock of both" in ended.event["message"]
