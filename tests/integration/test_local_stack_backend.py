"""The local stack with the bundled backend: what the desktop relies on from the first second."""

from __future__ import annotations

import http.client
import json
import os
import signal
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from recorder_desktop.core.errors import Refused, Unavailable
from recorder_desktop.system.local_stack import LocalStack
from recorder_desktop.system.paths import RecorderPaths
from tests.servers import StoreServer, free_ports
from tests.unit.system.waiting import runs, wait_until


@pytest.fixture
def paths(tmp_path: Path) -> RecorderPaths:
    return RecorderPaths(tmp_path / "home")


@pytest.fixture
def stack(paths: RecorderPaths) -> Iterator[LocalStack]:
    made = LocalStack(paths)
    made.start()
    yield made
    made.stop()


def ask(url: str, method: str, path: str, token: str | None, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None
    finally:
        connection.close()


def test_the_whole_stack_becomes_ready_and_opens_an_upload(stack: LocalStack) -> None:
    url = stack.wait_ready(30).url

    fields = {"fileName": "talk.mp4", "contentType": "video/mp4", "fileSize": 10, "directory": "talks"}
    status, answer = ask(url, "POST", "/s3/init-upload", stack.mint_token("me", 60), fields)

    assert status == 200, answer
    assert answer["uploadId"]


def test_s20_without_its_token_the_backend_says_nothing(stack: LocalStack) -> None:
    url = stack.wait_ready(30).url

    assert ask(url, "GET", "/recordings", None)[0] == 401


def test_f38_a_killed_backend_takes_the_same_port_and_still_accepts_a_token(
    paths: RecorderPaths, stack: LocalStack
) -> None:
    url, token = stack.wait_ready(30).url, stack.mint_token("me", 60)
    pid = int(json.loads(paths.child_record("backend").read_text())["pid"])

    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not runs(pid), "the end of the backend")

    def is_back() -> bool:
        try:
            return ask(url, "GET", "/recordings", token)[0] == 200
        except OSError:
            return False

    wait_until(is_back, "the backend's return", 20)


def test_own_bucket_settings_that_miss_something_are_refused_in_one_line(paths: RecorderPaths) -> None:
    stack = LocalStack.backend_only(paths, {"S3_BUCKET": "mine", "AWS_ACCESS_KEY": "a", "AWS_SECRET_KEY": "b"})
    stack.start()
    try:
        with pytest.raises(Refused, match="AWS_REGION"):
            stack.wait_ready(30)
    finally:
        stack.stop()


@contextmanager
def own_bucket(paths: RecorderPaths, settings: Mapping[str, str]) -> Iterator[LocalStack]:
    stack = LocalStack.backend_only(paths, settings)
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()


def test_a_mistyped_bucket_is_named_and_never_created(paths: RecorderPaths, store_server: StoreServer) -> None:
    bucket = f"mistyped-{uuid.uuid4().hex}"
    with own_bucket(paths, store_server.backend_env(bucket)) as stack, pytest.raises(Refused, match=bucket) as caught:
        stack.wait_ready(20)
    assert caught.value.code == "bucket_missing"
    assert bucket not in [each["Name"] for each in store_server.client().list_buckets()["Buckets"]]


def test_keys_that_the_persons_store_refuses_are_said(paths: RecorderPaths, store_server: StoreServer) -> None:
    settings = store_server.backend_env("any-bucket") | {"AWS_SECRET_KEY": "wrong"}
    with own_bucket(paths, settings) as stack, pytest.raises(Refused, match="secret key") as caught:
        stack.wait_ready(20)
    assert caught.value.code == "store_refused"


def test_a_store_that_is_away_is_an_outage_that_says_what_is_awaited(
    paths: RecorderPaths, store_server: StoreServer
) -> None:
    settings = store_server.backend_env("any-bucket") | {"S3_ENDPOINT_URL": f"http://127.0.0.1:{free_ports(1)[0]}"}
    with own_bucket(paths, settings) as stack:

        def said() -> str:
            with pytest.raises(Unavailable) as caught:
                stack.wait_ready(0.1)
            assert caught.value.code == "local_stack_starting"
            return caught.value.message

        wait_until(lambda: "The object store cannot be reached." in said(), "the reason", 20)
