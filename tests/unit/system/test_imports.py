"""The window must appear at once, so nothing heavy is imported along with this package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import recorder_desktop.system

MODULES = sorted(
    each.stem for each in Path(recorder_desktop.system.__path__[0]).glob("*.py") if each.stem != "__init__"
)
HEAVY = ("jwt", "cryptography", "keyring", "ffmpeg", "httpx", "http.client", "ssl", "asyncio", "boto3", "PySide6")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_heavy(module: str) -> None:
    source = f"import sys, recorder_desktop.system.{module}; print([m for m in {HEAVY!r} if m in sys.modules])"

    told = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=30)

    assert told.stdout.strip() == "[]"
