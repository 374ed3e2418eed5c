"""Staying awake: the wish and its thread with an injected way, and logind's protocol on a real bus."""

from __future__ import annotations

import logging
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
)
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

from recorder_desktop.system import keep_awake
from recorder_desktop.system.child_guard import guard_command
from recorder_desktop.system.keep_awake import AwakeWhileBusy, KeepAwake
from tests.unit.system.waiting import wait_until

BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/> <allow own="*"/> <allow send_destination="*"/> <allow receive_sender="*"/>
  </policy>
</busconfig>
"""


# --- the wish ----------------------------------------------------------------------------------------------------


class Way:
    """A way to stay awake that counts, and that can be made to hang or to fail."""

    def __init__(self) -> None:
        self.acquired: list[int] = []  # the threads that did it
        self.released: list[int] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.problem: Exception | None = None

    def __call__(self) -> Callable[[], None]:
        assert self.may_go_on.wait(20)
        if self.problem is not None:
            raise self.problem
        self.acquired.append(threading.get_ident())
        return lambda: self.released.append(threading.get_ident())

    @property
    def is_awake(self) -> bool:
        return len(self.acquired) == len(self.released) + 1


def release_and_wait(awake: KeepAwake) -> None:
    """Release a wish that could not be met, and wait until that is noticed."""
    noticed = threading.Event()
    unwatched = awake._try_to_release

    def watched(release: Callable[[], None]) -> None:
        unwatched(release)
        noticed.set()

    awake._try_to_release = watched  # type: ignore[method-assign]
    awake.release()
    assert noticed.wait(20)
    awake._try_to_release = unwatched  # type: ignore[method-assign]


@pytest.fixture
def way() -> Way:
    return Way()


@pytest.fixture
def awake(way: Way) -> Iterator[KeepAwake]:
    awake = KeepAwake(way)
    yield awake
    way.may_go_on.set()
    awake.close()


def test_nothing_happens_before_the_first_wish(way: Way, awake: KeepAwake) -> None:
    awake.release()
    awake.close()

    assert way.acquired == []
    assert awake._thread is None


def test_holding_many_times_acquires_once_and_one_release_is_enough(way: Way, awake: KeepAwake) -> None:
    for _ in range(5):
        awake.hold()
    wait_until(lambda: way.is_awake, "awake")
    awake.hold()
    awake.release()
    awake.release()
    wait_until(lambda: len(way.released) == 1, "released")

    assert len(way.acquired) == 1


def test_work_that_is_soon_done_asks_for_nothing(way: Way) -> None:
    awake = KeepAwake(way, after_s=3600.0)
    awake.hold()
    thread = awake._thread
    awake.release()
    awake.hold()
    awake.close()

    assert thread is not None
    assert not thread.is_alive()
    assert way.acquired == []


def test_work_that_lasts_asks(way: Way) -> None:
    awake = KeepAwake(way, after_s=0.05)
    awake.hold()
    wait_until(lambda: way.is_awake, "awake")
    awake.close()

    assert way.released == way.acquired


def test_a_wish_can_come_again(way: Way, awake: KeepAwake) -> None:
    for count in range(1, 4):
        awake.hold()
        wait_until(lambda: way.is_awake, "awake")
        awake.release()
        wait_until(lambda count=count: len(way.released) == count, "released")  # type: ignore[misc]


def test_one_and_the_same_thread_acquires_and_releases(way: Way, awake: KeepAwake) -> None:
    awake.hold()
    wait_until(lambda: way.is_awake, "awake")
    awake.release()
    wait_until(lambda: len(way.released) == 1, "released")

    assert way.acquired == way.released != [threading.get_ident()]


def test_a_system_that_hangs_delays_nobody_and_the_last_word_counts(way: Way, awake: KeepAwake) -> None:
    way.may_go_on.clear()
    for _ in range(100):
        awake.hold()
        awake.release()
    awake.hold()
    way.may_go_on.set()

    wait_until(lambda: way.is_awake, "awake")
    awake.release()
    wait_until(lambda: len(way.released) == len(way.acquired), "released")


def test_closing_releases_and_later_wishes_mean_nothing(way: Way, awake: KeepAwake) -> None:
    awake.hold()
    wait_until(lambda: way.is_awake, "awake")
    awake.close()
    assert len(way.released) == 1
    awake.hold()
    awake.close()
    assert len(way.acquired) == 1


def test_many_threads_may_wish_at_once(way: Way, awake: KeepAwake) -> None:
    def wish() -> None:
        for _ in range(200):
            awake.hold()
            awake.release()

    threads = [threading.Thread(target=wish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: len(way.released) == len(way.acquired), "released")
    assert len(set(way.acquired)) <= 1


def test_a_failure_is_told_once_and_the_next_wish_tries_again(
    way: Way, awake: KeepAwake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    way.problem = OSError("no such bus")
    tries = 0

    def counting() -> Callable[[], None]:
        nonlocal tries
        tries += 1
        return way()

    awake._acquire = counting
    for count in (1, 2, 3):
        awake.hold()
        wait_until(lambda count=count: tries == count, "tried")  # type: ignore[misc]
        release_and_wait(awake)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "this computer may go to sleep during uploads: it cannot be kept awake (OSError: no such bus)")
    ]
    way.problem = None
    awake.hold()
    wait_until(lambda: way.is_awake, "awake")


def test_no_more_threads_is_no_reason_to_fail(
    way: Way, awake: KeepAwake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        awake.hold()
        awake.hold()
    assert len(caplog.records) == 1
    awake.hold()
    wait_until(lambda: way.is_awake, "awake")


# --- logind ------------------------------------------------------------------------------------------------------


class Logind:
    """Stands for logind on a bus: answers Inhibit with a pipe and sees when that is closed."""

    def __init__(self, address: str) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.refused: set[str] = set()
        self._locks: list[int] = []  # the reading ends
        self._bus = open_dbus_connection(address, enable_fds=True, auth_timeout=20)
        answer = self._bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.login1"))
        assert answer.body == (1,)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def held(self) -> int:
        """How many locks are in somebody's hands."""
        closed, _, _ = select.select(self._locks, [], [], 0)  # end of file: nobody holds the other end
        return len(self._locks) - len(closed)

    def close(self) -> None:
        with open_dbus_connection(self._address(), auth_timeout=20) as other:
            stop = DBusAddress("/stop", bus_name="org.freedesktop.login1", interface="org.freedesktop.login1.Manager")
            other.send_and_get_reply(new_method_call(stop, "Stop"), timeout=20)
        self._thread.join()
        self._bus.close()
        for lock in self._locks:
            os.close(lock)

    def _address(self) -> str:
        return f"unix:path={self._bus.sock.getpeername()}"

    def _serve(self) -> None:
        while True:
            message = self._bus.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            if message.header.fields[HeaderFields.member] == "Stop":
                self._bus.send(new_method_return(message))
                return
            self._answer(message)

    def _answer(self, message: object) -> None:
        self.asked.append(message.body)  # type: ignore[attr-defined]
        if self.asked[-1][0] in self.refused:
            error = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
            self._bus.send(new_error(message, error, "s", ("Interactive authentication required.",)))
            return
        ours, theirs = os.pipe()
        self._locks.append(ours)
        self._bus.send(new_method_return(message, "h", (theirs,)))
        os.close(theirs)


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as attempt:
        return attempt.connect_ex(str(path)) == 0


@pytest.fixture
def system_bus(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a bus of this test's own, which programs started here take for the system's."""
    program = shutil.which("dbus-daemon")
    assert program, "dbus-daemon is missing: install the Debian package dbus"
    folder = tmp_path_factory.mktemp("bus")
    path = folder / "socket"
    configuration = folder / "bus.conf"
    configuration.write_text(BUS_CONFIGURATION.format(socket=path))
    command = guard_command([program, "--nofork", "--nopidfile", f"--config-file={configuration}"], None, 1.0)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as guard:
        address = f"unix:path={path}"
        wait_until(lambda: listens(path), "the bus", 30)
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address
        assert guard.stdin is not None
        guard.stdin.close()


@pytest.fixture
def logind(system_bus: str) -> Iterator[Logind]:
    logind = Logind(system_bus)
    yield logind
    logind.close()


@pytest.fixture
def at_logind(logind: Logind) -> Iterator[KeepAwake]:
    awake = KeepAwake()
    yield awake
    awake.close()


def test_logind_is_asked_for_a_lock_that_lasts_until_the_release(logind: Logind, at_logind: KeepAwake) -> None:
    at_logind.hold()
    wait_until(lambda: logind.held() == 1, "the lock")
    assert logind.asked == [("sleep:idle", keep_awake.WHO, keep_awake.WHY, "block")]

    at_logind.release()
    wait_until(lambda: logind.held() == 0, "the release")

    at_logind.hold()
    wait_until(lambda: logind.held() == 1, "the lock")


def test_closing_gives_the_lock_back(logind: Logind, at_logind: KeepAwake) -> None:
    at_logind.hold()
    wait_until(lambda: logind.held() == 1, "the lock")
    at_logind.close()

    assert logind.held() == 0


def test_a_session_that_may_not_block_sleep_still_says_that_the_computer_is_busy(
    logind: Logind, at_logind: KeepAwake, caplog: pytest.LogCaptureFixture
) -> None:
    logind.refused.add("sleep:idle")
    at_logind.hold()
    wait_until(lambda: logind.held() == 1, "the lock")

    assert [what for what, *_ in logind.asked] == ["sleep:idle", "idle"]
    assert caplog.records == []


def test_a_logind_that_refuses_everything_is_told_of_once(
    logind: Logind, at_logind: KeepAwake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    logind.refused |= {"sleep:idle", "idle"}
    for count in (2, 4):
        at_logind.hold()
        wait_until(lambda count=count: len(logind.asked) == count, "asked")  # type: ignore[misc]
        release_and_wait(at_logind)
    at_logind.close()

    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "Interactive authentication required" in caplog.text


def test_a_child_process_does_not_inherit_the_lock(logind: Logind, at_logind: KeepAwake) -> None:
    at_logind.hold()
    wait_until(lambda: logind.held() == 1, "the lock")
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, close_fds=False) as child:
        at_logind.release()
        wait_until(lambda: logind.held() == 0, "the release while the child runs")
        assert child.poll() is None
        child.communicate(b"\n")


def test_a_process_that_is_killed_holds_nothing_any_more(logind: Logind) -> None:
    source = "from recorder_desktop.system.keep_awake import KeepAwake; KeepAwake().hold(); input()"
    with subprocess.Popen([sys.executable, "-c", source], stdin=subprocess.PIPE) as process:
        wait_until(lambda: logind.held() == 1, "the lock", 30)
        process.kill()
        wait_until(lambda: logind.held() == 0, "the release")


def test_a_bus_without_logind_is_told_of_once(system_bus: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    awake = KeepAwake()
    awake.hold()
    wait_until(lambda: bool(caplog.records), "the complaint")
    awake.close()

    assert len(caplog.records) == 1
    assert "login1" in caplog.text


def test_a_computer_without_a_bus_is_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    caplog.set_level(logging.INFO)
    awake = KeepAwake()
    awake.hold()
    wait_until(lambda: bool(caplog.records), "the complaint")
    awake.release()
    awake.hold()
    awake.close()

    assert len(caplog.records) == 1
    assert "FileNotFoundError" in caplog.text


class CountedWishes(KeepAwake):
    """Notes what is wished for."""

    def __init__(self) -> None:
        super().__init__(lambda: lambda: None)
        self.is_held = False

    def hold(self) -> None:
        self.is_held = True

    def release(self) -> None:
        self.is_held = False


@pytest.mark.parametrize(("is_wanted", "is_busy"), [(True, True), (True, False), (False, True), (False, False)])
def test_the_computer_is_held_awake_for_work_if_the_person_wants_it(is_wanted: bool, is_busy: bool) -> None:
    wishes = CountedWishes()
    awake = AwakeWhileBusy(is_wanted=not is_wanted, awake=wishes)
    awake.note_busy(is_busy)
    assert wishes.is_held == (is_busy and not is_wanted)

    awake.set_wanted(is_wanted)  # in the middle of it

    assert wishes.is_held == (is_busy and is_wanted)
