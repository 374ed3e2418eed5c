"""A page of another origin uploads with the real Uppy, in parts, through the backend's routes into a real store."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import uuid
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.home_page import token_of
from tests.integration.backend_client import Client, client
from tests.integration.live_watcher import watching
from tests.servers import BackendServer, MissingServer, StoreServer, backend

HERE = Path(__file__).parent
BUNDLE = Path(sys.prefix) / "browser" / "uppy.bundle.js"
PART = 5 * 1024 * 1024
SIZE = 3 * PART + 12_345


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of a page that is not the backend's, and its origin."""
    if not BUNDLE.exists():
        raise MissingServer("the browser packages are missing: make .venv/.test-ready, with npm and a network")
    folder = tmp_path_factory.mktemp("page")
    for file in (HERE / "uploading.html", BUNDLE):
        (folder / file.name).write_bytes(file.read_bytes())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(
    store_server: StoreServer, origin: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendServer]:
    bucket = store_server.create_bucket(f"uppy-{uuid.uuid4().hex}")
    allowed = {"AllowedOrigins": [origin], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}
    rules = {"CORSRules": [allowed | {"ExposeHeaders": ["ETag"], "MaxAgeSeconds": 600}]}
    store_server.client().put_bucket_cors(Bucket=bucket, CORSConfiguration=rules)
    env = store_server.backend_env(bucket) | {"CORS_ORIGINS": origin}
    with backend(env, tmp_path_factory.mktemp("home") / "h") as running:
        yield running


def upload(page: Page, origin: str, file: Path, owner: Client) -> dict[str, Any]:
    """Upload a file as a person would from that page; return what Uppy says of it."""
    page.goto(f"{origin}/uploading.html")
    page.locator("#file").set_input_files(file)
    script = (HERE / "uploading.js").read_text().rstrip().removesuffix(";").partition("\n\n")[2]
    told = {"backend": str(owner.http.base_url), "token": token_of(owner), "partSize": PART}
    return dict(page.evaluate(script, told))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "talk ü.mp4"
    made.write_bytes(os.urandom(SIZE))
    return made


def test_uppy_uploads_a_file_in_parts_from_a_configured_origin(
    page: Page, origin: str, server: BackendServer, store_server: StoreServer, file: Path, owner: Client
) -> None:
    with watching(server, owner.user) as watcher:
        watcher.snapshot()

        told = upload(page, origin, file, owner)

        [recording] = owner.http.get("/recordings").json()["items"]
        done = watcher.until(lambda message: message.get("upload", {}).get("state") == "completed")
    assert (told["failed"], told["uploaded"]) == ([], [recording["fileUrl"]])
    assert max(told["progress"]) == SIZE
    assert (recording["fileName"], recording["size"], recording["contentType"]) == (file.name, SIZE, "video/mp4")
    assert done["upload"]["fileId"] == recording["fileId"]
    stored = store_server.client().get_object(Bucket=recording["bucket"], Key=recording["key"])
    assert stored["ETag"].strip('"').endswith("-4")
    assert hashlib.sha256(stored["Body"].read()).digest() == hashlib.sha256(file.read_bytes()).digest()
    assert owner.http.get("/s3/uploads").json()["items"] == []


def test_another_origin_gets_nowhere(
    page: Page, origin: str, store_server: StoreServer, file: Path, tmp_path: Path
) -> None:
    env = store_server.backend_env(f"strict-{uuid.uuid4().hex}") | {"CORS_ORIGINS": "https://team.example"}
    with backend(env, tmp_path / "h", ["--create-bucket"]) as strict, client(strict) as owner:
        told = upload(page, origin, file, owner)
        assert (told["uploaded"], len(told["failed"])) == ([], 1)
        assert owner.http.get("/s3/uploads").json()["items"] == []
