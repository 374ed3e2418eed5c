"""Uploads for tests that need one but do not care which."""

from __future__ import annotations

import uuid
from pathlib import Path

from recorder_desktop.core.model import FileIdentity, Upload
from recorder_desktop.core.ports import UploadStore


def an_upload(path: Path = Path("/recordings/talk.mp4"), size_bytes: int = 1000) -> Upload:
    """A queued upload of a file that need not exist."""
    return Upload(
        id=uuid.uuid4().hex,
        client_upload_id=str(uuid.uuid4()),
        path_text=str(path),
        identity=FileIdentity(size_bytes, 1, 2, 2**63 + 5, 2**64 - 1),
        content_type="video/mp4",
        destination="local",
        directory="",
        folder_id=None,
        position=0,
        created_at="2026-01-01T00:00:00Z",
    )


def kept_in(store: UploadStore) -> list[Upload]:
    """All uploads that a store holds, in queue order."""
    return [upload for lot in store.load() for upload in lot]
