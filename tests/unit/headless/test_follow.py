"""What is said of uploads that somebody waits for: each result once, and no waiting for what only a person can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recorder_desktop.core.events import Notice
from recorder_desktop.core.model import Problem, UploadState
from recorder_desktop.headless import follow
from recorder_desktop.headless.answers import Message
from recorder_desktop.headless.follow import Follow
from tests.fakes.recorder import FakeRecorder, a_stored_recording
from tests.fakes.upload_queue import make_view


@pytest.fixture
def recorder() -> FakeRecorder:
    return FakeRecorder()


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_TICK_S", 0.001)


def messages_of(recorder: FakeRecorder, *names: str) -> Iterator[Message]:
    return Follow(recorder.as_recorder, names).messages()


def results(messages: Iterator[Message]) -> list[Message]:
    return [message for message in messages if message.get("event") in ("completed", "failed")]


def next_of(messages: Iterator[Message], event: str) -> Message:
    return next(message for message in messages if message.get("event") == event)


def test_uploads_are_followed_to_their_ends_and_each_is_told_once(recorder: FakeRecorder) -> None:
    recorder.queue.append(
        make_view("a.mp4", UploadState.UPLOADING, bytes_in_flight=10), make_view("b.mp4", UploadState.QUEUED)
    )
    messages = messages_of(recorder, "a.mp4", "b.mp4")

    assert next_of(messages, "progress")["bytesInFlight"] == 10
    recorder.queue.change("a.mp4", state=UploadState.COMPLETED, recording=a_stored_recording("a.mp4"))
    first = next_of(messages, "completed")
    recorder.queue.change("b.mp4", state=UploadState.COMPLETED, recording=a_stored_recording("b.mp4"))

    assert first["path"] == "/recordings/a.mp4"
    assert [result["path"] for result in results(messages)] == ["/recordings/b.mp4"]
    assert recorder.queue.listener_count == 0


def test_nothing_to_follow_ends_at_once(recorder: FakeRecorder) -> None:
    assert list(messages_of(recorder)) == []


def test_whoever_stops_listening_is_no_longer_told(recorder: FakeRecorder) -> None:
    recorder.queue.append(make_view("a.mp4", UploadState.UPLOADING))
    messages = Follow(recorder.as_recorder, ["a.mp4"]).messages()
    next(messages)
    assert recorder.queue.listener_count == 1

    messages.close()  # type: ignore[attr-defined]

    assert recorder.queue.listener_count == 0


def test_what_the_person_should_know_is_told_in_between(recorder: FakeRecorder) -> None:
    recorder.queue.append(make_view("a.mp4", UploadState.UPLOADING))
    messages = messages_of(recorder, "a.mp4")
    next_of(messages, "progress")

    recorder.queue.tell(Notice("There is no keyring."))
    recorder.queue.change("a.mp4", state=UploadState.COMPLETED, recording=a_stored_recording("a.mp4"))

    assert [message for message in messages if "notice" in message] == [{"notice": "There is no keyring."}]


def test_an_empty_message_keeps_the_caller_in_touch(recorder: FakeRecorder) -> None:
    recorder.queue.append(make_view("a.mp4", UploadState.QUEUED))
    messages = messages_of(recorder, "a.mp4")

    assert [message.get("event") for message in (next(messages), next(messages))] == ["progress", None]


@pytest.mark.parametrize(
    ("state", "problem", "code"),
    [
        (UploadState.PAUSED, None, "paused"),
        (UploadState.CANCELLED, None, "cancelled"),
        (UploadState.ATTENTION, Problem("file_missing", "It is gone."), "file_missing"),
        (UploadState.WAITING, Problem("sign_in_required", "Sign in."), "sign_in_required"),
    ],
)
def test_what_needs_a_person_is_a_failure(
    recorder: FakeRecorder, state: UploadState, problem: Problem | None, code: str
) -> None:
    recorder.queue.append(make_view("a.mp4", state, problem=problem))

    (result,) = results(messages_of(recorder, "a.mp4"))

    assert (result["event"], result["path"], result["code"]) == ("failed", "/recordings/a.mp4", code)
    assert result["message"] == problem.message if problem else result["message"].endswith(".")


def test_an_upload_that_was_removed_meanwhile_is_a_failure(recorder: FakeRecorder) -> None:
    recorder.queue.append(make_view("a.mp4", UploadState.UPLOADING))
    messages = messages_of(recorder, "a.mp4")
    next(messages)

    recorder.queue.remove(["a.mp4"])

    assert [result["code"] for result in results(messages)] == ["removed"]


# --- a server that is not there ----------------------------------------------------------------------------------


@pytest.fixture
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "UNREACHABLE_AFTER_S", 0.05)


@pytest.mark.usefixtures("_little_patience")
def test_a_server_never_reached_fails_what_waits_for_it_and_what_never_had_its_turn(recorder: FakeRecorder) -> None:
    offline = Problem("offline", "It cannot be reached.")
    recorder.queue.append(
        make_view("a.mp4", UploadState.WAITING, problem=offline),
        make_view("b.mp4", UploadState.UPLOADING),
        make_view("c.mp4", UploadState.QUEUED),
    )
    recorder.unreached["local"] = "http://server cannot be reached. The upload goes on by itself when it can."

    told = results(messages_of(recorder, "a.mp4", "b.mp4", "c.mp4"))

    assert [result["code"] for result in told] == ["server_unreachable"] * 3
    assert {result["message"] for result in told} == {
        "http://server cannot be reached. The upload stays in the queue; use “resume” when the server can be reached."
    }


@pytest.mark.usefixtures("_little_patience")
def test_an_outage_of_a_server_that_was_reached_is_waited_out(recorder: FakeRecorder) -> None:
    offline = Problem("offline", "It cannot be reached.")
    recorder.queue.append(make_view("a.mp4", UploadState.WAITING, problem=offline))
    messages = messages_of(recorder, "a.mp4")

    # Some looks after the limit; without the wait for a change each takes a second.
    for _ in range(100):
        recorder.queue.change("a.mp4", bytes_confirmed=1)
        assert next_of(messages, "progress")["state"] == "waiting"
    recorder.queue.change("a.mp4", state=UploadState.COMPLETED, problem=None, recording=a_stored_recording("a.mp4"))

    assert [result["event"] for result in results(messages)] == ["completed"]


def test_a_server_is_given_its_time(recorder: FakeRecorder) -> None:
    recorder.queue.append(make_view("a.mp4", UploadState.WAITING, problem=Problem("offline", "No.")))
    recorder.unreached["local"] = "It cannot be reached."
    messages = messages_of(recorder, "a.mp4")

    assert next_of(messages, "progress")["error"]["code"] == "offline"


# --- playing times -----------------------------------------------------------------------------------------------


def test_a_stored_recording_is_told_when_its_playing_time_is_known(recorder: FakeRecorder) -> None:
    stored = a_stored_recording("a.mp4", duration_s=None)
    recorder.queue.append(make_view("a.mp4", UploadState.COMPLETED, recording=stored))
    recorder.queue.unprobed.add("a.mp4")
    messages = messages_of(recorder, "a.mp4")

    assert next(messages)["event"] == "progress"
    recorder.queue.change("a.mp4", duration_s=12.5)

    assert [result["durationSeconds"] for result in results(messages)] == [12.5]


def test_a_recording_whose_playing_time_cannot_be_told_is_told_without(recorder: FakeRecorder) -> None:
    stored = a_stored_recording("a.mp4", duration_s=None)
    recorder.queue.append(make_view("a.mp4", UploadState.COMPLETED, recording=stored))

    assert [result["durationSeconds"] for result in results(messages_of(recorder, "a.mp4"))] == [None]


def test_f51_a_probe_that_hangs_holds_the_news_back_for_a_while_only(
    recorder: FakeRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "DURATION_PATIENCE_S", 0.0)
    stored = a_stored_recording("a.mp4", duration_s=None)
    recorder.queue.append(make_view("a.mp4", UploadState.COMPLETED, recording=stored))
    recorder.queue.unprobed.add("a.mp4")

    assert [result["durationSeconds"] for result in results(messages_of(recorder, "a.mp4"))] == [None]


def test_an_outcome_is_told_at_once_and_moving_bytes_a_few_times_a_second(
    recorder: FakeRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_TICK_S", 60.0)
    recorder.queue.append(make_view("a.mp4", UploadState.UPLOADING))
    messages = messages_of(recorder, "a.mp4")
    assert next(messages)["event"] == "progress"
    assert next(messages) == {}

    recorder.queue.change("a.mp4", state=UploadState.PAUSED)

    assert next(messages)["code"] == "paused"


def test_only_what_changed_is_looked_at(recorder: FakeRecorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "ALL_EVERY_S", 60.0)
    names = [f"{number}.mp4" for number in range(100)]
    recorder.queue.append(*(make_view(name, UploadState.QUEUED) for name in names))
    messages = messages_of(recorder, *names)
    assert [next(messages).get("event") for _ in range(101)] == ["progress"] * 100 + [None]

    recorder.queue.change("7.mp4", state=UploadState.UPLOADING)

    assert next(messages)["path"] == "/recordings/7.mp4"
    assert next(messages) == {}
