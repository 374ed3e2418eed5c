"""S30: the routes, fuzzed from their own description by schemathesis with all its checks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.backend_client import Client
from tests.servers import BackendServer, clean_env

CONFIGURATION = Path(__file__).parents[1] / "schemathesis.toml"
EXAMPLES = 10


def test_s30_whatever_is_sent_there_is_no_5xx_and_no_answer_but_the_described(
    server: BackendServer, alice: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.upload()
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIGURATION,
            "run", f"{server.url}/openapi.json", "--header", f"Authorization: {server.auth()['Authorization']}",
            "--checks", "all", "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color",
        ],
        cwd=tmp_path,
        env=clean_env({"COLUMNS": "120"}),
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )  # fmt: skip
    with capsys.disabled():
        print(done.stdout.rpartition("=== SUMMARY ===")[2])
    assert done.returncode == 0, done.stdout + done.stderr
