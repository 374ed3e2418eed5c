"""Where uploads go: the store's coordinates as every uploader needs them, and the discarding sink."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from tests.benchmarks.certificates import make_certificate
from tests.servers import MissingServer, ServerProcess, StoreServer, clean_env, free_ports, wait_until

BUCKET = "recordings"
_SOURCE = Path(__file__).with_name("nullsink.c")


@dataclass(frozen=True)
class Target:
    """An S3 bucket. authority: the CA file of a TLS endpoint. checksum: which one the backend is told to ask for."""

    endpoint_url: str
    bucket: str = BUCKET
    access_key: str = field(default="benchmark-key", repr=False)
    secret_key: str = field(default="benchmark-secret", repr=False)
    region: str = "us-east-1"
    authority: Path | None = None
    checksum: str = "auto"

    @classmethod
    def of(cls, store: StoreServer, bucket: str) -> Target:
        """A bucket of a running SeaweedFS."""
        return cls(store.endpoint_url, bucket, store.access_key, store.secret_key, store.region)

    def backend_env(self) -> dict[str, str]:
        """The environment variables that point a backend at this bucket."""
        return {
            "AWS_ACCESS_KEY": self.access_key,
            "AWS_SECRET_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "S3_BUCKET": self.bucket,
            "S3_ENDPOINT_URL": self.endpoint_url,
            "S3_CHECKSUM": self.checksum,
            **self.trust_env(),
        }

    def trust_env(self) -> dict[str, str]:
        """What makes a process trust the endpoint that follows OpenSSL's convention."""
        return {"SSL_CERT_FILE": str(self.authority)} if self.authority else {}


@dataclass(frozen=True)
class SinkRequest:
    """A request whose head has arrived at the sink. `at` is monotonic seconds, comparable with time.monotonic()."""

    at: float
    connection: int
    method: str
    target: str

    @property
    def is_part(self) -> bool:
        """Whether it is a PUT of a part."""
        return self.method == "PUT" and "partNumber=" in self.target

    @property
    def is_list_parts(self) -> bool:
        """Whether it asks which parts an upload has."""
        return self.method == "GET" and "uploadId=" in self.target


@dataclass(frozen=True)
class Sink:
    """A running nullsink."""

    target: Target
    log: Path

    def stored_bytes(self, key: str) -> int:
        """The size of the object that was stored last under `key`. Raises KeyError where there is none."""
        target = self.target
        ca_file = str(target.authority) if target.authority else None
        with urllib3.PoolManager(ca_certs=ca_file) as http:
            answer = http.request("HEAD", f"{target.endpoint_url}/{target.bucket}/{key}")
        if answer.status != 200:
            raise KeyError(key)
        return int(answer.headers["Content-Length"])

    def requests(self, first: int = 0) -> list[SinkRequest]:
        """All requests so far, without the `first` ones; the sink must have been started with `logged`."""
        lines = self.log.read_text("latin-1").split("\n")[:-1]  # the last may be half written
        return [_request(line) for line in lines[first:]]


@contextmanager
def sink(folder: Path, *, tls: bool = False, logged: bool = False) -> Iterator[Sink]:
    """Compile and run a nullsink in `folder`, which exists, until the block ends."""
    binary = compile_nullsink(folder)
    port = free_ports(1)[0]
    log = folder / f"requests-{port}.log"
    certificate = make_certificate(folder) if tls else None
    files = [str(certificate.certificate), str(certificate.key)] if certificate else []
    env = clean_env({"NULLSINK_LOG": str(log)} if logged else {})
    process = ServerProcess([str(binary), str(port), *files], folder, env, folder / "nullsink.log")
    process.start()
    try:
        wait_until(lambda: process.alive() and _listens(port), "nullsink")
        url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        authority = certificate.authority if certificate else None
        # Told, because it cannot be found out: the sink refuses nothing, a wrong checksum neither.
        yield Sink(Target(url, authority=authority, checksum="crc64nvme"), log)
    finally:
        process.kill()


def compile_nullsink(folder: Path) -> Path:
    """Build the sink's program in `folder` unless it is there. Raises MissingServer without compiler or OpenSSL."""
    binary = folder / "nullsink"
    if binary.exists():
        return binary
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise MissingServer("no C compiler: install gcc, libc6-dev and libssl-dev")
    command = [compiler, "-O2", "-pthread", "-o", str(binary), str(_SOURCE), "-lssl", "-lcrypto"]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if built.returncode != 0:
        raise MissingServer(f"nullsink could not be built (install libc6-dev and libssl-dev): {built.stderr[-500:]}")
    return binary


def _request(line: str) -> SinkRequest:
    at, connection, method, target = line.split(" ", 3)
    return SinkRequest(float(at), int(connection), method, target)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
