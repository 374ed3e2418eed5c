"""What the owner of the queue does for each request, on a fake queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder_desktop.core.errors import Refused
from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.core.upload_queue import Added, AddOptions, AlreadyStored, Attached, Rejected
from recorder_desktop.headless.answers import Message
from recorder_desktop.headless.owner_service import OwnerService
from tests.fakes.recorder import FakeLibrary, FakeRecorder, a_stored_recording
from tests.fakes.upload_queue import make_view

SERVER = "https://recorder.example.org"


@pytest.fixture
def recorder() -> FakeRecorder:
    here, there = FakeLibrary(), FakeLibrary(a_stored_recording("a.mp4"), a_stored_recording("b.mp4"))
    return FakeRecorder(**{"local": here, SERVER: there})


def ask(recorder: FakeRecorder, **request: object) -> list[Message]:
    return list(OwnerService(recorder.as_recorder, lambda paths: len(paths) == 1).handle(dict(request)))


def test_added_files_are_told_one_by_one(recorder: FakeRecorder) -> None:
    paths = [Path(f"/recordings/{name}") for name in "abcd"]
    recorder.queue.outcomes.append(
        [
            Added(str(paths[0]), "u1"),
            Attached(str(paths[1]), "u2"),
            AlreadyStored(str(paths[2]), "u3"),
            Rejected(paths[3], "file_missing", "It is gone."),
        ]
    )

    told = ask(recorder, do="add", paths=[str(path) for path in paths], directory="talks", folderId="f1")

    assert [message["event"] for message in told] == ["queued", "queued", "queued", "failed"]
    assert [message["path"] for message in told] == [str(path) for path in paths]
    assert recorder.queue.options == [AddOptions("local", "talks", "f1")]


def test_asking_for_a_file_again_lets_it_go_on_and_follows_it(recorder: FakeRecorder) -> None:
    done = make_view("a.mp4", UploadState.COMPLETED, upload_id="u1", recording=a_stored_recording("a.mp4"))
    recorder.queue.append(done)
    recorder.queue.outcomes.append(
        [AlreadyStored(str(done.upload.path), "u1"), Rejected(Path("/x"), "file_missing", "No.")]
    )

    told = ask(recorder, do="add", paths=["/recordings/a.mp4", "/x"], follow=True)

    assert [call[0] for call in recorder.queue.calls] == ["add", "resume", "retry"]
    assert recorder.queue.calls[1:] == [("resume", ["u1"]), ("retry", ["u1"])]
    assert [message["event"] for message in told if message] == ["queued", "failed", "completed"]


def test_a_request_may_bring_its_own_place_and_token(recorder: FakeRecorder) -> None:
    ask(recorder, do="add", paths=["/recordings/a.mp4"], destination=SERVER, token="secret")
    listed = ask(recorder, do="library", query="b", destination=SERVER, token="secret")
    (linked,) = ask(recorder, do="link", id="id-a.mp4", destination=SERVER)

    assert recorder.queue.options[0].destination == SERVER
    assert recorder.destinations.lent == {SERVER: "secret"}
    assert [row["fileName"] for row in listed] == ["b.mp4"]
    assert linked["recording"]["fileName"] == "a.mp4"
    assert linked["url"].endswith("?signed")


@pytest.mark.parametrize("do", ["resume", "pause", "retry", "cancel", "queue"])
def test_a_token_signs_in_whatever_the_command_is(recorder: FakeRecorder, do: str) -> None:
    ask(recorder, do=do, ids=[], destination=SERVER, token="secret")
    assert recorder.destinations.lent == {SERVER: "secret"}


def test_the_library_comes_whole_and_from_the_owners_place_unless_another_is_named(recorder: FakeRecorder) -> None:
    assert ask(recorder, do="library", query="") == []
    assert len(ask(recorder, do="library", query="", destination=SERVER)) == 2


@pytest.mark.parametrize("do", ["add", "library", "link"])
def test_a_place_that_this_run_cannot_reach_is_refused(recorder: FakeRecorder, do: str) -> None:
    with pytest.raises(Refused, match="other settings") as refused:
        ask(recorder, do=do, paths=[], query="", id="x", destination="bucket:mine at eu-central-1")

    assert refused.value.code == "other_destination"


def test_the_queue_says_why_an_upload_to_another_place_waits(recorder: FakeRecorder) -> None:
    recorder.queue.append(make_view("a.mp4"), make_view("b.mp4", destination="bucket:other at eu-west-1"))

    here, elsewhere = ask(recorder, do="queue")

    assert here["error"] is None
    assert elsewhere["error"]["code"] == "other_destination"
    assert elsewhere["state"] == "queued"


def test_resume_follows_what_this_run_serves_and_reports_what_belongs_to_another_place(
    recorder: FakeRecorder,
) -> None:
    elsewhere = make_view("c.mp4", UploadState.PAUSED)
    recorder.queue.append(
        make_view("a.mp4", UploadState.PAUSED),
        make_view("b.mp4", UploadState.COMPLETED),
        elsewhere,
    )
    recorder.queue.change("c.mp4", destination="bucket:other")
    service = OwnerService(recorder.as_recorder, lambda _paths: False)

    messages = service.handle({"do": "resume", "follow": True})
    reported = next(messages)
    assert (reported["path"], reported["code"]) == ("/recordings/c.mp4", "other_destination")
    assert next(messages)["path"] == "/recordings/a.mp4"
    recorder.queue.change("a.mp4", state=UploadState.COMPLETED, recording=a_stored_recording("a.mp4"))

    assert [message["event"] for message in messages if message] == ["completed"]


def test_resume_of_named_uploads_leaves_the_others_alone_and_tells_of_each_that_was_named(
    recorder: FakeRecorder,
) -> None:
    stored = a_stored_recording("b.mp4")
    recorder.queue.append(
        make_view("a.mp4", UploadState.PAUSED),
        make_view("b.mp4", UploadState.COMPLETED, recording=stored),
        make_view("c.mp4", UploadState.CANCELLED),
        make_view("d.mp4", UploadState.PAUSED),
    )
    recorder.queue.change("a.mp4", destination="bucket:other")
    named = ["a.mp4", "b.mp4", "c.mp4"]

    told = ask(recorder, do="resume", ids=named, follow=True)

    assert [(message["path"], message.get("code")) for message in told if message] == [
        ("/recordings/a.mp4", "other_destination"),
        ("/recordings/b.mp4", None),
        ("/recordings/c.mp4", "cancelled"),
    ]
    assert recorder.queue.calls == [("resume", named), ("retry", ["a.mp4", "b.mp4"])]


@pytest.mark.parametrize("do", ["pause", "cancel", "retry"])
def test_edits_answer_with_the_rows_they_touched(recorder: FakeRecorder, do: str) -> None:
    recorder.queue.append(make_view("a.mp4", UploadState.UPLOADING), make_view("b.mp4", UploadState.UPLOADING))

    rows = ask(recorder, do=do, ids=["b.mp4"])

    assert recorder.queue.calls == [(do, ["b.mp4"])]
    assert [row["id"] for row in rows] == ["b.mp4"]


@pytest.mark.parametrize("do", ["pause", "resume"])
def test_a_command_that_names_an_unknown_upload_touches_nothing(recorder: FakeRecorder, do: str) -> None:
    recorder.queue.append(make_view("a.mp4", UploadState.UPLOADING))

    with pytest.raises(Refused, match="no upload x") as refused:
        ask(recorder, do=do, ids=["a.mp4", "x"])

    assert refused.value.code == "unknown_upload"
    assert recorder.queue.calls == []


def test_the_queue_is_listed_in_order(recorder: FakeRecorder) -> None:
    recorder.queue.append(make_view("b.mp4"), make_view("a.mp4"))

    assert [row["id"] for row in ask(recorder, do="queue")] == ["b.mp4", "a.mp4"]


def test_a_second_start_hands_its_files_to_the_window(recorder: FakeRecorder) -> None:
    assert ask(recorder, do="activate", paths=["/a.mp4"]) == [{"window": True}]


@pytest.mark.parametrize("request_", [{"do": "sing"}, {}])
def test_a_request_of_another_version_is_refused(recorder: FakeRecorder, request_: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        ask(recorder, **request_)

    assert refused.value.code == "version_mismatch"


def test_a_sign_in_ends_the_token_that_was_lent_and_lets_go_on_what_waited_for_it(recorder: FakeRecorder) -> None:
    problem = Problem("sign_in_required", "Sign in.")
    recorder.queue.append(
        make_view("a.mp4", UploadState.WAITING, problem=problem),
        make_view("b.mp4", UploadState.WAITING, problem=Problem("offline", "")),
        make_view("elsewhere.mp4", UploadState.WAITING, problem=problem),
    )
    for name in ("a.mp4", "b.mp4"):
        recorder.queue.change(name, destination=SERVER)
    recorder.destinations.lend_token(SERVER, "expired")

    assert ask(recorder, do="signed_in", destination=SERVER) == [{"current": "local"}]

    assert recorder.destinations.lent == {}
    assert recorder.queue.calls == [("retry", ["a.mp4"])]
