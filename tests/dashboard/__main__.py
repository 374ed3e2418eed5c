"""Draws the dashboard with Grafana's panel components, not by Grafana's server, on figures of a real Prometheus.

All that it reads from is real, too: a backend, its store, its database and uploads. What Grafana's server does with a
dashboard's file is repeated here and in `panels.jsx`, as far as this one file uses it.
"""

from __future__ import annotations

import argparse
import json
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.dashboard.page import bundle, draw
from tests.dashboard.traffic import a_day
from tests.prometheus import JOB, Prometheus, prometheus
from tests.servers import backend_program, mongod_replica_set, seaweedfs

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "resources" / "grafana" / "recorder.json"
STEP_S = 5
"""Between two points; rates are taken over four times as long, as Grafana does."""


def figures(minutes: float, folder: Path) -> dict[str, Any]:
    """What the page is drawn from, after so long a day of servers in `folder`."""
    token, bucket = secrets.token_hex(16), "recordings"
    with seaweedfs(folder / "store") as store, mongod_replica_set(folder / "database") as mongo:
        store.create_bucket(bucket)
        store.client().create_multipart_upload(Bucket=bucket, Key="recordings/of-somebody-else")
        env = store.backend_env(bucket) | {"METRICS_TOKEN": token, "MONGO_URI": mongo.uri}
        with (
            backend_program(env, folder / "home") as server,
            prometheus(server, token, folder / "prometheus") as watching,
        ):
            start = time.time()
            a_day(server, mongo, minutes)
            return _shown(watching, int(start), int(time.time()))


def _shown(watching: Prometheus, start: int, end: int) -> dict[str, Any]:
    """The dashboard, and Prometheus's answers by panel and target."""
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    answers = {
        panel["id"]: {target["refId"]: _answer(watching, target, start, end) for target in panel["targets"]}
        for panel in dashboard["panels"]
        if panel["type"] != "row"
    }
    return {"dashboard": dashboard, "answers": answers, "from_s": start, "to_s": end, "step_s": STEP_S}


def _answer(watching: Prometheus, target: dict[str, Any], start: int, end: int) -> list[dict[str, Any]]:
    expression = target["expr"].replace("$job", JOB).replace("$__range", f"{end - start}s")
    expression = expression.replace("$__rate_interval", f"{4 * STEP_S}s")
    asked = {"query": expression, "start": end if target["instant"] else start, "end": end, "step": STEP_S}
    answer = httpx.get(watching.url + "/api/v1/query_range", params=asked, trust_env=False)
    answer.raise_for_status()
    return list(answer.json()["data"]["result"])


def main() -> None:
    """Read the arguments and make the picture."""
    parser = argparse.ArgumentParser(prog="python -m tests.dashboard", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long uploads go on (10)")
    minutes: float = parser.parse_args().minutes
    script = bundle(ROOT / ".venv" / "dashboard")
    with tempfile.TemporaryDirectory(prefix="recorder-dashboard-") as folder:
        shown = figures(minutes, Path(folder))
    draw(script, shown, ROOT / "docs" / "dashboard.png")


if __name__ == "__main__":
    main()
