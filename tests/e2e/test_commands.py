"""The command line as scripts and people use it, in processes of its own, with the store of this computer."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from recorder_desktop import __version__
from tests.e2e.command_line import COMPLETED_FIELDS, queue_states, run
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of test picture."""
    path = tmp_path_factory.mktemp("video") / "Vorlesung über Äpfel.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=duration=3:size=640x360"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-c:v", "mpeg4", str(path)], check=True, timeout=60)
    return path


def noise(path: Path, size_bytes: int = 100_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(size_bytes))
    return path


# --- this computer's own store ---------------------------------------------------------------------------------


def test_a_video_is_stored_on_this_computer_and_given_back_byte_for_byte(
    alone: Desktop, video: Path, tmp_path: Path
) -> None:
    uploaded = run(alone, "upload", str(video), "--directory", "talks/2026", "--json")
    fetched = run(alone, "get", uploaded.event["fileId"], "-o", str(tmp_path / "fetched.mp4"))

    completed = uploaded.event
    assert (uploaded.code, uploaded.complaint) == (0, "")
    assert list(completed) == COMPLETED_FIELDS
    assert (completed["event"], completed["path"]) == ("completed", str(video))
    assert (completed["fileName"], completed["size"]) == (video.name, video.stat().st_size)
    assert completed["key"].startswith("talks/2026/")
    assert completed["fileUrl"].endswith(f"/{completed['bucket']}/{completed['key']}")
    assert completed["durationSeconds"] == pytest.approx(3.0, abs=0.2)
    assert (fetched.code, fetched.complaint) == (0, "")
    assert (tmp_path / "fetched.mp4").read_bytes() == video.read_bytes()


# --- what may be uploaded --------------------------------------------------------------------------------------


def test_a_folder_means_every_recording_below_it(member: Desktop, tmp_path: Path) -> None:
    folder = tmp_path / "day one"
    recordings = [noise(folder / name) for name in ("a.mkv", "b.TS", "inner/c.flac", "inner/deeper/d.mxf")]
    noise(folder / "notes.txt")
    noise(folder / ".hidden.mp4")

    ended = run(member, "upload", str(folder), "--json")

    assert ended.code == 0
    assert {event["path"] for event in ended.events} == {str(path) for path in recordings}
    assert {event["event"] for event in ended.events} == {"completed"}


def test_a_file_named_explicitly_may_be_of_any_type_and_empty(member: Desktop, tmp_path: Path) -> None:
    notes, empty = noise(tmp_path / "notes.txt"), noise(tmp_path / "empty.mp4", 0)

    ended = run(member, "upload", str(notes), str(empty), "--json")
    sizes = {event["fileName"]: event["size"] for event in ended.events}
    fetched = run(member, "get", next(e["fileId"] for e in ended.events if e["size"] == 0), "-o", f"{tmp_path}/again")

    assert (ended.code, sizes) == (0, {"notes.txt": 100_000, "empty.mp4": 0})
    assert (fetched.code, (tmp_path / "again").read_bytes()) == (0, b"")


def test_a_file_that_is_stored_already_gives_its_completed_event_again_and_sends_nothing(
    member: Desktop, server: Team, tmp_path: Path
) -> None:
    talk = noise(tmp_path / "talk.mp4")
    first = run(member, "upload", str(talk), str(talk), "--json")
    sent_bytes = server.line.all_put_bytes()

    again = run(member, "upload", str(talk), "--json")

    assert (again.code, again.event) == (0, first.event)
    assert server.line.all_put_bytes() == sent_bytes
    assert len(member.queue()) == 1


def test_a_stored_file_that_was_changed_is_a_new_recording(member: Desktop, tmp_path: Path) -> None:
    talk = noise(tmp_path / "talk.mp4")
    first = run(member, "upload", str(talk), "--json")

    second = run(member, "upload", str(noise(talk)), "--json")

    assert second.code == 0
    assert second.event["fileId"] != first.event["fileId"]
    assert second.event["crc64nvme"] != first.event["crc64nvme"]


def test_what_cannot_be_uploaded_fails_and_the_rest_goes_on(member: Desktop, tmp_path: Path) -> None:
    missing, unread, good = tmp_path / "missing.mp4", noise(tmp_path / "unread.mp4"), noise(tmp_path / "good.mp4")
    empty = tmp_path / "nothing here"
    noise(empty / "notes.txt")
    unread.chmod(0)

    arguments = ["upload", *map(str, (missing, unread, empty, good)), "--json"]
    ended = run(member, *arguments, through=without_the_right_to_read_all())

    events = {event["path"]: event for event in ended.events}
    assert ended.code == 1
    assert {path: event.get("code") for path, event in events.items()} == {
        str(missing): "file_missing",
        str(unread): "file_unreadable",
        str(empty): "no_recordings",
        str(good): None,
    }
    assert all(list(event) == ["event", "path", "code", "message"] for event in events.values() if "code" in event)
    assert events[str(good)]["event"] == "completed"

    unread.chmod(0o600)
    retried = run(member, "resume", "--json")

    assert (retried.code, retried.event["path"]) == (0, str(unread))


def without_the_right_to_read_all() -> list[str]:
    """The superuser may read every file; this takes that right away, and nobody else has it."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


# --- the queue and the library ---------------------------------------------------------------------------------


def test_what_was_added_is_uploaded_by_resume(member: Desktop, tmp_path: Path) -> None:
    talk = noise(tmp_path / "talk.mp4")

    added = run(member, "add", str(talk))

    assert (added.code, added.complaint) == (0, "")
    (row,) = member.queue()
    assert len(row.pop("id")) > 0
    assert row == {"path": str(talk), "state": "queued", "size": 100_000, "bytesConfirmed": 0, "error": None}

    resumed = run(member, "resume", "--json")

    assert (resumed.code, resumed.event["event"], resumed.event["path"]) == (0, "completed", str(talk))
    assert member.queue()[0]["bytesConfirmed"] == 100_000


def test_the_queue_can_be_edited_while_nobody_uploads(member: Desktop, tmp_path: Path) -> None:
    run(member, "add", str(noise(tmp_path / "a.mp4")), str(noise(tmp_path / "b.mp4")), str(noise(tmp_path / "c.mp4")))
    a, b, _ = (row["id"] for row in member.queue())

    assert [run(member, "pause", a, b).code, run(member, "cancel", b).code] == [0, 0]
    assert queue_states(member) == {"a.mp4": "paused", "b.mp4": "cancelled", "c.mp4": "queued"}

    first = run(member, "resume", "--json")
    retried = run(member, "retry", b)
    second = run(member, "resume", "--json")

    assert {event["path"] for event in first.events} == {str(tmp_path / "a.mp4"), str(tmp_path / "c.mp4")}
    assert (retried.code, second.event["path"]) == (0, str(tmp_path / "b.mp4"))


def test_one_of_the_paused_uploads_is_resumed_and_waited_for(member: Desktop, tmp_path: Path) -> None:
    run(member, "add", str(noise(tmp_path / "a.mp4")), str(noise(tmp_path / "b.mp4")))
    a, b = (row["id"] for row in member.queue())
    run(member, "pause", a, b)

    resumed = run(member, "resume", b, "--json")

    assert (resumed.code, resumed.event["event"], resumed.event["path"]) == (0, "completed", str(tmp_path / "b.mp4"))
    assert queue_states(member) == {"a.mp4": "paused", "b.mp4": "completed"}


def test_an_unknown_upload_or_recording_is_said_to_be_unknown(member: Desktop) -> None:
    upload, recording = run(member, "cancel", "nonsense"), run(member, "get", "nonsense")

    assert (upload.code, upload.printed) == (1, "")
    assert upload.complaint == "There is no upload nonsense. See “recorder-desktop queue”.\n"
    assert (recording.code, recording.printed) == (1, "")
    assert recording.complaint == "No such recording. List the library again.\n"


def test_the_library_lists_what_was_said_and_can_be_searched(member: Desktop, tmp_path: Path) -> None:
    paths = [noise(tmp_path / name) for name in ("Äpfel.mp4", "Birnen.flac")]
    events = run(member, "upload", *map(str, paths), "--json").events

    (item,) = json.loads(run(member, "library", "äpfel", "--json").printed)

    (event,) = [event for event in events if event["fileName"] == "Äpfel.mp4"]
    assert list(item) == [*COMPLETED_FIELDS[2:], "contentType", "createdAt"]
    assert {name: item[name] for name in COMPLETED_FIELDS[2:]} == {name: event[name] for name in COMPLETED_FIELDS[2:]}
    assert (item["contentType"], item["createdAt"][-1]) == ("video/mp4", "Z")


def test_the_lists_are_readable_for_people(member: Desktop, tmp_path: Path) -> None:
    run(member, "upload", str(noise(tmp_path / "a\nb.mp4", 12_345)))

    queue, library = run(member, "queue"), run(member, "library")

    assert "completed  100 %" in queue.printed
    assert str(tmp_path / "a\\nb.mp4") in queue.printed
    assert "12,345" in library.printed
    assert [queue.printed.count("\n"), library.printed.count("\n")] == [1, 1]


def test_a_reader_that_goes_away_is_no_reason_for_a_traceback(member: Desktop) -> None:
    with member.started("library", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # as `| true` does
        complaint = process.stderr.read()
        assert (process.wait(30), complaint) == (1, "")


def test_get_takes_the_recordings_name_and_replaces_nothing_unasked(member: Desktop, tmp_path: Path) -> None:
    talk = noise(tmp_path / "talk.mp4")
    file_id = run(member, "upload", str(talk), "--json").event["fileId"]
    below = tmp_path / "what is fetched"
    below.mkdir()

    into_folder = run(member, "get", file_id, "-o", str(below))
    (below / "talk.mp4").write_bytes(b"something else")
    unasked = run(member, "get", file_id, folder=below)
    into_it_again = run(member, "get", file_id, "-o", str(below))

    assert into_folder.code == 0
    assert [ended.code for ended in (unasked, into_it_again)] == [1, 1]
    assert all("already here" in ended.complaint for ended in (unasked, into_it_again))
    assert f"or -o '{below / 'talk.mp4'}' to replace it" in into_it_again.complaint  # as a shell takes it
    assert (below / "talk.mp4").read_bytes() == b"something else"
    assert not list(below.glob("*.part"))


def test_the_doctor_finds_all_well(member: Desktop, server: Team) -> None:
    ended = run(member, "doctor")

    assert (ended.code, ended.complaint) == (0, "")
    assert {line.split()[0] for line in ended.printed.splitlines()} == {"ok"}
    assert server.server.url.split("://")[1] in ended.printed


def test_the_version_is_told() -> None:
    assert run(Desktop(Path("/nonexistent")), "--version").printed == f"recorder-desktop {__version__}\n"
