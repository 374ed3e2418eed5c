"""A team's server with a line to its store that counts, and can be made thin."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.counting_proxy import CountingProxy, counting_proxy
from tests.e2e.desktop import ROOT, Desktop
from tests.servers import BackendServer, StoreServer, backend


@dataclass(frozen=True)
class Team:
    """A running backend, its bucket, and the one line to the bucket that members have."""

    server: BackendServer
    store: StoreServer = field(repr=False)
    bucket: str
    line: CountingProxy = field(repr=False)

    def member(self, folder: Path, token: str) -> Desktop:
        """Somebody of the team with an empty queue, signed in with this token."""
        return Desktop(folder, {"RECORDER_SERVER": self.server.url, "RECORDER_TOKEN": token})

    def new_token(self, user: str) -> str:
        """What `recorder-backend token` prints."""
        command = [sys.executable, "-m", "backend", "token", "--user", user]
        environment = {"PATH": os.defpath, "JWT_SECRET": self.server.env["JWT_SECRET"]}
        return subprocess.check_output(command, cwd=ROOT, env=environment, text=True, timeout=20).strip()

    def open_uploads(self, directory: str) -> int:
        """How many multipart uploads are open in the bucket below `directory`."""
        answer = self.store.client().list_multipart_uploads(Bucket=self.bucket)
        return sum(1 for upload in answer.get("Uploads", []) if upload["Key"].startswith(f"{directory}/"))


@contextmanager
def team(store: StoreServer, folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Team]:
    """Run a backend on a bucket of its own; `settings` are added to its environment."""
    bucket = store.create_bucket(f"team-{secrets.token_hex(4)}")
    with counting_proxy(store.endpoint_url) as line:
        environment = store.backend_env(bucket) | {"S3_PUBLIC_ENDPOINT_URL": line.url} | dict(settings or {})
        with backend(environment, folder) as server:
            yield Team(server, store, bucket, line)
