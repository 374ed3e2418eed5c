"""What a scrape of the running backend shows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.backend_client import BODY, Client, client, place
from tests.servers import BackendServer, MongoServer, StoreServer, backend_program

TOKEN = "scrape-" + "t" * 16
WORKERS = 2
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def server(
    store_server: StoreServer, mongo_server: MongoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendServer]:
    """Two workers: one scrape has to show both."""
    env = store_server.backend_env(f"metrics-{uuid.uuid4().hex}") | {"METRICS_TOKEN": TOKEN}
    env["MONGO_URI"] = mongo_server.uri.replace("/?", f"/t{uuid.uuid4().hex}?")
    args = ["--create-bucket", "--workers", str(WORKERS)]
    with backend_program(env, tmp_path_factory.mktemp("home") / "h", args) as running:
        yield running


def scraped(server: BackendServer) -> Samples:
    answer = httpx.get(server.url + "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    wanted = frozenset(labels.items())
    return sum(number for (found, has), number in samples.items() if found == name and wanted <= has)


def fresh(server: BackendServer, count: int) -> list[Client]:
    """Return clients with connections of their own, which the workers share out among them."""
    return [Client(server, f"user {number}") for number in range(count)]


def test_one_scrape_shows_what_all_workers_did(server: BackendServer) -> None:
    before = scraped(server)
    users = fresh(server, 12)
    for user in users:
        user.upload()
        user.close()

    after = scraped(server)

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("recorder_uploads_total", outcome="completed") == 12
    assert more("recorder_stored_bytes_total") == 12 * len(BODY)
    assert more("recorder_upload_duration_seconds_count") == 12
    assert more("recorder_http_request_duration_seconds_count", route="/s3/init-upload", method="POST") == 12
    # A worker that starts tries out what the store checks.
    assert more("recorder_s3_calls_total", operation="CreateMultipartUpload", by="backend") >= 12
    assert more("recorder_s3_calls_total", operation="UploadPart", by="client") == 12
    assert more("recorder_database_duration_seconds_count", operation="complete_session") == 12
    again = [scraped(server) for _ in range(6)]
    assert {value(seen, "recorder_uploads_total", outcome="completed") for seen in again} == {
        value(after, "recorder_uploads_total", outcome="completed")
    }


def test_requests_to_the_store_have_a_price(server: BackendServer, alice: Client) -> None:
    before = scraped(server)
    alice.upload()
    after = scraped(server)
    cost = "recorder_s3_estimated_cost_usd_total"
    part = {"operation": "UploadPart", "by": "client"}
    assert value(after, cost, **part) - value(before, cost, **part) == pytest.approx(0.005 / 1000)
    head = {"operation": "HeadObject", "by": "backend"}
    assert value(after, cost, **head) - value(before, cost, **head) == pytest.approx(0.0004 / 1000)


def test_how_uploads_end_is_told_apart(server: BackendServer, alice: Client) -> None:
    before = scraped(server)
    opened = alice.init(fileSize=5)
    refused = alice.complete(opened, [alice.send(opened, b"abc")])
    assert refused.status_code == 409
    assert alice.http.post("/s3/abort-upload", json=place(opened)).status_code == 204
    assert alice.http.post("/s3/abort-upload", json=place(opened)).status_code == 204
    after = scraped(server)

    def more(**labels: str) -> float:
        return value(after, "recorder_uploads_total", **labels) - value(before, "recorder_uploads_total", **labels)

    assert more(outcome="failed", code="parts_mismatch") == 1
    assert (more(outcome="aborted"), more(outcome="reaped"), more(outcome="completed")) == (1, 0, 0)
    errors = {"route": "/s3/complete-upload", "status": "409", "code": "parts_mismatch"}
    assert value(after, "recorder_http_errors_total", **errors) >= 1


def test_no_label_holds_what_a_caller_makes_up(server: BackendServer, alice: Client) -> None:
    mark = "made-up-by-a-caller"
    alice.http.get(f"/recordings/{mark}")
    alice.http.get(f"/{mark}")
    alice.http.request("PROPFIND", "/folders")
    alice.upload(fileName=f"{mark}.mp4")
    with client(server, mark) as other:
        other.upload()
    labels = {text for _, has in scraped(server) for pair in has for text in pair}
    assert not [text for text in labels if mark in text.lower()]
    assert {"/recordings/{recording_id}", "none", "OTHER"} <= labels


def test_the_page_asks_for_its_token_and_for_no_other(server: BackendServer) -> None:
    for sent in ({}, {"Authorization": "Bearer wrong"}, server.auth("alice")):
        answer = httpx.get(server.url + "/metrics", headers=sent, trust_env=False)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
