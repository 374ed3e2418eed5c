"""A drive that fails under the queue, and a recording that may not be read any more: said in a sentence, then on."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e.command_line import end_of, run
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team
from tests.servers import binary
from tests.waiting import wait_for

PART_BYTES = 8 << 20
FSYNC_FAILED = (
    "The upload queue on this computer could not be read or written. "
    "Check the disk, then start Recorder again; nothing that was stored is lost."
)
UNREADABLE = "“talk.mp4” may not be read. Give yourself permission to read it, then retry."


def noise(path: Path, size_bytes: int) -> Path:
    path.write_bytes(os.urandom(size_bytes))
    return path


def failing_fsync(number: int, log: Path) -> Sequence[str]:
    """The program that lets one fsync of each thread fail, the so-manieth. Raises MissingServer without strace."""
    calls = "fsync,fdatasync"
    inject = f"inject={calls}:error=EIO:when={number}"
    return [binary("strace", "strace"), "-f", "-qq", "-o", str(log), "-e", f"trace={calls}", "-e", inject]


def records(member: Desktop, server: Team) -> dict[str, int]:
    """Name and size of what is in the person's library, which must be whole in the store."""
    client = server.store.client()
    listed: dict[str, int] = {}
    for line in json.loads(run(member, "library", "--json").printed):
        stored = client.head_object(Bucket=server.bucket, Key=line["key"])
        assert stored["ContentLength"] == line["size"]
        assert line["fileName"] not in listed, "two records of one file"
        listed[line["fileName"]] = line["size"]
    return listed


@pytest.mark.parametrize("number", [1, 5])
def test_f07_an_fsync_that_fails_stops_what_it_was_for_and_the_queue_is_checked_before_anything_goes_on(
    member: Desktop, server: Team, tmp_path: Path, number: int
) -> None:
    talks = [noise(tmp_path / "talk.mp4", 3 * PART_BYTES), noise(tmp_path / "short.mp4", 100_000)]
    upload = ["upload", *map(str, talks), "--directory", tmp_path.name, "--json"]
    run(member, "queue")  # so that the database is there
    log = tmp_path / "strace.log"

    ended = run(member, *upload, through=failing_fsync(number, log))

    assert ended.code == 1
    assert "(INJECTED)" in log.read_text()
    if ended.printed:  # else it failed as they were being added: then neither is in the queue
        failed = [event for event in ended.events if event["event"] == "failed"]
        # Of both, if they shared that commit.
        assert {(event["code"], event["message"]) for event in failed} == {("queue_damaged", FSYNC_FAILED)}
        assert len(ended.events) == len(talks)
        assert {event["event"] for event in ended.events} <= {"completed", "failed"}
        assert "opened anew after an error, and found sound" in (member.home / "logs" / "recorder.log").read_text()
    else:
        assert ended.complaint.strip() == FSYNC_FAILED
        assert member.queue() == []

    again = run(member, *upload)

    assert (again.code, [event["event"] for event in again.events]) == (0, ["completed"] * 2)
    assert records(member, server) == {path.name: path.stat().st_size for path in talks}
    assert server.open_uploads(tmp_path.name) == 0


def without_power_over_files() -> Sequence[str]:
    """The program that takes from root what lets root read any file; for others that is nothing."""
    if os.geteuid() != 0:
        return []
    lost = "-dac_override,-dac_read_search"
    return [binary("setpriv", "util-linux"), f"--bounding-set={lost}", f"--inh-caps={lost}"]


def test_f16_a_recording_that_may_not_be_read_needs_a_person_and_goes_on_when_it_may(
    member: Desktop, server: Team, tmp_path: Path
) -> None:
    talk, other = noise(tmp_path / "talk.mp4", 6 * PART_BYTES), noise(tmp_path / "other.mp4", 2 * PART_BYTES)
    through = [*without_power_over_files()]
    server.line.rate_bytes_per_s = 12e6
    try:
        with member.started("upload", str(talk), str(other), "--json", through=through) as process:
            wait_for(lambda: confirmed_bytes(member, talk) >= PART_BYTES, "the first part")
            talk.chmod(0o000)
            ended = end_of(process)
    finally:
        server.line.rate_bytes_per_s = None
    (row,) = (row for row in member.queue() if row["path"] == str(talk))
    still_refused = run(member, "resume", "--json", through=through)
    talk.chmod(0o600)
    sent_before = server.line.all_put_bytes()
    resumed = run(member, "resume", "--json", through=through)

    assert ended.code == still_refused.code == 1
    events = {Path(event["path"]).name: event for event in ended.events}
    assert events["other.mp4"]["event"] == "completed"
    for event in (events["talk.mp4"], still_refused.event):
        assert (event["event"], event["code"], event["message"]) == ("failed", "file_unreadable", UNREADABLE)
    assert row["state"] == "attention"
    assert row["bytesConfirmed"] >= PART_BYTES
    assert (resumed.code, resumed.event["event"]) == (0, "completed")
    assert server.line.all_put_bytes() - sent_before <= row["size"] - row["bytesConfirmed"]
    assert records(member, server) == {path.name: path.stat().st_size for path in (talk, other)}


def confirmed_bytes(member: Desktop, path: Path) -> int:
    return sum(row["bytesConfirmed"] for row in member.rows() if row["path"] == str(path))


def test_f16_without_the_permission_it_is_not_even_added(member: Desktop, tmp_path: Path) -> None:
    closed = noise(tmp_path / "closed", 10)
    closed.chmod(0o000)
    ended = run(member, "upload", str(closed), "--json", through=without_power_over_files())
    assert (ended.code, ended.event["code"]) == (1, "file_unreadable")
