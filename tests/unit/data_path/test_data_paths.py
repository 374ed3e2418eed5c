"""Both data paths keep the same promises: in this process, and in one of its own, which may end at any moment."""

from __future__ import annotations

import errno
import gc
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from recorder_desktop.client.part_sender import StorePartSender
from recorder_desktop.core.errors import (
    FileChanged,
    FileMissing,
    FileUnreadable,
    Interrupted,
    NeedsPerson,
    SlowDown,
    StoreTrouble,
    TransientFailure,
    UrlRefused,
)
from recorder_desktop.core.model import PartRange, SignedPart
from recorder_desktop.core.ports import DataPath
from recorder_desktop.core.stop_token import StopToken
from recorder_desktop.data_path import apart as apart_module
from recorder_desktop.data_path import pace
from recorder_desktop.data_path.apart import DataPathApart
from recorder_desktop.data_path.checksum import crc64nvme
from recorder_desktop.data_path.here import DataPathHere
from recorder_desktop.data_path.pace import FIRST_PIECE_BYTES
from tests.unit.client.local_servers import Answer, LocalServer, answering, read_head, scripted
from tests.waiting import wait_for

MIB = 1024 * 1024
STORED = Answer(headers={"ETag": '"9b2c"'})
DEADLINE_S = 20.0


class Counted:
    """Implements core.ports.Tally."""

    def __init__(self) -> None:
        self.moved_bytes = 0
        self.has_waited = threading.Event()
        self.has_moved = threading.Event()

    def moved(self, size_bytes: int) -> None:
        self.moved_bytes += size_bytes
        self.has_moved.set()

    def waited(self) -> None:
        self.has_waited.set()


def here() -> DataPath:
    return DataPathHere(StorePartSender(stall_timeout_s=DEADLINE_S))


@pytest.fixture(params=[here, DataPathApart], ids=["here", "apart"])
def data_path(request: pytest.FixtureRequest) -> Iterator[DataPath]:
    with closing(request.param()) as made:
        yield made


@pytest.fixture
def apart() -> Iterator[DataPathApart]:
    with closing(DataPathApart()) as made:
        yield made


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as made:
        yield made


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    path.write_bytes(os.urandom(3 * MIB))
    return path


@pytest.fixture
def silent(tmp_path: Path, threads: ThreadPoolExecutor) -> Iterator[Path]:
    """A file on a drive that does not answer before the test lets it, or ends."""
    path = tmp_path / "asleep.wav"
    os.mkfifo(path)
    yield path
    with answering_drive(path):
        """Nobody waits for it any more."""


@contextmanager
def answering_drive(silent: Path) -> Iterator[None]:
    """Have those that wait for the silent file go on."""
    file = os.open(silent, os.O_RDWR)
    try:
        yield
    finally:
        os.close(file)


@contextmanager
def silent_store() -> Iterator[tuple[LocalServer, threading.Event]]:
    """A store that takes the head of a part and says nothing, and what tells that a head arrived."""
    arrived = threading.Event()

    def never_answer(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        arrived.set()
        over.wait()

    with scripted(never_answer) as store:
        yield store, arrived


def part_of(path: Path) -> PartRange:
    return PartRange(1, 0, path.stat().st_size)


def signed(store: LocalServer) -> SignedPart:
    return SignedPart(f"{store.url}/bucket/key?partNumber=1&X-Amz-Signature=ab", {}, 3600.0)


def program_of(data_path: DataPathApart) -> int:
    """The process id of the running program."""
    pid = data_path.pid
    assert pid is not None
    return pid


def failure(future: Future[Any]) -> BaseException:
    error = future.exception(DEADLINE_S)
    assert error is not None
    return error


# --- what both promise -------------------------------------------------------------------------------------------


def test_checksums_are_those_of_the_parts_bytes(data_path: DataPath, recording: Path) -> None:
    middle = PartRange(2, MIB - 7, MIB + 9)
    content = recording.read_bytes()[MIB - 7 : 2 * MIB + 2]

    digest = data_path.lane().digest(recording, middle, StopToken(), with_md5=True)

    assert digest.part == middle
    assert digest.crc64nvme == crc64nvme(memoryview(content))
    assert digest.md5 == hashlib.md5(content).digest()
    assert data_path.lane().digest(recording, middle, StopToken(), with_md5=False).md5 is None


def test_a_part_arrives_whole_and_its_bytes_are_counted(data_path: DataPath, recording: Path) -> None:
    tally = Counted()
    with answering(STORED) as store:
        etag = data_path.lane().send(signed(store), recording, part_of(recording), tally, StopToken())
        (request,) = store.received
    assert etag == '"9b2c"'
    assert request.body == recording.read_bytes()
    assert tally.moved_bytes == 3 * MIB
    assert not tally.has_waited.is_set()


def test_what_went_well_is_sent_in_fewer_pieces_the_next_time_and_trouble_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_QUICK_S", DEADLINE_S)  # whatever else the computer is at

    class Pieces(Counted):
        def __init__(self) -> None:
            super().__init__()
            self.sizes: list[int] = []

        def moved(self, size_bytes: int) -> None:
            self.sizes.append(size_bytes)

    path = tmp_path / "talk.wav"
    path.write_bytes(bytes(MIB))
    with closing(here()) as data_path, answering(STORED, STORED, Answer(503), STORED) as store:
        lane, tallies = data_path.lane(), [Pieces() for _ in range(4)]
        for tally in tallies:
            with suppress(StoreTrouble, SlowDown):
                lane.send(signed(store), path, part_of(path), tally, StopToken())
    first, second, refused, after = (tally.sizes for tally in tallies)
    assert first[0] == after[0] == FIRST_PIECE_BYTES
    assert (len(first), len(second), len(refused)) == (3, 1, 1)


def test_a_name_that_is_no_text_is_read(data_path: DataPath, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 \xe2\x82\xac.wav")
    path.write_bytes(b"sound")
    digest = data_path.lane().digest(path, PartRange(1, 0, 5), StopToken(), with_md5=False)
    assert digest.crc64nvme == crc64nvme(memoryview(b"sound"))


def test_what_is_wrong_with_a_file_is_said_by_name(data_path: DataPath, recording: Path) -> None:
    lane = data_path.lane()
    with pytest.raises(FileChanged, match=r"“talk\.wav” became shorter"):
        lane.digest(recording, PartRange(1, 0, 4 * MIB), StopToken(), with_md5=False)
    with pytest.raises(FileMissing, match=r"“gone\.wav”"):
        lane.digest(recording.with_name("gone.wav"), PartRange(1, 0, 1), StopToken(), with_md5=False)


def test_what_the_store_says_comes_through(data_path: DataPath, recording: Path) -> None:
    busy = Answer(503, body=b"<Error><Code>SlowDown</Code></Error>")
    expired = Answer(403, body=b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
    lane = data_path.lane()
    with answering(busy, expired) as store:
        with pytest.raises(SlowDown):
            lane.send(signed(store), recording, part_of(recording), Counted(), StopToken())
        with pytest.raises(UrlRefused):
            lane.send(signed(store), recording, part_of(recording), Counted(), StopToken())


def test_a_stop_ends_what_is_under_way(data_path: DataPath, recording: Path, threads: ThreadPoolExecutor) -> None:
    stop, tally = StopToken(), Counted()
    with silent_store() as (store, arrived):
        sent = threads.submit(data_path.lane().send, signed(store), recording, part_of(recording), tally, stop)
        assert arrived.wait(DEADLINE_S)
        stop.set()
        assert isinstance(failure(sent), Interrupted)


def test_what_fails_or_is_stopped_leaves_nothing_to_the_collector(data_path: DataPath, recording: Path) -> None:
    stopped = StopToken()
    stopped.set()
    lane = data_path.lane()
    gc.collect()
    gc.disable()
    try:
        with answering(Answer(503), STORED) as store:
            refused, let_go = Counted(), Counted()
            watched = [weakref.ref(refused), weakref.ref(let_go)]
            with suppress(StoreTrouble, SlowDown):
                lane.send(signed(store), recording, part_of(recording), refused, StopToken())
            with suppress(Interrupted):
                lane.send(signed(store), recording, part_of(recording), let_go, stopped)
            del refused, let_go
            # Whoever listens to the program holds the last answer until the next one comes.
            lane.send(signed(store), recording, part_of(recording), Counted(), StopToken())
        wait_for(lambda: [each() for each in watched] == [None, None], "both to be freed")
    finally:
        gc.enable()


def test_a_stop_from_before_begins_nothing(data_path: DataPath, recording: Path) -> None:
    stop = StopToken()
    stop.set()
    with answering(STORED) as store:
        with pytest.raises(Interrupted):
            data_path.lane().send(signed(store), recording, part_of(recording), Counted(), stop)
        with pytest.raises(Interrupted):
            data_path.lane().digest(recording, part_of(recording), stop, with_md5=False)
        assert not store.received


def test_a_limit_holds_bytes_back_and_says_so(
    data_path: DataPath, recording: Path, threads: ThreadPoolExecutor
) -> None:
    tally = Counted()
    data_path.limit_to(100_000)
    with answering(STORED) as store:
        sent = threads.submit(data_path.lane().send, signed(store), recording, part_of(recording), tally, StopToken())
        assert tally.has_waited.wait(DEADLINE_S)
        assert tally.moved_bytes < MIB
        data_path.limit_to(None)  # also for what waits just now
        assert sent.result(DEADLINE_S) == '"9b2c"'


def test_a_limit_that_lets_nothing_through_is_refused(data_path: DataPath) -> None:
    with pytest.raises(ValueError, match="lets nothing through"):
        data_path.limit_to(0)


def test_whoever_watches_sees_that_a_drive_does_not_answer(
    data_path: DataPath, silent: Path, threads: ThreadPoolExecutor
) -> None:
    lane = data_path.lane()
    summed = threads.submit(lane.digest, silent, PartRange(1, 0, 5), StopToken(), with_md5=False)
    wait_for(lambda: lane.access.waits_s(time.monotonic()) > 0.7, "a drive that is waited for")
    with answering_drive(silent):
        failure(summed)  # a pipe is no file that one could seek in
    assert lane.access.waits_s(time.monotonic()) == 0.0


# --- what a program of its own adds ------------------------------------------------------------------------------


def test_a_part_whose_program_was_killed_is_to_be_sent_again(
    apart: DataPathApart, recording: Path, threads: ThreadPoolExecutor
) -> None:
    lane = apart.lane()
    with silent_store() as (store, arrived):
        sent = threads.submit(lane.send, signed(store), recording, part_of(recording), Counted(), StopToken())
        assert arrived.wait(DEADLINE_S)
        os.kill(program_of(apart), signal.SIGKILL)
        error = failure(sent)
    assert isinstance(error, TransientFailure)
    assert error.code == "sender_ended"
    with answering(STORED) as store:
        assert lane.send(signed(store), recording, part_of(recording), Counted(), StopToken()) == '"9b2c"'


def test_a_checksum_whose_program_was_killed_is_taken_again(
    apart: DataPathApart, silent: Path, recording: Path, threads: ThreadPoolExecutor
) -> None:
    lane = apart.lane()
    lane.digest(recording, part_of(recording), StopToken(), with_md5=False)
    first = program_of(apart)
    summed = threads.submit(lane.digest, silent, PartRange(1, 0, 5), StopToken(), with_md5=False)
    wait_for(lambda: lane.access.waits_s(time.monotonic()) > 0, "a drive that is waited for")
    silent.unlink()
    silent.write_bytes(b"sound")
    os.kill(first, signal.SIGKILL)
    assert summed.result(DEADLINE_S).crc64nvme == crc64nvme(memoryview(b"sound"))
    assert program_of(apart) != first
    assert lane.access.waits_s(time.monotonic()) == 0.0


def test_a_stop_while_the_program_ends_is_a_stop(
    apart: DataPathApart, silent: Path, threads: ThreadPoolExecutor
) -> None:
    lane, stop = apart.lane(), StopToken()
    summed = threads.submit(lane.digest, silent, PartRange(1, 0, 5), stop, with_md5=False)
    wait_for(lambda: lane.access.waits_s(time.monotonic()) > 0, "a drive that is waited for")
    stop.set()
    os.kill(program_of(apart), signal.SIGKILL)
    assert isinstance(failure(summed), Interrupted)


def test_a_new_program_keeps_to_the_limit(apart: DataPathApart, recording: Path, threads: ThreadPoolExecutor) -> None:
    apart.limit_to(100_000)
    lane, tally = apart.lane(), Counted()
    lane.digest(recording, part_of(recording), StopToken(), with_md5=False)
    os.kill(program_of(apart), signal.SIGKILL)
    wait_for(lambda: apart.pid is None, "the end of the program")
    with answering(STORED) as store:
        sent = threads.submit(lane.send, signed(store), recording, part_of(recording), tally, StopToken())
        assert tally.has_waited.wait(DEADLINE_S)
        apart.limit_to(None)
        assert sent.result(DEADLINE_S) == '"9b2c"'


def test_the_program_ends_when_nothing_is_asked_of_it_and_not_before(
    apart: DataPathApart,
    recording: Path,
    silent: Path,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart_module, "IDLE_S", 0.05)
    lane = apart.lane()
    summed = threads.submit(lane.digest, silent, PartRange(1, 0, 5), StopToken(), with_md5=False)
    wait_for(lambda: lane.access.waits_s(time.monotonic()) > 0.7, "many times its patience")
    at_work = program_of(apart)
    with answering_drive(silent):
        failure(summed)
    wait_for(lambda: not is_running(at_work), "the end of the program")
    assert lane.digest(recording, part_of(recording), StopToken(), with_md5=False).part.size_bytes == 3 * MIB


def test_nobody_waits_for_a_program_that_stands_still(
    apart: DataPathApart, recording: Path, threads: ThreadPoolExecutor
) -> None:
    lane, stop = apart.lane(), StopToken()
    lane.digest(recording, part_of(recording), stop, with_md5=False)
    os.kill(program_of(apart), signal.SIGSTOP)
    # More than the pipe holds.
    long = SignedPart(f"http://127.0.0.1:9/bucket/key?X-Amz-Signature={'a' * 4000}", {}, 60.0)
    sent = [
        threads.submit(apart.lane().send, long, recording, part_of(recording), Counted(), stop) for _ in range(40)
    ]
    wait_for(lambda: len(apart._program._calls) >= 5 if apart._program else 0, "calls under way")

    for each in (lambda: apart.limit_to(1_000_000), stop.set, apart.close):
        threads_own = ThreadPoolExecutor(1)
        threads_own.submit(each).result(DEADLINE_S)
        threads_own.shutdown()

    assert {type(failure(each)) for each in sent} == {Interrupted}


def test_a_program_that_stands_still_at_work_is_replaced(
    apart: DataPathApart, recording: Path, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = apart.lane()
    lane.digest(recording, part_of(recording), StopToken(), with_md5=False)
    stopped = program_of(apart)
    os.kill(stopped, signal.SIGSTOP)
    monkeypatch.setattr(apart_module, "PATIENCE_S", 0.2)
    digest = threads.submit(lane.digest, recording, part_of(recording), StopToken(), with_md5=False)
    wait_for(lambda: not is_running(stopped), "the end of the program that stands still")
    monkeypatch.setattr(apart_module, "PATIENCE_S", 10.0)
    assert digest.result(DEADLINE_S).part.size_bytes == 3 * MIB


def test_a_drive_that_takes_its_time_is_no_program_that_stands_still(
    apart: DataPathApart, silent: Path, recording: Path, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = apart.lane()
    lane.digest(recording, part_of(recording), StopToken(), with_md5=False)
    before = program_of(apart)
    monkeypatch.setattr(apart_module, "PATIENCE_S", 0.2)
    summed = threads.submit(lane.digest, silent, PartRange(1, 0, 5), StopToken(), with_md5=False)
    wait_for(lambda: lane.access.waits_s(time.monotonic()) > 1.2, "many times that patience")
    assert program_of(apart) == before
    with answering_drive(silent):
        assert isinstance(failure(summed), FileUnreadable)


def test_closing_ends_what_is_under_way(
    apart: DataPathApart, silent: Path, recording: Path, threads: ThreadPoolExecutor
) -> None:
    with silent_store() as (store, arrived):
        sent = threads.submit(apart.lane().send, signed(store), recording, part_of(recording), Counted(), StopToken())
        summed = threads.submit(apart.lane().digest, silent, PartRange(1, 0, 5), StopToken(), with_md5=False)
        assert arrived.wait(DEADLINE_S)
        program = program_of(apart)
        apart.close()
        assert not is_running(program)
        assert isinstance(failure(sent), TransientFailure)
        assert isinstance(failure(summed), NeedsPerson)


def test_a_fault_of_whoever_counts_is_that_parts_alone(
    apart: DataPathApart, recording: Path, threads: ThreadPoolExecutor
) -> None:
    class Faulty(Counted):
        def moved(self, size_bytes: int) -> None:
            raise KeyError("a fault of ours")

    with answering(STORED) as store:
        sent = [
            threads.submit(apart.lane().send, signed(store), recording, part_of(recording), tally, StopToken())
            for tally in (Counted(), Faulty(), Counted())
        ]
        assert isinstance(failure(sent[1]), KeyError)
        assert [each.result(DEADLINE_S) for each in sent[::2]] == ['"9b2c"'] * 2


def test_the_program_gives_way_to_the_window(apart: DataPathApart, recording: Path) -> None:
    apart.lane().digest(recording, part_of(recording), StopToken(), with_md5=False)
    behind = os.getpriority(os.PRIO_PROCESS, program_of(apart))
    assert behind == min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)
    assert os.getsid(program_of(apart)) == os.getsid(0)  # Linux weighs sessions, and forgets niceness
    assert os.getpgid(program_of(apart)) != os.getpgid(0)  # a terminal's Ctrl-C is for the app


def test_the_program_ends_with_the_app_however_that_ends(tmp_path: Path, recording: Path) -> None:
    app = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from recorder_desktop.core.model import PartRange\nfrom recorder_desktop.core.stop_token import StopToken\n"
        "from recorder_desktop.data_path.apart import DataPathApart\n"
        "made = DataPathApart()\n"
        "made.lane().digest(Path(sys.argv[1]), PartRange(1, 0, 5), StopToken(), with_md5=False)\n"
        "print(made.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", app, str(recording)], stdout=subprocess.PIPE, check=False)
    program = int(done.stdout)
    assert done.returncode == -signal.SIGKILL
    wait_for(lambda: not is_running(program), "the end of the program")


def is_running(pid: int) -> bool:
    """Whether there is such a process, and more of it than its exit code."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # before it was opened, or after
        return False


@pytest.mark.parametrize("command", [["/no/such/program"], [sys.executable, "-c", ""]], ids=["missing", "broken"])
def test_without_a_program_the_person_is_told(
    command: list[str], recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart_module, "_PAUSES_S", (0.0, 0.01, 0.01))
    with closing(DataPathApart(command)) as broken, pytest.raises(NeedsPerson) as told:
        broken.lane().digest(recording, part_of(recording), StopToken(), with_md5=False)
    assert told.value.code == "no_sender"
    assert "etry" in told.value.message


def test_a_computer_that_is_short_of_something_is_waited_for(
    apart: DataPathApart, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, failures = subprocess.Popen, [errno.EMFILE, errno.EAGAIN, errno.ENOMEM]

    def short_of(*args: Any, **named: Any) -> Any:
        if failures:
            raise OSError(failures.pop(), "Too much of something")
        return start(*args, **named)

    monkeypatch.setattr(subprocess, "Popen", short_of)
    monkeypatch.setattr(apart_module, "_PAUSES_S", (0.0, 0.01, 0.01))
    lane = apart.lane()
    with pytest.raises(TransientFailure):
        lane.send(
            SignedPart("http://127.0.0.1:9/k?p", {}, 60.0), recording, part_of(recording), Counted(), StopToken()
        )
    assert lane.digest(recording, part_of(recording), StopToken(), with_md5=False).part.size_bytes == 3 * MIB


def test_a_program_that_stands_still_with_nothing_to_do_is_ended_all_the_same(
    apart: DataPathApart, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart_module, "IDLE_S", 0.2)
    monkeypatch.setattr(apart_module, "_LET_GO_S", 0.2)
    apart.lane().digest(recording, part_of(recording), StopToken(), with_md5=False)
    program = program_of(apart)
    os.kill(program, signal.SIGSTOP)
    wait_for(lambda: not is_running(program), "its end")


def test_a_closed_one_starts_nothing(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart_module, "_PAUSES_S", (0.0,))
    closed = DataPathApart()
    closed.close()
    with pytest.raises(NeedsPerson):
        closed.lane().digest(recording, part_of(recording), StopToken(), with_md5=False)
    assert closed.pid is None


def test_nonsense_from_the_program_fails_what_it_was_asked(recording: Path) -> None:
    babbling = [sys.executable, "-c", "import sys, time; print('nonsense', flush=True); time.sleep(20)"]
    with closing(DataPathApart(babbling)) as broken, pytest.raises(TransientFailure):
        broken.lane().send(
            SignedPart("http://127.0.0.1:9/b/k?p", {}, 60.0), recording, part_of(recording), Counted(), StopToken()
        )


def test_hundreds_of_calls_at_a_time_each_get_their_own_answer(apart: DataPathApart, recording: Path) -> None:
    content = recording.read_bytes()
    parts = [PartRange(number, number * 1000, 1000) for number in range(400)]

    def summed(part: PartRange) -> bool:
        digest = apart.lane().digest(recording, part, StopToken(), with_md5=False)
        return digest.crc64nvme == crc64nvme(memoryview(content)[part.offset : part.offset + 1000])

    with ThreadPoolExecutor(32) as many:
        assert all(many.map(summed, parts))
