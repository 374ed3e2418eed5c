"""What a command that uploads loads before it can send: every module costs its start a fraction of a millisecond."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Each of them tens of milliseconds of the processor, and none needed to send a file to a server.
NOT_NEEDED = (
    *("_awscrt", "sqlite_utils", "click", "urllib.request", "ffmpeg", "jeepney", "keyring", "asyncio", "rich"),
    *("PySide6", "boto3", "botocore", "jwt", "cryptography", "pydantic", "fastapi", "httpx", "truststore"),
    *("tomllib", "fractions", "recorder_desktop.ui", "recorder_desktop.headless.watch"),
    *(
        "recorder_desktop.headless.doctor",
        "recorder_desktop.system.local_stack",
        "recorder_desktop.transfer.thumbnails",
    ),
)

UPLOADING = """
import sys
from pathlib import Path
from recorder_desktop import cli
from recorder_desktop.bootstrap import Recorder, log_to_file
from recorder_desktop.config import DesktopConfig
from recorder_desktop.headless.owner_service import OwnerService
from recorder_desktop.system.paths import RecorderPaths

server = "http://127.0.0.1:9"
paths = RecorderPaths(Path(sys.argv[1])).create()
log_to_file(paths)
recorder = Recorder(paths, DesktopConfig(server, server=server, token="t"), uploading=True)
OwnerService(recorder, activate=lambda _paths: False)
recorder.start()
recorder.destinations.connect(server)
recorder.close()
print([name for name in sys.argv[2:] if name in sys.modules])
"""


def test_a_command_that_uploads_loads_what_it_needs(tmp_path: Path) -> None:
    command = [sys.executable, "-c", UPLOADING, str(tmp_path / "home"), *NOT_NEEDED]

    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout.strip() == "[]"
