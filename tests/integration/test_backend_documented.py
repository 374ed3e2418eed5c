"""The upload in docs/api.md, run as it stands."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from tests.integration.backend_client import Client
from tests.servers import BackendServer, clean_env

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
SIZE_BYTES = 11_000_000


def test_the_upload_in_the_documentation_works(server: BackendServer, alice: Client, tmp_path: Path) -> None:
    commands = "".join(re.findall(r"```bash\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    (tmp_path / "talk.mp4").write_bytes(bytes(range(256)) * (SIZE_BYTES // 256))
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail"],
        input=commands,
        cwd=tmp_path,
        env=clean_env({"SERVER": server.url, "TOKEN": server.token()}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    opened, parts, completed_and_status = done.stdout.split("\n", 2)
    completed, status = completed_and_status.rsplit("}", 1)
    assert len(json.loads(parts)) == 3
    record = json.loads(completed + "}")
    assert record["key"] == json.loads(opened)["key"]
    assert record["size"] == (tmp_path / "talk.mp4").stat().st_size
    assert status.strip() == "409"
    stored = alice.store.get(alice.http.get(f"/recordings/{record['fileId']}/url").json()["url"])
    assert stored.content == (tmp_path / "talk.mp4").read_bytes()
