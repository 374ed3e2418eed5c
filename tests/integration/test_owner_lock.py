"""One owner for each home, tried with real second processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from recorder_desktop.system.owner_lock import OwnerLock
from recorder_desktop.system.paths import RecorderPaths

OWNER = """
import sys, time
from pathlib import Path
from recorder_desktop.system.owner_lock import OwnerLock
from recorder_desktop.system.paths import RecorderPaths
lock = OwnerLock(RecorderPaths(Path(sys.argv[1])))
print(lock.acquire(), flush=True)
time.sleep(60)
"""


def start_owner(home: Path) -> tuple[subprocess.Popen[str], bool]:
    process = subprocess.Popen([sys.executable, "-c", OWNER, str(home)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip() == "True"


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=10)


def test_f09_a_second_process_does_not_become_owner(tmp_path: Path) -> None:
    first, first_owns = start_owner(tmp_path)
    second, second_owns = start_owner(tmp_path)
    try:
        assert first_owns
        assert not second_owns
        assert not OwnerLock(RecorderPaths(tmp_path)).acquire()
    finally:
        end(first)
        end(second)


def test_a_killed_owner_leaves_the_home_free(tmp_path: Path) -> None:
    first, first_owns = start_owner(tmp_path)
    assert first_owns

    end(first)

    with OwnerLock(RecorderPaths(tmp_path)) as lock:
        assert lock.acquire()


def test_an_owner_that_lets_go_can_be_followed(tmp_path: Path) -> None:
    first, second = OwnerLock(RecorderPaths(tmp_path)), OwnerLock(RecorderPaths(tmp_path))
    assert first.acquire()
    assert not second.acquire()

    first.release()

    assert second.acquire()
    second.release()


def test_two_homes_have_two_owners(tmp_path: Path) -> None:
    with OwnerLock(RecorderPaths(tmp_path / "a")) as one, OwnerLock(RecorderPaths(tmp_path / "b")) as other:
        assert one.acquire()
        assert other.acquire()
