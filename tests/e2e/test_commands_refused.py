"""Commands that cannot do what was asked: one clear sentence, the right exit code, nothing lost."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from recorder_desktop.transfer.job_slots import MAX_SMALL_UPLOADS
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
    ended = run(alone, "upload", str(talk), "--server", "ftp://recorder.example.org", "--json")

    assert (ended.code, ended.printed) == (2, "")
    assert ended.complaint.startswith("“ftp://recorder.example.org” is not a server address.")
    assert not alone.home.exists()


def test_an_upload_that_is_not_there_can_be_neither_paused_resumed_nor_located(alone: Desktop, talk: Path) -> None:
    for arguments in (["pause", "zzz"], ["resume", "zzz"], ["locate", "zzz", str(talk)]):
        ended = run(alone, *arguments)

        assert (ended.code, ended.printed) == (1, "")
        assert ended.complaint == "There is no upload zzz. See “recorder-desktop queue”.\n"


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


@dataclass(frozen=True)
class Waiting:
    """An `upload` that waits for its server, and what it waits with."""

    desktop: Desktop
    files: list[Path]
    process: subprocess.Popen[str]


@pytest.fixture(scope="module", autouse=True)
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Waiting]]:
    """Two runs without a server: nobody listens to the one, nobody answers the other.

    They have to wait for 15 s, and do so while the other tests of this module go on.
    """
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        ports = [free_ports(1)[0], deaf.getsockname()[1]]
        yield [stack.enter_context(upload_to(port, tmp_path_factory.mktemp("waiting"))) for port in ports]


@contextmanager
def upload_to(port: int, folder: Path) -> Iterator[Waiting]:
    # More files than are at work at once: the last never has its turn.
    files = [folder / f"{number}.mp4" for number in range(MAX_SMALL_UPLOADS + 2)]
    for file in files:
        file.write_bytes(b"words")
    desktop = Desktop(folder, {"RECORDER_SERVER": f"http://127.0.0.1:{port}", "RECORDER_TOKEN": "token"})
    with desktop.started("upload", *map(str, files), "--json") as process:
        yield Waiting(desktop, files, process)


def test_whoever_waits_for_a_dead_server_is_told_what_to_do_and_where_it_was_looked_for(tmp_path: Path) -> None:
    place = f"127.0.0.1:{free_ports(1)[0]}"

    ended = run(Desktop(tmp_path, {"RECORDER_SERVER": place, "RECORDER_TOKEN": "token"}), "library")

    assert (ended.code, ended.printed) == (1, "")
    assert ended.complaint.startswith(f"http://{place} ")
    assert ended.complaint.endswith(". Check the address and the network, then try again.\n")
    assert "by itself" not in ended.complaint


# --- sign-in -----------------------------------------------------------------------------------------------------


def test_without_a_token_an_upload_ends_with_3_and_goes_on_with_one(server: Team, tmp_path: Path, talk: Path) -> None:
    signed_out = run(server.member(tmp_path, ""), "upload", str(talk), "--json")
    signed_in = run(server.member(tmp_path, server.server.token()), "resume", "--json")

    assert (signed_out.code, signed_out.event["event"]) == (3, "failed")
    assert signed_out.event["code"] == "sign_in_required"
    assert (signed_in.code, signed_in.event["path"]) == (0, str(talk))


def test_with_a_wrong_token_commands_end_with_3_and_the_doctor_says_why(
    server: Team, tmp_path: Path, talk: Path
) -> None:
    stranger = server.member(tmp_path, "nonsense")

    uploaded, listed = run(stranger, "upload", str(talk), "--json"), run(stranger, "library")
    doctor = run(stranger, "doctor")

    assert (uploaded.code, uploaded.event["code"]) == (3, "sign_in_required")
    assert uploaded.event["message"].startswith(
        f"{server.server.url} does not accept your sign-in. Sign in again, or correct"
    )
    assert (listed.code, listed.printed, listed.complaint.count("\n")) == (3, "", 1)
    assert doctor.code == 1
    assert [line for line in doctor.printed.splitlines() if line.startswith("problem  Team server")]
    assert queue_states(stranger) == {"talk.mp4": "queued"}


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


# Last, so that there is something to do in those 15 seconds.
def test_a_server_that_is_never_reached_fails_every_file_in_15_s_and_the_queue_is_kept(
    waiting: list[Waiting],
) -> None:
    ends = [end_of(each.process, 25.0) for each in waiting]

    for each, ended in zip(waiting, ends, strict=True):
        assert (ended.code, ended.complaint) == (1, "")
        assert {event["path"] for event in ended.events} == {str(file) for file in each.files}
        assert {event["code"] for event in ended.events} == {"server_unreachable"}
        assert each.desktop.settings["RECORDER_SERVER"] in ended.events[0]["message"]
        assert queue_states(each.desktop) == {file.name: "queued" for file in each.files}
