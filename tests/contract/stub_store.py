"""A store that answers everything the same way, for answers that no honest store gives on demand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from backend.adapters.s3_clients import S3Connection
from backend.adapters.s3_object_store import S3ObjectStore, StoreOptions


@contextmanager
def answering(status: int, body: bytes) -> Iterator[S3ObjectStore]:
    """Yield the S3 adapter on a server that answers every request with this status and body."""
    with serving(status, body) as connection:
        yield S3ObjectStore(StoreOptions(connection, "bucket"))


@contextmanager
def serving(status: int, body: bytes, date: str | None = None) -> Iterator[S3Connection]:
    """Yield the connection to such a server; ``date`` is the time that it says it is."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815 - the base class looks for these

        def date_time_string(self, timestamp: float | None = None) -> str:
            return date or super().date_time_string(timestamp)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield S3Connection("key", "secret", "us-east-1", f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
