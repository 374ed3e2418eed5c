"""Faults injected for real: killed servers, a missing bucket, a primary that steps down, a lost commit."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import httpx
import pytest

from tests.integration.backend_client import BODY, client, place, problem
from tests.servers import (
    MongoServer,
    StoreServer,
    backend,
    backend_program,
    clean_env,
    mongod_replica_set,
    seaweedfs,
    wait_until,
)


def mongo_uri(server: MongoServer, options: str = "") -> str:
    return server.uri.replace("/?", f"/f{uuid.uuid4().hex}?") + options


def test_f38_a_killed_backend_goes_on_where_it_was(store_server: StoreServer, tmp_path: Path) -> None:
    env = store_server.backend_env(f"f38-{uuid.uuid4().hex}")
    with backend(env, tmp_path / "home", ["--create-bucket"]) as server:
        with client(server) as alice:
            upload = alice.init(clientUploadId=str(uuid.uuid4()))
            part = alice.send(upload)
        server.kill()
        server.restart()
        with client(server) as alice:
            assert alice.complete(upload, [part]).json()["size"] == len(BODY)


def test_f42_a_missing_bucket_is_named_and_nothing_is_retried(store_server: StoreServer, tmp_path: Path) -> None:
    bucket = f"f42-{uuid.uuid4().hex}"
    with backend(store_server.backend_env(bucket), tmp_path / "home", ready=False) as server, client(server) as alice:
        answer = alice.http.post("/s3/init-upload", json={"fileName": "a.mp4"})
        assert problem(answer) == (502, "bucket_missing")
        assert bucket in answer.json()["message"]
        assert problem(alice.http.get("/readyz")) == (503, "bucket_missing")


def test_wrong_store_keys_are_named(store_server: StoreServer, tmp_path: Path) -> None:
    env = store_server.backend_env("any-bucket") | {"AWS_SECRET_KEY": "wrong"}
    with backend(env, tmp_path / "home", ready=False) as server, client(server) as alice:
        answer = alice.http.post("/s3/init-upload", json={"fileName": "a.mp4"})
        assert problem(answer) == (502, "store_refused")


def test_f53_a_killed_store_is_503_until_it_is_back(tmp_path: Path) -> None:
    with seaweedfs(tmp_path / "weed") as store:
        env = store.backend_env("recordings")
        with backend(env, tmp_path / "home", ["--create-bucket"]) as server, client(server) as alice:
            upload = alice.init(fileSize=len(BODY), clientUploadId=str(uuid.uuid4()))
            part = alice.send(upload)
            store.kill()
            assert problem(alice.http.get("/readyz")) == (503, "store_unavailable")
            answer = alice.complete(upload, [part])
            assert problem(answer) == (503, "store_unavailable")
            assert answer.headers["Retry-After"]
            store.restart()
            server.wait_ready()
            assert alice.complete(upload, [part]).status_code == 200


def test_it_listens_while_the_store_is_still_coming_up(tmp_path: Path) -> None:
    with seaweedfs(tmp_path / "weed") as store:
        store.kill()
        with backend(store.backend_env("late"), tmp_path / "home", ["--create-bucket"], ready=False) as server:
            assert httpx.get(server.url + "/healthz", trust_env=False).status_code == 200
            assert httpx.get(server.url + "/readyz", trust_env=False).status_code == 503
            store.restart()
            server.wait_ready()
            with client(server) as alice:
                assert alice.init()["checksumAlgorithm"] == "CRC64NVME"


def test_f49_database_down_after_the_store_has_it_all(store_server: StoreServer, tmp_path: Path) -> None:
    with mongod_replica_set(tmp_path / "mongo") as mongo:
        env = store_server.backend_env(f"f49-{uuid.uuid4().hex}")
        env["MONGO_URI"] = mongo_uri(mongo, "&timeoutMS=1500")
        with backend(env, tmp_path / "home", ["--create-bucket"]) as server, client(server) as alice:
            upload = alice.init(clientUploadId=str(uuid.uuid4()))
            part = alice.send(upload)
            # The database ends at the first write of the record, after the store has assembled the object.
            mongo.fail_command(
                mode="alwaysOn", failCommands=["insert"], closeConnection=True, appName="recorder-backend"
            )
            answer = alice.complete(upload, [part])
            assert problem(answer) == (503, "stored_not_recorded")
            mongo.kill()
            assert problem(alice.http.get("/readyz")) == (503, "catalogue_unavailable")
            assert problem(alice.http.get("/recordings")) == (503, "catalogue_unavailable")
            mongo.restart()
            # A new process reconciles at its start, without anyone asking to complete again.
            server.kill()
            server.restart()
            wait_until(lambda: bool(alice.http.get("/recordings").json().get("items")), "the record", 20)
            assert alice.complete(upload, [part]).json()["size"] == len(BODY)
            assert len(alice.http.get("/recordings").json()["items"]) == 1


def test_f48_a_primary_that_steps_down_leaves_one_record(store_server: StoreServer, tmp_path: Path) -> None:
    with mongod_replica_set(tmp_path / "mongo") as mongo:
        env = store_server.backend_env(f"f48-{uuid.uuid4().hex}") | {"MONGO_URI": mongo_uri(mongo)}
        with backend(env, tmp_path / "home", ["--create-bucket"]) as server, client(server) as alice:
            uploads = [alice.init(clientUploadId=str(uuid.uuid4())) for _ in range(6)]
            parts = [alice.send(upload) for upload in uploads]
            stepping = threading.Thread(target=mongo.step_down)
            stepping.start()
            answers = [alice.complete(upload, [part]) for upload, part in zip(uploads, parts, strict=True)]
            stepping.join()
            assert [answer.status_code for answer in answers] == [200] * 6
            assert len(alice.http.get("/recordings").json()["items"]) == 6


@pytest.mark.parametrize("code", [50, 64])
def test_f50_an_unknown_commit_result_is_looked_up(
    store_server: StoreServer, mongo_server: MongoServer, tmp_path: Path, code: int
) -> None:
    env = store_server.backend_env(f"f50-{uuid.uuid4().hex}") | {"MONGO_URI": mongo_uri(mongo_server)}
    with backend(env, tmp_path / "home", ["--create-bucket"]) as server, client(server) as alice:
        upload = alice.init()
        part = alice.send(upload)
        mongo_server.fail_command(
            failCommands=["commitTransaction"],
            writeConcernError={"code": code, "errmsg": "injected"},
            appName="recorder-backend",
        )
        assert alice.complete(upload, [part]).status_code == 200
        assert len(alice.http.get("/recordings").json()["items"]) == 1


def test_a_standalone_mongod_is_refused_with_one_clear_line(store_server: StoreServer, tmp_path: Path) -> None:
    with mongod_replica_set(tmp_path / "mongo", replica_set=False) as mongo:
        env = store_server.backend_env(store_server.create_bucket(f"alone-{uuid.uuid4().hex}"))
        env["MONGO_URI"] = mongo.uri
        with backend(env, tmp_path / "home", ready=False) as server, client(server) as alice:
            answer = alice.http.get("/readyz")
            assert problem(answer) == (503, "catalogue_unusable")
            assert "replica set" in answer.json()["message"]
            wait_until(lambda: "replica set" in server.log(), "the line in the log", 5)


def test_a_port_in_use_is_named_with_exit_code_2(store_server: StoreServer, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        env = clean_env(store_server.backend_env("x" * 3) | {"JWT_SECRET": "s" * 32, "RECORDER_HOME": str(tmp_path)})
        command = [sys.executable, "-m", "backend", "serve", "--port", port]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert port in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_two_workers_serve_one_port_and_stop_together(store_server: StoreServer, tmp_path: Path) -> None:
    env = store_server.backend_env(f"two-{uuid.uuid4().hex}")
    with backend_program(env, tmp_path / "home", ["--workers", "2", "--create-bucket"]) as server:
        with client(server) as alice:
            assert alice.upload()["size"] == len(BODY)
        assert server.process.terminate() == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url, trust_env=False)


def test_sigterm_ends_a_request_under_way_in_order(store_server: StoreServer, tmp_path: Path) -> None:
    env = store_server.backend_env(f"stop-{uuid.uuid4().hex}")
    with backend(env, tmp_path / "home", ["--create-bucket"]) as server:
        with client(server) as alice:
            alice.upload()
        assert server.process.terminate() == 0
        assert "Traceback" not in server.log()


def test_port_zero_prints_exactly_one_line_with_the_real_port(store_server: StoreServer, tmp_path: Path) -> None:
    extra = store_server.backend_env("x" * 3) | {"JWT_SECRET": "s" * 32, "RECORDER_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "backend", "serve", "--port", "0"]
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=clean_env(extra), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    listening_s = time.monotonic() - started
    assert set(line) == {"event", "url"}
    assert httpx.get(line["url"] + "/healthz", trust_env=False).status_code == 200
    process.terminate()
    rest, _ = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, "")
    # The promise is 1.2 s on an idle machine; this only catches an import or a call that has no business there.
    assert listening_s < 5


def test_s18_an_origin_that_is_named_may_ask(store_server: StoreServer, tmp_path: Path) -> None:
    env = store_server.backend_env(f"cors-{uuid.uuid4().hex}") | {"CORS_ORIGINS": "https://app.test"}
    with backend(env, tmp_path / "home", ready=False) as server:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        for origin, allowed in [("https://app.test", "https://app.test"), ("https://evil.test", None)]:
            answer = httpx.options(server.url + "/recordings", headers=asked | {"Origin": origin}, trust_env=False)
            assert answer.headers.get("access-control-allow-origin") == allowed


def test_urls_expire_when_set_to_and_uploads_go_on_with_fresh_ones(store_server: StoreServer, tmp_path: Path) -> None:
    env = store_server.backend_env(f"ttl-{uuid.uuid4().hex}") | {"PRESIGN_TTL_SECONDS": "1"}
    with backend(env, tmp_path / "home", ["--create-bucket"]) as server, client(server) as alice:
        upload = alice.init()
        signed = alice.http.post("/s3/presign-url", json=place(upload) | {"partNumber": 1}).json()
        assert signed["expiresIn"] == 1
        put = signed["presignedUrl"]
        wait_until(lambda: alice.store.put(put, content=BODY).status_code == 403, "expiry", 10)
        assert alice.complete(upload, [alice.send(upload)]).status_code == 200
