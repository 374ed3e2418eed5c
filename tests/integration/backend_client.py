"""A client of the running backend, and the smallest complete upload through it."""

from __future__ import annotations

import ipaddress
import secrets
import ssl
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx

from tests.fakes.memory_object_store import crc64
from tests.preloaded import run_backend
from tests.servers import BackendServer, clean_env

BODY = b"recorded" * 100
ALGORITHMS = ["CRC64NVME", "MD5"]


def an_address() -> str:
    """Some address for X-Forwarded-For that no other test asks from: requests are counted by it."""
    return str(ipaddress.IPv4Address("10.0.0.0") + secrets.randbelow(1 << 24))


@cache
def _certificates() -> ssl.SSLContext:
    """What httpx trusts, read once: it takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=False)


class Client:
    """One signed-in user of a backend."""

    def __init__(self, server: BackendServer, user: str = "alice") -> None:
        self.user = user
        options: dict[str, Any] = {"trust_env": False, "timeout": 30, "verify": _certificates()}
        self.http = httpx.Client(base_url=server.url, headers=server.auth(user), **options)
        self.store = httpx.Client(**options)

    def init(self, **changes: Any) -> dict[str, Any]:
        body = {"fileName": "talk.mp4", "contentType": "video/mp4", "checksumAlgorithms": ALGORITHMS} | changes
        answer = self.http.post("/s3/init-upload", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def send(self, upload: dict[str, Any], body: bytes = BODY, number: int = 1) -> dict[str, Any]:
        ask = place(upload) | {"partNumber": number, "contentLength": len(body), "checksum": crc64(body)}
        signed = self.http.post("/s3/presign-url", json=ask).json()
        answer = self.store.put(signed["presignedUrl"], content=body, headers=signed["headers"])
        assert answer.status_code == 200, answer.text
        return {"PartNumber": number, "ETag": answer.headers["ETag"]}

    def complete(self, upload: dict[str, Any], parts: Sequence[dict[str, Any]], **changes: Any) -> httpx.Response:
        return self.http.post("/s3/complete-upload", json=place(upload) | {"parts": list(parts)} | changes)

    def upload(self, body: bytes = BODY, **changes: Any) -> dict[str, Any]:
        opened = self.init(clientUploadId=str(uuid.uuid4()), fileSize=len(body), **changes)
        answer = self.complete(opened, [self.send(opened, body)], checksum=crc64(body))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def close(self) -> None:
        self.http.close()
        self.store.close()


@contextmanager
def client(server: BackendServer, user: str = "alice") -> Iterator[Client]:
    """Yield a client and close its connections."""
    made = Client(server, user)
    try:
        yield made
    finally:
        made.close()


def place(upload: dict[str, Any]) -> dict[str, Any]:
    """Return what names an upload on the wire."""
    return {"uploadId": upload["uploadId"], "key": upload["key"]}


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of an error, having checked its shape."""
    body = answer.json()
    assert set(body) - {"details"} == {"code", "message", "requestId"}
    assert body["requestId"] == answer.headers["X-Request-Id"]
    return answer.status_code, body["code"]


def administer(server: BackendServer, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``recorder-backend`` on the server's own settings, with the password on a pipe."""
    return run_backend(arguments, clean_env(server.env), password)
