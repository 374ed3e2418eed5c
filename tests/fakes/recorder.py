"""The owner of a queue without an engine, for tests of what commands make of it."""

from __future__ import annotations

from typing import cast

from recorder_desktop.bootstrap import Recorder
from recorder_desktop.core.library import RecordingPage
from recorder_desktop.core.model import StoredRecording
from tests.fakes.upload_queue import FakeUploadQueue


def a_stored_recording(name: str = "talk.mp4", duration_s: float | None = 3.0) -> StoredRecording:
    """A recording in some bucket."""
    return StoredRecording(
        file_id=f"id-{name}",
        file_name=name,
        key=f"recordings/{name}",
        bucket="bucket",
        file_url=f"https://store.example.org/recordings/{name}",
        size_bytes=1_000_000,
        content_type="video/mp4",
        crc64nvme="AAAAAAAAAAA=",
        duration_s=duration_s,
        created_at="2026-01-01T00:00:00Z",
    )


class FakeOwnerQueue(FakeUploadQueue):
    """A queue that may still be finding out playing times: those of `unprobed`."""

    def __init__(self) -> None:
        super().__init__()
        self.unprobed: set[str] = set()

    def awaits_duration(self, upload_id: str) -> bool:
        return upload_id in self.unprobed


class FakeLibrary:
    """A backend's library, in pages of one."""

    def __init__(self, *stored: StoredRecording) -> None:
        self.stored = stored

    def recordings(self, query: str = "", cursor: str | None = None, limit: int = 100) -> RecordingPage:
        found = [recording for recording in self.stored if query in recording.file_name]
        at = int(cursor or 0)
        return RecordingPage(tuple(found[at : at + 1]), str(at + 1) if at + 1 < len(found) else None)

    def recording(self, file_id: str) -> StoredRecording:
        return next(recording for recording in self.stored if recording.file_id == file_id)

    def recording_url(self, file_id: str) -> str:
        return f"https://store.example.org/{file_id}?signed"


class FakeDestinations:
    """Places with a library each; the first is the present one. `lent`: tokens that commands brought along."""

    def __init__(self, **places: FakeLibrary) -> None:
        self.places = places or {"local": FakeLibrary()}
        self.lent: dict[str, str] = {}

    def current(self) -> str:
        return next(iter(self.places))

    def about_unserved(self, destination: str) -> str:
        return f"This upload belongs to {destination}. Go there."

    def serves(self, destination: str) -> bool:
        return destination in self.places

    def connect(self, destination: str) -> FakeLibrary:
        return self.places[destination]

    def lend_token(self, server: str, token: str) -> None:
        self.lent[server] = token

    def use_kept(self, server: str) -> None:
        self.lent.pop(server, None)


class FakeRecorder:
    """Has what commands use of a Recorder. `unreached`: why a place was never reached, by place."""

    def __init__(self, **places: FakeLibrary) -> None:
        self.queue = FakeOwnerQueue()
        self.destinations = FakeDestinations(**places)
        self.unreached: dict[str, str] = {}

    def why_unreached(self, destination: str) -> str | None:
        return self.unreached.get(destination)

    @property
    def as_recorder(self) -> Recorder:
        """Itself, under the type it stands in for."""
        return cast("Recorder", self)
