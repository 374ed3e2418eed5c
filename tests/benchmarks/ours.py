"""This project's own uploader as the benchmarks run it: a client in team mode against a backend that runs already."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks.measuring import BenchmarkFailed, Command, Run, cpu_of
from tests.benchmarks.sinks import Target
from tests.servers import BackendServer, backend_program, clean_env

NAME = "recorder"
_PROGRAM = Path(sys.executable).with_name("recorder-desktop")


@dataclass(frozen=True)
class Team:
    """A running backend and what a client of it is started with."""

    server: BackendServer
    target: Target

    def client(self, home: Path, *arguments: str, server_url: str | None = None) -> Command:
        """`recorder-desktop` with these arguments and its state in `home`."""
        env = {
            "RECORDER_HOME": str(home),
            "RECORDER_SERVER": server_url or self.server.url,
            "RECORDER_TOKEN": self.server.token(),
            **self.target.trust_env(),
        }
        return Command([str(_PROGRAM), *arguments], clean_env(env))

    def backend_cpu_s(self) -> float:
        """Processor seconds that the backend has used so far."""
        return cpu_of(self.server.process.pid)


@contextmanager
def team(
    folder: Path, target: Target, extra_env: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[Team]:
    """Run a backend on `target`, its state in `folder`, until the block ends. SQLite catalogue unless told otherwise.

    Without its rate limit: that is a setting of the server against strangers, and one client here is a whole team.
    """
    env = target.backend_env() | {"RATE_LIMIT_PER_MINUTE": "0"} | dict(extra_env or {})
    args = [] if port is None else ["--port", str(port)]
    with backend_program(env, folder / "backend", args) as server:
        yield Team(server, target)


def write_settings(home: Path, settings: Mapping[str, str]) -> None:
    """Put texts by dotted key into the settings of a client that does not run, as a person with an editor would."""
    home.mkdir(parents=True, exist_ok=True)
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    (home / "settings.toml").write_text("".join(lines))


def with_backend(run: Run, backend_cpu_s: float) -> Run:
    """The same run with the backend's share of processor time added."""
    return replace(run, cpu_s=run.cpu_s + backend_cpu_s)


def require_completed(run: Run, count: int) -> Run:
    """Return the run of an `upload --json`. Raises BenchmarkFailed unless it reported `count` files as verified."""
    lines = run.output.splitlines()
    completed = [line for line in lines if line.startswith("{") and json.loads(line).get("event") == "completed"]
    if run.exit_code != 0 or len(completed) != count:
        others = "\n".join(line for line in lines if line not in completed)
        raise BenchmarkFailed(f"{len(completed)} of {count} verified, exit code {run.exit_code}: {others[-2000:]}")
    return run
