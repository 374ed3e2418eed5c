"""Recordings fetched from a real server: whole and under their name, or not at all."""

from __future__ import annotations

import errno
import os
import re
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from awscrt.checksums import crc64nvme

from recorder_desktop.client.recording_download import download, download_into
from recorder_desktop.core.errors import (
    FileUnreadable,
    Offline,
    Refused,
    SlowDown,
    StoreTrouble,
    TransientFailure,
    UrlRefused,
)
from recorder_desktop.core.model import StoredRecording
from tests.unit.client.certificates import SelfSigned
from tests.unit.client.local_servers import Answer, answer_bytes, answering, read_head, scripted

MIB = 1024 * 1024
DATA = os.urandom(2 * MIB + 17)


def recording_of(data: bytes, checksum: str | None = "right") -> StoredRecording:
    if checksum == "right":
        checksum = b64encode(crc64nvme(data).to_bytes(8, "big")).decode()
    return StoredRecording(
        file_id="f1",
        file_name="talk.mp4",
        key="talk-1.mp4",
        bucket="bucket",
        file_url="https://store.example.org/talk-1.mp4",
        size_bytes=len(data),
        content_type="video/mp4",
        crc64nvme=checksum,
        duration_s=None,
        created_at="2026-01-01T00:00:00Z",
    )


def fetch(url: str, target: Path, recording: StoredRecording | None = None) -> list[int]:
    """Download and return the counts that were told."""
    counts: list[int] = []
    fetched = download(
        recording or recording_of(DATA), f"{url}/talk-1.mp4?X-Amz-Signature=abc", target, counts.append
    )
    assert fetched.path == target
    return counts


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- whole -------------------------------------------------------------------------------------------------------


def test_a_whole_recording_takes_its_name_and_nothing_else_is_left(tmp_path: Path) -> None:
    with answering(Answer(200, DATA)) as store:
        counts = fetch(store.url, tmp_path / "talk.mp4")
    assert (tmp_path / "talk.mp4").read_bytes() == DATA
    assert sum(counts) == len(DATA)
    assert len(counts) > 1
    assert names(tmp_path) == ["talk.mp4"]
    assert store.received[0].path == "/talk-1.mp4?X-Amz-Signature=abc"
    assert "authorization" not in store.received[0].headers


def test_where_a_symlink_leads_is_written(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "talk.mp4"
    link.symlink_to(tmp_path / "disk" / "real.mp4")
    with answering(Answer(200, DATA)) as store:
        fetch(store.url, link)
    assert link.is_symlink()
    assert (tmp_path / "disk" / "real.mp4").read_bytes() == DATA
    assert names(tmp_path) == ["disk", "talk.mp4"]


@pytest.mark.parametrize("data", [b"", b"x"])
def test_an_empty_or_tiny_recording_arrives_too(tmp_path: Path, data: bytes) -> None:
    with answering(Answer(200, data)) as store:
        fetch(store.url, tmp_path / "talk.mp4", recording_of(data))
    assert (tmp_path / "talk.mp4").read_bytes() == data


def test_a_recording_without_a_known_checksum_is_checked_by_its_size(tmp_path: Path) -> None:
    with answering(Answer(200, DATA)) as store:
        fetched = download(recording_of(DATA, None), store.url, tmp_path / "talk.mp4", lambda _count: None)
        assert not fetched.checksum_agreed
        with pytest.raises(Refused):
            fetch(store.url, tmp_path / "other.mp4", recording_of(DATA + b"x", None))
    assert names(tmp_path) == ["talk.mp4"]


def test_a_whole_recording_replaces_the_file_that_was_named(tmp_path: Path) -> None:
    target = tmp_path / "talk.mp4"
    target.write_bytes(b"older")
    with answering(Answer(200, DATA)) as store:
        fetch(store.url, target)
    assert target.read_bytes() == DATA


def test_a_neighbour_whose_name_ends_in_part_is_left_alone(tmp_path: Path) -> None:
    neighbour = tmp_path / "talk.mp4.part"
    neighbour.write_bytes(b"somebody's")
    with answering(Answer(200, DATA)) as store:
        fetch(store.url, tmp_path / "talk.mp4")
    assert neighbour.read_bytes() == b"somebody's"


def test_a_name_as_long_as_the_file_system_allows_is_no_hindrance(tmp_path: Path) -> None:
    target = tmp_path / ("t" * 251 + ".mp4")
    with answering(Answer(200, DATA)) as store:
        fetch(store.url, target)
    assert target.read_bytes() == DATA


# --- not at all --------------------------------------------------------------------------------------------------


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    """A file that stands there already: untouched by whatever fails, and alone afterwards."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"older")
    yield path
    assert path.read_bytes() == b"older"
    assert names(tmp_path) == ["talk.mp4"]


def test_f30_a_flipped_byte_is_refused(target: Path) -> None:
    damaged = bytes([DATA[0] ^ 1]) + DATA[1:]
    with answering(Answer(200, damaged)) as store, pytest.raises(Refused) as caught:
        fetch(store.url, target)
    assert caught.value.code == "damaged_in_transit"


@pytest.mark.parametrize("data", [DATA[:-1], DATA + b"x", b"", b"<html>Welcome to the hotel</html>"])
def test_a_body_of_another_size_is_refused(target: Path, data: bytes) -> None:
    with answering(Answer(200, data)) as store, pytest.raises(Refused) as caught:
        fetch(store.url, target)
    assert caught.value.code == "damaged_in_transit"


def test_a_body_cut_short_is_trouble_with_the_connection(target: Path) -> None:
    def cut(connection: socket.socket, _over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(answer_bytes(200, DATA)[:-100])

    with scripted(cut) as store, pytest.raises(TransientFailure) as caught:
        fetch(store.url, target)
    assert "“talk.mp4” could not be fetched" in caught.value.message


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (Answer(403, b"<Error><Code>AccessDenied</Code></Error>"), UrlRefused, "url_refused"),
        (Answer(404, b"<Error><Code>NoSuchKey</Code></Error>"), Refused, "store_refused"),
        (Answer(302, headers={"Location": "/sign-in"}), Offline, "captive_portal"),
        (Answer(503, headers={"Retry-After": "3600"}), SlowDown, "slow_down"),
        (Answer(500), StoreTrouble, "store_trouble"),
    ],
)
def test_a_refusal_is_told_at_once_and_asked_for_only_once(
    target: Path, answer: Answer, error: type[Exception], code: str
) -> None:
    with answering(answer) as store, pytest.raises(error) as caught:
        fetch(store.url, target)
    assert getattr(caught.value, "code", None) == code
    assert len(store.received) == 1


@pytest.mark.parametrize("status", [302, 403, 500, 503])
def test_no_message_promises_that_a_download_goes_on_by_itself(target: Path, status: int) -> None:
    with (
        answering(Answer(status)) as store,
        pytest.raises((TransientFailure, Offline, SlowDown, UrlRefused)) as caught,
    ):
        fetch(store.url, target)
    assert caught.value.message == (
        "“talk.mp4” could not be fetched from 127.0.0.1. Check the network, then fetch it again."
    )


def test_a_store_that_cannot_be_reached_means_offline(target: Path) -> None:
    with answering(Answer(200, DATA)) as gone:
        url = gone.url
    with pytest.raises(Offline):
        fetch(url, target)


def test_f29_an_untrusted_certificate_is_named_plainly(target: Path, certificate: SelfSigned) -> None:
    with answering(Answer(200, DATA), tls=certificate.server_context()) as store, pytest.raises(Refused) as caught:
        fetch(store.url, target)
    assert caught.value.code == "tls_untrusted"


def test_a_listener_that_fails_leaves_nothing_behind(target: Path) -> None:
    def give_up(_count: int) -> None:
        raise KeyboardInterrupt

    with answering(Answer(200, DATA)) as store, pytest.raises(KeyboardInterrupt):
        download(recording_of(DATA), store.url, target, give_up)


# --- nowhere to write --------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "talk.mp4"
    with answering(Answer(200, DATA)) as store, pytest.raises(FileUnreadable) as caught:
        fetch(store.url, target)
    assert caught.value.code == "not_writable"
    assert str(tmp_path / "missing") in caught.value.message


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "talks").write_bytes(b"a file")
    with answering(Answer(200, DATA)) as store, pytest.raises(FileUnreadable) as caught:
        fetch(store.url, tmp_path / "talks" / "talk.mp4")
    assert caught.value.code == "not_writable"


@contextmanager
def files_limited_to(size_bytes: int) -> Iterator[None]:
    """Make writes past this size fail for a while, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room_bytes", [MIB, 2 * MIB], ids=["in the middle", "with the last few bytes"])
def test_f06_a_disk_that_fills_up_is_named_and_nothing_is_kept(target: Path, room_bytes: int) -> None:
    with answering(Answer(200, DATA)) as store, files_limited_to(room_bytes), pytest.raises(FileUnreadable) as caught:
        fetch(store.url, target)
    assert caught.value.code == "not_writable"
    assert "Choose a disk that takes files of this size" in caught.value.message


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Free some space, then fetch it again."),
        (errno.EDQUOT, "Free some space, then fetch it again."),
        (errno.EROFS, "Choose another place."),
    ],
)
def test_what_to_do_fits_what_happened(target: Path, number: int, advice: str) -> None:
    def fail(_count: int) -> None:
        raise OSError(number, os.strerror(number))

    with answering(Answer(200, DATA)) as store, pytest.raises(FileUnreadable) as caught:
        download(recording_of(DATA), store.url, target, fail)
    assert caught.value.message == f"{target} could not be written ({os.strerror(number)}). {advice}"


def test_a_name_that_no_file_can_have_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    with answering(Answer(200, DATA)) as store, pytest.raises(FileUnreadable, match="Choose a shorter name"):
        fetch(store.url, tmp_path / ("t" * 300))
    assert not store.received


def test_a_name_that_was_taken_for_a_file_that_could_not_be_renamed_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_partial: Path, _target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "replace", refuse)
    with answering(Answer(200, DATA)) as store, pytest.raises(FileUnreadable):
        download_into(recording_of(DATA), store.url, tmp_path, lambda _count: None)
    assert names(tmp_path) == []


def test_a_folder_for_downloads_that_nobody_made_yet_is_made(tmp_path: Path) -> None:
    with answering(Answer(200, DATA)) as store:
        file = download_into(recording_of(DATA), store.url, tmp_path / "home" / "Downloads", lambda _count: None)
    assert file.path.parent == tmp_path / "home" / "Downloads"
    assert file.path.read_bytes() == DATA


# --- what a killed download leaves -------------------------------------------------------------------------------

SAME = b"the same in every process" * 100_000

DOWNLOADING = """
import os, signal, sys
from pathlib import Path
from tests.unit.client.test_recording_download import SAME, recording_of
from recorder_desktop.client.recording_download import download_into

if sys.argv[3] == "waits":
    on_received = lambda _count: (print("begun", flush=True), sys.stdin.read())
else:
    on_received = lambda _count: os.kill(os.getpid(), signal.SIGKILL)
download_into(recording_of(SAME), sys.argv[1], Path(sys.argv[2]), on_received)
"""


def a_process_downloading(url: str, folder: Path, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DOWNLOADING, url, str(folder), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def make_older(folder: Path) -> None:
    """Turn the clock of every file there back by an hour."""
    for path in folder.iterdir():
        changed = path.stat().st_mtime - 3600
        os.utime(path, (changed, changed))


def test_the_half_file_of_a_killed_download_is_removed_by_the_next_one_there(tmp_path: Path) -> None:
    with answering(Answer(200, SAME)) as store:
        with a_process_downloading(store.url, tmp_path, "dies") as killed:
            assert killed.wait(30) == -signal.SIGKILL
        assert len(names(tmp_path)) == 1
        mine = tmp_path / ".mine.part"
        mine.write_bytes(b"mine")
        make_older(tmp_path)
        download_into(recording_of(SAME), store.url, tmp_path, lambda _count: None)
    assert names(tmp_path) == [".mine.part", "talk.mp4"]


def test_the_half_file_of_a_download_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    with answering(Answer(200, SAME)) as store:
        with a_process_downloading(store.url, tmp_path, "waits") as slow:
            assert slow.stdout is not None
            assert slow.stdout.readline() == "begun\n"
            make_older(tmp_path)
            download_into(recording_of(SAME), store.url, tmp_path, lambda _count: None)
            slow.communicate()
        assert slow.returncode == 0
    assert names(tmp_path) == ["talk (2).mp4", "talk.mp4"]
    assert (tmp_path / "talk (2).mp4").read_bytes() == SAME


# --- what is no file ---------------------------------------------------------------------------------------------


def make_device(path: Path) -> None:
    """What /dev/null is."""
    if os.getuid() == 0:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    else:
        os.mkfifo(path)


@pytest.mark.parametrize("make", [make_device, os.mkfifo, Path.mkdir])
@pytest.mark.parametrize("by_link", [False, True])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, make: Callable[[Path], None], by_link: bool) -> None:
    there = tmp_path / "there"
    make(there)
    before = there.stat()
    (tmp_path / "link").symlink_to(there)
    with answering() as store, pytest.raises(FileUnreadable, match="is no file"):
        fetch(store.url, tmp_path / ("link" if by_link else "there"))
    assert (there.stat().st_ino, there.stat().st_mode) == (before.st_ino, before.st_mode)
    assert names(tmp_path) == ["link", "there"]
    assert not store.received


def test_a_symlink_that_leads_in_a_circle_is_left_alone(tmp_path: Path) -> None:
    link = tmp_path / "talk.mp4"
    link.symlink_to(link)
    with answering() as store, pytest.raises(FileUnreadable, match=re.escape(str(link))):
        fetch(store.url, link)
    assert link.is_symlink()
