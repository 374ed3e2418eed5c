"""Looks at how a bucket and its key are set up, and sets CORS and lifecycle rules beside those of others."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from typing import Any

from backend.adapters.s3_clients import S3Connection, client_for
from backend.adapters.s3_errors import mapped_errors
from backend.errors import NotVerifiable, StoreFailed, StoreRefused
from backend.model import PROBE_PREFIX

RULE_ID = "recorder-backend"
_METHODS = frozenset({"PUT", "GET", "HEAD"})
# What a page sends with a part; a rule that lets all through has "*".
_SENT = ("content-type", "content-md5", "x-amz-checksum-crc64nvme", "x-amz-meta-session-id")
_UNKNOWN = frozenset({"NotImplemented", "MethodNotAllowed", "MalformedXML", "XNotImplemented"})
# Reads of what the backend need not know: a key that may do them is likely to be an administrator's.
_EXCESS = {
    "s3:GetBucketPolicy": "get_bucket_policy",
    "s3:GetBucketAcl": "get_bucket_acl",
    "s3:GetBucketVersioning": "get_bucket_versioning",
}

Rule = dict[str, Any]


class S3BucketSetup:
    """The BucketSetup port on one S3 bucket."""

    def __init__(self, connection: S3Connection, bucket: str) -> None:
        self._connection = connection
        self._bucket = bucket
        self._made: Any = None

    def clock_ahead_s(self) -> float:
        """See BucketSetup."""
        from botocore.exceptions import ClientError

        with mapped_errors(self._bucket):
            before = time.time()
            try:
                answer = self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1, Prefix=PROBE_PREFIX)
            except ClientError as exc:  # a clock that is far off is refused, with the right time in the answer
                answer = exc.response
            ours = (before + time.time()) / 2
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        if date is None:
            raise NotVerifiable("the store does not say what time it is")
        return ours - parsedate_to_datetime(date).timestamp()

    def require_rights(self) -> None:
        """See BucketSetup."""
        place = {"Key": f"{PROBE_PREFIX}{uuid.uuid4().hex}"}
        upload_id = self._tried("s3:PutObject", "create_multipart_upload", **place)["UploadId"]
        upload = place | {"UploadId": upload_id}
        try:
            etag = self._tried("s3:PutObject", "upload_part", **upload, PartNumber=1, Body=b"recorder")["ETag"]
            self._tried("s3:ListMultipartUploadParts", "list_parts", **upload)
            self._tried("s3:ListBucketMultipartUploads", "list_multipart_uploads", Prefix=place["Key"])
            parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
            self._tried("s3:PutObject", "complete_multipart_upload", **upload, MultipartUpload=parts)
            self._tried("s3:GetObject", "get_object", **place, Range="bytes=0-3")["Body"].close()
        finally:
            self._tried("s3:DeleteObject", "delete_object", **place)
            with contextlib.suppress(StoreFailed):
                self._abort(upload)

    def _abort(self, upload: dict[str, Any]) -> None:
        from backend.errors import UploadGone

        with contextlib.suppress(UploadGone):
            self._tried("s3:AbortMultipartUpload", "abort_multipart_upload", **upload)

    def _tried(self, right: str, operation: str, **params: Any) -> Any:
        try:
            with mapped_errors(self._bucket):
                return getattr(self._client, operation)(Bucket=self._bucket, **params)
        except StoreRefused as exc:
            raise StoreRefused(f"The key lacks {right}; see resources/policies/backend.json.") from exc

    def excess_rights(self) -> list[str]:
        """See BucketSetup."""
        return [right for right, operation in _EXCESS.items() if self._may(operation)]

    def _may(self, operation: str) -> bool:
        from botocore.exceptions import ClientError

        with mapped_errors(self._bucket):
            try:
                getattr(self._client, operation)(Bucket=self._bucket)
            except ClientError as exc:
                # Only that there is no policy, say, is an answer.
                return int(exc.response["ResponseMetadata"]["HTTPStatusCode"]) == 404
        return True

    def refused_origins(self, origins: Sequence[str]) -> list[str]:
        """See BucketSetup."""
        rules = self._rules("get_bucket_cors", "CORSRules", "NoSuchCORSConfiguration")
        return [origin for origin in origins if not any(_lets_send(rule, origin) for rule in rules)]

    def allow_origins(self, origins: Sequence[str]) -> None:
        """See BucketSetup."""
        rule = {
            "ID": RULE_ID,
            "AllowedOrigins": list(origins),
            "AllowedMethods": sorted(_METHODS),
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3600,
        }
        others = _without_ours(self._rules("get_bucket_cors", "CORSRules", "NoSuchCORSConfiguration"))
        self._set("put_bucket_cors", CORSConfiguration={"CORSRules": [*others, rule]})

    def abort_after_days(self) -> int | None:
        """See BucketSetup."""
        days = [
            int(rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])
            for rule in self._lifecycle()
            if rule.get("Status") == "Enabled" and "AbortIncompleteMultipartUpload" in rule
        ]
        return min(days, default=None)

    def set_abort_after_days(self, days: int) -> None:
        """See BucketSetup."""
        rule = {
            "ID": RULE_ID,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days},
        }
        rules = [*_without_ours(self._lifecycle()), rule]
        self._set("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": rules})

    def _lifecycle(self) -> list[Rule]:
        return self._rules("get_bucket_lifecycle_configuration", "Rules", "NoSuchLifecycleConfiguration")

    def _rules(self, operation: str, name: str, none_code: str) -> list[Rule]:
        from botocore.exceptions import ClientError

        with mapped_errors(self._bucket), _told(operation):
            try:
                return list(getattr(self._client, operation)(Bucket=self._bucket).get(name, ()))
            except ClientError as exc:
                if exc.response.get("Error", {}).get("Code") != none_code:
                    raise
                return []

    def _set(self, operation: str, **configuration: Any) -> None:
        with mapped_errors(self._bucket), _told(operation):
            getattr(self._client, operation)(Bucket=self._bucket, **configuration)

    @property
    def _client(self) -> Any:
        if self._made is None:
            self._made = client_for(self._connection, None, retries=False)
        return self._made


@contextlib.contextmanager
def _told(operation: str) -> Iterator[None]:
    """Raise NotVerifiable where the store does not know a request of this kind or the key may not make it."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as exc:
        code = str(exc.response.get("Error", {}).get("Code", ""))
        status = int(exc.response["ResponseMetadata"]["HTTPStatusCode"])
        if code in _UNKNOWN or status in (405, 501):
            raise NotVerifiable("this store does not know such rules") from exc
        if status == 403:
            raise NotVerifiable(f"this key may not {operation.replace('_', ' ')}") from exc
        raise


def _lets_send(rule: Rule, origin: str) -> bool:
    """Whether a CORS rule lets a page of this origin send a part and read its ETag."""
    headers = [pattern.lower() for pattern in rule.get("AllowedHeaders", ())]
    return (
        any(fnmatchcase(origin, pattern) for pattern in rule["AllowedOrigins"])
        and set(rule["AllowedMethods"]) >= _METHODS
        and "etag" in {name.lower() for name in rule.get("ExposeHeaders", ())}
        and all(any(fnmatchcase(name, pattern) for pattern in headers) for name in _SENT)
    )


def _without_ours(rules: Sequence[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.get("ID") != RULE_ID]
