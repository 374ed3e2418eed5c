"""What other programs, and web pages in the person's browser, get from the ports that the local stack opens."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import stat
import struct
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest

from recorder_desktop.system.local_stack import LocalStack
from recorder_desktop.system.paths import RecorderPaths
from tests.servers import s3_client
from tests.waiting import wait_for

STUB = [sys.executable, str(Path(__file__).parents[1] / "unit" / "system" / "stub_backend.py")]
KEY = "interview-with-a-source.mp4"
BODY = b"What was said in confidence. " * 1000
HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
HTTP2_SETTINGS = 4
FORM = {"Origin": "https://evil.test", "Content-Type": "application/x-www-form-urlencoded"}
UPLOAD_FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="evil.mp4"\r\n\r\nevil\r\n--x--\r\n'


@dataclass
class Target:
    """A running store that holds one recording."""

    paths: RecorderPaths
    ports: dict[str, int]
    client: Any
    file_id: str

    def contents(self) -> dict[str, bytes]:
        listed = self.client.list_objects_v2(Bucket="recordings").get("Contents", [])
        bodies = {}
        for entry in listed:
            bodies[entry["Key"]] = self.client.get_object(Bucket="recordings", Key=entry["Key"])["Body"].read()
        return bodies


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    paths = RecorderPaths(tmp_path_factory.mktemp("target") / "home")
    stack = LocalStack(paths, backend_command=STUB)
    stack.start()
    try:
        stack.wait_ready(20)
        store = stack._store
        assert store is not None
        client = s3_client(store.endpoint_url, store.keys.access_key, store.keys.secret_key, "us-east-1")
        client.create_bucket(Bucket="recordings")
        client.put_object(Bucket="recordings", Key=KEY, Body=BODY)
        yield Target(paths, dict(store.ports), client, file_id_in(paths.store_data))
    finally:
        stack.stop()


def file_id_in(data: Path) -> str:
    """The name under which a volume server hands out the recording's bytes, read from the volume's own files."""
    index = next(data.glob("recordings_*.idx"))
    key, low, high, _size = struct.unpack(">QIBI", index.read_bytes()[:17])
    offset = (high << 32 | low) * 8
    cookie = index.with_suffix(".dat").read_bytes()[offset : offset + 4].hex()
    return f"{index.stem.rpartition('_')[2]},{key:x}{cookie}"


def request(port: int, method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, repr(answer.getheaders()).encode() + answer.read(100_000)
    finally:
        connection.close()


def hostile_requests(file_id: str) -> Iterator[tuple[str, str, dict[str, str], bytes | None]]:
    places = [
        "/",
        "/recordings",
        "/recordings?list-type=2",
        f"/recordings/{KEY}",
        "/buckets/",
        f"/buckets/recordings/{KEY}",
        "/buckets/recordings/?recursive=true",
        f"/{file_id}",
        "/col/delete?collection=recordings",
        "/vol/vacuum?garbageThreshold=0.0001",
        "/dir/assign?collection=recordings",
        "/dir/lookup?volumeId=1",
        "/dir/status",
        "/vol/status",
        "/submit",
        "/status",
        "/metrics",
        "/debug/vars",
        "/stats/disk",
        "/ui/index.html",
        "/cluster/status",
    ]
    multipart = {"Origin": "https://evil.test", "Content-Type": "multipart/form-data; boundary=x"}
    for place in places:
        yield "GET", place, {"Origin": "https://evil.test"}, None
        yield "POST", place, FORM, b"collection=recordings"
        # Another person's program is not bound to what a browser sends.
        yield "DELETE", place, {}, None
        yield "PUT", place, {}, b"evil"
    for place in (
        "/buckets/recordings/evil.mp4",
        f"/buckets/recordings/{KEY}",
        f"/{file_id}",
        "/submit",
        "/recordings",
    ):
        yield "POST", place, multipart, UPLOAD_FORM


@pytest.mark.parametrize("name", ["s3.port", "master.port", "filer.port", "volume.port", "admin.port"])
def test_s31_requests_without_credentials_read_and_change_nothing(target: Target, name: str) -> None:
    told, told_unasked = b"", b""
    for method, path, headers, body in hostile_requests(target.file_id):
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = request(target.ports[name], method, path, headers, body)[1]
            told += answer
            # S3's refusals quote the key that the request named.
            told_unasked += b"" if KEY in path else answer

    assert BODY[:20] not in told
    assert KEY.encode() not in told_unasked
    assert target.contents() == {KEY: BODY}


def test_s31_the_masters_delete_is_gone(target: Target) -> None:
    status, _ = request(target.ports["master.port"], "POST", "/col/delete?collection=recordings", FORM, b"")

    assert status == 404
    assert target.contents() == {KEY: BODY}


def test_s32_a_volumes_bytes_need_the_read_key(target: Target) -> None:
    status, told = request(target.ports["volume.port"], "GET", f"/{target.file_id}", {}, None)
    assert (status, BODY[:20] in told) == (401, False)

    # Proves that the file id is right, so that the refusal above means something.
    keys = tomllib.loads((target.paths.store_config / "security.toml").read_text())["jwt"]
    token = jwt.encode({"fid": target.file_id, "exp": time.time() + 60}, keys["signing"]["read"]["key"])
    signed = {"Authorization": f"Bearer {token}"}
    status, told = request(target.ports["volume.port"], "GET", f"/{target.file_id}", signed, None)
    assert (status, BODY[:20] in told) == (200, True)


def grpc_answer(port: int, context: ssl.SSLContext | None) -> bytes:
    """What a gRPC port says to the first bytes of HTTP/2; empty when it hangs up."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as plain:
        plain.settimeout(5)
        with context.wrap_socket(plain) if context else plain as connection:
            connection.sendall(HTTP2_PREFACE)
            return connection.recv(100)
    return b""


def tls(certificate: tuple[Path, Path] | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    if certificate:
        context.load_cert_chain(*certificate)
    return context


@pytest.mark.parametrize("name", [f"{each}.port.grpc" for each in ("s3", "master", "filer", "volume", "admin")])
def test_s32_a_grpc_port_speaks_only_with_the_stores_own_certificate(target: Target, name: str) -> None:
    port, config = target.ports[name], target.paths.store_config

    assert grpc_answer(port, None) == b""
    assert grpc_answer(port, tls(None)) == b""
    assert grpc_answer(port, tls((config / "store.pem", config / "store.key")))[3] == HTTP2_SETTINGS


def test_s32_another_authoritys_certificate_does_not_open_grpc(target: Target, tmp_path: Path) -> None:
    from recorder_desktop.system.store_security import write_store_security

    write_store_security(tmp_path)

    foreign = tls((tmp_path / "store.pem", tmp_path / "store.key"))
    assert grpc_answer(target.ports["filer.port.grpc"], foreign) == b""


def sockets_of(pid: int) -> set[str]:
    links = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            links.add(str(each.readlink()))
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def listening(pid: int) -> set[tuple[str, int]]:
    own, found = sockets_of(pid), set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in own:
                address, _, port = fields[1].partition(":")
                found.add((address, int(port, 16)))
    return found


def test_s20_only_loopback_is_bound_and_only_the_ports_we_chose(target: Target) -> None:
    loopback = "0100007F"
    store = json.loads(target.paths.child_record("store").read_text())["pid"]
    backend = json.loads(target.paths.child_record("backend").read_text())["pid"]

    chosen = {(loopback, port) for port in target.ports.values()}
    wait_for(lambda: listening(store) >= chosen, "the store's last port")  # S3 answers before all of them are bound
    assert listening(store) == chosen
    assert {address for address, _ in listening(backend)} == {loopback}


def test_s32_the_stores_sockets_in_tmp_are_closed_to_others(target: Target) -> None:
    found = [each for port in target.ports.values() for each in Path("/tmp").glob(f"seaweedfs-*-{port}.sock")]

    assert found
    assert [each for each in found if stat.S_IMODE(each.stat().st_mode) & 0o077] == []
