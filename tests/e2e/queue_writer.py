"""A program that writes into a queue and says what it was promised: `python -m tests.e2e.queue_writer QUEUE`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from recorder_desktop.core.model import ConfirmedPart, UploadState
from recorder_desktop.store.upload_store import SqliteUploadStore
from tests.fakes.uploads import an_upload

UPLOADS = 8


def main(path: Path) -> None:
    """After each write that survives power loss, print the upload and the state that it is in for good."""
    store = SqliteUploadStore(path)
    for number in range(UPLOADS):
        upload = replace(an_upload(), id=f"u{number}", position=number)
        store.insert([upload])
        _promised(upload.id, upload.state)
        for part in range(1, 4):
            store.confirm_part(upload.id, ConfirmedPart(part, 100, f"e{part}", part))  # survives a crash only
        store.update(replace(upload, state=UploadState.PAUSED))
        _promised(upload.id, UploadState.PAUSED)
    os._exit(0)  # no orderly end, which would move everything into the main file


def _promised(upload_id: str, state: UploadState) -> None:
    os.write(1, f"{upload_id} {state.value}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
