"""The ObjectStore port in memory, for tests of the services. Passes the shape suite that the real one passes."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from awscrt import checksums

from backend.errors import BackendError, ChecksumMismatch, PartsMismatch, StoreUnavailable, UploadGone
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    Disposition,
    ListedObject,
    OpenUpload,
    PartToSign,
    SignedPart,
    StoredObject,
    StoredPart,
    UploadSession,
    utc_now,
)


def crc64(body: bytes) -> str:
    """Return the CRC64-NVME of bytes as S3 writes it."""
    return base64.b64encode(int(checksums.crc64nvme(body)).to_bytes(8, "big")).decode()


@dataclass
class _Upload:
    key: str
    session_id: str
    algorithm: ChecksumAlgorithm | None
    opened_at: datetime
    parts: list[tuple[StoredPart, bytes]] = field(default_factory=list)


class MemoryObjectStore:
    """Uploads and objects in dictionaries.

    ``failures`` maps a method's name to errors that its next calls raise, first come first served; an error in
    ``failures_after`` is raised when the method has already taken effect, as a lost answer would be.
    """

    bucket = "memory"

    def __init__(self) -> None:
        self.uploads: dict[str, _Upload] = {}
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.support = frozenset({ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.MD5})
        self.failures: dict[str, list[Exception]] = {}
        self.failures_after: dict[str, list[BackendError]] = {}
        self.lose_objects = False
        self._clock = datetime(2026, 1, 1, tzinfo=UTC)

    def check(self) -> None:
        self._fail("check")

    def create_bucket(self) -> None:
        self._fail("create_bucket")

    def checksum_support(self) -> frozenset[ChecksumAlgorithm]:
        self._fail("checksum_support")
        return self.support

    def open_upload(self, session: UploadSession) -> str:
        self._fail("open_upload")
        upload_id = uuid.uuid4().hex
        self.uploads[upload_id] = _Upload(session.key, session.session_id, session.checksum_algorithm, utc_now())
        self._fail_after("open_upload")
        return upload_id

    def open_upload_ids(self, key: str) -> list[str]:
        self._fail("open_upload_ids")
        return [upload_id for upload_id, upload in self.uploads.items() if upload.key == key]

    def open_uploads(self) -> Iterator[OpenUpload]:
        self._fail("open_uploads")
        listed = [OpenUpload(upload.key, id_, upload.opened_at) for id_, upload in self.uploads.items()]
        return iter(sorted(listed, key=lambda upload: (upload.key, upload.upload_id)))

    def presign_part(self, session: UploadSession, upload_id: str, part: PartToSign, expires_in_s: int) -> SignedPart:
        headers = {} if part.content_length is None else {"Content-Length": str(part.content_length)}
        if part.checksum and session.checksum_algorithm is ChecksumAlgorithm.CRC64NVME:
            headers["x-amz-checksum-crc64nvme"] = part.checksum
        if part.checksum and session.checksum_algorithm is ChecksumAlgorithm.MD5:
            headers["Content-MD5"] = part.checksum
        return SignedPart(part.part_number, f"memory:{upload_id}/{part.part_number}", headers, expires_in_s)

    def presign_put(self, session: UploadSession, expires_in_s: int) -> SignedPart:
        whole = PartToSign(1, session.file_size_bytes, session.put_checksum)
        headers = dict(self.presign_part(session, "", whole, expires_in_s).headers)
        headers |= {"Content-Type": session.content_type}
        headers |= {f"x-amz-meta-{name}": value for name, value in session.object_metadata().items()}
        return SignedPart(1, f"memory:{session.key}", headers, expires_in_s)

    def put_whole(self, session: UploadSession, body: bytes) -> str:
        """Store a whole file as a presigned PUT would, and return its ETag."""
        self.objects[session.key] = (body, session.session_id)
        return hashlib.md5(body).hexdigest()

    def put_part(self, upload_id: str, part_number: int, body: bytes) -> str:
        """Store a part as a presigned PUT would, and return its ETag."""
        etag = hashlib.md5(body).hexdigest()
        self._clock += timedelta(seconds=1)
        stored = StoredPart(part_number, etag, len(body), self._clock)
        self.uploads[upload_id].parts.append((stored, body))
        return etag

    def list_parts(self, key: str, upload_id: str) -> list[StoredPart]:
        self._fail("list_parts")
        return [stored for stored, _ in self._open(key, upload_id).parts]

    def complete_upload(
        self, key: str, upload_id: str, parts: Sequence[CompletedPart], crc64nvme: str | None
    ) -> None:
        self._fail("complete_upload")
        upload = self._open(key, upload_id)
        bodies = {(stored.part_number, stored.etag): body for stored, body in upload.parts}
        try:
            whole = b"".join(bodies[part.part_number, part.etag] for part in parts)
        except KeyError as exc:
            raise PartsMismatch("no such part") from exc
        if crc64nvme is not None and crc64(whole) != crc64nvme:
            raise ChecksumMismatch("wrong checksum")
        del self.uploads[upload_id]
        self.objects[key] = (whole, upload.session_id)
        self._fail_after("complete_upload")

    def abort_upload(self, key: str, upload_id: str) -> None:
        self._fail("abort_upload")
        if upload_id in self.uploads and self.uploads[upload_id].key == key:
            del self.uploads[upload_id]

    def head(self, key: str) -> StoredObject | None:
        self._fail("head")
        if key not in self.objects or self.lose_objects:
            return None
        body, session_id = self.objects[key]
        return StoredObject(len(body), hashlib.md5(body).hexdigest(), self._clock, crc64(body), session_id)

    def list_objects(self, first: str, last: str, limit: int) -> dict[str, ListedObject]:
        self._fail("list_objects")
        directory = first.rpartition("/")[0]
        beside = sorted(key for key in self.objects if key >= first and key.rpartition("/")[0] == directory)
        page = [] if self.lose_objects else [key for key in beside[:limit] if key <= last]
        etags = {key: hashlib.md5(self.objects[key][0]).hexdigest() for key in page}
        return {key: ListedObject(len(self.objects[key][0]), etags[key], self._clock) for key in page}

    def presign_download(
        self, key: str, file_name: str, disposition: Disposition, expires_in_s: int, served_as: str | None = None
    ) -> str:
        return f"memory:{key}?name={file_name}&expires={expires_in_s}" + (f"&type={served_as}" if served_as else "")

    def link_origin(self) -> str:
        return "memory:"

    def file_url(self, key: str) -> str:
        return f"memory:{key}"

    def read_range(self, key: str, start: int, length: int) -> bytes:
        self._fail("read_range")
        return self.objects.get(key, (b"", ""))[0][start : start + length]

    def delete_object(self, key: str) -> None:
        self._fail("delete_object")
        self.objects.pop(key, None)

    def _open(self, key: str, upload_id: str) -> _Upload:
        upload = self.uploads.get(upload_id)
        if upload is None or upload.key != key:
            raise UploadGone("no such upload")
        return upload

    def _fail(self, method: str) -> None:
        if self.failures.get(method):
            raise self.failures[method].pop(0)

    def _fail_after(self, method: str) -> None:
        if self.failures_after.get(method):
            raise self.failures_after[method].pop(0)


def away() -> BackendError:
    """Return the error of a store that cannot be reached."""
    return StoreUnavailable("The object store cannot be reached.")
