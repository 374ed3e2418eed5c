"""Runs ``recorder-backend`` as forks of a process that has loaded its modules, which is most of what a start costs.

Each is a process of its own, with its own pid, environment, working directory, output and exit code; it runs the same
``main`` and can be killed. Only the interpreter's own start is not repeated: ``python -m backend`` is for those who
measure that, set a variable that is read then (``LD_PRELOAD``), or look at the command line. The process that forks
is the standard library's fork server, one for each process that tests run in. It has no threads and opens no
connection.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

END_DEADLINE_S = 60.0

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.loaded_backend", "tests.preloaded"])


class PreloadedBackend:
    """A running ``recorder-backend`` with these arguments; to its owner what a ``subprocess.Popen`` is.

    Attributes:
        stdout: what it prints, closed by the owner.

    """

    def __init__(
        self, arguments: Sequence[str], env: Mapping[str, str], cwd: Path, log_path: Path, typed: str = ""
    ) -> None:
        """Start it with ``typed`` as its input; its standard error is appended to ``log_path``.

        Raises ValueError for a variable that comes too late for a process that is there already.
        """
        if late := {name for name in env if name.startswith(("LD_", "PYTHON"))} - {"PYTHONWARNINGS"}:
            raise ValueError(f"{late} are read at the start of a program: start one")
        reader, writer = _context.Pipe(duplex=False)
        given = (list(arguments), dict(env), cwd, typed.encode(), writer, log_path)
        # As a daemon it is ended with the process that started it.
        self._process = _context.Process(target=_run, args=given, daemon=True)
        self._process.start()
        writer.close()
        self.stdout: IO[bytes] = os.fdopen(os.dup(reader.fileno()), "rb")
        reader.close()

    @property
    def pid(self) -> int:
        """Its number, also when it has ended."""
        pid = self._process.pid
        assert pid is not None
        return pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative the number of the signal that ended it; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end and return the exit code; raises subprocess.TimeoutExpired after ``timeout`` seconds."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("recorder-backend", timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self.send_signal(signal.SIGKILL)


def run_backend(
    arguments: Sequence[str], env: Mapping[str, str], typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run ``recorder-backend`` with these arguments and ``typed`` as its input, and wait for its end."""
    with tempfile.TemporaryDirectory() as folder:
        complaints = Path(folder) / "stderr"
        process = PreloadedBackend(arguments, env, Path.cwd(), complaints, typed)
        with process.stdout as stdout:
            printed = stdout.read().decode()
        return subprocess.CompletedProcess(
            arguments, process.wait(END_DEADLINE_S), printed, complaints.read_text("utf-8")
        )


def _run(
    arguments: Sequence[str], env: Mapping[str, str], cwd: Path, typed: bytes, stdout: Connection, log_path: Path
) -> None:
    """Become what ``python -m backend`` would be."""
    from backend.__main__ import main

    readable, writable = os.pipe()
    os.write(writable, typed)
    with log_path.open("ab") as log:
        for mine, standard in ((readable, 0), (stdout.fileno(), 1), (log.fileno(), 2)):
            os.dup2(mine, standard)
    for opened in (readable, writable):
        os.close(opened)
    stdout.close()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the process runs
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["recorder-backend", *arguments]
    if action := env.get("PYTHONWARNINGS"):
        warnings.simplefilter(action)  # type: ignore[arg-type]  # the names are the same
    sys.exit(main(arguments))
