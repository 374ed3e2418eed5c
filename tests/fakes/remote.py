"""A backend and its store in memory, behind the desktop's ports, with faults that tests put in."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from recorder_desktop.core.digest import PartToSign, as_base64
from recorder_desktop.core.errors import (
    AlreadyCompleted,
    FileReplaced,
    Interrupted,
    PartRejected,
    PartsMismatch,
    Refused,
    SignInRequired,
    UploadError,
    UploadGone,
)
from recorder_desktop.core.model import (
    ChecksumAlgorithm,
    ConfirmedPart,
    RemotePart,
    RemoteUpload,
    SignedPart,
    StoredRecording,
    Upload,
)
from recorder_desktop.core.parts import equal_parts
from recorder_desktop.core.ports import CompleteRequest, InitRequest, OpenedUpload, OpenUpload, PartBody, StopSignal
from recorder_desktop.data_path.checksum import crc64nvme

T = TypeVar("T")

PART_SIZE = 80 * 1024
"""A real one has 64 times that; what tests show hangs on the number of parts."""


@dataclass
class _Session:
    remote: RemoteUpload
    request: InitRequest
    parts: dict[int, bytes] = field(default_factory=dict)
    recording: StoredRecording | None = None
    aborted: bool = False
    put_checksum: str | None = None  # of one PUT: the only bytes that URLs are made for


class FakeRemote:
    """Implements UploadBackend, PartSender and Destinations at once.

    `fault(step, part_number)` is called before each step and may raise or wait; `calls` lists the steps taken.
    """

    def __init__(self, algorithm: ChecksumAlgorithm | None = ChecksumAlgorithm.CRC64NVME) -> None:
        self.algorithm = algorithm
        self.fault: Callable[[str, int], None] = lambda _step, _number: None
        self.calls: list[tuple[str, int]] = []
        self.objects: dict[str, bytes] = {}
        self.sessions: dict[str, _Session] = {}  # by client upload id
        self.room: int | None = None
        self.near = False
        self.hints: list[int | None] = []  # part sizes that were asked for
        self.user = "mara"
        self.valid_for_s = 3600.0
        self.served = {"here"}
        self.sending = 0
        self.most_sending = 0
        self._lock = threading.Lock()

    # --- Destinations ------------------------------------------------------------------------------------------

    def current(self) -> str:
        return "here"

    def serves(self, destination: str) -> bool:
        return destination in self.served

    def about_unserved(self, destination: str) -> str:
        return f"This upload belongs to {destination}. Go there."

    def connect(self, destination: str) -> FakeRemote:
        self._step("connect")
        return self

    def is_near(self, destination: str) -> bool:
        return self.near

    def room_bytes(self, destination: str) -> int | None:
        return self.room

    # --- UploadBackend -----------------------------------------------------------------------------------------

    def signed_in_as(self) -> str:
        return self.user

    def on_behalf_of(self, owner: str) -> FakeRemote:
        if owner not in ("", self.user):
            raise SignInRequired(f"This upload belongs to {owner}. Sign in as {owner}, then it goes on.")
        return self

    def init_upload(self, request: InitRequest) -> OpenedUpload:
        self._step("init")
        self.hints.append(request.part_size_hint_bytes)
        with self._lock:
            if request.client_upload_id not in self.sessions:
                name = f"u{len(self.sessions)}"
                remote = RemoteUpload(name, f"{name}/{request.file_name}", "bucket", PART_SIZE, self.algorithm)
                session = self.sessions[request.client_upload_id] = _Session(remote, request)
                if request.may_be_one_put and self._takes_one_put(request):
                    session.put_checksum = request.first_parts[0].checksum
            remote = self.sessions[request.client_upload_id].remote
        self._step("init-answer")
        whole = equal_parts(request.size_bytes, PART_SIZE)
        is_as_expected = [part.size_bytes for part in request.first_parts] == [
            part.size_bytes for part in whole.parts[: len(request.first_parts)]
        ]
        if self.algorithm is not ChecksumAlgorithm.CRC64NVME or not is_as_expected:
            return OpenedUpload(remote)
        return OpenedUpload(remote, {part.number: self._sign(remote, part) for part in request.first_parts})

    def init_uploads(self, requests: Sequence[InitRequest]) -> list[OpenedUpload | UploadError]:
        self._step("init-many", len(requests))
        return [_outcome(partial(self.init_upload, request)) for request in requests]

    def _takes_one_put(self, request: InitRequest) -> bool:
        return self.algorithm is ChecksumAlgorithm.CRC64NVME and request.size_bytes <= PART_SIZE

    def presign_parts(self, remote: RemoteUpload, parts: Sequence[PartToSign]) -> list[SignedPart]:
        self._step("presign", len(parts))
        put_checksum = self._session(remote).put_checksum
        if put_checksum is not None and [part.checksum for part in parts] != [put_checksum]:
            raise FileReplaced("It was opened for other bytes.")
        return [self._sign(remote, part) for part in parts]

    def _sign(self, remote: RemoteUpload, part: PartToSign) -> SignedPart:
        headers = {"checksum": part.checksum or "", "length": str(part.size_bytes)}
        return SignedPart(f"{remote.upload_id}/{part.number}", headers, self.valid_for_s)

    def list_parts(self, remote: RemoteUpload) -> list[RemotePart]:
        self._step("list-parts")
        session = self._open_session(remote)
        return [RemotePart(number, len(data), _etag(data), None) for number, data in sorted(session.parts.items())]

    def open_uploads(self) -> list[OpenUpload]:
        self._step("open-uploads")
        return [
            OpenUpload(
                client_upload_id,
                session.remote.key,
                session.request.file_name,
                session.request.size_bytes,
                session.request.content_type,
                session.request.folder_id,
            )
            for client_upload_id, session in self.sessions.items()
            if session.put_checksum is None and not session.aborted and session.recording is None
        ]

    def report_progress(self, remote: RemoteUpload, bytes_confirmed: int) -> None:
        self._step("progress", bytes_confirmed)

    def complete_upload(
        self, remote: RemoteUpload, upload: Upload, parts: Sequence[ConfirmedPart], crc64nvme_: str | None
    ) -> StoredRecording:
        self._step("complete")
        session = self._session(remote)
        if session.recording is None:
            wrong = [p.number for p in parts if _etag(session.parts.get(p.number, b"\0")) != p.etag]
            if wrong:
                raise PartsMismatch("Parts differ.", tuple(wrong))
            data = b"".join(session.parts[number] for number in sorted(session.parts))
            checksum = as_base64(crc64nvme(memoryview(data)))
            assert crc64nvme_ in (None, checksum)
            assert len(data) == upload.size_bytes
            self.objects[remote.key] = data
            session.recording = StoredRecording(
                f"f-{remote.upload_id}",
                upload.path.name,
                remote.key,
                "bucket",
                f"https://store/{remote.key}",
                len(data),
                upload.content_type,
                checksum,
                None,
                "2026-01-01T00:00:00Z",
            )
        self._step("complete-answer")
        return session.recording

    def complete_uploads(self, requests: Sequence[CompleteRequest]) -> list[StoredRecording | UploadError]:
        self._step("complete-many", len(requests))
        found = [
            _outcome(partial(self.complete_upload, each.remote, each.upload, each.parts, each.crc64nvme))
            for each in requests
        ]
        self._step("complete-many-answer", len(requests))
        return found

    def abort_upload(self, remote: RemoteUpload) -> None:
        self._step("abort")
        session = self._session(remote)
        if session.recording is not None:
            raise AlreadyCompleted("It is completed.")
        session.aborted = True
        session.parts.clear()

    def recording(self, file_id: str) -> StoredRecording:
        self._step("recording")
        for session in self.sessions.values():
            found = session.recording
            if found is not None and found.file_id == file_id and found.key in self.objects:
                return found
        raise Refused("There is no such recording. Look into the library.", code="recording_not_found")

    # --- PartSender --------------------------------------------------------------------------------------------

    def send(self, signed: SignedPart, body: PartBody, stop: StopSignal) -> str:
        upload_id, _, number = signed.url.partition("/")
        with self._lock:
            self.sending += 1
            self.most_sending = max(self.most_sending, self.sending)
        try:
            self._step("put", int(number))
            data = bytearray()
            for block in body.blocks():
                if stop.is_set():
                    raise Interrupted
                data += block
            return self._store(upload_id, int(number), bytes(data), signed)
        finally:
            with self._lock:
                self.sending -= 1

    def close(self) -> None:
        """It has no connections."""

    def _store(self, upload_id: str, number: int, data: bytes, signed: SignedPart) -> str:
        if self.algorithm is ChecksumAlgorithm.CRC64NVME:
            expected = as_base64(crc64nvme(memoryview(data)))
            if expected != signed.headers["checksum"]:
                raise PartRejected("The bytes are not those that were signed for.")
        assert len(data) == int(signed.headers["length"])
        session = next(s for s in self.sessions.values() if s.remote.upload_id == upload_id)
        if session.aborted:
            raise UploadGone("It was aborted.")
        session.parts[number] = data
        self._step("put-answer", number)
        return _etag(data)

    # -----------------------------------------------------------------------------------------------------------

    def count(self, step: str) -> int:
        return sum(1 for taken, _ in self.calls if taken == step)

    def still_open(self) -> list[str]:
        return [s.remote.upload_id for s in self.sessions.values() if not s.aborted and s.recording is None]

    def _step(self, step: str, number: int = 0) -> None:
        with self._lock:
            self.calls.append((step, number))
        self.fault(step, number)

    def _session(self, remote: RemoteUpload) -> _Session:
        for session in self.sessions.values():
            if session.remote.upload_id == remote.upload_id:
                return session
        raise UploadGone("Nobody knows it.")

    def _open_session(self, remote: RemoteUpload) -> _Session:
        session = self._session(remote)
        if session.recording is not None:
            raise AlreadyCompleted("It is completed.")
        if session.aborted:
            raise UploadGone("It was aborted.")
        return session


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _outcome(action: Callable[[], T]) -> T | UploadError:
    try:
        return action()
    except UploadError as exc:
        return exc.with_traceback(None)  # what a backend tells of one among several was never raised here


class NoProbe:
    """A media probe that knows nothing."""

    def duration_s(self, path: object) -> float | None:
        return None
