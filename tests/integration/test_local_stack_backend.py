"""The local stack with the bundled backend: what the desktop relies on from the first second."""

from __future__ import annotations

import http.client
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from recorder_desktop.core.errors import Refused
from recorder_desktop.system.local_stack import LocalStack
from recorder_desktop.system.paths import RecorderPaths
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


def test_the_whole_stack_is_ready_within_three_seconds_and_opens_an_upload(stack: LocalStack) -> None:
    began = time.monotonic()
    url = stack.wait_ready(3).url
    assert time.monotonic() - began < 3

    fields = {"fileName": "talk.mp4", "contentType": "video/mp4", "fileSize": 10, "directory": "talks"}
    status, answer = ask(url, "POST", "/s3/init-upload", stack.mint_token("me", 60), fields)

    assert status == 200, answer
    assert answer["uploadId"]


def test_s20_without_its_token_the_backend_says_nothing(stack: LocalStack) -> None:
    url = stack.wait_ready(10).url

    assert ask(url, "GET", "/recordings", None)[0] == 401


def test_f38_a_killed_backend_takes_the_same_port_and_still_accepts_a_token(
    paths: RecorderPaths, stack: LocalStack
) -> None:
    url, token = stack.wait_ready(10).url, stack.mint_token("me", 60)
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
            stack.wait_ready(10)
    finally:
        stack.stop()
