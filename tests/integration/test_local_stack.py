"""The local stack with real children: start, outages, restarts, leftovers. The backend is a stub of the tests' own.

The bundled backend itself is tried in test_local_stack_backend.py.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest

from recorder_desktop.core.errors import Refused, Unavailable
from recorder_desktop.system.local_stack import LocalStack
from recorder_desktop.system.paths import RecorderPaths
from tests.servers import s3_client
from tests.unit.system.waiting import runs, wait_until

STUB = [sys.executable, str(Path(__file__).parents[1] / "unit" / "system" / "stub_backend.py")]

APP = """
import sys, time
from pathlib import Path
from recorder_desktop.system.local_stack import LocalStack
from recorder_desktop.system.paths import RecorderPaths
stack = LocalStack(RecorderPaths(Path(sys.argv[1])), backend_command=sys.argv[2:])
stack.start()
print(stack.wait_ready(20).url, flush=True)
time.sleep(120)
"""


@pytest.fixture
def paths(tmp_path: Path) -> RecorderPaths:
    return RecorderPaths(tmp_path / "home")


@pytest.fixture
def launch(paths: RecorderPaths) -> Iterator[Callable[..., LocalStack]]:
    started: list[LocalStack] = []

    def start(make: Callable[[], LocalStack] = lambda: LocalStack(paths, backend_command=STUB)) -> LocalStack:
        started.append(make())
        started[-1].start()
        return started[-1]

    yield start
    for stack in started:
        stack.stop()


def s3(stack: LocalStack) -> Any:
    store = stack._store
    assert store is not None
    return s3_client(store.endpoint_url, store.keys.access_key, store.keys.secret_key, "us-east-1")


def child_pid(paths: RecorderPaths, name: str) -> int:
    wait_until(paths.child_record(name).exists, f"the record of the {name}")
    return int(json.loads(paths.child_record(name).read_text())["pid"])


def parent_pid(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def environment_of(pid: int) -> dict[str, str]:
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if pair)


def answers(url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_start_returns_before_the_stack_is_ready(launch: Callable[..., LocalStack]) -> None:
    stack = launch()
    with pytest.raises(Unavailable):
        stack.wait_ready(0)

    address = stack.wait_ready(30)

    assert answers(address.url)
    assert stack.is_alive()


def test_asking_too_early_is_told_and_may_be_asked_again(launch: Callable[..., LocalStack]) -> None:
    stack = launch()

    with pytest.raises(Unavailable, match="starting"):
        stack.wait_ready(0)

    assert answers(stack.wait_ready(30).url)


def test_recordings_survive_a_stop_and_new_ports_and_keys(launch: Callable[..., LocalStack]) -> None:
    first = launch()
    first.wait_ready(30)
    s3(first).create_bucket(Bucket="recordings")
    s3(first).put_object(Bucket="recordings", Key="talk.mp4", Body=b"a recording" * 1000)
    first.stop()
    assert not first.is_alive()

    second = launch()
    second.wait_ready(30)

    assert s3(second).get_object(Bucket="recordings", Key="talk.mp4")["Body"].read() == b"a recording" * 1000


def test_f53_a_killed_store_comes_back_on_the_same_port_with_the_same_keys(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    stack = launch()
    stack.wait_ready(30)
    client = s3(stack)
    client.create_bucket(Bucket="recordings")
    upload_id = client.create_multipart_upload(Bucket="recordings", Key="talk.mp4")["UploadId"]
    body = os.urandom(5 * 1024 * 1024)
    part = {"Bucket": "recordings", "Key": "talk.mp4", "UploadId": upload_id}
    etag = client.upload_part(**part, PartNumber=1, Body=body)["ETag"]

    os.kill(child_pid(paths, "store"), signal.SIGKILL)
    wait_until(lambda: not stack.is_alive(), "the end of the store")
    wait_until(lambda: stack.is_alive() and answers(stack.wait_ready(0).url), "the store's return", 20)

    assert [each["ETag"] for each in client.list_parts(**part)["Parts"]] == [etag]


def test_f38_a_killed_backend_comes_back_on_the_same_port_and_knows_old_tokens(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    stack = launch()
    url = stack.wait_ready(30).url
    pid = child_pid(paths, "backend")
    secret = environment_of(pid)["JWT_SECRET"]

    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not runs(pid), "the end of the backend")
    wait_until(lambda: answers(url), "the backend's return", 20)

    assert stack.wait_ready(0).url == url
    assert environment_of(child_pid(paths, "backend"))["JWT_SECRET"] == secret


@pytest.mark.parametrize("name", ["store", "backend"])
def test_f54_a_killed_guard_leaves_no_child_and_the_service_comes_back(
    paths: RecorderPaths, launch: Callable[..., LocalStack], name: str
) -> None:
    stack = launch()
    url = stack.wait_ready(30).url
    pid = child_pid(paths, name)

    os.kill(parent_pid(pid), signal.SIGKILL)

    wait_until(lambda: not runs(pid), "the end of the child", 5)
    wait_until(lambda: stack.is_alive() and answers(url), "its return", 20)
    assert child_pid(paths, name) != pid


def start_app(paths: RecorderPaths) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", APP, str(paths.home), *STUB]
    app = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert app.stdout is not None
    assert app.stdout.readline().startswith("http://127.0.0.1:")
    return app


def test_f54_a_killed_app_takes_its_children_along_within_five_seconds(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    app = start_app(paths)
    pids = [child_pid(paths, "store"), child_pid(paths, "backend")]
    assert all(runs(pid) for pid in pids)

    app.kill()
    app.communicate(timeout=10)

    wait_until(lambda: not any(runs(pid) for pid in pids), "the end of all children", 5)
    launch().wait_ready(30)


def test_f54_leftovers_of_app_and_guards_killed_together_are_replaced(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    # As on a system that does not end a child with its guard: an orphan that only its record tells of.
    paths.create()
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"], start_new_session=True)
    from recorder_desktop.system.child_guard import start_mark

    paths.child_record("store").write_text(json.dumps({"pid": orphan.pid, "mark": start_mark(orphan.pid)}))

    launch().wait_ready(30)

    assert orphan.wait(5) == -signal.SIGTERM


def test_s24_secrets_reach_children_by_environment_only(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    stack = launch()
    stack.wait_ready(30)
    store = stack._store
    assert store is not None
    backend = child_pid(paths, "backend")
    secrets = [store.keys.access_key, store.keys.secret_key, environment_of(backend)["JWT_SECRET"]]

    pids = [child_pid(paths, "store"), backend]
    public = "".join(Path(f"/proc/{each}/cmdline").read_text() for pid in pids for each in (pid, parent_pid(pid)))
    logged = "".join(each.read_text("utf-8", "replace") for each in paths.logs.iterdir())

    assert not [secret for secret in secrets if secret in public or secret in logged or secret in repr(stack)]


def test_s24_nothing_of_the_persons_environment_reaches_the_children(
    paths: RecorderPaths, launch: Callable[..., LocalStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SESSION_TOKEN", "S3_CHECKSUM", "WEED_MASTER_PORT", "HTTP_PROXY", "RECORDER_TOKEN", "MONGO_URI"):
        monkeypatch.setenv(name, "from-the-shell")
    monkeypatch.setenv("S3_BUCKET", "from-the-shell")

    launch().wait_ready(30)

    for name in ("store", "backend"):
        assert "from-the-shell" not in environment_of(child_pid(paths, name)).values()


def test_s26_everything_the_stack_writes_is_for_the_person_alone(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    stack = launch()
    stack.wait_ready(30)
    s3(stack).create_bucket(Bucket="recordings")
    s3(stack).put_object(Bucket="recordings", Key="talk.mp4", Body=b"x" * 100_000)
    stack.stop()

    found = [paths.home, *paths.home.rglob("*")]
    assert len(found) > 20
    assert [each for each in found if stat.S_IMODE(each.stat().st_mode) & 0o077] == []


def test_settings_that_the_backend_refuses_are_passed_on_in_its_words(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    stack = launch(lambda: LocalStack.backend_only(paths, {"AWS_REGION": "eu-north-1"}, backend_command=STUB))

    with pytest.raises(Refused, match="S3_BUCKET is missing"):
        stack.wait_ready(30)


def test_own_bucket_mode_runs_the_backend_alone_with_the_persons_settings(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    settings = {"S3_BUCKET": "mine", "AWS_SECRET_KEY": "k", "MONGO_URI": "mongodb://db", "JWT_JWKS_URL": "http://x"}
    stack = launch(lambda: LocalStack.backend_only(paths, settings, backend_command=STUB))
    stack.wait_ready(30)

    got = environment_of(child_pid(paths, "backend"))

    assert {name: got.get(name) for name in settings} == settings | {"JWT_JWKS_URL": None}
    assert (got["RATE_LIMIT_PER_MINUTE"], got["RECORDER_HOME"]) == ("0", str(paths.home))
    assert got["METRICS"] == "off"
    assert not paths.child_record("store").exists()
    assert stack.is_alive()


def test_a_backend_that_is_not_ready_for_long_is_asked_ever_less_often(
    paths: RecorderPaths, launch: Callable[..., LocalStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"S3_BUCKET": "mine", "S3_ENDPOINT_URL": "http://127.0.0.1:1"}
    stack = LocalStack.backend_only(paths, settings, backend_command=STUB)
    pauses: list[float] = []

    def no_time(pause_s: float) -> bool:
        pauses.append(pause_s)
        return stack._stopping.is_set()

    monkeypatch.setattr(stack._stopping, "wait", no_time)
    launch(lambda: stack)
    wait_until(lambda: len(pauses) >= 300, "three hundred questions", 20)

    assert sum(pauses[:250]) == pytest.approx(5.0)
    assert pauses[:300] == sorted(pauses[:300])
    assert pauses[299] == 1.0


def test_a_backend_that_keeps_ending_is_given_up_with_its_last_words(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    broken = [sys.executable, "-c", "import sys; sys.exit('something broke')"]
    stack = launch(lambda: LocalStack.backend_only(paths, {}, backend_command=broken))

    with pytest.raises(Unavailable, match="something broke"):
        stack.wait_ready(20)


def test_a_missing_store_program_is_said(
    paths: RecorderPaths, launch: Callable[..., LocalStack], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("recorder_desktop.system.embedded_store._program_folders", lambda: [tmp_path])
    monkeypatch.setattr("recorder_desktop.system.embedded_store._wheel_files", lambda _: [])
    monkeypatch.setenv("PATH", str(tmp_path))
    stack = launch()

    with pytest.raises(Refused, match="SeaweedFS"):
        stack.wait_ready(30)


def test_a_minted_token_carries_the_claims_the_backend_checks(
    paths: RecorderPaths, launch: Callable[..., LocalStack]
) -> None:
    stack = launch()
    stack.wait_ready(30)
    secret = environment_of(child_pid(paths, "backend"))["JWT_SECRET"]

    token = stack.mint_token("me", 60)

    required = ["sub", "exp", "iat", "iss", "aud"]
    claims = jwt.decode(
        token, secret, ["HS256"], audience="recorder", issuer="recorder-backend", options={"require": required}
    )
    assert claims["sub"] == "me"
    assert claims["exp"] - claims["iat"] == 60
    assert len(secret) >= 32
