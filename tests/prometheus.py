"""A real Prometheus that reads one backend, and what it answers to an expression."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.servers import BackendServer, ServerProcess, binary, clean_env, free_ports, wait_until

JOB = "recorder"
SCRAPE_S = 1
WINDOW_S = 60
"""Over how long rates are taken; a dashboard takes its own, at least four scrapes."""


@dataclass
class Prometheus:
    """A running Prometheus; `url` is its page."""

    url: str
    process: ServerProcess = field(repr=False)

    def series(self, expression: str) -> list[dict[str, Any]]:
        """What an expression of the dashboard gives now: one entry a series, with its labels and its value.

        Raises httpx.HTTPStatusError, with Prometheus's reason in its text, when that is no expression.
        """
        answer = httpx.get(self.url + "/api/v1/query", params={"query": filled_in(expression)}, trust_env=False)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found


def filled_in(expression: str) -> str:
    """An expression with the dashboard's variables filled in, as Grafana does before it asks."""
    window = f"{WINDOW_S}s"
    return expression.replace("$job", JOB).replace("$__range", window).replace("$__rate_interval", window)


@contextlib.contextmanager
def prometheus(server: BackendServer, metrics_token: str, data_dir: Path) -> Iterator[Prometheus]:
    """Run a Prometheus in `data_dir` (removed here) that reads the backend's metrics each second."""
    data_dir.mkdir(parents=True)
    target = {"targets": [urlsplit(server.url).netloc]}
    job = {"job_name": JOB, "static_configs": [target], "authorization": {"credentials": metrics_token}}
    # JSON is YAML.
    config = {"global": {"scrape_interval": f"{SCRAPE_S}s"}, "scrape_configs": [job]}
    (data_dir / "prometheus.yml").write_text(json.dumps(config))
    port = free_ports(1)[0]
    args = [
        binary("prometheus", "the system's package of this name"),
        f"--config.file={data_dir / 'prometheus.yml'}",
        f"--storage.tsdb.path={data_dir / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    running = Prometheus(
        f"http://127.0.0.1:{port}", ServerProcess(args, data_dir, clean_env(), data_dir / "prometheus.log")
    )
    running.process.start()
    try:
        wait_until(lambda: running.process.alive() and _has_read(running), "Prometheus reads the backend")
        yield running
    finally:
        running.process.terminate()
        shutil.rmtree(data_dir, ignore_errors=True)


def _has_read(running: Prometheus) -> bool:
    try:
        up = running.series("up")
    except httpx.HTTPError:  # not listening yet, or not ready
        return False
    return [sample["value"][1] for sample in up] == ["1"]
