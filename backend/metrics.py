"""What this process counts and measures, in Prometheus' text form. Names, labels and buckets stand here alone.

No label holds a path, a user, a key or an id: routes are patterns, operations and codes come from lists in the code.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, exposition, multiprocess

# Where the workers of one ``serve`` keep their numbers for each other. The library reads it when it is imported.
SHARED_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
COMPLETE_ROUTE = "/s3/complete-upload"
# The one that every version of Prometheus reads.
CONTENT_TYPE = exposition.CONTENT_TYPE_PLAIN_0_0_4

_LATENCY_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_UPLOAD_S = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# S3 bills these as PUT, COPY, POST or LIST requests; deleting and aborting are free; all else is billed as GET.
_BILLED_AS_PUT = frozenset(
    {"PutObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload", "CreateBucket"}
    | {"ListParts", "ListMultipartUploads", "ListObjectsV2", "PutBucketCors", "PutBucketLifecycleConfiguration"}
)
_FREE = frozenset({"DeleteObject", "AbortMultipartUpload"})

Caller = Literal["backend", "client"]


@dataclass(frozen=True)
class Prices:
    """What 1,000 requests to the store cost, in US dollars; the defaults are those of S3 Standard."""

    put_per_1000: float = 0.005
    get_per_1000: float = 0.0004

    def of(self, operation: str) -> float:
        """Return the price of one request."""
        if operation in _FREE:
            return 0.0
        return (self.put_per_1000 if operation in _BILLED_AS_PUT else self.get_per_1000) / 1000


class Metrics:
    """The metrics of one process. Any thread may call; a call costs some microseconds.

    ``labels`` looks a child up under a lock each time, so children are kept here once they were asked for.
    """

    def __init__(self, prices: Prices | None = None) -> None:
        self._prices = prices or Prices()
        self._registry = CollectorRegistry()
        self._requests: dict[tuple[str, str], Histogram] = {}
        self._errors: dict[tuple[str, str, str], Counter] = {}
        self._calls: dict[tuple[str, str], tuple[Counter, Counter, float]] = {}
        self._declare_http()
        self._declare_store()
        self._declare_uploads()
        self._declare_database()

    def _declare_http(self) -> None:
        self._request_s = Histogram(
            "recorder_http_request_duration_seconds",
            "Time from a request's arrival to the end of its answer",
            ["method", "route"],
            buckets=_LATENCY_S,
            registry=self._registry,
        )
        self._http_errors = Counter(
            "recorder_http_errors",
            "Requests that were answered with an error",
            ["route", "status", "code"],
            registry=self._registry,
        )

    def _declare_store(self) -> None:
        labels = ["operation", "by"]
        self._store_calls = Counter(
            "recorder_s3_calls",
            "Requests to the store, each attempt; those of clients as URLs that were signed for them",
            labels,
            registry=self._registry,
        )
        self._store_cost = Counter(
            "recorder_s3_estimated_cost_usd",
            "What these requests cost by the price table of the settings",
            labels,
            registry=self._registry,
        )

    def _declare_uploads(self) -> None:
        self._uploads = Counter(
            "recorder_uploads",
            "Uploads that were completed, aborted by their client or reaped; and completes that were refused",
            ["outcome", "code"],
            registry=self._registry,
        )
        self._upload_s = Histogram(
            "recorder_upload_duration_seconds",
            "Time from init to the record of completed uploads",
            buckets=_UPLOAD_S,
            registry=self._registry,
        )
        self._stored = Counter("recorder_stored_bytes", "Bytes of completed uploads", registry=self._registry)
        self.open_uploads = self._gauge("recorder_open_uploads", "Uploads of all users that are not finished")
        self.orphaned_uploads = self._gauge(
            "recorder_orphaned_uploads",
            "Open multipart uploads in the bucket under keys of somebody else",
        )
        for outcome in ("completed", "aborted", "reaped"):
            self._uploads.labels(outcome, "")

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self._registry, multiprocess_mode="mostrecent")

    def _declare_database(self) -> None:
        self._database_s = Histogram(
            "recorder_database_duration_seconds",
            "Time that an operation of the catalogue took, failed ones included",
            ["operation"],
            buckets=_LATENCY_S,
            registry=self._registry,
        )
        self._database_errors = Counter(
            "recorder_database_errors",
            "Operations of the catalogue for which the database was away or unusable",
            ["operation"],
            registry=self._registry,
        )

    def request_done(self, method: str, route: str | None, status: int, code: str | None, seconds: float) -> None:
        """Count a finished request; ``code`` is that of an error answer."""
        place = (method if method in _METHODS else "OTHER", route or "none")
        known = self._requests.get(place)
        if known is None:
            known = self._requests[place] = self._request_s.labels(*place)
        known.observe(seconds)
        if status >= 400 or status == 0:
            self._count_error(place[1], status, code or "none")

    def _count_error(self, route: str, status: int, code: str) -> None:
        key = (route, str(status), code)
        if key not in self._errors:
            self._errors[key] = self._http_errors.labels(*key)
        self._errors[key].inc()
        if route == COMPLETE_ROUTE and code not in ("unauthenticated", "rate_limited"):
            self._uploads.labels("failed", code).inc()

    def store_called(self, operation: str, by: Caller) -> None:
        """Count a request to the store, or one that a client can make with a URL it was given."""
        key = (operation, by)
        known = self._calls.get(key)
        if known is None:
            children = (self._store_calls.labels(*key), self._store_cost.labels(*key))
            known = self._calls[key] = (*children, self._prices.of(operation))
        calls, cost, price = known
        calls.inc()
        if price:
            cost.inc(price)

    def upload_completed(self, size_bytes: int, seconds: float) -> None:
        """Count a file that arrived."""
        self._uploads.labels("completed", "").inc()
        self._stored.inc(size_bytes)
        self._upload_s.observe(max(0.0, seconds))

    def upload_ended(self, outcome: Literal["aborted", "reaped"]) -> None:
        """Count an upload that will not be completed."""
        self._uploads.labels(outcome, "").inc()

    def database_timer(self, operation: str) -> tuple[Callable[[float], None], Callable[[], None]]:
        """Return what to tell the seconds of such an operation, and what to call when it failed."""
        return self._database_s.labels(operation).observe, self._database_errors.labels(operation).inc

    def page(self) -> bytes:
        """Return all metrics as text: with several workers those of all of them, whichever is asked."""
        if os.environ.get(SHARED_FOLDER_VARIABLE):
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # its constructor has no types
            return exposition.generate_latest(registry)
        return exposition.generate_latest(self._registry)
