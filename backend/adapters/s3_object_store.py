"""The object store on S3 or anything that speaks its language, through boto3.

boto3 is imported and its clients are built at first use: the service listens before that.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from backend.adapters.s3_clients import S3Connection, client_for, object_url
from backend.adapters.s3_errors import mapped_errors
from backend.errors import BucketMissing, ChecksumMismatch, PartsMismatch, StoreFailed, StoreUnclear, UploadGone
from backend.model import (
    ChecksumAlgorithm,
    CompletedPart,
    PartToSign,
    SignedPart,
    StoredObject,
    StoredPart,
    UploadSession,
    bare_etag,
)

ChecksumSetting = Literal["auto", "crc64nvme", "md5", "none"]
Value = TypeVar("Value")

_SETTINGS = {
    "crc64nvme": frozenset({ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.MD5}),
    "md5": frozenset({ChecksumAlgorithm.MD5}),
    "none": frozenset[ChecksumAlgorithm](),
}
# The CRC64-NVME of no bytes at all, and one that is wrong for them.
_RIGHT_CRC64, _WRONG_CRC64 = "AAAAAAAAAAA=", "AAAAAAAAAAE="
# No upload's key begins with a dot, see ``object_key``.
PROBE_PREFIX = ".recorder-probe/"
PAGE_LIMIT = 1000


@dataclass(frozen=True)
class StoreOptions:
    """Where the bucket is and how it is used."""

    connection: S3Connection
    bucket: str
    checksum: ChecksumSetting = "auto"
    public_endpoint_url: str | None = None
    cdn_base_url: str | None = None


class S3ObjectStore:
    """The ObjectStore port on one S3 bucket."""

    def __init__(self, options: StoreOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}  # guarded by _lock
        self._support: frozenset[ChecksumAlgorithm] | None = _SETTINGS.get(options.checksum)  # guarded by _lock

    @property
    def bucket(self) -> str:
        """See ObjectStore."""
        return self._options.bucket

    def check(self) -> None:
        """See ObjectStore."""
        # GET on the location and not HEAD on the bucket: a HEAD has no body, so a missing bucket, a wrong key
        # and a missing permission would all look the same.
        with mapped_errors(self.bucket):
            self._client("probe").list_objects_v2(Bucket=self.bucket, MaxKeys=1, Prefix=PROBE_PREFIX)

    def create_bucket(self) -> None:
        """See ObjectStore."""
        try:
            self.check()
        except BucketMissing:
            self._create_bucket()

    def _create_bucket(self) -> None:
        region = self._options.connection.region
        # us-east-1 is the one region that S3 refuses to hear named here.
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        with mapped_errors(self.bucket):
            self._client("calls").create_bucket(Bucket=self.bucket, **place)

    def checksum_support(self) -> frozenset[ChecksumAlgorithm]:
        """See ObjectStore."""
        with self._lock:
            if self._support is not None:
                return self._support
        found = self._probe_support()
        with self._lock:
            self._support = found
        return found

    def open_upload(self, session: UploadSession) -> str:
        """See ObjectStore."""
        extra: dict[str, str] = {}
        if session.checksum_algorithm is ChecksumAlgorithm.CRC64NVME:
            # AWS takes checksums at complete only where the algorithm was declared here.
            extra = {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT"}
        answer = self._call(
            "create_multipart_upload",
            Key=session.key,
            ContentType=session.content_type,
            Metadata=session.object_metadata(),
            **extra,
        )
        return str(answer["UploadId"])

    def open_upload_ids(self, key: str) -> list[str]:
        """See ObjectStore."""
        found: list[str] = []
        markers: dict[str, str] = {}
        while True:
            page = self._call("list_multipart_uploads", Prefix=key, MaxUploads=PAGE_LIMIT, **markers)
            listed = page.get("Uploads", [])
            found += [str(upload["UploadId"]) for upload in listed if upload["Key"] == key]
            if not page.get("IsTruncated") or not listed:
                return found
            # The last one listed and not NextKeyMarker: SeaweedFS 4.48 sends a cut page without one.
            markers = {"KeyMarker": listed[-1]["Key"], "UploadIdMarker": listed[-1]["UploadId"]}

    def presign_part(self, session: UploadSession, upload_id: str, part: PartToSign, expires_in_s: int) -> SignedPart:
        """See ObjectStore."""
        signed = _signed_headers(session, part)
        params = {"Bucket": self.bucket, "Key": session.key, "UploadId": upload_id, "PartNumber": part.part_number}
        url = self._client("presign").generate_presigned_url(
            "upload_part", Params=params | {name: value for name, _, value in signed}, ExpiresIn=expires_in_s
        )
        return SignedPart(part.part_number, url, {header: str(value) for _, header, value in signed}, expires_in_s)

    def list_parts(self, key: str, upload_id: str) -> list[StoredPart]:
        """See ObjectStore."""
        return [_stored_part(entry) for entry in self._part_entries(key, upload_id)]

    def _part_entries(self, key: str, upload_id: str) -> Iterator[dict[str, Any]]:
        marker: dict[str, int] = {}
        while True:
            # WORKAROUND SeaweedFS 4.48: with MaxParts it returns the first thousand only; without, all of them.
            page = self._call("list_parts", Key=key, UploadId=upload_id, **marker)
            yield from page.get("Parts", ())
            following = page.get("NextPartNumberMarker")
            if not page.get("IsTruncated") or not following or {"PartNumberMarker": following} == marker:
                return
            marker = {"PartNumberMarker": following}

    def complete_upload(
        self, key: str, upload_id: str, parts: Sequence[CompletedPart], crc64nvme: str | None
    ) -> None:
        """See ObjectStore."""
        named = [{"PartNumber": part.part_number, "ETag": f'"{part.etag}"'} for part in parts]
        extra = {} if crc64nvme is None else {"ChecksumCRC64NVME": crc64nvme, "ChecksumType": "FULL_OBJECT"}
        answer = self._call(
            "complete_multipart_upload", Key=key, UploadId=upload_id, MultipartUpload={"Parts": named}, **extra
        )
        # An empty or foreign 200 (a proxy's page, say) reaches us as an answer without an ETag.
        if not answer.get("ETag"):
            raise StoreUnclear("The store's answer to complete holds no ETag.")

    def abort_upload(self, key: str, upload_id: str) -> None:
        """See ObjectStore."""
        try:
            self._call("abort_multipart_upload", Key=key, UploadId=upload_id)
        except UploadGone:
            return

    def head(self, key: str) -> StoredObject | None:
        """See ObjectStore."""
        from botocore.exceptions import ClientError

        with mapped_errors(self.bucket):
            try:
                answer = self._client("calls").head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
            except ClientError as exc:
                if exc.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                    raise
                answer = None
        if answer is None:
            # A HEAD has no body: a missing bucket answers 404 as well, and that must not look like a lost file.
            self.check()
            return None
        session_id = answer.get("Metadata", {}).get("session-id")
        return StoredObject(int(answer["ContentLength"]), answer.get("ChecksumCRC64NVME"), session_id)

    def presign_download(self, key: str, file_name: str, expires_in_s: int) -> str:
        """See ObjectStore."""
        params = {
            "Bucket": self.bucket,
            "Key": key,
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
        }
        return str(
            self._client("presign").generate_presigned_url("get_object", Params=params, ExpiresIn=expires_in_s)
        )

    def file_url(self, key: str) -> str:
        """See ObjectStore."""
        if self._options.cdn_base_url:
            return f"{self._options.cdn_base_url.rstrip('/')}/{quote(key)}"
        return object_url(self._options.connection, self._options.public_endpoint_url, self.bucket, key)

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """See ObjectStore."""
        from botocore.exceptions import ClientError

        with mapped_errors(self.bucket):
            try:
                wanted = f"bytes={start}-{start + length - 1}"
                answer = self._client("calls").get_object(Bucket=self.bucket, Key=key, Range=wanted)
                return bytes(answer["Body"].read())
            except ClientError as exc:
                if exc.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 416):
                    return b""
                raise

    def delete_object(self, key: str) -> None:
        """See ObjectStore."""
        self._call("delete_object", Key=key)

    def _probe_support(self) -> frozenset[ChecksumAlgorithm]:
        """Try on a tiny upload, which is always aborted, what the store does with a wrong checksum."""
        key = f"{PROBE_PREFIX}{uuid.uuid4().hex}"
        try:
            upload = self._call(
                "create_multipart_upload", Key=key, ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT"
            )
        except StoreFailed:
            return _SETTINGS["md5"]
        upload_id = str(upload["UploadId"])
        try:
            honest = self._refuses_wrong_checksums(key, upload_id)
        finally:
            self.abort_upload(key, upload_id)
        return _SETTINGS["crc64nvme" if honest else "md5"]

    def _refuses_wrong_checksums(self, key: str, upload_id: str) -> bool:
        place = {"Key": key, "UploadId": upload_id}
        part = place | {"PartNumber": 1, "Body": b""}
        if not _refused(lambda: self._call("upload_part", **part, ChecksumCRC64NVME=_WRONG_CRC64)):
            return False
        etag = self._call("upload_part", **part, ChecksumCRC64NVME=_RIGHT_CRC64)["ETag"]
        parts = [CompletedPart(1, bare_etag(etag))]
        if _refused(lambda: self.complete_upload(key, upload_id, parts, _WRONG_CRC64)):
            return True
        self.delete_object(key)
        return False

    def _call(self, operation: str, **params: Any) -> Any:
        with mapped_errors(self.bucket):
            return getattr(self._client("calls"), operation)(Bucket=self.bucket, **params)

    def _client(self, purpose: Literal["calls", "probe", "presign"]) -> Any:
        public = self._options.public_endpoint_url if purpose == "presign" else None
        if purpose == "presign" and public is None:
            purpose = "calls"
        with self._lock:
            if purpose not in self._clients:
                self._clients[purpose] = client_for(self._options.connection, public, retries=purpose == "calls")
            return self._clients[purpose]


def _refused(attempt: Callable[[], object]) -> bool:
    """Whether the store refused, as opposed to being away, which is raised."""
    try:
        attempt()
    except (ChecksumMismatch, PartsMismatch, StoreFailed):
        return True
    return False


def _signed_headers(session: UploadSession, part: PartToSign) -> list[tuple[str, str, str | int]]:
    """Return what is signed into a part's URL: boto3's parameter, the header's name, the value."""
    signed: list[tuple[str, str, str | int]] = []
    if part.content_length is not None:
        signed.append(("ContentLength", "Content-Length", part.content_length))
    if part.checksum is not None and session.checksum_algorithm is ChecksumAlgorithm.CRC64NVME:
        signed.append(("ChecksumCRC64NVME", "x-amz-checksum-crc64nvme", part.checksum))
    if part.checksum is not None and session.checksum_algorithm is ChecksumAlgorithm.MD5:
        signed.append(("ContentMD5", "Content-MD5", part.checksum))
    return signed


def _stored_part(entry: dict[str, Any]) -> StoredPart:
    modified_at = entry.get("LastModified") or datetime.fromtimestamp(0, UTC)
    return StoredPart(
        int(entry["PartNumber"]),
        bare_etag(entry["ETag"]),
        int(entry["Size"]),
        modified_at,
        entry.get("ChecksumCRC64NVME"),
    )
