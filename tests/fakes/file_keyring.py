"""A keyring that keeps its passwords in a file: for processes that need one where the system has none."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Named by PYTHON_KEYRING_BACKEND; the file by TEST_KEYRING_FILE."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write(self._read() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        self._write({key: value for key, value in self._read().items() if key != f"{service} {username}"})

    @staticmethod
    def _read() -> dict[str, str]:
        path = Path(os.environ["TEST_KEYRING_FILE"])
        return json.loads(path.read_text()) if path.exists() else {}

    @staticmethod
    def _write(passwords: dict[str, str]) -> None:
        Path(os.environ["TEST_KEYRING_FILE"]).write_text(json.dumps(passwords))
