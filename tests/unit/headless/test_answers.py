"""The words of --json, field by field: scripts are written against them."""

from __future__ import annotations

import json
from pathlib import Path

from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.headless.answers import completed, failed, progress_row, queue_row, recording_row
from tests.fakes.recorder import a_stored_recording
from tests.fakes.upload_queue import make_view


def test_a_row_of_the_queue_has_the_promised_fields_in_order() -> None:
    row = queue_row(make_view(upload_id="u1", bytes_confirmed=5).upload)

    assert list(row.items()) == [
        ("id", "u1"),
        ("path", "/recordings/talk.mp4"),
        ("state", "queued"),
        ("size", 1_000_000),
        ("bytesConfirmed", 5),
        ("error", None),
    ]


def test_a_row_of_a_stuck_upload_says_why() -> None:
    view = make_view(state=UploadState.ATTENTION, problem=Problem("file_missing", "It is gone."))

    assert queue_row(view.upload)["error"] == {"code": "file_missing", "message": "It is gone."}


def test_every_state_has_the_promised_word() -> None:
    words = [queue_row(make_view(state=state).upload)["state"] for state in UploadState]

    assert sorted(words) == sorted(
        ["queued", "uploading", "waiting", "paused", "finalising", "completed", "attention", "cancelled"]
    )


def test_the_completed_event_has_the_promised_fields_in_order() -> None:
    event = completed(make_view().upload, a_stored_recording())

    assert list(event.items()) == [
        ("event", "completed"),
        ("path", "/recordings/talk.mp4"),
        ("fileId", "id-talk.mp4"),
        ("fileName", "talk.mp4"),
        ("key", "recordings/talk.mp4"),
        ("bucket", "bucket"),
        ("fileUrl", "https://store.example.org/recordings/talk.mp4"),
        ("size", 1_000_000),
        ("crc64nvme", "AAAAAAAAAAA="),
        ("durationSeconds", 3.0),
    ]


def test_the_playing_time_found_here_stands_in_for_one_that_the_server_does_not_know_yet() -> None:
    upload = make_view(duration_s=7.5).upload

    assert completed(upload, a_stored_recording(duration_s=None))["durationSeconds"] == 7.5
    assert completed(upload, a_stored_recording(duration_s=0.0))["durationSeconds"] == 0.0


def test_the_failed_event_has_the_promised_fields_in_order() -> None:
    event = failed(Path("/recordings/talk.mp4"), "file_missing", "It is gone.")

    assert list(event.items()) == [
        ("event", "failed"),
        ("path", "/recordings/talk.mp4"),
        ("code", "file_missing"),
        ("message", "It is gone."),
    ]


def test_an_item_of_the_library_adds_type_and_time() -> None:
    row = recording_row(a_stored_recording())

    assert list(row)[-2:] == ["contentType", "createdAt"]
    assert (row["contentType"], row["createdAt"]) == ("video/mp4", "2026-01-01T00:00:00Z")


def test_progress_tells_what_is_on_its_way() -> None:
    view = make_view(state=UploadState.UPLOADING, bytes_in_flight=7, rate_bytes_per_s=2.0, seconds_left=4.0)

    row = progress_row(view)

    assert (row["event"], row["bytesInFlight"], row["rate"], row["secondsLeft"]) == ("progress", 7, 2.0, 4.0)


def test_a_path_that_is_no_text_survives_json() -> None:
    path = Path("/recordings/\udcff.mp4")

    assert json.loads(json.dumps(failed(path, "x", "y")))["path"] == str(path)
