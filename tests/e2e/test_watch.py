"""`recorder-desktop watch`, in a process of its own: alone, beside an owner that runs, and on what is no folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.command_line import COMPLETED_FIELDS, end_of, run
from tests.e2e.desktop import Desktop
from tests.waiting import wait_for


def noise(path: Path, size_bytes: int = 100_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(size_bytes))
    return path


def next_event(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What it prints next; the test's own time limit ends the waiting."""
    assert process.stdout is not None
    event: dict[str, Any] = json.loads(process.stdout.readline())
    return event


def test_what_is_in_the_folder_and_what_appears_is_stored_until_it_is_interrupted(
    alone: Desktop, tmp_path: Path
) -> None:
    folder = tmp_path / "recordings"
    stored, before = noise(folder / "stored.mp4"), noise(folder / "before.mp4")
    run(alone, "upload", str(stored))
    with alone.started("watch", str(folder), "--directory", "talks", "--json") as process:
        first = next_event(process)
        while first["path"] == str(stored):  # it went elsewhere in the bucket before
            first = next_event(process)
        unplugged = folder.rename(tmp_path / "unplugged")
        later = noise(unplugged / "deep" / "later.mp4")
        unplugged.rename(folder)
        events = [next_event(process)]
        while events[-1]["path"] != str(folder / later.relative_to(unplugged)):
            events.append(next_event(process))
        process.send_signal(signal.SIGINT)
        ended = end_of(process)

    assert list(first) == COMPLETED_FIELDS
    assert (first["path"], first["size"]) == (str(before), 100_000)
    assert events[-1]["event"] == "completed"
    assert events[-1]["key"].startswith("talks/")
    assert (ended.code, ended.printed) == (130, "")
    assert "Traceback" not in ended.complaint


def test_beside_an_owner_that_runs_that_one_does_the_work(alone: Desktop, tmp_path: Path) -> None:
    owned, folder = tmp_path / "owned", tmp_path / "recordings"
    owned.mkdir()
    talk = noise(folder / "talk.mp4")
    with alone.started("watch", str(owned), "--json") as owner:
        wait_for((alone.home / "owner.json").exists, "the owner")
        with alone.started("watch", str(folder), "--json") as other:
            event = next_event(other)
            other.send_signal(signal.SIGINT)
            ended = end_of(other)
        assert owner.poll() is None
        owner.send_signal(signal.SIGINT)
        assert end_of(owner).code == 130

    assert (event["event"], event["path"]) == ("completed", str(talk))
    assert ended.code == 130


def test_what_is_no_folder_fails_with_one_sentence(alone: Desktop, tmp_path: Path) -> None:
    file, loop, missing = noise(tmp_path / "talk.mp4"), tmp_path / "loop", tmp_path / "missing"
    loop.symlink_to(loop)

    ends = {path: run(alone, "watch", str(path), "--json") for path in (file, loop, missing)}
    plain = run(alone, "watch", str(missing))

    assert [end.code for end in ends.values()] == [1, 1, 1]
    codes = ["file_unreadable", "file_unreadable", "file_missing"]
    assert [(end.event["event"], end.event["code"]) for end in ends.values()] == [("failed", code) for code in codes]
    assert [end.complaint for end in ends.values()] == ["", "", ""]
    assert (plain.code, plain.printed) == (1, "")
    assert plain.complaint == f"{missing}: There is no folder {missing}. Check the path, or plug in its drive.\n"
    assert run(alone, "watch", "").code == 2
    assert run(alone, "watch").code == 2
