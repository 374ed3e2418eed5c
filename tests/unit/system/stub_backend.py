"""Behaves towards the local stack as the bundled backend does, and nothing more: a listening line and /readyz."""

from __future__ import annotations

import http.client
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if store_answers() else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def store_answers() -> bool:
    endpoint = os.environ.get("S3_ENDPOINT_URL", "")
    if not endpoint:
        return True
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def main() -> int:
    if not os.environ.get("S3_BUCKET"):
        sys.stderr.write("S3_BUCKET is missing\n")
        return 2
    port = int(sys.argv[sys.argv.index("--port") + 1])
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    line = {"event": "listening", "url": f"http://127.0.0.1:{server.server_address[1]}"}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
