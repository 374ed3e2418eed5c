"""A fork of the process that has loaded the backend is what ``python -m backend`` would be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.preloaded import PreloadedBackend, run_backend
from tests.servers import StoreServer, backend, clean_env

CASES = [
    (["user", "add", "mara"], "a passphrase of six whole words"),  # done
    (["user", "add", "mara"], "short"),  # refused, in the words of the program
    (["user", "list"], ""),
    (["reap"], ""),  # refused for its settings, which are missing
    (["no-such-command"], ""),
    (["--help"], ""),
]


@pytest.mark.parametrize(("arguments", "typed"), CASES, ids=lambda given: " ".join(given)[:20])
def test_it_prints_and_ends_as_the_program_does(tmp_path: Path, arguments: list[str], typed: str) -> None:
    def env(name: str) -> dict[str, str]:
        return clean_env({"JWT_SECRET": "s" * 32, "RECORDER_HOME": str(tmp_path / name)})

    command = [sys.executable, "-m", "backend", *arguments]
    program = subprocess.run(
        command, input=typed, env=env("program"), capture_output=True, text=True, timeout=60, check=False
    )

    ended = run_backend(arguments, env("preloaded"), typed)

    assert (ended.returncode, ended.stdout, ended.stderr) == (program.returncode, program.stdout, program.stderr)


def test_it_is_a_process_of_its_own_that_can_be_killed(store_server: StoreServer, tmp_path: Path) -> None:
    env = store_server.backend_env("for-nothing")
    with backend(env, tmp_path / "one", ready=False) as one, backend(env, tmp_path / "two", ready=False) as other:
        pids = {one.process.pid, other.process.pid}
        assert len(pids - {os.getpid()}) == 2

        os.kill(one.process.pid, signal.SIGKILL)

        assert one.process.wait() == -signal.SIGKILL
        assert not Path(f"/proc/{one.process.pid}").exists()
        assert other.process.exit_code() is None
        assert other.process.terminate() == 0


def test_waiting_for_one_that_does_not_end_has_a_deadline(store_server: StoreServer, tmp_path: Path) -> None:
    env = clean_env(
        store_server.backend_env("for-nothing") | {"JWT_SECRET": "s" * 32, "RECORDER_HOME": str(tmp_path)}
    )
    running = PreloadedBackend(["serve", "--port", "0"], env, tmp_path, tmp_path / "log")
    with running.stdout as stdout:
        assert b"listening" in stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.01)
        running.kill()
        assert running.wait(10) == -signal.SIGKILL
