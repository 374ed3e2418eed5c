"""Commands that cannot do what was asked: one clear sentence, the right exit code, nothing lost."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.command_line import end_of, queue_states, run
from tests.e2e.desktop import Desktop
from tests.e2e.team import Team
from tests.servers import free_ports


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"not much of a talk")
    return path


# --- bad usage ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["upload"], ["queue", "--nonsense"]], ids=" ".join)
def test_a_command_line_that_cannot_be_meant_ends_with_2(alone: Desktop, arguments: list[str]) -> None:
    ended = run(alone, *arguments)

    assert (ended.code, ended.printed) == (2, "")
    assert ended.complaint.startswith("usage: recorder-desktop")
    assert not alone.home.exists()


def test_a_server_address_that_is_none_ends_with_2(alone: Desktop, talk: Path) -> None:
    ended = run(alone, "upload", str(talk), "--server", "recorder.example.org", "--json")

    assert (ended.code, ended.printed) == (2, "")
    assert ended.complaint.startswith("“recorder.example.org” is not a server address.")
    assert not alone.home.exists()


def test_an_own_bucket_without_its_region_ends_with_2_and_names_it(tmp_path: Path, talk: Path) -> None:
    settings = {"S3_BUCKET": "mine", "AWS_ACCESS_KEY": "a", "AWS_SECRET_KEY": "b"}

    ended = run(Desktop(tmp_path, settings), "upload", str(talk))

    assert (ended.code, ended.printed) == (2, "")
    assert ended.complaint.startswith("S3_BUCKET is set but AWS_REGION is not.")


def test_without_a_display_one_sentence_names_the_headless_commands(alone: Desktop, talk: Path) -> None:
    ended = run(alone, str(talk))

    assert (ended.code, ended.printed) == (2, "")
    assert ended.complaint.count("\n") == 1
    assert "“recorder-desktop upload PATH...”" in ended.complaint


def test_a_home_that_cannot_be_used_is_one_sentence(tmp_path: Path, talk: Path) -> None:
    ended = run(Desktop(tmp_path, {"RECORDER_HOME": str(talk / "home")}), "upload", str(talk), "--json")

    assert (ended.code, ended.printed) == (1, "")
    assert ended.complaint.startswith(f"Recorder could not use its files ({talk}/home: Not a directory).")
    assert ended.complaint.count("\n") == 1


# --- a server that is not there ----------------------------------------------------------------------------------


def test_a_server_that_is_never_reached_fails_every_file_after_15_s_and_the_queue_is_kept(tmp_path: Path) -> None:
    nobody, silent = tmp_path / "nobody", tmp_path / "silent"
    # More than are at work at once: the rest never has its turn.
    files = [tmp_path / f"{number}.mp4" for number in range(6)]
    for file in files:
        file.write_bytes(b"words")
    for folder in (nobody, silent):
        folder.mkdir()
    with server_that_never_answers() as silent_url:
        absent = Desktop(nobody, {"RECORDER_SERVER": f"http://127.0.0.1:{free_ports(1)[0]}", "RECORDER_TOKEN": "t"})
        deaf = Desktop(silent, {"RECORDER_SERVER": silent_url, "RECORDER_TOKEN": "t"})
        arguments = ["upload", *map(str, files), "--json"]
        with absent.started(*arguments) as first, deaf.started(*arguments) as second:
            ends = [end_of(first, 25.0), end_of(second, 25.0)]

    for desktop, ended in zip((absent, deaf), ends, strict=True):
        assert (ended.code, ended.complaint) == (1, "")
        assert {event["path"] for event in ended.events} == {str(file) for file in files}
        assert {event["code"] for event in ended.events} == {"server_unreachable"}
        assert desktop.settings["RECORDER_SERVER"] in ended.events[0]["message"]
        assert queue_states(desktop) == {file.name: "queued" for file in files}


@contextmanager
def server_that_never_answers() -> Iterator[str]:
    """Takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


# --- sign-in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "nonsense"], ids=["no token", "wrong token"])
def test_without_a_valid_token_commands_end_with_3_and_the_queue_is_kept(
    server: Team, tmp_path: Path, talk: Path, token: str
) -> None:
    stranger = server.member(tmp_path, token)

    uploaded = run(stranger, "upload", str(talk), "--json")
    listed = run(stranger, "library")

    doctor = run(stranger, "doctor")

    assert (uploaded.code, uploaded.event["event"], uploaded.event["code"]) == (3, "failed", "sign_in_required")
    assert (listed.code, listed.printed, listed.complaint.count("\n")) == (3, "", 1)
    assert doctor.code == 1
    assert any(line.startswith("problem  Team server") for line in doctor.printed.splitlines())
    assert queue_states(stranger) == {"talk.mp4": "queued"}

    member = server.member(tmp_path, server.server.token())

    assert run(member, "resume", "--json").event["event"] == "completed"


def test_login_keeps_token_and_server_and_logout_forgets_both(server: Team, tmp_path: Path, talk: Path) -> None:
    keyring = {
        "PYTHON_KEYRING_BACKEND": "tests.fakes.file_keyring.FileKeyring",
        "TEST_KEYRING_FILE": str(tmp_path / "keyring.json"),
    }
    desktop, url = Desktop(tmp_path, keyring), server.server.url

    refused = run(desktop, "login", "--server", url, typed="nonsense\n")
    signed_in = run(desktop, "login", "--server", url, typed=server.server.token(user="login") + "\n")
    uploaded = run(desktop, "upload", str(talk), "--json")
    signed_out = run(desktop, "logout")

    assert (refused.code, signed_in.code, signed_out.code) == (3, 0, 0)
    assert signed_in.printed == f"Signed in. Recordings now go to {url}.\n"
    assert (uploaded.code, uploaded.event["bucket"]) == (0, server.bucket)
    assert (tmp_path / "keyring.json").read_text() == "{}"
    assert url not in (desktop.home / "settings.toml").read_text()


def test_without_a_keyring_login_says_so_and_writes_the_token_nowhere(server: Team, alone: Desktop) -> None:
    token = server.server.token()

    ended = run(alone, "login", "--server", server.server.url, typed=token + "\n")

    assert (ended.code, ended.printed) == (1, "")
    assert "no usable keyring" in ended.complaint
    assert not [path for path in alone.folder.rglob("*") if path.is_file() and token in path.read_text()]


# --- a server that says no ---------------------------------------------------------------------------------------


def test_what_the_server_refuses_fails_with_its_sentence(member: Desktop, talk: Path) -> None:
    outside = run(member, "upload", str(talk), "--directory", "../elsewhere", "--json")
    unknown = run(member, "upload", str(talk), "--directory", "talks", "--folder-id", "nonsense", "--json")

    assert (outside.code, outside.event["code"]) == (1, "invalid_field")
    assert outside.event["message"].startswith("directory:")
    assert (unknown.code, unknown.event["code"]) == (1, "folder_not_found")
