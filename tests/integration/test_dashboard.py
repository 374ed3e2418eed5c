"""The dashboard on real figures: a Prometheus that reads the backend answers every panel's question."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.backend_client import BODY, Client, client, place
from tests.prometheus import Prometheus, prometheus
from tests.servers import BackendServer, MongoServer, StoreServer, backend, wait_until

DASHBOARD = Path(__file__).resolve().parents[2] / "resources" / "grafana" / "recorder.json"
TOKEN = "scrape-" + "t" * 16


def dashboard() -> list[dict[str, Any]]:
    return list(json.loads(DASHBOARD.read_text("utf-8"))["panels"])


def panels() -> list[tuple[str, str]]:
    """Return title and expression of everything that the dashboard shows."""
    return [(panel["title"], target["expr"]) for panel in dashboard() for target in panel.get("targets", ())]


@pytest.fixture(scope="module")
def server(
    store_server: StoreServer, mongo_server: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendServer]:
    env = store_server.backend_env(f"dashboard-{uuid.uuid4().hex}") | {"METRICS_TOKEN": TOKEN}
    env["MONGO_URI"] = mongo_server.uri.replace("/?", f"/t{uuid.uuid4().hex}?")
    with backend(env, tmp_path_factory.mktemp("home") / "h", ["--create-bucket"]) as running:
        yield running


@pytest.fixture(scope="module")
def watching(server: BackendServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has seen each kind of thing once before it happens again: a rate needs two readings."""
    with client(server, "alice") as alice:
        something_of_everything(alice)
        with prometheus(server, TOKEN, tmp_path_factory.mktemp("prometheus") / "p") as running:
            something_of_everything(alice)
            completed = 'increase(recorder_uploads_total{outcome="completed"}[1m])'
            wait_until(lambda: _value(running, completed) > 0, "the second reading")
            yield running


def something_of_everything(alice: Client) -> None:
    """One upload stored, one refused, one aborted, one left open."""
    alice.upload()
    opened = alice.init(fileSize=5)
    assert alice.complete(opened, [alice.send(opened, b"abc")]).status_code == 409
    assert alice.http.post("/s3/abort-upload", json=place(opened)).status_code == 204
    alice.init(fileSize=len(BODY))


def _value(running: Prometheus, expression: str) -> float:
    return sum(float(series["value"][1]) for series in running.series(expression))


@pytest.mark.parametrize("expression", [pytest.param(text, id=title) for title, text in panels()])
def test_every_panel_has_something_to_show(watching: Prometheus, expression: str) -> None:
    # What was not done in the window has no quantile; something was.
    assert {series["value"][1] for series in watching.series(expression)} - {"NaN"}


def test_a_panel_that_splits_its_figures_names_what_it_splits_by(watching: Prometheus) -> None:
    for title, expression in panels():
        split = re.search(r"sum by \(([^)]*)\)", expression)
        if split is not None:
            wanted = {name.strip() for name in split.group(1).split(",")} - {"le"}
            assert all(wanted <= set(series["metric"]) for series in watching.series(expression)), title


def test_no_number_is_red_only_because_it_is_large() -> None:
    # Grafana colours from 80 on, whatever is counted, where a panel sets no thresholds of its own.
    for panel in dashboard():
        if panel["type"] == "stat" and panel["options"]["colorMode"] != "none":
            assert "thresholds" in panel["fieldConfig"]["defaults"], panel["title"]


def test_what_is_no_expression_is_told(watching: Prometheus) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        watching.series("sum by (")
