"""What a run's messages add up to, and how they are shown once although an owner may have to be asked twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recorder_desktop.config import DesktopConfig
from recorder_desktop.core.errors import Refused
from recorder_desktop.core.model import StoredRecording, UploadState
from recorder_desktop.headless import commands
from recorder_desktop.headless.answers import Message, completed, failed, queue_row, recording_row
from recorder_desktop.headless.commands import Commands
from recorder_desktop.system.paths import RecorderPaths
from tests.fakes.recorder import a_stored_recording
from tests.fakes.upload_queue import make_view
from tests.unit.client.local_servers import Answer, Request, answering

STORED = completed(make_view("a.mp4").upload, a_stored_recording("a.mp4"))
DATA = b"the bytes of a recording"
A_RECORDING = replace(a_stored_recording("a.mp4"), size_bytes=len(DATA), crc64nvme=None)
BROKEN = failed("/recordings/b.mp4", "file_missing", "It is gone.")
SIGNED_OUT = failed("/recordings/c.mp4", "sign_in_required", "Sign in.")


@pytest.fixture
def run(tmp_path: Path) -> Commands:
    return Commands(RecorderPaths(tmp_path), DesktopConfig("https://server", server="https://server", token="secret"))


@pytest.fixture
def requests() -> list[Message]:
    """What was asked of the owner."""
    return []


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, requests: list[Message]) -> list[Message]:
    """What the owner answers."""
    prepared: list[Message] = []

    def ask(_paths: object, _config: object, request: Message, *, uploading: bool) -> Iterator[Message]:
        requests.append(request | {"uploading": uploading})
        return iter(prepared)

    monkeypatch.setattr(commands, "ask", ask)
    return prepared


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([], 0),
        ([STORED], 0),
        ([STORED, BROKEN], 1),
        ([SIGNED_OUT, STORED], 3),
        ([BROKEN, SIGNED_OUT], 3),
        ([SIGNED_OUT, BROKEN], 3),
        ([{"notice": "The queue was damaged."}, {}], 0),
    ],
)
def test_the_exit_code_tells_the_worst(
    run: Commands, answers: list[Message], messages: list[Message], code: int
) -> None:
    answers += messages

    assert run.resume([], as_json=True) == code


def test_a_result_that_a_second_owner_repeats_is_told_once(
    run: Commands, answers: list[Message], capsys: pytest.CaptureFixture[str]
) -> None:
    moved = STORED | {"fileUrl": "http://127.0.0.1:2/elsewhere"}  # the same recording, after the store's restart
    answers += [STORED, BROKEN, moved, BROKEN]

    assert run.resume([], as_json=True) == 1
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [STORED, BROKEN]


def test_one_file_on_its_way_to_two_places_is_told_twice(
    run: Commands, answers: list[Message], capsys: pytest.CaptureFixture[str]
) -> None:
    answers += [STORED, STORED | {"fileId": "another"}, failed(STORED["path"], "refused", "No.")]

    assert run.resume([], as_json=True) == 1
    assert capsys.readouterr().out.count("\n") == 3


@pytest.mark.parametrize(("state", "code"), [(UploadState.COMPLETED, 1), (UploadState.CANCELLED, 0)])
def test_what_is_stored_already_cannot_be_cancelled_and_a_script_is_told(
    run: Commands, answers: list[Message], state: UploadState, code: int
) -> None:
    answers.append(queue_row(make_view("a.mp4", state).upload))
    assert run.edit("cancel", ["u1"]) == code


def link(url: str, recording: StoredRecording) -> Message:
    return {"recording": recording_row(recording), "url": url}


@pytest.mark.parametrize("output", [None, "", "."])
def test_a_file_is_only_replaced_where_it_is_named(
    run: Commands, answers: list[Message], output: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.mp4").write_bytes(b"mine")
    with answering(Answer(200, DATA)) as store:
        answers.append(link(store.url, A_RECORDING))
        with pytest.raises(Refused, match="already here"):
            run.get("id", output)
        assert not store.received
        assert Path("a.mp4").read_bytes() == b"mine"
        assert run.get("id", "a.mp4") == 0
    assert Path("a.mp4").read_bytes() == DATA


def test_a_file_that_comes_while_a_download_runs_is_not_replaced(
    run: Commands,
    answers: list[Message],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    with answering(Answer(200, DATA)) as store:
        answers.append(link(store.url, A_RECORDING))
        answer_to = store.answer_to

        def answer_after_a_file_came(request: Request) -> Answer:
            Path("a.mp4").write_bytes(b"mine")
            return answer_to(request)

        monkeypatch.setattr(store, "answer_to", answer_after_a_file_came)
        assert run.get("id", None) == 0
    assert (Path("a.mp4").read_bytes(), Path("a (2).mp4").read_bytes()) == (b"mine", DATA)
    assert capsys.readouterr().out == f"a (2).mp4: {len(DATA)} bytes, its size checked; it has no checksum\n"


def test_upload_tells_the_owner_everything_it_was_told(
    run: Commands, answers: list[Message], requests: list[Message], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    run.upload(["a/../b.mp4", "/c.mp4"], "talks", "f1", as_json=True)
    run.add(["b.mp4"])

    place = {"destination": "https://server", "token": "secret"}
    assert requests[0] == place | {
        "do": "add",
        "paths": [str(tmp_path / "b.mp4"), "/c.mp4"],
        "directory": "talks",
        "folderId": "f1",
        "follow": True,
        "uploading": True,
    }
    assert requests[1] == place | {"do": "add", "paths": [str(tmp_path / "b.mp4")], "uploading": False}


def test_an_empty_queue_and_library_are_empty_lists(
    run: Commands, answers: list[Message], capsys: pytest.CaptureFixture[str]
) -> None:
    assert [run.queue(as_json=True), run.library("", as_json=True), run.queue(as_json=False)] == [0, 0, 0]
    assert capsys.readouterr().out == "[]\n[]\n"
