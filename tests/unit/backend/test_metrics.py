"""What is counted, and what stands before the page."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from backend.errors import CatalogueUnavailable
from backend.http.routes.metrics import MetricsPage
from backend.metered_catalogue import counted, timed
from backend.metrics import CONTENT_TYPE, Metrics, Prices
from tests.fakes.backend_values import a_recording, a_session
from tests.fakes.memory_catalogue import MemoryCatalogue
from tests.unit.backend.service_rig import Rig, signed_in


def lines(metrics: Metrics, start: str) -> list[str]:
    return [line for line in metrics.page().decode().splitlines() if line.startswith(start)]


def get(page: MetricsPage | None) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with signed_in(Rig(), page) as client:
            return await client.get("/metrics")

    return asyncio.run(ask())


def test_the_page_is_open_where_no_token_is_set_and_missing_where_it_is_off() -> None:
    metrics = Metrics()
    answer = get(MetricsPage(metrics.page, CONTENT_TYPE))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, CONTENT_TYPE)
    assert 'recorder_uploads_total{code="",outcome="completed"} 0.0' in answer.text
    assert get(None).status_code == 404


def test_a_record_that_was_there_before_is_not_counted_again() -> None:
    metrics = Metrics()
    catalogue = counted(MemoryCatalogue(), metrics, "aborted")
    session = a_session()
    first = a_recording(session)
    catalogue.complete_session(session, first)
    catalogue.complete_session(session, a_recording(session, size_bytes=1))
    assert lines(metrics, 'recorder_uploads_total{code="",outcome="completed"}')[0].endswith(" 1.0")
    assert lines(metrics, "recorder_stored_bytes_total") == [f"recorder_stored_bytes_total {float(first.size_bytes)}"]


def test_operations_of_a_database_that_is_away_are_timed_and_counted_as_failed() -> None:
    metrics = Metrics()
    broken = MemoryCatalogue()
    catalogue = timed(broken, metrics)
    broken.down = True
    with pytest.raises(CatalogueUnavailable):
        catalogue.find_session("alice", "x")
    place = '{operation="find_session"}'
    assert lines(metrics, f"recorder_database_errors_total{place}")[0].endswith(" 1.0")
    assert lines(metrics, f"recorder_database_duration_seconds_count{place}")[0].endswith(" 1.0")


@pytest.mark.parametrize(
    ("operation", "price"), [("ListParts", 0.01), ("UploadPart", 0.01), ("GetObject", 0.002), ("DeleteObject", 0)]
)
def test_what_a_request_costs(operation: str, price: float) -> None:
    assert Prices(put_per_1000=10, get_per_1000=2).of(operation) == price
