"""The object store on S3 or anything that speaks its language, through boto3.

boto3 is imported and its clients are built at first use: the service listens before that.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import quote, urlsplit

from backend.adapters.s3_answers import (
    beginning_of,
    listed_object,
    next_markers,
    open_upload,
    stored_object,
    stored_part,
)
from backend.adapters.s3_checksum_probe import refuses_wrong_checksums
from backend.adapters.s3_clients import CallObserver, S3Connection, client_for, object_url, observe_calls, session_for
from backend.adapters.s3_errors import mapped_errors, readable_answer
from backend.errors import BucketMissing, StoreUnclear, UploadGone
from backend.model import (
    PROBE_PREFIX,
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
)

if TYPE_CHECKING:
    from backend.adapters.cloudfront_links import CloudFrontLinks
    from backend.adapters.s3_head import S3Head
    from backend.adapters.s3_presigner import S3Presigner

ChecksumSetting = Literal["auto", "crc64nvme", "md5", "none"]
Value = TypeVar("Value")

_SETTINGS = {
    "crc64nvme": frozenset({ChecksumAlgorithm.CRC64NVME, ChecksumAlgorithm.MD5}),
    "md5": frozenset({ChecksumAlgorithm.MD5}),
    "none": frozenset[ChecksumAlgorithm](),
}
_CHECKSUM_HEADERS = {
    ChecksumAlgorithm.CRC64NVME: "x-amz-checksum-crc64nvme",
    ChecksumAlgorithm.MD5: "Content-MD5",
}
PAGE_LIMIT = 1000


@dataclass(frozen=True)
class StoreOptions:
    """Where the bucket is and how it is used."""

    connection: S3Connection
    bucket: str
    checksum: ChecksumSetting = "auto"
    public_endpoint_url: str | None = None
    cdn_base_url: str | None = None
    cloudfront_key_id: str | None = None
    cloudfront_pem: bytes | None = field(default=None, repr=False)


class S3ObjectStore:
    """The ObjectStore port on one S3 bucket. ``on_call`` is told of every request to the store, from any thread."""

    def __init__(self, options: StoreOptions, on_call: CallObserver | None = None) -> None:
        self._options = options
        self._on_call: CallObserver = on_call or _uncounted
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}  # guarded by _lock
        self._presigner: S3Presigner | None = None
        self._head: S3Head | None = None
        self._links: CloudFrontLinks | None = None
        self._support: frozenset[ChecksumAlgorithm] | None = _SETTINGS.get(options.checksum)  # guarded by _lock

    @property
    def bucket(self) -> str:
        """See ObjectStore."""
        return self._options.bucket

    def check(self) -> None:
        """See ObjectStore."""
        # GET on the location and not HEAD on the bucket: a HEAD has no body, so a missing bucket, a wrong key
        # and a missing permission would all look the same.
        with mapped_errors(self.bucket), readable_answer():
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
        with readable_answer():
            is_checked = refuses_wrong_checksums(self._call, self.complete_upload)
        found = _SETTINGS["crc64nvme" if is_checked else "md5"]
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
        with readable_answer():
            return str(answer["UploadId"])

    def open_upload_ids(self, key: str) -> list[str]:
        """See ObjectStore."""
        return [upload.upload_id for upload in self._open_uploads(key) if upload.key == key]

    def open_uploads(self) -> Iterator[OpenUpload]:
        """See ObjectStore."""
        return self._open_uploads("")

    def _open_uploads(self, prefix: str) -> Iterator[OpenUpload]:
        markers: dict[str, str] = {}
        while True:
            page = self._call("list_multipart_uploads", Prefix=prefix, MaxUploads=PAGE_LIMIT, **markers)
            listed = page.get("Uploads", [])
            with readable_answer():
                found = [open_upload(upload) for upload in listed]
            yield from found
            if not page.get("IsTruncated") or not listed:
                return
            following = next_markers(page)
            if following == markers:
                return
            markers = following

    def presign_part(self, session: UploadSession, upload_id: str, part: PartToSign, expires_in_s: int) -> SignedPart:
        """See ObjectStore."""
        headers = _part_headers(session, part)
        query = {"uploadId": upload_id, "partNumber": str(part.part_number)}
        self._on_call("UploadPart", "client")
        url = self._presigned("PUT", session.key, query, headers, expires_in_s)
        return SignedPart(part.part_number, url, headers, expires_in_s)

    def presign_put(self, session: UploadSession, expires_in_s: int) -> SignedPart:
        """See ObjectStore."""
        whole = PartToSign(1, session.file_size_bytes, session.put_checksum)
        headers = _part_headers(session, whole) | {"Content-Type": session.content_type}
        headers |= {f"x-amz-meta-{name}": value for name, value in session.object_metadata().items()}
        self._on_call("PutObject", "client")
        return SignedPart(1, self._presigned("PUT", session.key, {}, headers, expires_in_s), headers, expires_in_s)

    def list_parts(self, key: str, upload_id: str) -> list[StoredPart]:
        """See ObjectStore."""
        entries = list(self._part_entries(key, upload_id))
        with readable_answer():
            return [stored_part(entry) for entry in entries]

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
        quick = self._quick_head()
        self._on_call("HeadObject", "backend")
        return quick.stored(key) or self._thorough_head(key)

    def _quick_head(self) -> S3Head:
        if self._head is None:
            from backend.adapters.s3_head import S3Head
            from backend.adapters.s3_presigner import presigner_for

            client, connection = self._client("calls"), self._options.connection
            # Two threads may each make one; they are alike.
            self._head = S3Head(presigner_for(connection, client, self.bucket), session_for(client))
        return self._head

    def _thorough_head(self, key: str) -> StoredObject | None:
        from botocore.exceptions import ClientError

        with mapped_errors(self.bucket), readable_answer():
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
        with readable_answer():
            return stored_object(answer)

    def list_objects(self, first: str, last: str, limit: int) -> Mapping[str, ListedObject]:
        """See ObjectStore."""
        directory = f"{first.rpartition('/')[0]}/"
        # The page begins behind StartAfter: what sorts right before the first key is the same one, cut short.
        page = self._call("list_objects_v2", Prefix=directory, Delimiter="/", StartAfter=first[:-1], MaxKeys=limit)
        with readable_answer():
            return {
                entry["Key"]: listed_object(entry)
                for entry in page.get("Contents", ())
                if first <= entry["Key"] <= last and entry.get("ETag")
            }

    def presign_download(
        self, key: str, file_name: str, disposition: Disposition, expires_in_s: int, served_as: str | None = None
    ) -> str:
        """See ObjectStore."""
        shown = f"{disposition.value}; filename*=UTF-8''{quote(file_name, safe='')}"
        # What is not to be shown under its own type goes past the CDN, which might not pass the wish on.
        links = self._cloudfront() if served_as is None else None
        if links is not None:
            wish = f"response-content-disposition={quote(shown, safe='')}"
            return links.sign(f"{self.file_url(key)}?{wish}", expires_in_s)
        self._on_call("GetObject", "client")
        query = {"response-content-disposition": shown}
        if served_as is not None:
            query["response-content-type"] = served_as
        return self._presigned("GET", key, query, {}, expires_in_s)

    def _cloudfront(self) -> CloudFrontLinks | None:
        key_id, pem = self._options.cloudfront_key_id, self._options.cloudfront_pem
        if self._links is None and key_id is not None and pem is not None:
            from backend.adapters.cloudfront_links import CloudFrontLinks

            # Two threads may each make one; they are alike.
            self._links = CloudFrontLinks(key_id, pem)
        return self._links

    def link_origin(self) -> str:
        """See ObjectStore."""
        if self._cloudfront() is None:
            return self._presigner_at_hand().origin()
        cdn = urlsplit(self._options.cdn_base_url or "")
        return f"{cdn.scheme}://{cdn.netloc}"

    def file_url(self, key: str) -> str:
        """See ObjectStore."""
        if self._options.cdn_base_url:
            return f"{self._options.cdn_base_url.rstrip('/')}/{quote(key)}"
        return object_url(self._options.connection, self._options.public_endpoint_url, self.bucket, key)

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """See ObjectStore."""
        from botocore.exceptions import ClientError

        with mapped_errors(self.bucket), readable_answer():
            try:
                wanted = f"bytes={start}-{start + length - 1}"
                answer = self._client("calls").get_object(Bucket=self.bucket, Key=key, Range=wanted)
                return beginning_of(answer["Body"], length)
            except ClientError as exc:
                is_missing = exc.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 416)
                # A bucket that is missing must not make all of it look lost.
                if is_missing and exc.response.get("Error", {}).get("Code") != "NoSuchBucket":
                    return b""
                raise

    def delete_object(self, key: str) -> None:
        """See ObjectStore."""
        self._call("delete_object", Key=key)

    def _call(self, operation: str, **params: Any) -> Any:
        client = self._client("calls")
        with mapped_errors(self.bucket), readable_answer():
            return getattr(client, operation)(Bucket=self.bucket, **params)

    def _presigned(
        self, method: str, key: str, query: Mapping[str, str], headers: Mapping[str, str], expires_in_s: int
    ) -> str:
        lower = {name.lower(): value for name, value in headers.items()}
        return self._presigner_at_hand().presign(method, key, query, lower, expires_in_s)

    def _presigner_at_hand(self) -> S3Presigner:
        if self._presigner is None:
            from backend.adapters.s3_presigner import presigner_for

            # Two threads may each make one; they are alike.
            self._presigner = presigner_for(self._options.connection, self._client("presign"), self.bucket)
        return self._presigner

    def _client(self, purpose: Literal["calls", "probe", "presign"]) -> Any:
        public = self._options.public_endpoint_url if purpose == "presign" else None
        if purpose == "presign" and public is None:
            purpose = "calls"
        with self._lock:
            if purpose not in self._clients:
                made = client_for(self._options.connection, public, retries=purpose == "calls")
                observe_calls(made, self._on_call)
                self._clients[purpose] = made
            return self._clients[purpose]


def _uncounted(_operation: str, _by: str) -> None:
    """Tell nobody of a request."""


def _part_headers(session: UploadSession, part: PartToSign) -> dict[str, str]:
    """Return what is signed into a part's URL, as the PUT must carry it."""
    headers: dict[str, str] = {}
    if part.content_length is not None:
        headers["Content-Length"] = str(part.content_length)
    if part.checksum is not None and session.checksum_algorithm is not None:
        headers[_CHECKSUM_HEADERS[session.checksum_algorithm]] = part.checksum
    return headers
